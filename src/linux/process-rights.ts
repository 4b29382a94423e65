/** What this process may do, and what it gives up. */
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

/** In the effective set. A number holds all 41 bits, bit operations would not. */
export function hasCapability(name: CapabilityName): boolean {
  return Math.floor(loadAddon().effectiveCapabilities() / 2 ** Capability[name]) % 2 === 1;
}

/** The highest SCHED_FIFO priority that this process may use; 0 when none. */
export function realtimePriorityLimit(): number {
  const highest = 99;
  return hasCapability("CAP_SYS_NICE") ? highest : loadAddon().realtimeLimit();
}

/** SCHED_FIFO for the calling thread, not for those that it starts. Throws a `SystemError`. */
export function setRealtimePriority(priority: number): void {
  attempt("run in real time", { priority }, () => loadAddon().setRealtime(priority));
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
