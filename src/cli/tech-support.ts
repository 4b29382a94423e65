/**
 * `show tech-support`: what somebody who helps from afar asks for first, in one text that may be sent to them. It runs
 * the other `show` commands, so it says nothing that they do not say, and everything without the keys.
 */
import { keyword, seq } from "../core/command/grammar.ts";
import { match } from "../core/command/match.ts";
import { redactLines, redactText } from "../core/command/redact.ts";
import { renderConfig } from "../core/config/config-document.ts";
import { configMode } from "../core/config/modes.ts";
import { invariant } from "../core/errors.ts";
import { type ExecCommand, type ExecContext, type ExecOutput, execCommand } from "./exec-command.ts";

/** In the order in which a reader asks: what is it, who is active, is the standby ready, is the far end there, why. */
export const TECH_SUPPORT = [
  "show version",
  "show clock",
  "show interfaces",
  "show ip route",
  "show track",
  "show standby all",
  "show standby counters",
  "show redundancy states",
  "show redundancy inter-device",
  "show redundancy gate",
  "show redundancy counters",
  "show redundancy history",
  "show redundancy switchover history",
  "show ipc association",
  "show crypto ha",
  "show crypto map",
  "show crypto isakmp policy",
  "show crypto isakmp sa detail",
  "show crypto session detail",
  "show crypto ipsec sa detail",
  "show platform dataplane",
  "show logging",
] as const;

export function techSupportCommand(others: readonly ExecCommand[]): ExecCommand {
  return execCommand({
    grammar: seq(
      keyword("show", "Show running system information"),
      keyword("tech-support", "Show system information for Tech-Support"),
    ),
    summary: "What whoever helps needs to see, in one text: the other shows, and the configuration without its keys.",
    level: 15,
    run: context => everything(others, context),
  });
}

async function* everything(others: readonly ExecCommand[], context: ExecContext): AsyncGenerator<string> {
  yield* heading("show running-config");
  const { lines, secrets } = redactLines(configMode, renderConfig(context.gateway.config()));
  yield* lines;
  for (const line of TECH_SUPPORT) {
    yield* heading(line);
    for await (const each of outputOf(others, line, context)) yield redactText(each, secrets);
  }
}

function heading(line: string): string[] {
  return ["", `------------------ ${line} ------------------`, ""];
}

async function* outputOf(others: readonly ExecCommand[], line: string, context: ExecContext): AsyncGenerator<string> {
  const found = match(others, line);
  invariant(found.kind === "matched", `${line} is a command`);
  const output: ExecOutput = found.command.run(context, found.args);
  if (output) yield* output;
}
