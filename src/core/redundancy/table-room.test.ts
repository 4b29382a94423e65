/** A standby that cannot hold what its active has (X30). */
import { expect, test } from "vitest";
import { Pair } from "./pair.test-support.ts";

const TWO_RECORDS = { records: 2, octets: 1_000 };
const SIX_OCTETS = { records: 1_000, octets: 6 };

const noRooms = ({ b }: Pair): number => b.of("report").filter(({ event }) => event.mnemonic === "NO_ROOM").length;
const asked = ({ b }: Pair): number => b.core.snapshot(0).counters["bulk-syncs"];

/** B's bulk sync meets a table of three records. */
function crowded(): Pair {
  const pair = new Pair(undefined, TWO_RECORDS);
  pair.a.become("active", 3);
  pair.b.become("standby", 3);
  pair.a.decide("+ike:x=1 +ike:y=1 +ike:z=1");
  pair.connect();
  return pair;
}

test("it says so, is not HOT, and asks again after a minute, not before", () => {
  const pair = crowded();
  expect([pair.b.synced, pair.b.state, noRooms(pair), asked(pair)]).toEqual([false, "STANDBY COLD-BULK", 1, 1]);
  const said = pair.recorded.length;
  pair.wait(59_000);
  // The active's checksums, every ten seconds.
  expect([asked(pair), pair.recorded.length - said <= 6]).toEqual([1, true]);
  pair.wait(2_000);
  expect([noRooms(pair), asked(pair)]).toEqual([2, 2]);
});

test("it asks again in time when the association was cut meanwhile, and can become the active as ever", () => {
  const pair = crowded();
  pair.cut();
  pair.wait(1_000);
  pair.connect();
  expect([pair.b.state, asked(pair)]).toEqual(["STANDBY COLD-BULK", 1]);
  pair.a.decide("-ike:x");
  pair.wait(61_000);
  expect([asked(pair), pair.b.synced]).toEqual([2, true]);
  const other = crowded();
  other.cut();
  other.connect();
  other.b.become("active", 4);
  expect(other.b.state).toBe("ACTIVE");
});

test("'clear crypto ... standby' asks at once: an operator may have made room", () => {
  const pair = crowded();
  pair.a.decide("-ike:x");
  pair.wait(1_000);
  pair.b.do({ kind: "fetch" });
  pair.settle();
  expect([asked(pair), pair.b.state, pair.b.records.size]).toEqual([2, "STANDBY HOT", 2]);
});

test("the active is none the worse: nothing waits for such a standby", () => {
  const pair = crowded();
  expect(pair.a.decide("+ike:x=2 !answer")).toContainEqual({ do: "perform", effect: "answer" });
});

test("when there is room again, it holds everything", () => {
  const pair = crowded();
  pair.a.decide("-ike:x");
  pair.wait(61_000);
  expect([pair.b.synced, [...pair.b.records.keys()].sort()]).toEqual([true, ["ike y", "ike z"]]);
});

test.each([
  { what: "records", room: TWO_RECORDS, fits: "+ike:x=1 +ike:y=1" },
  { what: "octets", room: SIX_OCTETS, fits: "+ike:x=1234" },
])("a hot standby that runs out of $what is hot no more, and its active goes on", ({ room, fits }) => {
  const pair = Pair.hot(3, room);
  pair.a.decide(fits);
  pair.settle();
  expect(pair.b.synced).toBe(true);
  pair.a.decide("+ike:v=12 +ike:w=1 !answer");
  pair.settle();
  expect([pair.b.synced, noRooms(pair)]).toEqual([false, 1]);
  pair.wait(300);
  expect(pair.a.of("perform").map(({ effect }) => effect)).toContain("answer");
});

test("what is full still takes what it has", () => {
  const pair = Pair.hot(3, TWO_RECORDS);
  pair.a.decide("+ike:x=1 +ike:y=1");
  pair.settle();
  pair.a.decide("+ike:x=2");
  pair.settle();
  expect([pair.b.synced, pair.b.records.get("ike x")]).toEqual([true, "2"]);
});
