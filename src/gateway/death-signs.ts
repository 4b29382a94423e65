/**
 * Whether the gateway is alive, as its supervisor can tell: from the beats of its liveness thread, from what the kernel
 * says of the process, and from the supervisor's own clock. Pure, so that every case has a test.
 *
 * The end of a process is told to its parent only after its memory has been given back, 25 to 65 ms for a large one.
 * Its beats end at once; so a beat that is late is a reason to ask the kernel, which marks a process that is on its way
 * out. A process that is slow, because the machine is, is neither.
 */

/** `R`, `S`, `T`, `Z`, ... of /proc/PID/stat; `exiting` once the process has begun to end, or is gone. */
export interface ProcessState {
  readonly state: string;
  readonly exiting: boolean;
}

export type Verdict =
  | "alive"
  /** On its way out, or gone. */
  | "dead"
  /** Stopped by a signal. */
  | "frozen"
  /** Runs, and its liveness thread makes no turn. */
  | "hanging";

/** What may be lost. */
export interface Stake {
  /** The shortest hold time. */
  readonly holdMs: number;
  readonly beatMs: number;
}

const LATE_FLOOR_MS = 11;
/** How late beats are on an idle machine. */
const SLACK_MS = 3;
const FROZEN_FLOOR_MS = 25;
const FROZEN_LIMIT_MS = 500;
/**
 * A thread that waits for the kernel, or for a processor, is not hanging. It costs nobody anything to be patient: what
 * is sent as active is under a lease that runs out, and then the other member asks and takes over by itself.
 */
const HANGING_FLOOR_MS = 2_000;
/** Who planned to look and finds this much more gone by did not run itself: what is unread is no silence. */
const OWN_DELAY_MS = 50;
/** After this much others may have taken over: what was to be sent before is not to be sent now. */
const OWN_GAP_MS = 250;

/** How long after a beat its successor is missing: worth a look. */
export function lateAfterMs(beatMs: number): number {
  return Math.max(LATE_FLOOR_MS, beatMs + SLACK_MS);
}

export class DeathSigns {
  #ranAt: number;
  #beatAt: number;
  #staleBefore = Number.NEGATIVE_INFINITY;
  #said = Number.NEGATIVE_INFINITY;

  constructor(now: number) {
    this.#ranAt = now;
    this.#beatAt = now;
  }

  /** Before anything else is made of being awake. `plannedMs` is how long this process meant to sleep at most. */
  awake(now: number, plannedMs: number): void {
    const overMs = now - this.#ranAt - plannedMs;
    this.#ranAt = now;
    if (overMs > OWN_GAP_MS) this.#staleBefore = now;
    if (overMs > OWN_DELAY_MS) this.#beatAt = now;
  }

  /** A beat, with the time that the gateway said. */
  beat(saidMs: number, now: number): void {
    this.#said = saidMs;
    this.#beatAt = now;
  }

  /** The will may be sent: it is of a gateway that was alive after this process last stood still. */
  get willHolds(): boolean {
    return this.#said >= this.#staleBefore;
  }

  /** `look` asks the kernel, only when there is a reason to. */
  judge(now: number, { holdMs, beatMs }: Stake, look: () => ProcessState): Verdict {
    const silentMs = now - this.#beatAt;
    if (silentMs < lateAfterMs(beatMs)) return "alive";
    const { state, exiting } = look();
    if (exiting) return "dead";
    const frozenMs = Math.min(FROZEN_LIMIT_MS, Math.max(FROZEN_FLOOR_MS, holdMs / 2));
    if (state === "T" && silentMs >= frozenMs) return "frozen";
    return silentMs >= Math.max(HANGING_FLOOR_MS, 2 * holdMs) ? "hanging" : "alive";
  }
}

/** Of the text of /proc/PID/stat; the command's name may hold anything, brackets included. */
export function parseProcessState(text: string): ProcessState {
  const exitingFlag = 0x4;
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const state = fields[0] || "X";
  const flags = Number(fields[6] ?? 0);
  return { state, exiting: state === "Z" || state === "X" || (flags & exitingFlag) !== 0 };
}
