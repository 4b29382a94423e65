/** What verifying a configuration finds, and what it may know of the host. */

export interface Problem {
  /** An error refuses the line that brought it about; a warning is told and the line is taken. */
  readonly severity: "error" | "warning";
  readonly message: string;
}

export interface HostFacts {
  /** SCHED_FIFO is permitted, so that short hold times are kept. */
  readonly realTime: boolean;
}

/** Of a host that nobody asked. */
export const CAUTIOUS: HostFacts = { realTime: false };

export const error = (message: string): Problem => ({ severity: "error", message });
export const warning = (message: string): Problem => ({ severity: "warning", message });
