/**
 * What the kernel says of a child, for as long as that lives. The file is opened while the child is young: a process
 * that forbids core dumps is hidden later where /proc hides those that one may not trace (ProtectProc=invisible), and
 * to be hidden is not to be dead.
 */
import { closeSync, openSync, readSync } from "node:fs";
import { type ProcessState, parseProcessState } from "./death-signs.ts";

const LENGTH = 1024;

export class ProcessView {
  readonly #file: number | undefined;
  readonly #buffer = Buffer.alloc(LENGTH);

  constructor(pid: number | undefined) {
    this.#file = pid === undefined ? undefined : opened(pid);
  }

  /** A process that cannot be seen counts as one that runs: its exit is told by other means. */
  look(): ProcessState {
    if (this.#file === undefined) return { state: "?", exiting: false };
    try {
      const length = readSync(this.#file, this.#buffer, 0, LENGTH, 0);
      return parseProcessState(this.#buffer.toString("latin1", 0, length));
    } catch {
      // ESRCH: it is gone.
      return parseProcessState("");
    }
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
  }
}

function opened(pid: number): number | undefined {
  try {
    return openSync(`/proc/${pid}/stat`, "r");
  } catch {
    return undefined;
  }
}
