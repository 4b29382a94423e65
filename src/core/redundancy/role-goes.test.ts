/** An active whose role goes at a bad moment: in the middle of a bulk sync, with output that waits, with the scheme. */
import { expect, test } from "vitest";
import { Pair } from "./pair.test-support.ts";

/** A pair whose bulk sync has begun, and what the numbers of so many pairs of SAs are. */
function inBulkSync(count: number) {
  const pair = new Pair();
  const { a, b } = pair;
  a.become("active", 3);
  b.become("standby", 3);
  const spis = Array.from({ length: count }, (_, at) => 4_000_000_000 + at);
  for (const [at, spi] of spis.entries()) {
    const put = { kind: "child", key: String(spi), esn: false, octets: new Uint8Array(400).fill(at % 251) } as const;
    a.do({ kind: "decided", sa: `sa${at}`, effects: [{ do: "checkpoint", checkpoint: { put } }] });
  }
  pair.stall();
  pair.connect();
  for (let message = 0; message < 12; message++) pair.deliver();
  return { pair, numbers: spis.map(spi => ({ spi, outbound: 1_000_000, inbound: 5 })) };
}

test.each([1_500, 10_000])("a handover in the middle of a bulk sync of %i pairs is taken by the standby", count => {
  const { pair, numbers } = inBulkSync(count);
  expect(pair.b.state).toBe("STANDBY COLD-BULK");
  pair.a.become("draining", 3);
  pair.a.do({ kind: "drain", numbers });
  pair.flow();
  expect([...pair.a.of("reset"), ...pair.b.of("reset")]).toEqual([]);
  expect(pair.b.records.size).toBe(count);
});

/** B has all of it and takes over; A hears of that before it hears that B has it. */
function takenOver(pair: Pair): void {
  const next = () => pair.underWay.findIndex(({ to }) => to === pair.b);
  for (let at = next(); at !== -1; at = next()) {
    for (const { session, octets } of pair.underWay.splice(at, 1)) pair.b.do({ kind: "message", session, octets });
  }
  pair.b.become("active", 4);
  pair.a.become("standby", 4);
  pair.flow();
  pair.cut();
  pair.connect();
  expect([pair.a.state, pair.b.state]).toEqual(["STANDBY HOT", "ACTIVE"]);
}

const performedBy = ({ a }: Pair) => a.of("perform").map(({ effect }) => effect);

test("a pair of SAs that was to be installed behind an answer is installed, and the answer does not leave", () => {
  const pair = Pair.hot();
  pair.stall();
  pair.a.decide("+ike:x=1 !answer");
  pair.a.decide("+ike:x=2 +child:300=c install300");
  expect(performedBy(pair)).toEqual([]);
  takenOver(pair);
  expect(performedBy(pair)).toEqual(["install300"]);
});

test("a pair of SAs that was to be removed behind an answer is removed", () => {
  const pair = Pair.hot();
  pair.a.decide("+ike:x=1 +child:300=c install300");
  pair.settle();
  pair.stall();
  pair.a.decide("+ike:x=2 -child:300 !tell remove300");
  takenOver(pair);
  expect(performedBy(pair)).toEqual(["install300", "remove300"]);
});

test("a scheme that is taken away leaves a standby with nothing", () => {
  const pair = Pair.hot();
  pair.a.decide("+ike:x=1 +child:300=c");
  pair.settle();
  expect(pair.b.records.size).toBe(2);
  pair.b.do({ kind: "end" });
  expect([...pair.b.records]).toEqual([]);
});

test("a scheme that is taken away has nothing wait at its active any more", () => {
  const pair = Pair.hot();
  pair.stall();
  pair.a.decide("+ike:x=1 !answer");
  expect(performedBy(pair)).toEqual([]);
  pair.a.do({ kind: "end" });
  expect(performedBy(pair)).toEqual(["answer"]);
});
