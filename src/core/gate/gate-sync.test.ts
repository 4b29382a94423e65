import { expect, test } from "vitest";
import { Pair } from "./pair.test-support.ts";

test("a takeover is above the epoch that the association alone has named", () => {
  const pair = new Pair();
  pair.net.give(pair.b, { kind: "synced", scheme: "tunnels", synced: false, epoch: 40 });
  pair.a.dead = true;
  pair.net.run(20_000);
  expect([pair.b.scheme()?.role, pair.b.scheme()?.epoch]).toEqual(["active", 41]);
});
