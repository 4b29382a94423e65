import { expect, test } from "vitest";
import { Pair } from "./pair.test-support.ts";
import { replicationLines } from "./replication-debug.ts";

test("a standby's way up and its takeover, in words", () => {
  const pair = new Pair();
  pair.a.become("active", 3);
  pair.b.become("standby", 3);
  pair.a.decide("+ike:x=1 +child:300=c");
  pair.connect();
  pair.a.become("draining", 3);
  pair.a.do({ kind: "drain", numbers: [{ spi: 300, outbound: 7, inbound: 7 }] });
  pair.settle();
  pair.b.become("active", 4);
  expect(replicationLines("OUT", pair.b.effects).map(each => each.text)).toEqual([
    "OUT state INITIALIZATION -> NEGOTIATION (it does not answer for the virtual address)",
    "OUT state NEGOTIATION -> STANDBY COLD (the peer is active with epoch 3)",
    "OUT state STANDBY COLD -> STANDBY COLD-CONFIG (configurations are compared)",
    "OUT state STANDBY COLD-CONFIG -> STANDBY COLD-FILESYS (configurations agree)",
    "OUT not everything of epoch 3 is held",
    "OUT state STANDBY COLD-FILESYS -> STANDBY COLD-BULK (everything is asked for)",
    "OUT no SA goes on at exact numbers",
    "OUT 2 records installed, 0 deleted, epoch 3",
    "OUT state STANDBY COLD-BULK -> STANDBY HOT (everything of epoch 3 is held)",
    "OUT everything of epoch 3 is held",
    "OUT 1 SAs go on at exact numbers in epoch 4",
    "OUT state STANDBY HOT -> ACTIVE-FAST (active with epoch 4)",
    "OUT state ACTIVE-FAST -> ACTIVE-PRECONFIG (active with epoch 4)",
    "OUT state ACTIVE-PRECONFIG -> ACTIVE-POSTCONFIG (active with epoch 4)",
    "OUT state ACTIVE-POSTCONFIG -> ACTIVE (active with epoch 4)",
    "OUT everything of epoch 4 is held",
    "OUT switchover, epoch 4, with state",
  ]);
  pair.a.become("standby", 4);
  expect(replicationLines("OUT", pair.a.effects).map(each => each.text)).toContain("OUT epoch 3 is over");
});
