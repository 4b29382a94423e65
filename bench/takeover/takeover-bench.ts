/**
 * Whether a takeover costs more where there are more tunnels: scripts/bench takeover [--rounds N]
 *
 * From the decision to the first ESP packet: the store of the role word, which is all that the liveness thread does to
 * the data plane, and the first packet of an SA behind it, which jumps. How an SA was keyed is no matter to either. The
 * fast path's packet functions alone are measured, without sockets. What main and IKE do afterwards is behind them.
 */
import { parseArgs } from "node:util";
import { flipCost } from "../esp/flip.ts";
import { spreadOf, table } from "../support/statistics.ts";

const SIZES = [1, 100, 1_000, 10_000] as const;
const BOUND = 1.2;

const { values } = parseArgs({ options: { rounds: { type: "string", default: "5" } } });
const rounds = Number(values.rounds);
if (!Number.isSafeInteger(rounds) || rounds < 1) {
  console.error(`takeover-bench: --rounds is a number above 0, found "${values.rounds}"`);
  process.exit(2);
}

const times = new Map<number, { takeover: number[]; packet: number[] }>();
for (const size of SIZES) times.set(size, { takeover: [], packet: [] });
// All sizes in turn, so that a bad minute of the machine meets each of them.
for (let round = 0; round < rounds; round++) {
  for (const [size, of] of times) {
    const { storeNs, firstPacketNs, packetNs } = flipCost(size);
    of.takeover.push(storeNs + firstPacketNs);
    of.packet.push(packetNs);
  }
}

const median = (list: readonly number[] | undefined): number => spreadOf(list ?? []).median;
const rows = [...times].map(([size, { takeover, packet }]) => [
  `${size}`,
  `${median(takeover).toFixed(0)} ns`,
  `${median(packet).toFixed(0)} ns`,
]);
console.log(`medians of ${rounds}, each of 1,000 takeovers`);
console.log(table([["tunnels", "takeover", "any other packet"], ...rows]));
const ratio = median(times.get(10_000)?.takeover) / median(times.get(1)?.takeover);
console.log(`10,000 tunnels take ${ratio.toFixed(2)} times as long as 1; bound ${BOUND}`);
process.exitCode = ratio <= BOUND ? 0 : 1;
