/** Exec commands that do something: save the configuration, ping, restart the gateway process. */
import { integer, word } from "../core/command/arguments.ts";
import { argument, keyword, many, oneOf, opt, seq } from "../core/command/grammar.ts";
import { SystemError } from "../core/errors.ts";
import { type ExecCommand, type ExecContext, execCommand } from "./exec-command.ts";
import type { PingReply } from "./gateway-port.ts";

const PING_DEFAULTS = { count: 5, sizeOctets: 100, timeoutSeconds: 2 } as const;
const MARKS: Readonly<Record<PingReply["kind"], string>> = { reply: "!", timeout: ".", unreachable: "U" };

function* save(context: ExecContext): Generator<string> {
  yield "Building configuration...";
  try {
    context.gateway.save(context.user);
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    yield `%Error ${error.message}`;
    return;
  }
  yield "[OK]";
}

export const systemCommands: readonly ExecCommand[] = [
  execCommand({
    grammar: seq(
      keyword("write", "Write running configuration"),
      opt(keyword("memory", "Write to startup configuration")),
    ),
    summary: "Saves the running configuration; the version before it is kept.",
    level: 15,
    run: save,
  }),
  execCommand({
    grammar: seq(
      keyword("copy", "Copy from one file to another"),
      keyword("running-config", "Copy from current system configuration"),
      keyword("startup-config", "Copy to startup configuration"),
    ),
    summary: "Saves the running configuration, after asking.",
    level: 15,
    async *run(context) {
      const answer = await context.ask("Destination filename [startup-config]? ");
      if (answer !== "" && answer !== "startup-config")
        yield `%Error opening ${answer} (only startup-config can be written)`;
      else yield* save(context);
    },
  }),
  execCommand({
    grammar: seq(keyword("reload", "Halt and restart the gateway process")),
    summary: "Restarts the gateway process in an orderly way; the host is not touched.",
    level: 15,
    async *run(context) {
      const answer = await context.ask("Proceed with reload? [confirm]");
      if (!/^(y|yes)?$/i.test(answer)) return;
      yield "";
      context.gateway.reload(context.user);
    },
  }),
  execCommand({
    grammar: seq(
      keyword("ping", "Send echo messages"),
      opt(keyword("ip", "IP echo")),
      argument("destination", word, "Ping destination address"),
      opt(
        many(
          "options",
          oneOf(
            seq(
              keyword("source", "Specify source address or interface"),
              argument("source", word, "Source address or interface"),
            ),
            seq(
              keyword("repeat", "Specify repeat count"),
              argument("count", integer(1, 2_147_483_647), "Repeat count"),
            ),
            seq(
              keyword("size", "Specify datagram size"),
              argument("sizeOctets", integer(36, 18_024), "Datagram size in octets"),
            ),
            seq(
              keyword("timeout", "Specify timeout interval"),
              argument("timeoutSeconds", integer(0, 3600), "Timeout in seconds"),
            ),
          ),
          8,
        ),
      ),
    ),
    summary: "Sends ICMP echo requests and counts the answers.",
    run: (context, { destination, options }) => ping(context, destination, Object.assign({}, ...(options ?? []))),
  }),
];

interface PingOptions {
  readonly source?: string;
  readonly count?: number;
  readonly sizeOctets?: number;
  readonly timeoutSeconds?: number;
}

async function* ping(context: ExecContext, destination: string, options: PingOptions): AsyncGenerator<string> {
  const { count, sizeOctets, timeoutSeconds, source } = { ...PING_DEFAULTS, ...options };
  const from = source === undefined ? undefined : sourceAddress(context, source);
  if (source !== undefined && from === undefined) {
    yield `% Invalid source. Must use same-VRF IP address or full interface name without spaces (found ${source})`;
    return;
  }
  yield "Type escape sequence to abort.";
  yield `Sending ${count}, ${sizeOctets}-byte ICMP Echos to ${destination}, timeout is ${timeoutSeconds} seconds:`;
  if (from !== undefined) yield `Packet sent with a source address of ${from} `;
  const request = {
    destination,
    count,
    sizeOctets,
    timeoutMs: timeoutSeconds * 1000,
    ...(from !== undefined && { source: from }),
  };
  const times: number[] = [];
  let sent = 0;
  for await (const reply of context.gateway.ping(request, context.signal)) {
    sent += 1;
    if (reply.kind === "reply") times.push(reply.roundTripMs);
    context.write(MARKS[reply.kind]);
  }
  yield summary(sent, times);
}

function summary(sent: number, times: readonly number[]): string {
  const percent = sent === 0 ? 0 : Math.floor((times.length * 100) / sent);
  const rate = `Success rate is ${percent} percent (${times.length}/${sent})`;
  if (times.length === 0) return rate;
  const total = times.reduce((sum, each) => sum + each, 0);
  const [min, avg, max] = [Math.min(...times), total / times.length, Math.max(...times)].map(each =>
    Math.max(1, Math.round(each)),
  );
  return `${rate}, round-trip min/avg/max = ${min}/${avg}/${max} ms`;
}

function sourceAddress(context: ExecContext, source: string): string | undefined {
  const interfaces = context.gateway.interfaces();
  const named = interfaces.find(each => each.name.toLowerCase() === source.toLowerCase());
  if (named) return named.addresses[0]?.prefix.address;
  return interfaces.flatMap(each => each.addresses).find(each => each.prefix.address === source)?.prefix.address;
}
