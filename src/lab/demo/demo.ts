/**
 * The demonstration: traffic through the tunnel the whole time, the article's own failover, a killed gateway, a
 * switchover on command; after each, the pair whole again. Says what each cost, and ends with a table beside the
 * bounds.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { monotonicMs } from "../../linux/clock.ts";
import { type RunOutcome, runFault } from "../fault-run.ts";
import type { Keying } from "../lab.ts";
import { type Mark, stateOf } from "../levers.ts";
import type { Direction, ProbeSession } from "../probe.ts";
import { type Recorder, recorderOf } from "../recorder.ts";
import { writeReport } from "../report/report.ts";
import { machine } from "../run-report.ts";
import { untilAcquainted, untilSettled, untilTunnelled } from "../settling.ts";
import { type Branch, type BranchedLab, labUpWith } from "../strongswan-branch.ts";
import type { Topology } from "../topology.ts";
import { ACTS, type Act } from "./acts.ts";
import { type ActResult, isGood, resultLine, summaryTable } from "./demo-report.ts";
import { advanced, type Scene } from "./scene.ts";
import type { Stage } from "./stage.ts";

export interface DemoOptions {
  readonly keying: Keying;
  /** Where a page with the plots goes. */
  readonly report?: string | undefined;
  readonly branch: Branch;
}

const PROBES_PER_SECOND = 1_000;
const LOOK_MS = 100;
const ROLES_EVERY = 3;
const EVENTS_KEPT = 100;
const PROBLEMS_SHOWN = 3;

/** True when every act kept to its bound. The lab is up afterwards, whatever happened. */
export async function demonstrate(
  lab: string,
  plain: Topology,
  stage: Stage,
  { keying, branch, report }: DemoOptions,
): Promise<boolean> {
  stage.say("Building the lab and starting its gateways.");
  const branched = await labUpWith(branch, plain, lab, { keying });
  const { topology } = branched;
  const recorder = await recorderOf(lab, topology);
  const show = new Show(lab, branched, stage, keying, report !== undefined);
  try {
    const { active, standby } = await untilSettled(lab, topology);
    await untilAcquainted(lab, topology);
    stage.say(`${active} is active, ${standby} stands by.`);
    await untilTunnelled(lab, topology);
    stage.say("The tunnel is up; 1,000 numbered probes a second go through it each way.");
    const results: ActResult[] = [];
    for (const act of ACTS) results.push(await show.act(act, recorder));
    show.end();
    stage.close();
    stage.say("", ...summaryTable(results), "", ...(await wireLines(recorder)));
    if (report !== undefined) stage.say("", `The report: ${await reportOf(report, topology, results)}`);
    return results.every(isGood);
  } finally {
    show.end();
    stage.close();
    recorder?.close();
  }
}

function reportOf(file: string, topology: Topology, results: readonly ActResult[]): Promise<string> {
  const runs = results.map(({ act, outcome }) => ({ title: act.title, fault: act.fault, outcome }));
  return writeReport(file, { topology, probesPerSecond: PROBES_PER_SECOND, machine: machine(), runs });
}

/** What is on show: the scene, kept up to date while an act goes. */
class Show {
  readonly #lab: string;
  readonly #topology: Topology;
  readonly #farEnd: BranchedLab["farEnd"];
  readonly #stage: Stage;
  readonly #keying: Keying;
  readonly #traced: boolean;
  #scene: Scene;
  #firstMarkMs: number | undefined;
  #isOver = false;

  constructor(lab: string, { topology, farEnd }: BranchedLab, stage: Stage, keying: Keying, traced: boolean) {
    this.#traced = traced;
    this.#keying = keying;
    this.#lab = lab;
    this.#topology = topology;
    this.#farEnd = farEnd;
    this.#stage = stage;
    this.#scene = firstScene(topology);
  }

  async act(act: Act, recorder: Recorder | undefined): Promise<ActResult> {
    const heading = `Act ${ACTS.indexOf(act) + 1} of ${ACTS.length}: ${act.title}`;
    this.#firstMarkMs = undefined;
    this.#change({ heading });
    this.#stage.say("", heading);
    const before = await recorder?.seen();
    const watching: Promise<void>[] = [];
    const outcome = await runFault(this.#lab, this.#topology, act.fault, {
      probesPerSecond: PROBES_PER_SECOND,
      tunnels: true,
      negotiated: this.#keying === "ike",
      traced: this.#traced,
      ...(recorder !== undefined && { recorder }),
      ...(this.#farEnd !== undefined && { farEnd: this.#farEnd }),
      watcher: { probing: probes => void watching.push(this.#watch(probes)), told: mark => this.#told(mark) },
    });
    const after = await recorder?.seen();
    await Promise.all(watching);
    const ike = {
      phase1: (after?.ike.phase1 ?? 0) - (before?.ike.phase1 ?? 0),
      quickModes: (after?.ike.quickModes ?? 0) - (before?.ike.quickModes ?? 0),
    };
    const result = { act, outcome, ike };
    this.#told({ atMs: monotonicMs(), what: roleText(outcome) });
    const problems = problemLines(outcome);
    this.#stage.say(`  ${resultLine(result)}`, ...problems.map(each => `  ${each}`));
    this.#change({ results: [...this.#scene.results, `${act.title}: ${resultLine(result)}`, ...problems] });
    return result;
  }

  end(): void {
    this.#isOver = true;
  }

  /** Until the session ends. */
  async #watch(probes: ProbeSession): Promise<void> {
    if (this.#stage.cells === 0) return;
    let last: readonly Direction[] | undefined;
    for (let look = 0; !this.#isOver && !probes.isClosed; look++) {
      try {
        const now = await probes.look();
        this.#change({ strips: advanced(this.#scene.strips, last, now, this.#stage.cells) });
        last = now;
      } catch {
        // It ended in the middle of the question.
        return;
      }
      if (look % ROLES_EVERY === 0) await this.#lookAtRoles();
      await sleep(LOOK_MS);
    }
  }

  async #lookAtRoles(): Promise<void> {
    const members = this.#topology.pair.map(async name => ({
      name,
      state: await stateOf(this.#lab, name, this.#topology.acted),
    }));
    this.#change({ members: await Promise.all(members) });
  }

  #told({ atMs, what }: Mark): void {
    this.#firstMarkMs ??= atMs;
    const event = `  +${Math.round(atMs - this.#firstMarkMs)} ms  ${what}`;
    this.#stage.say(event);
    this.#change({ events: [...this.#scene.events, event].slice(-EVENTS_KEPT) });
  }

  #change(change: Partial<Scene>): void {
    this.#scene = { ...this.#scene, ...change };
    if (!this.#isOver) this.#stage.show(this.#scene);
  }
}

function firstScene({ pair, probes, recorder, tunnels = [] }: Topology): Scene {
  const through = probes.find(each => "tunnel" in each);
  const far = tunnels[0]?.ends[1].hosts[0];
  const beyond = [recorder?.host, far, through?.kind === "datagram" ? through.peer : undefined];
  return {
    heading: "",
    members: pair.map(name => ({ name, state: "" })),
    near: through?.from ?? "",
    beyond: beyond.filter(each => each !== undefined),
    strips: [],
    events: [],
    results: [],
  };
}

function problemLines({ problems }: RunOutcome): string[] {
  const more = problems.length - PROBLEMS_SHOWN;
  const shown = problems.slice(0, PROBLEMS_SHOWN).map(each => `problem: ${each}`);
  return more > 0 ? [...shown, `problem: and ${more} more`] : shown;
}

function roleText({ activeBefore, activeAfter }: RunOutcome): string {
  if (activeAfter === activeBefore) return `${activeBefore} stayed active; the pair is whole`;
  return `${activeAfter} took over from ${activeBefore}; the pair is whole again`;
}

async function wireLines(recorder: Recorder | undefined): Promise<string[]> {
  if (recorder === undefined) return [];
  const { packets, repeated, clear } = await recorder.seen();
  return [
    `Between the gateways: ${packets} ESP packets, ${repeated.length} sequence numbers or IVs used twice, ` +
      `${clear} packets in clear.`,
  ];
}
