/**
 * Sends numbered probes at a fixed rate and counts what arrives; `probe.ts` starts it inside a host.
 *
 * An `echo` probe asks a virtual address and counts the answers; a `datagram` probe sends to its counterpart in another
 * host and counts what that one sends. The clock is absolute: a late probe does not move the next, and how late this
 * process was is part of the result, so that nobody takes its own delay for the network's.
 */
import { randomBytes } from "node:crypto";
import { familyOf, type IpAddress, parseIp } from "../core/wire/address.ts";
import { monotonicMs, waitUntil } from "../linux/clock.ts";
import { decodeEchoOutcome, encodeEchoRequest } from "../linux/icmp.ts";
import type { InetSocket } from "../linux/inet-socket.ts";
import { RawSocket } from "../linux/raw-socket.ts";
import { errorCode } from "../linux/system-call.ts";
import { UdpSocket } from "../linux/udp-socket.ts";
import { ArrivalTally } from "./arrivals.ts";
import type { ProbeReport, ProbeRequest, ProbeSettings } from "./probe.ts";
import { hundredths, type ProbeTimes } from "./probe-trace.ts";
import { answer, hurry, makeRoom, REQUESTS, RequestLines } from "./program-lines.ts";

const TOKEN_OCTETS = 8;
const PAYLOAD_OCTETS = TOKEN_OCTETS + 4;
const ICMP = { 4: 1, 6: 58 } as const;
/** Probes that are sent at once after a delay of this process; what is further behind is never sent. */
const CATCH_UP = 3;
/** Room for the arrivals of several seconds. CAP_NET_ADMIN lets it exceed the system's limit. */
const RECEIVE_OCTETS = 16_777_216;

/** What differs between the kinds of probes. */
interface Medium {
  readonly socket: InetSocket;
  send(payload: Uint8Array, number: number): void;
  /** The payload of a datagram that may be ours. */
  payloadOf(octets: Uint8Array): Uint8Array | undefined;
}

class Probe {
  readonly fd: number;
  readonly #settings: ProbeSettings;
  readonly #medium: Medium;
  readonly #token: Uint8Array;
  readonly #tally = new ArrivalTally(monotonicMs());
  #startedMs = 0;
  #endedMs = 0;
  #nextMs: number | undefined;
  /** By number. */
  #sentAtMs: number[] = [];
  #refused = 0;
  #stallMs = 0;

  constructor(settings: ProbeSettings) {
    this.#settings = settings;
    this.#token = Buffer.from(settings.token, "hex");
    this.#medium = settings.kind === "echo" ? echo(addressOf(settings.to)) : datagrams(settings);
    this.fd = this.#medium.socket.fd;
    makeRoom(this.fd, RECEIVE_OCTETS);
  }

  get nextMs(): number | undefined {
    return this.#nextMs;
  }

  handle(request: ProbeRequest): ProbeReport | ProbeTimes | object {
    const now = monotonicMs();
    switch (request.what) {
      case "start":
        this.#startedMs = now;
        this.#nextMs = now;
        this.#tally.begin(now);
        return {};
      case "stop":
        this.#endedMs = now;
        this.#nextMs = undefined;
        return {};
      case "report":
        return this.#report();
      case "times":
        return this.#times(request.originMs);
    }
    return request satisfies never;
  }

  /** Sends what is due. */
  tick(): void {
    const { everyMs } = this.#settings;
    for (let sent = 0; this.#nextMs !== undefined && sent < CATCH_UP; sent++) {
      const late = monotonicMs() - this.#nextMs;
      if (late < 0) return;
      this.#stallMs = Math.max(this.#stallMs, late);
      this.#send();
      this.#nextMs += everyMs;
      if (late > CATCH_UP * everyMs) this.#nextMs += Math.floor(late / everyMs) * everyMs;
    }
  }

  receive(): void {
    const { socket } = this.#medium;
    for (let datagram = socket.receive(); datagram; datagram = socket.receive()) {
      const payload = this.#medium.payloadOf(datagram.octets);
      if (payload?.length !== PAYLOAD_OCTETS) continue;
      if (!this.#token.every((octet, at) => payload[at] === octet)) continue;
      const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
      this.#tally.arrived(view.getUint32(TOKEN_OCTETS), monotonicMs());
    }
  }

  #send(): void {
    const payload = new Uint8Array(PAYLOAD_OCTETS);
    payload.set(this.#token);
    const number = this.#sentAtMs.push(monotonicMs()) - 1;
    new DataView(payload.buffer).setUint32(TOKEN_OCTETS, number);
    try {
      this.#medium.send(payload, number);
    } catch (error) {
      // What routing refuses here is lost as any other probe is; anything else is no probe.
      if (!["ENETUNREACH", "EHOSTUNREACH", "ENETDOWN", "ENOBUFS", "EPERM"].includes(errorCode(error) ?? ""))
        throw error;
      this.#refused += 1;
    }
  }

  #times(originMs: number): ProbeTimes {
    return {
      sent: this.#sentAtMs.map(each => hundredths(each - originMs)),
      arrived: Array.from(this.#tally.arrivedAtMs, each => (Number.isNaN(each) ? null : hundredths(each - originMs))),
    };
  }

  #report(): ProbeReport {
    return {
      sent: this.#sentAtMs.length,
      refused: this.#refused,
      stallMs: this.#stallMs,
      startedMs: this.#startedMs,
      arrivals: this.#tally.result(this.#endedMs),
    };
  }
}

function echo(to: IpAddress): Medium {
  const family = familyOf(to);
  const socket = new RawSocket({ family, protocol: ICMP[family] });
  const identifier = randomBytes(2).readUInt16BE();
  return {
    socket,
    send: (payload, number) =>
      socket.send(encodeEchoRequest(family, { identifier, sequence: number & 0xffff, payload }), { to }),
    payloadOf: octets => {
      const outcome = decodeEchoOutcome(family, octets);
      return outcome?.kind === "reply" ? outcome.echo.payload : undefined;
    },
  };
}

function datagrams({ to: toText, port }: ProbeSettings): Medium {
  const to = addressOf(toText);
  const socket = new UdpSocket({ family: familyOf(to), port });
  return { socket, send: payload => socket.send(payload, { to, port }), payloadOf: octets => octets };
}

function addressOf(text: string): IpAddress {
  const address = parseIp(text);
  if (address === undefined) throw new Error(`${text} is no address to probe`);
  return address;
}

const probe = new Probe(JSON.parse(process.argv[2] ?? "{}") as ProbeSettings);
const requests = new RequestLines();
const descriptors = Int32Array.of(REQUESTS, probe.fd);
answer({ priority: hurry() });
for (;;) {
  const readable = waitUntil(descriptors, probe.nextMs);
  probe.tick();
  if (readable.includes(probe.fd)) probe.receive();
  if (!readable.includes(REQUESTS)) continue;
  for (const request of requests.take()) answer(probe.handle(request as ProbeRequest));
}
