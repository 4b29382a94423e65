/**
 * Streams of numbered probes between hosts of a lab, each direction counted by itself.
 *
 * An echo stream is one direction: there and back. A stream of datagrams has a process at both ends and counts each way
 * where it arrives, so that what one way loses is not put down to the other.
 */
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Arrivals } from "./arrivals.ts";
import { type ProbeTimes, type ProbeTrace, traceOf } from "./probe-trace.ts";
import { LabProgram } from "./program.ts";
import type { ProbeStream } from "./topology.ts";

/** What one process is told: where to send. */
export interface ProbeSettings {
  readonly kind: "echo" | "datagram";
  readonly to: string;
  /** Of both ends, for datagrams. */
  readonly port: number;
  readonly everyMs: number;
  /** Eight octets in hex that tell this stream's probes from everything else. */
  readonly token: string;
}

export type ProbeRequest =
  | { readonly what: "start" | "stop" | "report" }
  /** Every probe, by its times after the origin, CLOCK_MONOTONIC. */
  | { readonly what: "times"; readonly originMs: number };

/** What one process saw. */
export interface ProbeReport {
  readonly sent: number;
  /** Of those, the host itself had no way to send them. */
  readonly refused: number;
  /** How late this process was at most; its own delay looks like a gap of the network. */
  readonly stallMs: number;
  readonly startedMs: number;
  /** Of what was sent to it: the answers of an echo stream, the other end's datagrams. */
  readonly arrivals: Arrivals;
}

/** One direction of a run. */
export interface Direction {
  readonly direction: string;
  readonly from: string;
  readonly to: string;
  readonly sent: number;
  readonly received: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly reordered: number;
  /** Of the numbers sent in order, how many the receiver knows of: the highest that arrived, plus one. */
  readonly reached: number;
  /** The longest silence. */
  readonly gapMs: number;
  /** When it began: after the first probe, or after the time that `finish` was given. */
  readonly gapAtMs: number;
  /** How late sender or receiver was at most. */
  readonly probeStallMs: number;
  /** Every probe, where that was asked for. */
  readonly trace?: ProbeTrace;
}

/** The first of a lab's own; each stream has one. */
const PORT = 40_000;
/** What is on its way when the senders stop still counts. */
const DRAIN_MS = 300;

interface StreamEnds {
  readonly stream: ProbeStream;
  readonly programs: readonly LabProgram[];
}

export class ProbeSession {
  readonly #ends: readonly StreamEnds[];
  #isClosed = false;

  private constructor(ends: readonly StreamEnds[]) {
    this.#ends = ends;
  }

  /** Everything is there and waits; `start` sends the first probe. Throws a `SystemError`. */
  static async open(lab: string, streams: readonly ProbeStream[], perSecond: number): Promise<ProbeSession> {
    const ends = streams.map(async (stream, index) => {
      const shared = { kind: stream.kind, port: PORT + index, everyMs: 1000 / perSecond, token: token() };
      const settings = [[stream.from, stream.to] as const, ...(stream.kind === "datagram" ? [back(stream)] : [])];
      const programs = await Promise.all(
        settings.map(([host, to]) => LabProgram.start(lab, host, "./probe-process.js", { ...shared, to })),
      );
      return { stream, programs };
    });
    return new ProbeSession(await Promise.all(ends));
  }

  async start(): Promise<void> {
    await this.#all("start");
  }

  /** What became of each direction so far. */
  async look(): Promise<Direction[]> {
    const directions = this.#ends.map(async ({ stream, programs }) =>
      directionsOf(stream, await Promise.all(programs.map(each => each.ask<ProbeReport>({ what: "report" })))),
    );
    return (await Promise.all(directions)).flat();
  }

  /** Ends the streams and says what became of each direction; when `traced`, of each probe. Origin: CLOCK_MONOTONIC. */
  async finish(originMs?: number, traced = false): Promise<Direction[]> {
    await this.#all("stop");
    await sleep(DRAIN_MS);
    const directions = this.#ends.map(async ({ stream, programs }) => {
      const reports = await Promise.all(programs.map(each => each.ask<ProbeReport>({ what: "report" })));
      const directions = directionsOf(stream, reports, originMs);
      if (!traced) return directions;
      const origin = originMs ?? reports[0]?.startedMs ?? 0;
      const times = programs.map(each => each.ask<ProbeTimes>({ what: "times", originMs: origin }));
      return withTraces(directions, await Promise.all(times));
    });
    const all = (await Promise.all(directions)).flat();
    this.close();
    return all;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Safe to call twice. */
  close(): void {
    this.#isClosed = true;
    for (const { programs } of this.#ends) for (const each of programs) each.close();
  }

  async #all(what: ProbeRequest["what"]): Promise<void> {
    await Promise.all(this.#ends.flatMap(({ programs }) => programs.map(each => each.ask({ what }))));
  }
}

/** Pure: what the processes of a stream saw, as directions. */
export function directionsOf(
  stream: ProbeStream,
  [near, far]: readonly ProbeReport[],
  originMs = near?.startedMs ?? 0,
): Direction[] {
  if (near === undefined) return [];
  const { name, from, to } = stream;
  if (far === undefined) return [{ direction: name, from, to, ...counted(near, near, originMs) }];
  const [farHost, nearAddress] = back(stream);
  return [
    { direction: name, from, to, ...counted(near, far, originMs) },
    { direction: `${name}-back`, from: farHost, to: nearAddress, ...counted(far, near, originMs) },
  ];
}

/** Pure: the first end sends what the second receives, and the other way round; an echo comes back to its sender. */
export function withTraces(directions: readonly Direction[], ends: readonly ProbeTimes[]): Direction[] {
  return directions.map((direction, at) => {
    const sender = ends[at];
    const receiver = ends[ends.length - 1 - at];
    return sender === undefined || receiver === undefined
      ? direction
      : { ...direction, trace: traceOf(sender, receiver) };
  });
}

function counted(
  sender: ProbeReport,
  receiver: ProbeReport,
  originMs: number,
): Omit<Direction, "direction" | "from" | "to"> {
  const { received, duplicated, reordered, reached, gapMs, gapAtMs } = receiver.arrivals;
  return {
    sent: sender.sent,
    received,
    lost: sender.sent - received,
    duplicated,
    reordered,
    reached,
    gapMs: rounded(gapMs),
    gapAtMs: rounded(gapAtMs - originMs),
    probeStallMs: rounded(Math.max(sender.stallMs, receiver.stallMs)),
  };
}

/** The host and the address of the way back. */
function back(stream: ProbeStream): readonly [host: string, to: string] {
  return stream.kind === "datagram" ? [stream.peer, stream.back] : [stream.from, stream.to];
}

function rounded(ms: number): number {
  return Math.round(ms * 10) / 10;
}

function token(): string {
  return randomBytes(8).toString("hex");
}
