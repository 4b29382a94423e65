/**
 * What the processors did between two moments: in all, for named processes, and for nobody of ours.
 *
 * A throughput alone moves with the day of a virtual machine; what it cost in seconds of processor moves far less. And
 * a round in which others were at work, or the host took the processor away, is no measurement.
 */
import { readFileSync } from "node:fs";

/** The kernel's ticks are hundredths of a second wherever this runs (USER_HZ). */
const TICKS_A_SECOND = 100;

export interface MachineTime {
  /** Seconds of all processors: everything but idle, and the part of it that interrupts took. */
  readonly busy: number;
  readonly interrupts: number;
  readonly stolen: number;
  readonly atMs: number;
}

export function machineTime(): MachineTime {
  const [line = ""] = readFileSync("/proc/stat", "utf8").split("\n");
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = line
    .trim()
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return {
    busy: (user + nice + system + irq + softirq) / TICKS_A_SECOND,
    interrupts: (irq + softirq) / TICKS_A_SECOND,
    stolen: steal / TICKS_A_SECOND,
    atMs: performance.now(),
  };
}

/** Seconds that these processes, threads included, have used; a process that has ended counts nothing. */
export function processTime(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + timeOf(pid), 0);
}

/** Fields 14 and 15, counted behind the name, which may hold blanks and parentheses. */
function timeOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.substring(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
  } catch {
    return 0;
  }
}
