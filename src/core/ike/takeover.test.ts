import { expect, test } from "vitest";
import { type End, negotiable, OWNER, Pair, settings } from "./ike-pair.test-support.ts";
import type { ClearWhat, IkeEffect } from "./ike-port.ts";

const PFS = settings({ negotiables: [negotiable({ pfsGroup: 19 })] });

/** The pair that each end sends by, as numbers that both know. */
function agreed(pair: Pair): boolean {
  const [here, there] = [pair.here, pair.there].map(end => end.installed.get(end.outbound.get("map 10") ?? 0));
  return here !== undefined && there !== undefined && pair.esp(pair.here) && pair.esp(pair.there);
}

interface Story {
  readonly name: string;
  /** Before it anything may happen; then one end dies at each of its effects in turn. */
  readonly before: (pair: Pair) => void;
  readonly story: (pair: Pair) => void;
}

const renew = (end: (pair: Pair) => End) => (pair: Pair) => {
  const [spi] = end(pair).installed.keys();
  pair.input(end(pair), { kind: "child", spi: spi ?? 0, event: { kind: "soft-limit" } });
};

const up = (pair: Pair): void => {
  pair.initiate(pair.here);
  pair.run(3_000);
};

const STORIES: readonly Story[] = [
  { name: "a renewal that it began", before: up, story: renew(pair => pair.here) },
  { name: "a renewal that the peer began", before: up, story: renew(pair => pair.there) },
  {
    name: "a new IKE SA that it began",
    before: pair => {
      up(pair);
      pair.input(pair.here, { kind: "clear", what: { kind: "ike", id: undefined } });
      pair.run(100);
    },
    story: renew(pair => pair.here),
  },
  {
    name: "a new IKE SA that the peer began",
    before: pair => {
      up(pair);
      pair.input(pair.here, { kind: "clear", what: { kind: "ike", id: undefined } });
      pair.run(100);
    },
    story: renew(pair => pair.there),
  },
];

/** How many effects "here" carries out in the two seconds of the story. */
function effectsOf({ before, story }: Story): number {
  const pair = new Pair(PFS);
  before(pair);
  let count = 0;
  pair.watch = end => {
    if (end === pair.here) count += 1;
  };
  story(pair);
  pair.run(2_000);
  return count;
}

test.each(STORIES)("$name: dying at each effect costs no packet, and one pair is left", each => {
  const effects = effectsOf(each);
  expect(effects).toBeGreaterThan(4);
  for (let fatal = 0; fatal < effects; fatal++) {
    const pair = new Pair(PFS);
    each.before(pair);
    const dead = dieAt(pair, fatal);
    each.story(pair);
    for (let ms = 0; ms < 2_000 && !dead(); ms += 5) pair.run(5);
    expect(dead()).toBe(true);
    expect(agreed(pair)).toBe(true);
    // The renewal that follows every failover is through, and what was half made is gone.
    for (let seconds = 0; seconds < 180; seconds += 5) {
      pair.run(5_000);
      expect([fatal, agreed(pair)]).toEqual([fatal, true]);
    }
    expect([fatal, pair.here.installed.size, pair.there.installed.size]).toEqual([fatal, 1, 1]);
    expect(pair.here.engine.snapshot(pair.now).ikeSas.length).toBe(1);
  }
});

test.each([
  ["here", (pair: Pair) => pair.here],
  ["there", (pair: Pair) => pair.there],
])("the first tunnel, begun %s: dying at each effect costs it seconds, not the peer's patience", (_, beginner) => {
  const story = (pair: Pair): void => pair.initiate(beginner(pair));
  const effects = effectsOf({ name: "", before: () => {}, story });
  expect(effects).toBeGreaterThan(8);
  for (let fatal = 0; fatal < effects; fatal++) {
    const pair = new Pair(PFS);
    const dead = dieAt(pair, fatal);
    story(pair);
    for (let ms = 0; ms < 2_000 && !dead(); ms += 5) pair.run(5);
    expect(dead()).toBe(true);
    let seconds = 0;
    // Traffic goes on asking, at the end that began.
    for (; seconds < 60 && !agreed(pair); seconds++) {
      pair.run(1_000);
      pair.initiate(beginner(pair));
    }
    expect([fatal, seconds <= 5]).toEqual([fatal, true]);
    pair.run(180_000);
    expect([fatal, agreed(pair), pair.here.engine.snapshot(pair.now).ikeSas.length]).toEqual([fatal, true, 1]);
  }
});

/**
 * "Here" dies before its effect of this number (from 0), with what was decided at once with it: checkpoints of one
 * input are one transaction, and nothing leaves before it. Its standby goes on from the records.
 */
function dieAt(pair: Pair, fatal: number): () => boolean {
  let [count, dead] = [0, false];
  const carryOut = pair.carryOut.bind(pair);
  pair.carryOut = (end, decisions) => {
    if (end !== pair.here || dead) return carryOut(end, decisions);
    for (const decision of decisions) {
      const checkpoints = decision.effects.filter(isCheckpoint);
      const others = decision.effects.filter(each => !isCheckpoint(each));
      for (const part of [checkpoints, ...others.map(each => [each])]) {
        if (count + part.length > fatal) {
          dead = true;
          pair.later(50, () => pair.takeOver(pair.here, "failover"));
          pair.here.engine = pair.here.newEngine();
          return undefined;
        }
        count += part.length;
        carryOut(end, [{ ...decision, effects: part }]);
      }
    }
    return undefined;
  };
  return () => dead;
}

function isCheckpoint(effect: IkeEffect): boolean {
  return ["checkpoint", "child-up", "child-changed", "child-down"].includes(effect.do);
}

test("after a failover each pair is renewed once, fifty a second; after a switchover none is", () => {
  const many = Array.from({ length: 100 }, (_, at) =>
    negotiable({ traffic: `map ${at}`, selector: { ...negotiable().selector, protocol: at + 1 } }),
  );
  for (const how of ["failover", "switchover"] as const) {
    const pair = new Pair(settings({ negotiables: many }));
    for (const each of many) pair.initiate(pair.here, each.traffic);
    pair.run(5_000);
    expect(pair.here.installed.size).toBe(100);
    const begun: number[] = [];
    pair.watch = (end, effect) => {
      if (end === pair.here && effect.do === "child-up") begun.push(pair.now);
    };
    const taken = pair.now;
    pair.takeOver(pair.here, how);
    pair.run(60_000);
    expect(begun.length).toBe(how === "failover" ? 100 : 0);
    if (how === "failover") {
      expect(begun[0]).toBeGreaterThanOrEqual(taken + 1_000);
      expect((begun.at(-1) ?? 0) - (begun[0] ?? 0)).toBeGreaterThanOrEqual(1_900);
    }
  }
});

test("after a failover the pairs that packets came in by last are renewed first (P4)", () => {
  const many = Array.from({ length: 20 }, (_, at) =>
    negotiable({ traffic: `map ${at}`, selector: { ...negotiable().selector, protocol: at + 1 } }),
  );
  const pair = new Pair(settings({ negotiables: many }));
  for (const each of many) pair.initiate(pair.here, each.traffic);
  pair.run(5_000);
  const told = new Map([
    ["map 17", 400],
    ["map 3", 300],
    ["map 11", 200],
  ]);
  for (const { spi, traffic } of pair.here.installed.values()) {
    pair.here.edgesTold.set(spi, told.get(traffic) ?? 0);
  }
  const renewed: string[] = [];
  pair.watch = (end, effect) => {
    if (end === pair.here && effect.do === "child-up") renewed.push(effect.child.traffic);
  };
  pair.takeOver(pair.here, "failover");
  pair.run(60_000);
  expect(renewed.slice(0, 3)).toEqual([...told.keys()]);
  expect(new Set(renewed).size).toBe(20);
});

test("what a standby holds is as old as its IKE SA, not as its clock", () => {
  const pair = new Pair();
  up(pair);
  const standby = pair.here.newEngine();
  standby.handle({ kind: "configure", settings: pair.here.settings }, pair.now);
  const records = [...pair.here.records].map(([id, octets]) => ({ id, owner: "plain", octets, ageMs: 0 }));
  const later = 1_000_000_000 + pair.now;
  standby.handle({ kind: "restore", records, children: [...pair.here.installed.values()] }, later);
  const [age = 0] = standby.snapshot(later + 7_000).children.map(each => each.upSinceMs);
  expect(age).toBeGreaterThanOrEqual(7_000);
  expect(age).toBeLessThan(60_000);
});

test("a standby installs what the active has, says what leaves by what, and is silent", () => {
  const pair = new Pair();
  up(pair);
  const standby = pair.here.newEngine();
  standby.handle({ kind: "configure", settings: pair.here.settings }, pair.now);
  const records = [...pair.here.records].map(([id, octets]) => ({ id, owner: "plain", octets, ageMs: 0 }));
  const decisions = standby.handle({ kind: "restore", records, children: [...pair.here.installed.values()] }, pair.now);
  const [spi] = pair.here.installed.keys();
  expect(decisions.flatMap(each => each.effects)).toEqual([{ do: "enable-outbound", spi }]);
  const again = standby.handle({ kind: "restore", records, children: [...pair.here.installed.values()] }, pair.now);
  expect(again.flatMap(each => each.effects)).toEqual([{ do: "enable-outbound", spi }]);
  expect(standby.next).toBeUndefined();
  for (const each of pair.there.sent) {
    const { local, localPort, remote, remotePort, octets } = each;
    const datagram = { local: remote, localPort: remotePort, remote: local, remotePort: localPort, octets };
    expect(standby.handle({ kind: "datagram", datagram }, pair.now)).toEqual([]);
  }
  expect(standby.handle({ kind: "initiate", traffic: "map 10" }, pair.now)).toEqual([]);
  const id = undefined;
  for (const what of [
    { kind: "ike", id },
    { kind: "map", map: "map" },
    { kind: "child", spi },
    { kind: "all" },
  ] as const)
    expect(standby.handle({ kind: "clear", what: what as ClearWhat }, pair.now)).toEqual([]);
  expect(standby.snapshot(pair.now).children).toHaveLength(1);
  expect(standby.snapshot(pair.now).ikeSas[0]).toMatchObject({ status: "standby", state: "QM_IDLE" });
  standby.handle({ kind: "forget", ids: [...pair.here.records.keys()], spis: [spi ?? 0] }, pair.now);
  expect([standby.snapshot(pair.now).ikeSas, standby.snapshot(pair.now).children]).toEqual([[], []]);
});

test("who hands the role over goes on as a standby, and back again, without a word to the peer", () => {
  const pair = new Pair();
  up(pair);
  const sent = pair.here.sent.length;
  pair.input(pair.here, { kind: "role", owner: "plain", role: "other", how: "switchover" });
  expect(pair.here.engine.next).toBeUndefined();
  pair.input(pair.here, { kind: "role", owner: "plain", role: "active", how: "switchover" });
  pair.run(5_000);
  expect(pair.here.sent.length).toBe(sent);
  renew(p => p.here)(pair);
  pair.run(40_000);
  expect([pair.esp(pair.here), pair.esp(pair.there), pair.here.installed.size]).toEqual([true, true, 1]);
});

test("what is no record of an IKE SA is told and not held", () => {
  const pair = new Pair();
  up(pair);
  const standby = pair.here.newEngine();
  const [[id, octets] = ["", new Uint8Array(0)]] = pair.here.records;
  for (let at = 0; at < octets.length; at += 7) {
    const changed = octets.slice(0, at);
    const decisions = standby.handle(
      { kind: "restore", records: [{ id, owner: "plain", octets: changed, ageMs: 0 }], children: [] },
      0,
    );
    // Keys and addresses stand in front; behind them a record may end after any field.
    if (at > 200 && decisions.length === 0) continue;
    expect(decisions[0]?.effects[0]).toMatchObject({ do: "report", event: { mnemonic: "HA_RECORD" } });
    expect(standby.snapshot(0).ikeSas).toEqual([]);
  }
});

test("a tunnel that was being asked for when the role went is asked for when it is back", () => {
  const pair = new Pair();
  pair.lets = () => false;
  pair.initiate(pair.here);
  pair.run(500);
  pair.input(pair.here, { kind: "role", owner: OWNER, role: "other", how: "start" });
  pair.run(1_000);
  pair.input(pair.here, { kind: "role", owner: OWNER, role: "active", how: "failover" });
  pair.lets = () => true;
  pair.initiate(pair.here);
  pair.run(3_000);
  expect(agreed(pair)).toBe(true);
});
