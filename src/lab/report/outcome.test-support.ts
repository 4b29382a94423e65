/** A run as reports are made of: a killed member, forty probes lost. */
import type { RunOutcome } from "../fault-run.ts";

/** A probe every millisecond from -100 to 900; lost from 10 to 50. */
export const trace = {
  sentAfter: Array.from({ length: 1_001 }, (_, n) => (n === 0 ? -10_000 : 100)),
  took: Array.from({ length: 1_001 }, (_, n) => (n >= 110 && n < 150 ? -1 : 30)),
};
export const outcome: RunOutcome = {
  directions: [
    {
      direction: "tunnel",
      from: "H1",
      to: "172.16.5.101",
      sent: 1_001,
      received: 961,
      lost: 40,
      duplicated: 0,
      reordered: 0,
      reached: 1_001,
      gapMs: 41,
      gapAtMs: 9.3,
      probeStallMs: 0,
      trace,
    },
  ],
  activeBefore: "R1",
  activeAfter: "R2",
  states: {},
  originAt: 0,
  statesBefore: {},
  spoken: [],
  timeline: [
    { atMs: 0, what: "R1: SIGKILL to 1 process" },
    { atMs: 44, what: "R2: the first frame as active" },
  ],
  log: {},
  probeStallMs: 0,
  problems: [],
};
