/**
 * How long a standby needs for everything, and what a tunnel costs in memory: scripts/bench bulk-sync [--tunnels N]
 *
 * Two members in two threads, as they have a machine each; between them a queue instead of the sealed stream, whose
 * cost is not in these figures. A tunnel is an IKE SA and a Child SA, of the size that their records have. The second
 * run and those after it find a standby that holds everything already, which is what a lost session costs.
 */

import { parseArgs } from "node:util";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Worker } from "node:worker_threads";
import { childKey } from "../../src/core/redundancy/replication-port.ts";
import { Member } from "./member.ts";

const BOUND_MS = 2_000;
const BOUND_OCTETS = 16 * 1_024;
const IKE_OCTETS = 1_200;
const CHILD_OCTETS = 400;
const RUNS = 5;

const { values } = parseArgs({ options: { tunnels: { type: "string", default: "10000" } } });
const tunnels = Number(values.tunnels);

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

const standby = new Worker(new URL("./standby.js", import.meta.url));
const active = new Member("A", octets => standby.postMessage(octets, [octets.buffer as ArrayBuffer]));
let whenHot: (() => void) | undefined;
const ready = new Promise<void>(resolve => {
  standby.on("message", (said: Uint8Array | string) => {
    if (said instanceof Uint8Array) active.hear(said);
    else if (said === "hot") whenHot?.();
    else resolve();
  });
});
await ready;

active.do({ kind: "role", role: "active", epoch: 1 });
const before = used();
for (let n = 0; n < tunnels; n++) active.do({ kind: "decided", sa: `${n}`, effects: tunnel(n) });
const perTunnel = (used() - before) / tunnels;

const times: number[] = [];
const busy: number[] = [];
for (let session = 1; session <= RUNS; session++) {
  const hot = new Promise<void>(resolve => {
    whenHot = resolve;
  });
  const [start, used] = [performance.now(), process.cpuUsage()];
  standby.postMessage({ session });
  active.link(session);
  await hot;
  times.push(performance.now() - start);
  const { user, system } = process.cpuUsage(used);
  busy.push((user + system) / 1_000);
}
await standby.terminate();

const slowest = Math.max(...times);
console.log(`${tunnels} tunnels, ${IKE_OCTETS} and ${CHILD_OCTETS} octets each`);
console.log(`bulk sync   ${times.map(each => each.toFixed(0)).join(", ")} ms; bound ${BOUND_MS}`);
console.log(`of that     ${busy.map(each => each.toFixed(0)).join(", ")} ms of processor, both members together`);
console.log(
  `a tunnel    ${perTunnel.toFixed(0)} octets in the active's replication; bound ${BOUND_OCTETS} of the gateway`,
);
process.exitCode = slowest <= BOUND_MS && perTunnel <= BOUND_OCTETS ? 0 : 1;

function tunnel(n: number) {
  const ike = { kind: "ike" as const, key: `ike ${n}`, octets: new Uint8Array(IKE_OCTETS).fill(n) };
  const child = {
    kind: "child" as const,
    key: childKey(n + 256),
    esn: false,
    octets: new Uint8Array(CHILD_OCTETS).fill(n),
  };
  return [ike, child].map(put => ({ do: "checkpoint" as const, checkpoint: { put } }));
}

function used(): number {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
