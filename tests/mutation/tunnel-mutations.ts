/** The guards that tunnels need besides: each is missed by the far ends. */
import type { Mutation } from "./mutations.ts";

const CRASHES = ["src/sim/ike/crash-points.test.ts"];
const TUNNELS = ["src/sim/ike/schedules.test.ts", "src/sim/ike/tunnels.test.ts"];
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
];
