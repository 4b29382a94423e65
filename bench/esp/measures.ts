/** What is measured of each system, and the two figures that are told of each measurement. */
import { type PacketResult, packets, ping, type TcpResult, tcp } from "../support/load.ts";
import type { Site } from "../support/site.ts";
import { MANY_ADDRESSES } from "./keyed-sas.ts";
import type { Running, System } from "./system.ts";

export interface Measured {
  /** Gbit/s, packets a second, or milliseconds. */
  readonly figure: number;
  /** Processor seconds of the gateways for a gigabyte, or microseconds for a packet; absent where nothing counts it. */
  readonly cost?: number;
  /** Others were at work: told, never counted. */
  readonly disturbed: boolean;
  readonly detail: unknown;
}

export interface Measure {
  readonly name: string;
  readonly unit: string;
  readonly costUnit: string;
  /** "many": of systems that protect many addresses, and where it was asked for by name. */
  readonly only?: "all" | "many";
  readonly run: (site: Site, system: System, running: Running, seconds: number) => Promise<Measured>;
}

/** Packets a second that are offered, one rate after the other, until more than `LOSS_MAX` is lost (as RFC 2544). */
const LADDER = [20, 30, 40, 50, 60, 80, 100, 130, 160, 200, 250, 300, 350, 400].map(thousands => thousands * 1000);
const LOSS_MAX = 0.01;
const RUNG_SECONDS = 1;
const PINGS = 100;

export const MEASURES: readonly Measure[] = [
  tcpMeasure("tcp1", 1),
  tcpMeasure("tcp4", 4),
  packetMeasure("udp64", 64),
  packetMeasure("udp1300", 1300),
  packetMeasure("many1400", 1400, MANY_ADDRESSES),
  {
    name: "ping",
    unit: "ms",
    costUnit: "",
    run: async (site, { place }, { pids }) => {
      const figure = ping({ site, place, pids }, PINGS);
      return { figure, disturbed: false, detail: { pings: PINGS } };
    },
  },
];

function tcpMeasure(name: string, streams: number): Measure {
  return {
    name,
    unit: "Gbit/s",
    costUnit: "s/GB",
    run: async (site, { place }, { pids }, seconds) => {
      const result: TcpResult = await tcp({ site, place, pids }, streams, seconds);
      const cost = pids.length === 0 ? {} : { cost: result.gatewaysPerGigabyte };
      return { figure: result.gigabits, ...cost, disturbed: result.disturbed, detail: result };
    },
  };
}

/** The highest rate at which at most `LOSS_MAX` is lost. A rung that fails is tried once more: a hiccup is no limit. */
function packetMeasure(name: string, octets: number, to?: string): Measure {
  return {
    name,
    unit: "packet/s",
    costUnit: "us/packet",
    only: to === undefined ? "all" : "many",
    run: async (site, { place }, { pids }) => {
      const rungs: PacketResult[] = [];
      let best: PacketResult | undefined;
      for (const rate of LADDER) {
        const load = { octets, rate, seconds: RUNG_SECONDS, ...(to === undefined ? {} : { to }) };
        const attempt = () => packets({ site, place, pids }, load);
        let rung = await attempt();
        rungs.push(rung);
        if (rung.lost > LOSS_MAX) {
          rung = await attempt();
          rungs.push(rung);
        }
        if (rung.lost > LOSS_MAX) break;
        best = rung;
      }
      const last = rungs.at(-1);
      const cost = pids.length === 0 || best === undefined ? {} : { cost: best.gatewaysMicrosecondsPerPacket };
      return { figure: best?.sent ?? 0, ...cost, disturbed: last?.disturbed ?? false, detail: rungs };
    },
  };
}
