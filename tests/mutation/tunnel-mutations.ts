/** The guards that tunnels need besides: each is missed by the far ends. */
import type { Mutation } from "./mutations.ts";

const CRASHES = ["src/sim/ike/crash-points.test.ts"];
const TUNNELS = ["src/sim/ike/schedules.test.ts", "src/sim/ike/tunnels.test.ts"];
const STANDBY = ["src/sim/ike/standby.test.ts"];
const FAR_ENDS = ["src/sim/ike/far-ends.test.ts"];
const RENEWAL = ["src/core/ike/renewal.test.ts"];

export const tunnelGuards: readonly Mutation[] = [
  {
    name: "an IKE message leaves before the standby has what it reveals",
    file: "src/core/redundancy/ike-decided.ts",
    text: "transmit(effect.datagram, owner, deeds), effect.reveals)",
    replacement: "transmit(effect.datagram, owner, deeds))",
    caughtBy: CRASHES,
  },
  {
    name: "IKE speaks for an owner whose lease has run out",
    file: "src/core/redundancy/ike-decided.ts",
    text: "if (deeds.speaks(owner)) deeds",
    replacement: "deeds",
    caughtBy: ["src/sim/ike/schedules.test.ts"],
  },
  {
    name: "packets leave by a pair that the standby does not have",
    file: "src/core/redundancy/ike-decided.ts",
    text: "deeds.enable(effect.spi), true)",
    replacement: "deeds.enable(effect.spi))",
    caughtBy: CRASHES,
  },
  {
    name: "a copy of an IKE SA begins its life anew",
    file: "src/core/ike/v1/ike-sa-record.ts",
    text: "const writtenAtMs = now - ageMs;",
    replacement: "const writtenAtMs = now;",
    caughtBy: TUNNELS,
  },
  {
    name: "pairs are not renewed after a failover",
    file: "src/core/ike/child-keeper.ts",
    text: 'if (how !== "failover") continue;',
    replacement: "if (how !== undefined) continue;",
    caughtBy: TUNNELS,
  },
  {
    name: "a spent pair is renewed as often as it says so",
    file: "src/core/ike/child-keeper.ts",
    text: '=== "current" && !succeeded)',
    replacement: '=== "current")',
    caughtBy: RENEWAL,
  },
  {
    name: "half a table is as good as a whole one",
    file: "src/core/redundancy/standby-side.ts",
    text: "return this.#wholeOf !== undefined && this.#wholeOf === epoch - 1;",
    replacement: "return epoch > 0;",
    caughtBy: STANDBY,
  },
  {
    name: "tables are not compared",
    file: "src/core/redundancy/log-receiver.ts",
    text: "if (here.records === records && here.low === low && here.high === high) return NOTHING;",
    replacement: "return NOTHING;",
    caughtBy: STANDBY,
  },
  {
    name: "configurations are not compared",
    file: "src/core/redundancy/standby-side.ts",
    text: "if (differs !== undefined) {",
    replacement: "if (differs !== undefined && now < 0) {",
    caughtBy: STANDBY,
  },
  {
    name: "a standby takes whatever there is, and has no room for it",
    file: "src/core/redundancy/log-receiver.ts",
    text: "if (this.#table.full && this.#table.record(each) === undefined) {",
    replacement: "if (epoch < 0) {",
    caughtBy: STANDBY,
  },
  {
    name: "what there was no room for is asked for at once",
    file: "src/core/redundancy/standby-side.ts",
    text: "if (now < this.#fullUntil) {",
    replacement: "if (now < 0) {",
    caughtBy: STANDBY,
  },
  {
    name: "a packet of ESP moves its own pair alone",
    file: "src/core/ike/peer-moves.ts",
    text: "this.#moveAll(sas, port, to);",
    replacement: "",
    caughtBy: FAR_ENDS,
  },
  {
    name: "all pairs are renewed at once after a failover",
    file: "src/core/ike/child-keeper.ts",
    text: "const TAKEOVER_PACE_MS = 20;",
    replacement: "const TAKEOVER_PACE_MS = 0;",
    caughtBy: FAR_ENDS,
  },
];
