/** What this process may do, and what it gives up. */
import { setPriority } from "node:os";
import { loadAddon } from "./addon.ts";
import { attempt } from "./system-call.ts";

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
