/**
 * The five rules by which no number of a key is sent twice, each taken out of the product: the schedule that breaks
 * whoever does without it must find the number, or the initialization vector, that is sent again.
 */
import type { Mutation } from "./mutations.ts";

const SEQUENCES = "src/core/ipsec/sequence-reservation.ts";
const caughtBy = ["src/sim/counter-rules.test.ts"];

export const counterRules: readonly Mutation[] = [
  {
    name: "rule 1: no cap",
    file: SEQUENCES,
    caughtBy,
    text: "return Math.min(acknowledged + SEQUENCE_JUMP - 1, lastOf(esn));",
    replacement: "return acknowledged < 0 ? 0 : lastOf(esn);",
  },
  {
    name: "rule 2: no jump",
    file: SEQUENCES,
    caughtBy,
    text: "const first = held + SEQUENCE_JUMP;",
    replacement: "const first = held;",
  },
  {
    name: "rule 3: a snapshot is anybody's",
    file: "src/core/redundancy/replication.ts",
    caughtBy,
    text: 'if (session !== this.#at.session) return;\n    this.#at.count("messages-received");',
    replacement: "",
    // Every life of a standby raises the active's epoch: that alone would tell an old snapshot.
    also: {
      file: "src/core/redundancy/standby-side.ts",
      text: "if (epoch !== wish.epoch || epoch < this.#at.epochKnown) {",
      replacement: "if (epoch < 0) {",
    },
  },
  {
    name: "rule 4: what is asked for may be less than what is held",
    file: SEQUENCES,
    caughtBy,
    text:
      "Math.max(reservation.acknowledged, used) + reservation.step, lastOf(reservation.esn));\n" +
      "  return { ...reservation, asked: Math.max(asked, reservation.asked) };",
    replacement: "used + reservation.step, lastOf(reservation.esn));\n  return { ...reservation, asked };",
  },
  {
    name: "rule 5: the epoch on disk is not looked at",
    file: "src/core/gate/epochs.ts",
    caughtBy,
    text: "this.#known = storedEpoch;",
    replacement: "this.#known = 0;",
  },
];
