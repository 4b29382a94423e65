/**
 * Load between two places of a site, and what it cost: TCP by iperf3, numbered UDP packets by our own sender, ping.
 *
 * TCP always runs under cubic, and unpaced (see Site): the default of a machine may be bbr, which halves what a plain
 * veth carries, and whose pacing stays with a socket that was connected under it.
 */
import { availableParallelism } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { startIn, waitFor } from "./child.ts";
import { machineTime, processTime } from "./processor-time.ts";
import type { Place, Site } from "./site.ts";

/** Built by scripts/bench. */
const PACKETS = process.env.BENCH_PACKETS ?? fileURLToPath(new URL("../../packets", import.meta.url));
const PORT = 5201;
const NUMBERED_PORT = 5301;
/** Of capacity: what others may use, and the host may take, in a round that counts. */
const FOREIGN_MAX = 0.05;
const STOLEN_MAX = 0.03;

export interface Cost {
  readonly seconds: number;
  /** Processor seconds of the gateways' processes. */
  readonly gateways: number;
  /** Of all that was measured: gateways, generator, sink, and interrupts. */
  readonly all: number;
  /** Shares of capacity: used by nobody of ours, and taken by the host. */
  readonly foreign: number;
  readonly stolen: number;
  /** Too much of either: no figure of this round counts. */
  readonly disturbed: boolean;
}

export interface TcpResult extends Cost {
  readonly kind: "tcp";
  readonly gigabits: number;
  readonly retransmits: number;
  /** Processor seconds of the gateways for a gigabyte (10^9 octets) of payload. */
  readonly gatewaysPerGigabyte: number;
}

export interface PacketResult extends Cost {
  readonly kind: "packets";
  readonly offered: number;
  readonly sent: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly late: number;
  readonly gatewaysMicrosecondsPerPacket: number;
}

interface Parties {
  readonly site: Site;
  readonly place: Place;
  /** The gateways' processes; none for plain routing. */
  readonly pids: readonly number[];
}

/** What `work` cost; it returns the processor seconds of what it started and what has ended. */
async function costOf<T>(
  pids: readonly number[],
  work: () => Promise<{ value: T; others: number }>,
): Promise<[T, Cost]> {
  const before = machineTime();
  const gatewaysBefore = processTime(pids);
  const { value, others } = await work();
  const after = machineTime();
  const gateways = processTime(pids) - gatewaysBefore;
  const seconds = (after.atMs - before.atMs) / 1000;
  const capacity = seconds * availableParallelism();
  const interrupts = after.interrupts - before.interrupts;
  const all = gateways + others + interrupts;
  const foreign = Math.max(0, after.busy - before.busy - all) / capacity;
  const stolen = (after.stolen - before.stolen) / capacity;
  return [value, { seconds, gateways, all, foreign, stolen, disturbed: foreign > FOREIGN_MAX || stolen > STOLEN_MAX }];
}

interface IperfReport {
  readonly end: {
    readonly sum_sent: { readonly retransmits: number };
    readonly sum_received: { readonly bits_per_second: number; readonly bytes: number; readonly seconds: number };
    readonly cpu_utilization_percent: { readonly host_total: number; readonly remote_total: number };
  };
  readonly error?: string;
}

export async function tcp({ site, place, pids }: Parties, streams: number, seconds: number): Promise<TcpResult> {
  const { from, to, source, destination } = site.ends(place);
  const server = startIn(site.namespace(to), [
    "iperf3",
    "-s",
    "-1",
    "-B",
    destination,
    "-p",
    `${PORT}`,
    "--forceflush",
  ]);
  await server.says(/listening/);
  const [report, cost] = await costOf(pids, async () => {
    const arguments_ = ["-c", destination, "-B", source, "-p", `${PORT}`, "-C", "cubic", "-t", `${seconds}`];
    const client = startIn(site.namespace(from), ["iperf3", ...arguments_, "-P", `${streams}`, "-J"]);
    const value = JSON.parse(await client.ended) as IperfReport;
    if (value.error !== undefined) throw new Error(`iperf3: ${value.error}`);
    const { host_total, remote_total } = value.end.cpu_utilization_percent;
    return { value, others: ((host_total + remote_total) / 100) * value.end.sum_received.seconds };
  });
  await server.ended;
  const { sum_received, sum_sent } = report.end;
  return {
    kind: "tcp",
    ...cost,
    gigabits: sum_received.bits_per_second / 1e9,
    retransmits: sum_sent.retransmits,
    gatewaysPerGigabyte: cost.gateways / (sum_received.bytes / 1e9),
  };
}

export interface PacketLoad {
  /** Of each IPv4 packet. */
  readonly octets: number;
  readonly rate: number;
  readonly seconds: number;
  /** Other destinations than the site's: `ADDRESS/N` is N of them in turn. */
  readonly to?: string;
}

export async function packets(parties: Parties, load: PacketLoad): Promise<PacketResult> {
  const { site, place, pids } = parties;
  const { octets, rate, seconds } = load;
  const { from, to, source, destination } = site.ends(place);
  const sink = startIn(site.namespace(to), [PACKETS, "receive", "0.0.0.0", `${NUMBERED_PORT}`]);
  await sink.says(/ready/);
  const count = rate * seconds;
  const [sent, cost] = await costOf(pids, async () => {
    const numbers = [NUMBERED_PORT, octets, rate, count].map(String);
    const sender = startIn(site.namespace(from), [PACKETS, "send", source, load.to ?? destination, ...numbers]);
    const value = JSON.parse(await sender.ended) as { sent: number; refused: number; seconds: number };
    // The sender spins between bursts: it has used what it took.
    return { value, others: value.seconds + processTime([sink.pid]) };
  });
  await sleep(200);
  sink.end();
  const found = JSON.parse((await sink.ended).replace("ready", "")) as Record<
    "received" | "duplicated" | "late",
    number
  >;
  return {
    kind: "packets",
    ...cost,
    offered: rate,
    sent: sent.sent / sent.seconds,
    lost: 1 - found.received / sent.sent,
    duplicated: found.duplicated,
    late: found.late,
    gatewaysMicrosecondsPerPacket: (cost.gateways * 1e6) / found.received,
  };
}

/** Mean round trip in milliseconds. */
export function ping({ site, place }: Parties, count: number): number {
  const { from, source, destination } = site.ends(place);
  const said = site.run(from, "ping", "-q", "-c", `${count}`, "-i", "0.01", "-I", source, destination);
  const mean = /= [\d.]+\/([\d.]+)\//.exec(said)?.[1];
  if (mean === undefined) throw new Error(`ping: ${said}`);
  return Number(mean);
}

export async function reachable({ site, place }: Parties): Promise<void> {
  const { from, source, destination } = site.ends(place);
  await waitFor(`${from} reaches ${destination}`, 10, () => {
    try {
      site.run(from, "ping", "-q", "-c", "1", "-W", "1", "-I", source, destination);
      return true;
    } catch {
      return false;
    }
  });
}
