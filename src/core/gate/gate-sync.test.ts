import { expect, test } from "vitest";
import { Pair } from "./pair.test-support.ts";

test("a takeover is above the epoch that the association alone has named", () => {
  const pair = new Pair();
  pair.net.give(pair.b, { kind: "synced", scheme: "tunnels", synced: false, epoch: 40 });
  pair.a.dead = true;
  pair.net.run(20_000);
  expect([pair.b.scheme()?.role, pair.b.scheme()?.epoch]).toEqual(["active", 41]);
});

test("a notice that the active does not wait is told to redundancy once, and counts whatever it believed", () => {
  const pair = new Pair();
  for (let times = 0; times < 2; times++) {
    pair.net.give(pair.a, { kind: "not-hot", scheme: "tunnels" });
    pair.net.run(10);
  }
  expect(pair.b.scheme()?.hot).toBe(false);
  const told = pair.b.done.filter(({ effect }) => effect.do === "told-not-hot");
  expect(told.map(({ effect }) => effect)).toEqual([{ do: "told-not-hot", scheme: "tunnels" }]);
});
