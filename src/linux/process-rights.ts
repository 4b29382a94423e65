/** What this process may do, and what it gives up. */
import { readFileSync, writeFileSync } from "node:fs";
import { setPriority } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { loadAddon } from "./addon.ts";
import { attempt, errorCode } from "./system-call.ts";

/** Bits of linux/capability.h: the three that the product runs with, and the three that may help. */
export const Capability = {
  CAP_NET_BIND_SERVICE: 10,
  CAP_NET_ADMIN: 12,
  CAP_NET_RAW: 13,
  CAP_IPC_LOCK: 14,
  CAP_SYS_NICE: 23,
} as const;
export type CapabilityName = keyof typeof Capability;

const NICE = -15;

/** In the effective set. A number holds all 41 bits, bit operations would not. */
export function hasCapability(name: CapabilityName): boolean {
  return Math.floor(loadAddon().effectiveCapabilities() / 2 ** Capability[name]) % 2 === 1;
}

/** The highest SCHED_FIFO priority that this process may use; 0 when none. */
export function realtimePriorityLimit(): number {
  const highest = 99;
  return hasCapability("CAP_SYS_NICE") ? highest : loadAddon().realtimeLimit();
}

/**
 * The calling thread goes before ordinary ones, those that it starts do not. Never in real time: JavaScript depends on
 * helpers of V8, which are ordinary threads. Two supervisors in real time were seen to run without a pause on both
 * processors, and nothing else with them, for the 0.95 s after which the kernel lets others run. CAP_SYS_NICE;
 * without it nothing changes.
 */
export function hurry(): void {
  try {
    loadAddon().setRealtime(0);
    setPriority(NICE);
  } catch {
    // An ordinary thread does it as well, a little later on a busy machine.
  }
}

/** Tried so often, while other processes of this host ask for theirs: the kernel grants one a tenth of a second. */
const SESSION_ATTEMPTS = 10;
const SESSION_PAUSE_MS = 110;

/**
 * The session that this process leads goes before others. Where the kernel schedules by sessions (sched_autogroup), a
 * nice value counts within one alone: a liveness thread at -15 was seen to wait for 60 ms while ordinary processes of
 * other sessions ran. Where a service manager gives each service a share of its own, this changes nothing.
 *
 * False where this process leads no session, or the kernel has none or does not permit it (CAP_SYS_NICE, RLIMIT_NICE).
 */
export async function hurrySession(): Promise<boolean> {
  if (sessionOf(readFileSync("/proc/self/stat", "latin1")) !== process.pid) return false;
  for (let attempts = 0; attempts < SESSION_ATTEMPTS; attempts++) {
    try {
      writeFileSync("/proc/self/autogroup", String(NICE));
      return true;
    } catch (error) {
      if (errorCode(error) !== "EAGAIN") return false;
      await sleep(SESSION_PAUSE_MS);
    }
  }
  return false;
}

/** Of a line of /proc/PID/stat; the command in parentheses may hold anything. */
function sessionOf(stat: string): number {
  const [, , , session] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return Number(session);
}

/** No core file, no tracing: keys must not reach a disk. */
export function forbidCoreDumps(): void {
  attempt("forbid core dumps", {}, () => loadAddon().setDumpable(false));
}

/** Keys must not be swapped out. Throws a `SystemError` where RLIMIT_MEMLOCK forbids it. */
export function lockMemory(): void {
  attempt("lock the memory", {}, () => loadAddon().lockMemory());
}

/** This process is sent `signal` when its parent's thread that started it ends. */
export function dieWithParent(signal = 9): void {
  attempt("follow the parent", { signal }, () => loadAddon().setParentDeathSignal(signal));
}
