/**
 * How fast tunnels come up: npm run bench -- ike [--rounds N] [--seconds S] [--peers N] [--groups 14,19]
 *
 * Main mode and quick mode, as responder, ours beside strongSwan, under the same initiators in the same run. A
 * responder has one processor and the initiators the other; in each round both are started, measured and stopped, and
 * medians are told. The cost is the responder's processor time, which moves less with the day of the machine.
 */
import { parseArgs } from "node:util";
import { processesIn } from "../../src/lab/namespaces.ts";
import { startIn } from "../support/child.ts";
import { machine } from "../support/machine.ts";
import { processTime } from "../support/processor-time.ts";
import { Site } from "../support/site.ts";
import { spreadOf, table } from "../support/statistics.ts";
import { inTurn } from "../support/turn.ts";
import { type InitiatorReport, ordersOf, peersOf, settle } from "./peers.ts";
import { type Responder, strongSwan, understudy } from "./responders.ts";

/** Ours over theirs, handshakes a second. */
const FLOOR = 0.5;

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    seconds: { type: "string", default: "4" },
    peers: { type: "string", default: "16" },
    groups: { type: "string", default: "14,19" },
  },
});

interface Sample {
  readonly responder: string;
  readonly group: number;
  readonly aSecond: number;
  readonly msEach: number;
  readonly stalled: number;
}

const peers = peersOf(Number(values.peers));
const groups = values.groups.split(",").map(Number);
const responders = [understudy, strongSwan].filter(({ name, missing }) => {
  const why = missing();
  if (why !== undefined) console.log(`SKIPPED ${name}: ${why}`);
  return why === undefined;
});
const samples: Sample[] = [];
const site = new Site(`bench${process.pid}`);
try {
  for (let round = 1; round <= Number(values.rounds); round++)
    for (const group of groups)
      for (const responder of responders) {
        const sample = await inTurn(() => measured(responder, group));
        samples.push(sample);
        const { aSecond, msEach, stalled } = sample;
        const costs = `${aSecond.toFixed(0)} a second, ${msEach.toFixed(2)} ms of processor each`;
        console.log(
          `round ${round}: ${responder.name} group ${group}: ${costs}${stalled > 0 ? `, ${stalled} stalled` : ""}`,
        );
      }
} finally {
  site.remove();
}
console.log(`\n${printed()}`);
process.exitCode = ratios().some(each => each < FLOOR) ? 1 : 0;

async function measured(responder: Responder, group: number): Promise<Sample> {
  site.build();
  settle(site, peers);
  const running = await responder.start(site, peers, group);
  try {
    const program = new URL("./initiators.js", import.meta.url).pathname;
    const orders = JSON.stringify(ordersOf(peers, group, Number(values.seconds)));
    const initiators = startIn(site.namespace("a"), ["taskset", "-c", "1", process.execPath, program, orders]);
    await initiators.says(/begin/);
    const pids = processesIn(site.namespace("b"));
    if (pids.length === 0) throw new Error(`${responder.name} is not there`);
    const before = processTime(pids);
    const said = await initiators.says(/report .*\n/);
    const used = processTime(pids) - before;
    await initiators.ended;
    const report = JSON.parse(/report (.*)/.exec(said)?.[1] ?? "") as InitiatorReport;
    const { handshakes, seconds, stalled } = report;
    return {
      ...{ responder: responder.name, group, stalled },
      aSecond: handshakes / seconds,
      msEach: (used * 1_000) / handshakes,
    };
  } finally {
    await running.stop();
  }
}

function median(responder: string, group: number, what: "aSecond" | "msEach"): number {
  const those = samples.filter(each => each.responder === responder && each.group === group);
  return spreadOf(those.map(each => each[what])).median;
}

function ratios(): number[] {
  return groups.map(group => median("understudy", group, "aSecond") / median("strongSwan", group, "aSecond"));
}

function printed(): string {
  const { processor, processors, node } = machine();
  const rows = responders.flatMap(({ name }) =>
    groups.map(group => [
      `${name}, group ${group}`,
      median(name, group, "aSecond").toFixed(0),
      median(name, group, "msEach").toFixed(2),
    ]),
  );
  const ratio = groups.map((group, at) => [`ours over theirs, group ${group}`, (ratios()[at] ?? 0).toFixed(2), ""]);
  const head = ["IKEv1 main and quick mode as responder", "a second", "ms of processor"];
  return `${table([head, ...rows, ...ratio])}\n\n${processors} x ${processor}, Node ${node}; ${peers.length} peers`;
}
