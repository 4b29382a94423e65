/**
 * The course of a fault: it is done, somebody takes over or nobody does, it heals, and the pair is whole again. Says
 * who was active meanwhile, how long the standby took to be hot again, and what did not come as the fault has it.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { SystemError } from "../core/errors.ts";
import { monotonicMs } from "../linux/clock.ts";
import { type Fault, isSelfHealing } from "./faults.ts";
import { type Levers, rowsOf, stateOf } from "./levers.ts";
import { untilHot, untilSettled } from "./settling.ts";

export interface Course {
  /** While the fault lasted; `"none"` when there was none. */
  readonly activeAfter: string;
  /**
   * From when the pair could be whole (the fault has healed, and both members answer) until its standby was hot again;
   * `undefined` when it did not come to that.
   */
  readonly hotAgainMs: number | undefined;
  readonly problems: readonly string[];
}

const TAKEOVER_LIMIT_MS = 30_000;
const ANSWER_LIMIT_MS = 60_000;
const POLL_MS = 20;

export async function courseOf(levers: Levers, fault: Fault, lastsMs: number): Promise<Course> {
  const problems: string[] = [];
  const attempt = async <T>(deed: () => Promise<T> | T): Promise<T | undefined> => {
    try {
      return await deed();
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      problems.push(error.message);
      return undefined;
    }
  };
  const began = monotonicMs();
  await attempt(() => fault.inject(levers, lastsMs));
  if (fault.activeMoves === "moves")
    await attempt(() => levers.untilState(levers.standby, "Active", TAKEOVER_LIMIT_MS));
  // What heals by itself begins to do so at once; whoever looked later would find it done.
  const healing = isSelfHealing(fault) ? attempt(() => wholeAgain(levers)) : undefined;
  await sleep(Math.max(0, began + lastsMs - monotonicMs()));
  const activeAfter = await activeNow(levers);
  if (fault.activeMoves === "stays" && activeAfter !== levers.active)
    problems.push(`${levers.active} should have stayed active, and ${activeAfter} is`);
  await attempt(() => fault.heal(levers));
  const hotAgainMs = await (healing ?? attempt(() => wholeAgain(levers)));
  return { activeAfter, hotAgainMs, problems };
}

/** Milliseconds from when both members answer. Throws a `SystemError` when it does not come. */
async function wholeAgain({ lab, topology }: Levers): Promise<number> {
  await Promise.all(topology.pair.map(host => untilAnswers(lab, host)));
  const began = monotonicMs();
  await untilSettled(lab, topology);
  await untilHot(lab, topology);
  return Math.round(monotonicMs() - began);
}

async function untilAnswers(lab: string, host: string): Promise<void> {
  for (const deadline = monotonicMs() + ANSWER_LIMIT_MS; (await rowsOf(lab, host)).length === 0; await sleep(POLL_MS)) {
    if (monotonicMs() < deadline) continue;
    throw new SystemError("wait for a member to come back", { host }, new Error("it does not answer"));
  }
}

/** A member that a fault has stopped does not answer, and is not asked. */
async function activeNow({ lab, topology, active, standby }: Levers): Promise<string> {
  if ((await stateOf(lab, standby, topology.acted)) === "Active") return standby;
  return (await stateOf(lab, active, topology.acted)) === "Active" ? active : "none";
}
