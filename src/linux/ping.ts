/** `ping`: echo requests one after the other, each with its outcome. CAP_NET_RAW. */
import { randomBytes, randomInt } from "node:crypto";
import { SystemError } from "../core/errors.ts";
import { familyOf, type IpAddress, parseIp } from "../core/wire/address.ts";
import { monotonicMs } from "./clock.ts";
import { decodeEchoOutcome, encodeEchoRequest } from "./icmp.ts";
import { RawSocket } from "./raw-socket.ts";
import { errorCode } from "./system-call.ts";

export interface PingOptions {
  readonly destination: string;
  /** An address of this host. */
  readonly source?: string;
  readonly count: number;
  /** Octets of the whole IP packet. */
  readonly sizeOctets: number;
  /** How long to wait for each. */
  readonly timeoutMs: number;
}

export type PingOutcome =
  | { readonly kind: "reply"; readonly roundTripMs: number }
  | { readonly kind: "timeout" }
  | { readonly kind: "unreachable" };

const HEADERS = { 4: 20 + 8, 6: 40 + 8 } as const;
const ICMP = { 4: 1, 6: 58 } as const;
/** Enough that a stranger's reply is not taken for ours. */
const TOKEN_OCTETS = 8;
/** Routing says no before anything is sent. */
const NO_ROUTE: ReadonlySet<string | undefined> = new Set(["ENETUNREACH", "EHOSTUNREACH", "ENETDOWN"]);

/** One outcome for each request. The next leaves when the one before has its outcome. Throws a `SystemError`. */
export async function* pingHost(options: PingOptions, signal?: AbortSignal): AsyncGenerator<PingOutcome> {
  const target = targetOf(options);
  // Bound, so that a source that is not this host's is refused in clear words.
  const bound = target.from === undefined ? {} : { address: target.from };
  const socket = new RawSocket({ family: target.family, protocol: ICMP[target.family], ...bound });
  const echo = { identifier: randomInt(0x10000), payload: payloadOf(options, target.family) };
  try {
    for (let sequence = 0; sequence < options.count && !signal?.aborted; sequence++) {
      const request = { ...echo, sequence: sequence & 0xffff };
      const outcome = await once(socket, target, request, options.timeoutMs, signal);
      if (outcome === undefined) return;
      yield outcome;
    }
  } finally {
    socket.close();
  }
}

interface Target {
  readonly family: 4 | 6;
  readonly to: IpAddress;
  readonly from?: IpAddress;
}

interface EchoRequest {
  readonly identifier: number;
  readonly sequence: number;
  readonly payload: Uint8Array;
}

/** `undefined` when it was interrupted. */
function once(
  socket: RawSocket,
  target: Target,
  request: EchoRequest,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<PingOutcome | undefined> {
  return new Promise((resolve, reject) => {
    const end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", interrupted);
    };
    const settle = (outcome: PingOutcome | undefined): void => {
      end();
      resolve(outcome);
    };
    const trying = (attempt: () => PingOutcome | undefined): void => {
      try {
        const outcome = attempt();
        if (outcome) settle(outcome);
      } catch (error) {
        if (NO_ROUTE.has(errorCode(error))) {
          settle({ kind: "unreachable" });
        } else {
          end();
          reject(error);
        }
      }
    };
    const interrupted = (): void => settle(undefined);
    const timer = setTimeout(() => settle({ kind: "timeout" }), timeoutMs);
    signal?.addEventListener("abort", interrupted);
    const sentAt = monotonicMs();
    socket.onReadable(() => trying(() => take(socket, target, request, sentAt)));
    trying(() => {
      socket.send(encodeEchoRequest(target.family, request), target);
      return undefined;
    });
  });
}

/** What has arrived for this request; the socket hears everybody's ICMP. */
function take(socket: RawSocket, target: Target, request: EchoRequest, sentAt: number): PingOutcome | undefined {
  for (let datagram = socket.receive(); datagram; datagram = socket.receive()) {
    const outcome = decodeEchoOutcome(target.family, datagram.octets);
    if (outcome?.kind === "reply") {
      const { identifier, sequence, payload } = outcome.echo;
      const ours = identifier === request.identifier && sequence === request.sequence;
      const same =
        payload.length === request.payload.length && payload.every((each, at) => each === request.payload[at]);
      if (ours && same) return { kind: "reply", roundTripMs: monotonicMs() - sentAt };
    } else if (outcome?.kind === "unreachable") {
      // This host's own complaint that nobody answers ARP is a timeout to the operator.
      const own = datagram.from === datagram.to;
      if (!own && outcome.identifier === request.identifier && outcome.sequence === request.sequence) return outcome;
    }
  }
  return undefined;
}

function targetOf(options: PingOptions): Target {
  const to = parseIp(options.destination);
  const from = options.source === undefined ? undefined : parseIp(options.source);
  if (to === undefined) throw notAnAddress(options.destination);
  if (options.source !== undefined && (from === undefined || familyOf(from) !== familyOf(to))) {
    throw notAnAddress(options.source);
  }
  return { family: familyOf(to), to, ...(from !== undefined && { from }) };
}

function notAnAddress(text: string): SystemError {
  return new SystemError("ping", {}, new Error(`${text} is no address that can be used here`));
}

function payloadOf(options: PingOptions, family: 4 | 6): Uint8Array {
  const payload = new Uint8Array(Math.max(0, options.sizeOctets - HEADERS[family]));
  const token = randomBytes(TOKEN_OCTETS);
  payload.set(token.subarray(0, payload.length));
  return payload;
}
