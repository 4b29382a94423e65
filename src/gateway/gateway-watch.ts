/**
 * The supervisor's eye on one gateway process: reads its beats, keeps its last will ready, and carries it out when the
 * process is dead, frozen or hanging. Whoever is not dead is killed first.
 */
import type { ChildProcess } from "node:child_process";
import type { Readable } from "node:stream";
import { monotonicMs } from "../linux/clock.ts";
import { DeathSigns, lateAfterMs, type Stake, type Verdict } from "./death-signs.ts";
import { beatEveryMs, LineReader, type SupervisorLine } from "./last-will.ts";
import { ProcessView } from "./process-view.ts";
import type { WillDoors } from "./will-doors.ts";

/** A beat is missing: from now on every few milliseconds. */
const LOOK_MS = 5;
/** Nothing is at stake without a will. */
const IDLE_BEAT_MS = 100;
/** The other member takes over meanwhile, and packets that are on their way still arrive. */
const GRACE_MS = 100;
/** The default hold time of HSRP: how patient one is while nothing is at stake. */
const IDLE_HOLD_MS = 10_000;

export interface Ended {
  readonly verdict: Exclude<Verdict, "alive"> | "stuck";
  /** Something was given up for it. */
  readonly gaveUp: boolean;
  readonly failures: readonly string[];
}

export class GatewayWatch {
  readonly #child: ChildProcess;
  readonly #view: ProcessView;
  readonly #doors: WillDoors;
  readonly #ended: (ended: Ended) => void;
  readonly #signs = new DeathSigns(monotonicMs());
  readonly #reader = new LineReader();
  #stake: Stake = { holdMs: IDLE_HOLD_MS, beatMs: IDLE_BEAT_MS };
  #plannedMs = IDLE_BEAT_MS;
  #timer: NodeJS.Timeout;
  #begun = false;
  #over = false;

  constructor(child: ChildProcess, pipe: Readable, doors: WillDoors, ended: (ended: Ended) => void) {
    this.#child = child;
    this.#view = new ProcessView(child.pid);
    this.#doors = doors;
    this.#ended = ended;
    doors.prepare([]);
    pipe.setEncoding("utf8").on("data", (text: string) => this.#read(text));
    pipe.on("error", () => {});
    this.#timer = setTimeout(() => this.#look(), this.#plannedMs);
  }

  /** The process has ended, in whatever way: what it still held is given up. */
  close(): void {
    if (!this.#over && !this.#doors.isEmpty) this.#end("dead");
    this.#over = true;
    clearTimeout(this.#timer);
    this.#view.close();
  }

  #read(text: string): void {
    const now = monotonicMs();
    this.#signs.awake(now, this.#plannedMs);
    for (const line of this.#reader.read(text)) this.#take(line, now);
    if (!this.#over) this.#rest(lateAfterMs(this.#stake.beatMs));
  }

  #take(line: SupervisorLine, now: number): void {
    if (this.#over) return;
    switch (line.kind) {
      case "beat":
        this.#begun = true;
        this.#signs.beat(line.at, now);
        return;
      case "will":
        this.#doors.prepare(line.groups);
        this.#stake = this.#doors.isEmpty
          ? { holdMs: IDLE_HOLD_MS, beatMs: IDLE_BEAT_MS }
          : { holdMs: line.holdMs, beatMs: beatEveryMs(line.holdMs) };
        return;
      case "stuck":
        this.#end("stuck");
        return;
    }
    line satisfies never;
  }

  #look(): void {
    if (this.#over) return;
    const now = monotonicMs();
    this.#signs.awake(now, this.#plannedMs);
    this.#rest(this.#doors.isEmpty ? IDLE_BEAT_MS : LOOK_MS);
    // A gateway that reads a long configuration has not begun to beat yet.
    if (!this.#begun) return;
    const verdict = this.#signs.judge(now, this.#stake, () => this.#view.look());
    if (verdict !== "alive") this.#end(verdict);
  }

  /** While beats come nobody looks: each puts the next look off. */
  #rest(ms: number): void {
    if (ms === this.#plannedMs) {
      this.#timer.refresh();
      return;
    }
    this.#plannedMs = ms;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#look(), ms);
  }

  #end(verdict: Ended["verdict"]): void {
    this.#over = true;
    clearTimeout(this.#timer);
    // A process that merely hangs must not go on after others were told that it is gone.
    this.#child.kill("SIGKILL");
    const gaveUp = !this.#doors.isEmpty;
    this.#ended({ verdict, gaveUp, failures: this.#doors.carryOut(!this.#signs.willHolds) });
    setTimeout(() => this.#doors.takeLinksDown(), GRACE_MS);
  }
}
