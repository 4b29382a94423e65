/**
 * Guards, and who must notice when one is gone. A row names the exact text that is replaced and the tests of which one
 * must fail; a row whose text is not there any more is an error of the table. Later guards add rows.
 */
import { readFileSync } from "node:fs";

interface Edit {
  /** From the root of the checkout. */
  readonly file: string;
  readonly text: string;
  readonly replacement: string;
}

export interface Mutation extends Edit {
  readonly name: string;
  /** From the root of the checkout. */
  readonly caughtBy: readonly string[];
  /** What else holds the same promise, and would hide that the first is gone. */
  readonly also?: Edit;
}

const SIMULATION = ["src/sim/schedules.test.ts", "src/sim/pair-odd.test.ts", "src/sim/pair-even.test.ts"];
const PLAIN = ["src/sim/plain.test.ts"];
/** Behind this guard stand the asks: in a whole run only the alarm is missing. */
const STRANGERS = ["src/core/gate/gate-strangers.test.ts"];
const GATE = ["src/core/gate/gate-schedules.test.ts"];

/** Guards that no single step shows: only a run does. */
export const guards: readonly Mutation[] = [
  {
    name: "an offer that was not taken up leaves the epoch as it was",
    file: "src/core/gate/gate-orders.ts",
    caughtBy: GATE,
    text: "if (this.#at.offered) epochs.raise(now, 2);",
    replacement: "",
  },
  {
    name: "what was held of the last active is held of the next one",
    file: "src/core/gate/gate-standing.ts",
    caughtBy: GATE,
    text: "(epoch === undefined || epoch === this.peer.word?.epoch)",
    replacement: "true",
  },
  {
    name: "doubt believes an answer from before it",
    file: "src/core/gate/gate-orders.ts",
    caughtBy: GATE,
    text: "this.#at.peer.renewNonce(now);",
    replacement: "",
  },
  {
    name: "silence alone is death: no ask before a takeover",
    file: "src/core/gate/gate-table.ts",
    caughtBy: SIMULATION,
    text: '["standby", "suspect", ["ask"], "asking"]',
    replacement: '["standby", "suspect", ["take"], "active"]',
  },
  {
    name: "a member that stood still goes on without asking",
    file: "src/core/gate/gate.ts",
    caughtBy: SIMULATION,
    text: "if (!lease.lapsed(now)) return;",
    replacement: "if (now >= 0) return;",
  },
  {
    name: "a follower whose interface comes up late stays without its address",
    file: "src/core/gate/group-at-work.ts",
    caughtBy: SIMULATION,
    text: 'if (this.#leader.state !== "active") return;',
    replacement: "if (now >= 0) return;",
  },
  {
    name: "a lease twice as long as the hold time",
    file: "src/core/gate/role-lease.ts",
    caughtBy: SIMULATION,
    text: "leaseMs: this.#leaseMs };",
    replacement: "leaseMs: this.#leaseMs * 2 };",
  },
  {
    name: "the lease is renewed after it ran out",
    file: "src/core/gate/role-lease.ts",
    caughtBy: SIMULATION,
    text: "return this.#runs && now >= this.#renewedAt + this.#leaseMs;",
    replacement: "return this.#runs && now < this.#renewedAt;",
  },
  {
    name: "priority before epoch",
    file: "src/core/gate/seniority.ts",
    caughtBy: SIMULATION,
    text: "a.epoch - b.epoch || a.priority - b.priority ||",
    replacement: "a.priority - b.priority || a.epoch - b.epoch ||",
  },
  {
    name: "a takeover does not raise the epoch",
    file: "src/core/gate/epochs.ts",
    caughtBy: SIMULATION,
    text: "this.#known += by;",
    replacement: "",
  },
  {
    name: "hot before the next epoch is on disk",
    file: "src/core/gate/epochs.ts",
    caughtBy: SIMULATION,
    text: "return this.#stored >= this.#wanted;",
    replacement: "return this.#wanted >= 0;",
  },
  {
    name: "an earlier life is believed without an answer",
    file: "src/core/gate/gate-peer.ts",
    caughtBy: SIMULATION,
    text: 'if (!same && !answer) return { kind: "unknown" };',
    replacement: "",
  },
  {
    name: "old words of a life are believed again",
    file: "src/core/gate/gate-peer.ts",
    caughtBy: SIMULATION,
    text: 'if (said.sequence <= sequence && !copied) return { kind: "refused", because: "stale" };',
    replacement: "",
  },
  {
    name: "a resign that nobody signed is a takeover",
    file: "src/core/gate/gate-proposals.ts",
    caughtBy: SIMULATION,
    text: 'this.#resignedAt = now;\n      return "suspect";',
    replacement: 'return "peer-gone";',
  },
  {
    name: "a better hello moves the active although the peer is heard",
    file: "src/core/gate/gate-proposals.ts",
    caughtBy: STRANGERS,
    text: 'if (this.#at.peerIsHeard(now)) return this.#refuse("yields-refused", proposal, now);',
    replacement: "",
  },
  {
    name: "preemption before everything is held",
    file: "src/core/gate/gate-judgement.ts",
    caughtBy: SIMULATION,
    text: "return said.flags.hot && said.flags.healthy && better > 0 && !self.heldDown;",
    replacement: "return said.flags.healthy && better > 0 && !self.heldDown;",
    // Whoever holds nothing does not ask either.
    also: {
      file: "src/core/gate/gate-proposals.ts",
      text: "source === peer.address && hot) return",
      replacement: "source === peer.address) return",
    },
  },
  {
    name: "preemption right after a takeover",
    file: "src/core/gate/gate-judgement.ts",
    caughtBy: SIMULATION,
    text: "&& better > 0 && !self.heldDown;",
    replacement: "&& better > 0;",
  },
  {
    name: "the address is given up before the heir has it",
    file: "src/core/gate/gate-table.ts",
    caughtBy: SIMULATION,
    text: '["draining", "drained", ["offer"], "handing"]',
    replacement: '["draining", "drained", ["offer", "yield"], "standby"]',
  },
  {
    name: "a standing standby does not re-arm its wait for the active",
    file: "src/core/hsrp/hsrp-table.ts",
    caughtBy: PLAIN,
    text: '["standby", "active-hello-higher", ["learn", "await-active"], "standby"]',
    replacement: '["standby", "active-hello-higher", ["learn"], "standby"]',
  },
  {
    name: "output leaves before the standby has it",
    file: "src/core/commit/scheme-log.ts",
    caughtBy: SIMULATION,
    text: 'after !== "none" && after > this.#acknowledged',
    replacement: 'after !== "none" && after < 0',
  },
];

/** Every row of a table of behaviour, whose examples must notice. */
export function rowsOf(file: string): Mutation[] {
  const caughtBy = [file.replace(/\.ts$/, ".test.ts")];
  const rows =
    readFileSync(file, "utf8").match(/^ {2}\["[\w -]+", "[\w-]+", (?:\[[^\]]*\], )?"[\w -]+"\],.*\n/gm) ?? [];
  return rows.map(text => ({ name: text.trim(), file, caughtBy, text, replacement: "" }));
}

/** The tables of behaviour. */
export const tables = [
  "src/core/hsrp/hsrp-table.ts",
  "src/core/gate/gate-table.ts",
  "src/core/redundancy/rf-table.ts",
  "src/core/ike/v1/main-mode-table.ts",
  "src/core/ike/v1/quick-mode-table.ts",
];
