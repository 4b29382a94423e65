/**
 * What one more tunnel costs in memory: scripts/bench memory [--tunnels N]
 *
 * A process for each member, as the gateway's: the pages it has with 1,000 tunnels, and with so many more, of
 * what is largest in a tunnel (`holder.ts` says what, and what not). The difference is divided by the tunnels.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { spreadOf, table } from "../support/statistics.ts";

const BOUND_OCTETS = 16 * 1_024;
const ROUNDS = 5;
const HOLDER = fileURLToPath(new URL("./holder.js", import.meta.url));

const { values } = parseArgs({ options: { tunnels: { type: "string", default: "10000" } } });
const tunnels = Number(values.tunnels);
if (!Number.isSafeInteger(tunnels) || tunnels < 1) {
  console.error(`memory-bench: --tunnels is a number above 0, found "${values.tunnels}"`);
  process.exit(2);
}

const members = (["active", "standby"] as const).map(role => {
  const costs = Array.from({ length: ROUNDS }, () => costOf(role) / tunnels);
  return { role, ...spreadOf(costs) };
});
const rows = members.map(({ role, median, min, max }) => [role, ...[median, min, max].map(each => each.toFixed(0))]);
console.log(`octets for each of ${tunnels} tunnels, of ${ROUNDS} processes; bound ${BOUND_OCTETS}`);
console.log(table([["member", "median", "least", "most"], ...rows]));
process.exitCode = members.every(({ median }) => median <= BOUND_OCTETS) ? 0 : 1;

function costOf(role: "active" | "standby"): number {
  const args = ["--expose-gc", HOLDER, role, `${tunnels}`];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`the ${role} ended with ${status}: ${stderr}`);
  return Number(stdout);
}
