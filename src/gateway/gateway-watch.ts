/**
 * The supervisor's eye on one gateway process: reads its beats, keeps its last will ready, and carries it out when the
 * process is dead, frozen or hanging. Whoever is not dead is killed first.
 */
import type { ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import type { Readable } from "node:stream";
import { monotonicMs } from "../linux/clock.ts";
import { DeathSigns, type ProcessState, parseProcessState, type Verdict } from "./death-signs.ts";
import { LineReader, type SupervisorLine } from "./last-will.ts";
import type { WillDoors } from "./will-doors.ts";

/** Nothing is at stake without a will, so nobody needs to look often. */
const LOOK_MS = 5;
const IDLE_LOOK_MS = 100;
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
  readonly #doors: WillDoors;
  readonly #ended: (ended: Ended) => void;
  readonly #signs = new DeathSigns(monotonicMs());
  readonly #reader = new LineReader();
  #holdMs = 0;
  #timer: NodeJS.Timeout;
  #begun = false;
  #over = false;

  constructor(child: ChildProcess, pipe: Readable, doors: WillDoors, ended: (ended: Ended) => void) {
    this.#child = child;
    this.#doors = doors;
    this.#ended = ended;
    doors.prepare([]);
    pipe.setEncoding("utf8").on("data", (text: string) => this.#read(text));
    pipe.on("error", () => {});
    this.#timer = setTimeout(() => this.#look(), IDLE_LOOK_MS);
  }

  /** The process has ended, in whatever way: what it still held is given up. */
  close(): void {
    if (!this.#over && !this.#doors.isEmpty) this.#end("dead");
    this.#over = true;
    clearTimeout(this.#timer);
  }

  #read(text: string): void {
    const now = monotonicMs();
    for (const line of this.#reader.read(text)) this.#take(line, now);
  }

  #take(line: SupervisorLine, now: number): void {
    if (this.#over) return;
    switch (line.kind) {
      case "beat":
        this.#begun = true;
        this.#signs.beat(line.at, now);
        return;
      case "will":
        this.#holdMs = line.holdMs;
        this.#doors.prepare(line.groups);
        this.#rest(LOOK_MS);
        return;
      case "stuck":
        this.#end("stuck");
        return;
    }
    line satisfies never;
  }

  #look(): void {
    if (this.#over) return;
    this.#rest(this.#doors.isEmpty ? IDLE_LOOK_MS : LOOK_MS);
    // A gateway that reads a long configuration has not begun to beat yet.
    if (!this.#begun) return;
    const holdMs = this.#doors.isEmpty ? IDLE_HOLD_MS : this.#holdMs;
    const verdict = this.#signs.judge(monotonicMs(), holdMs, () => this.#processState());
    if (verdict !== "alive") this.#end(verdict);
  }

  #rest(ms: number): void {
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

  #processState(): ProcessState {
    try {
      return parseProcessState(readFileSync(`/proc/${this.#child.pid ?? 0}/stat`, "utf8"));
    } catch {
      return parseProcessState("");
    }
  }
}
