import { describe, expect, test } from "vitest";
import { COMMIT_WAIT_MS } from "../commit/commit.ts";
import { SEQUENCE_JUMP } from "../ipsec/sequence-reservation.ts";
import { type Effect, Pair, settings } from "./pair.test-support.ts";

const performed = (effects: readonly Effect[]) =>
  effects.flatMap(each => (each.do === "perform" ? [each.effect] : each.do === "not-hot" ? ["not hot"] : [])).join(" ");
const records = (map: ReadonlyMap<string, string>) => [...map].map(([name, text]) => `${name}=${text}`).sort();

describe("climbing to hot", () => {
  test("a standby asks, gets everything and is hot; the active waits for it from then on", () => {
    const pair = new Pair();
    const { a, b } = pair;
    a.become("active", 3);
    b.become("standby", 3);
    expect(performed(a.decide("+ike:x=keys !reply"))).toBe("reply");
    pair.connect();
    expect([a.state, b.state]).toEqual(["ACTIVE", "STANDBY HOT"]);
    // The gate hears of the epoch before anything of it is installed.
    expect(b.of("synced").map(({ synced, epoch }) => `${synced} ${epoch}`)).toEqual(["false 3", "true 3"]);
    const said = b.effects.findIndex(each => each.do === "synced");
    expect(said).toBeLessThan(b.effects.findIndex(each => each.do === "apply"));
    expect(records(b.records)).toEqual(["ike x=keys"]);
    const history = b.core.snapshot(0).history.map(each => each.to);
    expect(history).toEqual([
      "NEGOTIATION",
      "STANDBY COLD",
      "STANDBY COLD-CONFIG",
      "STANDBY COLD-FILESYS",
      "STANDBY COLD-BULK",
      "STANDBY HOT",
    ]);
    pair.stall();
    expect(performed(a.decide("+child:300=c !done"))).toBe("");
    pair.flow();
    expect(a.of("perform").map(each => each.effect)).toEqual(["reply", "done"]);
    expect(records(b.records)).toEqual(["child 300=c", "ike x=keys"]);
  });

  test("whoever boots second finds the first active, in whichever order the news come", () => {
    const pair = new Pair();
    pair.connect();
    expect(pair.b.state).toBe("INITIALIZATION");
    pair.b.become("standby", 0);
    expect(pair.b.state).toBe("NEGOTIATION");
    pair.a.become("active", 1);
    pair.settle();
    expect([pair.a.state, pair.b.state]).toEqual(["ACTIVE", "STANDBY HOT"]);
    expect(pair.a.core.snapshot(0).peer?.state).toBe("STANDBY HOT");
  });
});

describe("what is remembered of the pair", () => {
  test("the first to be active has taken over from nobody; the second has", () => {
    const pair = Pair.hot();
    const count = () => [pair.a, pair.b].map(each => each.core.snapshot(pair.now).switchovers.length);
    const told = () => pair.b.of("report").filter(({ event }) => event.mnemonic === "SWITCHOVER").length;
    expect(count()).toEqual([0, 0]);
    pair.b.become("active", pair.b.roleWord.epoch + 1);
    expect([...count(), told()]).toEqual([0, 1, 1]);
  });

  test("a switchover has the same epoch at both members, though who gives up knows it only afterwards", () => {
    const pair = Pair.hot();
    const { epoch } = pair.a.roleWord;
    const last = ({ core }: Pair["a"]) => core.snapshot(pair.now).switchovers.at(-1);
    pair.a.become("draining", epoch);
    pair.settle();
    pair.a.become("standby", epoch);
    expect(last(pair.a)).toMatchObject({ active: "peer", epoch });
    pair.b.become("active", epoch + 1);
    pair.settle();
    expect([last(pair.a), last(pair.b)]).toMatchObject([
      { active: "peer", epoch: epoch + 1 },
      { active: "this", epoch: epoch + 1 },
    ]);
    // A later epoch is another takeover's.
    pair.b.become("active", epoch + 3);
    pair.settle();
    expect(last(pair.a)).toMatchObject({ active: "peer", epoch: epoch + 1 });
  });

  test("a switchover that came to nothing keeps the epoch that was given up", () => {
    const pair = Pair.hot();
    const { epoch } = pair.a.roleWord;
    pair.cut();
    pair.a.become("standby", epoch);
    pair.a.become("active", epoch + 1);
    expect(pair.a.core.snapshot(pair.now).switchovers).toMatchObject([
      { active: "peer", epoch },
      { active: "this", epoch: epoch + 1 },
    ]);
  });

  test("how long the peer has been in its state is counted from what it said", () => {
    const pair = Pair.hot();
    const since = () => pair.a.core.snapshot(pair.now).peer?.stateSince;
    const hotAt = pair.b.core.snapshot(pair.now).history.at(-1)?.at;
    expect(since()).toBe(hotAt);
    pair.wait(5_000);
    expect(since()).toBe(hotAt);
    // It says so again in each session, with what has passed since.
    pair.cut();
    pair.wait(1_000);
    pair.connect();
    expect(since()).toBe(pair.b.core.snapshot(pair.now).history.at(-1)?.at);
  });
});

describe("output commit", () => {
  test("a standby that is late is declared not hot, and is hot again when it has caught up", () => {
    const pair = Pair.hot();
    pair.stall();
    pair.a.decide("+ike:x=1 !reply");
    pair.wait(COMMIT_WAIT_MS);
    expect(performed(pair.a.effects)).toBe("not hot reply");
    pair.flow();
    expect(pair.b.of("synced").map(each => each.synced)).toEqual([false, true, false, true]);
    expect(pair.b.state).toBe("STANDBY HOT");
    expect(pair.b.core.snapshot(0).counters["bulk-syncs"]).toBe(1);
  });

  test("a notice that came late is doubted, and the active says how it is", () => {
    const pair = Pair.hot();
    const before = pair.b.of("synced").length;
    pair.b.do({ kind: "told-not-hot" });
    expect(pair.b.state).toBe("STANDBY COLD-BULK");
    pair.settle();
    expect([pair.b.state, pair.b.synced]).toEqual(["STANDBY HOT", true]);
    expect(
      pair.b
        .of("synced")
        .slice(before)
        .map(each => each.synced),
    ).toEqual([false, true]);
  });

  test("a notice that is true counts before the log says it: whoever takes over then has nothing", () => {
    const pair = Pair.hot();
    pair.a.decide("+ike:x=1");
    pair.settle();
    pair.stall();
    pair.b.do({ kind: "told-not-hot" });
    pair.b.become("active", 4);
    expect(pair.b.of("taken-over").at(-1)).toMatchObject({ stateful: false });
  });

  test("a lost session ends the wait, and what follows is a bulk sync", () => {
    const pair = Pair.hot();
    pair.stall();
    pair.a.decide("+ike:x=1 !reply");
    pair.cut();
    expect(performed(pair.a.effects)).toBe("not hot reply");
    pair.flow();
    pair.connect();
    expect(pair.b.state).toBe("STANDBY HOT");
    expect(records(pair.b.records)).toEqual(["ike x=1"]);
  });

  test("what waited is not sent by one who is not active any more", () => {
    const pair = Pair.hot();
    pair.stall();
    pair.a.decide("+ike:x=1 !reply");
    pair.a.become("standby", 4);
    pair.flow();
    pair.wait(10_000);
    expect(performed(pair.a.effects)).toBe("");
  });
});

describe("takeover", () => {
  test("a hot standby has every record, and its numbers begin a jump above what it holds", () => {
    const pair = Pair.hot();
    pair.a.decide("+ike:x=1 +child:300=c !done");
    pair.settle();
    pair.cut();
    pair.b.become("active", 4);
    expect(pair.b.of("taken-over")).toEqual([{ do: "taken-over", epoch: 4, how: "failover", stateful: true }]);
    expect(records(pair.b.records)).toEqual(["child 300=c", "ike x=1"]);
    pair.a.become("standby", 4);
    pair.connect();
    expect([pair.a.state, pair.b.state]).toEqual(["STANDBY HOT", "ACTIVE"]);
    // The floor: used or not, nothing below the jump is said to the next standby.
    expect(pair.a.held.get(300)).toBeGreaterThanOrEqual(4_096 + SEQUENCE_JUMP);
  });

  test("one that is not hot keeps nothing", () => {
    const pair = Pair.hot();
    pair.a.decide("+ike:x=1 +child:300=c !done");
    pair.settle();
    pair.cut();
    pair.heardMs = 1;
    pair.wait(400);
    expect(pair.b.state).toBe("STANDBY COLD");
    pair.b.become("active", 4);
    expect(pair.b.of("taken-over")).toEqual([{ do: "taken-over", epoch: 4, how: "failover", stateful: false }]);
    expect(records(pair.b.records)).toEqual([]);
  });

  test("an epoch that it never saw means that its table is old", () => {
    const pair = Pair.hot();
    pair.a.decide("+ike:x=1");
    pair.settle();
    pair.cut();
    pair.b.become("active", 6);
    expect(pair.b.of("taken-over")[0]?.stateful).toBe(false);
  });

  test("an orderly one goes on at the exact numbers", () => {
    const pair = Pair.hot();
    pair.a.decide("+child:300=c !done");
    pair.settle();
    pair.a.become("draining", 3);
    expect(pair.a.state).toBe("ACTIVE-DRAIN");
    pair.a.do({ kind: "drain", numbers: [{ spi: 300, outbound: 77, inbound: 55 }] });
    expect(pair.a.of("drained")).toEqual([]);
    pair.settle();
    expect(pair.a.of("drained")).toHaveLength(1);
    expect(pair.b.of("continue")).toEqual([
      { do: "continue", epoch: 4, numbers: [{ spi: 300, outbound: 77, inbound: 55 }] },
    ]);
    pair.b.become("active", 4);
    expect(pair.b.of("taken-over")[0]).toMatchObject({ how: "switchover", stateful: true });
    pair.a.become("standby", 4);
    pair.settle();
    expect([pair.a.state, pair.b.state]).toEqual(["STANDBY HOT", "ACTIVE"]);
    // No jump: a step above what A held.
    expect(pair.a.held.get(300)).toBe(8_192);
  });
});

describe("configurations", () => {
  test("a section that differs keeps the standby cold and is named; when it agrees again it is hot", () => {
    const pair = Pair.hot();
    const changed = settings.sections.map((each, at) => (at === 1 ? { ...each, digest: Uint8Array.of(9) } : each));
    pair.a.do({ kind: "configure", settings: { ...settings, sections: changed } });
    pair.settle();
    expect([pair.b.state, pair.b.synced]).toEqual(["STANDBY COLD-CONFIG", false]);
    expect(pair.b.core.snapshot(0).peer?.differs).toBe("crypto isakmp policy");
    pair.a.decide("+ike:x=1 !reply");
    pair.settle();
    pair.b.do({ kind: "configure", settings: { ...settings, sections: changed } });
    pair.settle();
    expect([pair.b.state, pair.b.synced]).toEqual(["STANDBY HOT", true]);
    expect(records(pair.b.records)).toEqual(["ike x=1"]);
    expect(pair.b.core.snapshot(0).counters["bulk-syncs"]).toBe(1);
  });
});

test("an edge that the standby acknowledges late is counted: packets behind it may be taken twice (P4)", () => {
  const pair = Pair.hot();
  pair.a.decide("+child:300=c +child:302=c");
  pair.settle();
  const late = (): number => pair.a.core.snapshot(pair.now).counters["edges-late"];
  const moved = (sequence: number) => [300, 302].map(spi => ({ spi, sequence }));
  pair.a.do({ kind: "edges", edges: moved(10) });
  pair.now += 100;
  pair.settle();
  expect(late()).toBe(0);
  pair.stall();
  pair.a.do({ kind: "edges", edges: moved(20) });
  pair.now += 101;
  pair.flow();
  expect(late()).toBe(2);
});
