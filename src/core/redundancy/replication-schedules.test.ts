/** Schedules that break naive replication, by name: what comes twice, late, from another life, or never. */
import { describe, expect, test } from "vitest";
import { type Member, Pair, settings } from "./pair.test-support.ts";
import { decodePeerMessage, encodePeerMessage, type KnownBody } from "./peer-message.ts";

const records = ({ records: map }: Member) => [...map].map(([name, text]) => `${name}=${text}`).sort();
const counter = (member: Member, name: keyof ReturnType<Member["core"]["snapshot"]>["counters"]) =>
  member.core.snapshot(0).counters[name];

/** As if the peer had sent it in the session that is up. */
function say(pair: Pair, to: Member, epoch: number, body: KnownBody): void {
  to.do({ kind: "message", session: pair.session, octets: encodePeerMessage(epoch, body) });
}

/** The bodies that are under way, oldest first. */
function underWay(pair: Pair): string[] {
  return pair.underWay.map(({ octets }) => {
    const message = decodePeerMessage(octets);
    if (message instanceof Error) return String(message);
    return message.body.is === "entry" ? message.body.entry.is : message.body.is;
  });
}

describe("bulk and changes at once", () => {
  function bulkOf(count: number): Pair {
    const pair = new Pair();
    pair.a.become("active", 3);
    pair.b.become("standby", 3);
    for (let n = 0; n < count; n++) pair.a.decide(`+ike:x${n}=${"k".repeat(20_000)}`);
    pair.stall();
    pair.connect();
    // The two hellos, the two statuses and the wish; then the bulk is under way.
    while (!underWay(pair).includes("begin")) pair.deliver();
    return pair;
  }

  test("V6, X15: what is deleted while the bulk lasts does not come back", () => {
    const pair = bulkOf(40);
    expect(underWay(pair).filter(each => each === "records")).toHaveLength(8);
    pair.a.decide("-ike:x0");
    pair.a.decide("-ike:x39");
    pair.flow();
    expect(pair.b.state).toBe("STANDBY HOT");
    expect(pair.b.records.size).toBe(38);
    expect([pair.b.records.has("ike x0"), pair.b.records.has("ike x39")]).toEqual([false, false]);
  });

  test("a change during the bulk is what stays, before its record's turn and after", () => {
    const pair = bulkOf(40);
    pair.a.decide("+ike:x0=new +ike:x39=new +child:300=c");
    pair.flow();
    expect([pair.b.records.get("ike x0"), pair.b.records.get("ike x39")]).toEqual(["new", "new"]);
    expect(pair.b.records.get("child 300")).toBe("c");
    expect(pair.b.core.snapshot(0).records).toEqual({ ike: 40, child: 1 });
  });

  test("X14: the active dies in the middle; a table that is not whole is not used", () => {
    const pair = bulkOf(40);
    for (let n = 0; n < 4; n++) pair.deliver();
    expect(pair.b.records.size).toBeGreaterThan(0);
    pair.cut();
    pair.b.become("active", 4);
    expect(pair.b.of("taken-over")[0]?.stateful).toBe(false);
    expect(records(pair.b)).toEqual([]);
  });

  test("what an earlier life of the active left behind goes with the end of the bulk", () => {
    const pair = Pair.hot();
    pair.a.decide("+ike:old=1 +ike:both=1");
    pair.settle();
    pair.cut();
    pair.a.decide("-ike:old");
    pair.connect();
    expect(records(pair.b)).toEqual(["ike both=1"]);
    // What it held already is not installed anew.
    expect(pair.b.of("apply").flatMap(each => each.puts)).toHaveLength(2);
  });

  test("Y04: changes that do not fit into one message are applied at once all the same", () => {
    const pair = Pair.hot();
    pair.stall();
    const big = "x".repeat(50_000);
    pair.a.decide(`+ike:a=${big} +ike:b=${big} +ike:c=${big} !reply`);
    expect(underWay(pair)).toEqual(["transaction", "transaction", "transaction"]);
    pair.deliver();
    pair.deliver();
    expect(pair.b.records.size).toBe(0);
    pair.flow();
    expect(pair.b.records.size).toBe(3);
    expect(pair.a.of("perform")).toHaveLength(1);
  });
});

test("a transaction that changes nothing is acknowledged all the same", () => {
  const pair = Pair.hot();
  pair.a.decide("-ike:never !reply");
  pair.settle();
  expect(pair.a.of("perform")).toHaveLength(1);
});

test("Y04: more deletions than fit into one message are one transaction", () => {
  const pair = Pair.hot();
  const names = Array.from({ length: 300 }, (_, at) => `ike:x${at}`);
  pair.a.decide(names.map(each => `+${each}=1`).join(" "));
  pair.settle();
  pair.stall();
  pair.a.decide(names.map(each => `-${each}`).join(" "));
  expect(underWay(pair)).toEqual(["transaction", "transaction", "transaction"]);
  pair.deliver();
  pair.deliver();
  expect(pair.b.records.size).toBe(300);
  pair.flow();
  expect(pair.b.records.size).toBe(0);
});

describe("V12: in order, once, for one session, one incarnation, one epoch", () => {
  test("X04, Y05: nothing of an earlier session counts", () => {
    const pair = Pair.hot();
    pair.a.decide("+ike:x=1");
    pair.settle();
    const old = pair.recorded.filter(each => each.to === pair.b);
    pair.cut();
    pair.a.decide("+ike:x=2");
    pair.connect();
    const before = pair.b.effects.length;
    for (const { session, octets } of old) pair.b.do({ kind: "message", session, octets });
    expect(pair.b.effects).toHaveLength(before);
    expect(records(pair.b)).toEqual(["ike x=2"]);
  });

  test("Y05: a message twice, or one that is missing, ends the wish and everything is asked for anew", () => {
    for (const twice of [true, false]) {
      const pair = Pair.hot();
      pair.stall();
      pair.a.decide("+ike:x=1");
      pair.a.decide("+ike:y=1");
      const [first] = pair.underWay;
      if (first === undefined) throw new TypeError("nothing was sent");
      if (twice) pair.underWay.splice(1, 0, first);
      else pair.underWay.shift();
      pair.flow();
      expect(counter(pair.b, "bulk-syncs-failed")).toBe(1);
      expect(pair.b.of("synced").map(each => each.synced)).toEqual([false, true, false, false, true]);
      expect(records(pair.b)).toEqual(["ike x=1", "ike y=1"]);
    }
  });

  test("Y06: entries for an older wish, or of an older epoch, change nothing", () => {
    const pair = Pair.hot();
    const entry = { is: "transaction", position: 9, puts: [], deletes: [], more: false } as const;
    pair.a.decide("+ike:x=1");
    pair.settle();
    say(pair, pair.b, 3, { is: "entry", join: 7, number: 5, entry });
    expect(counter(pair.b, "other-join")).toBe(1);
    say(pair, pair.b, 2, { is: "entry", join: 1, number: 5, entry });
    expect(counter(pair.b, "older-epoch")).toBe(1);
    expect(pair.b.state).toBe("STANDBY HOT");
    expect(records(pair.b)).toEqual(["ike x=1"]);
  });

  test("Y09: both active: neither takes anything of the other; the one that yields asks", () => {
    const pair = new Pair();
    pair.a.become("active", 3);
    pair.b.become("active", 4);
    pair.a.decide("+ike:a=1");
    pair.b.decide("+ike:b=1");
    pair.connect();
    pair.b.decide("+ike:c=1");
    pair.settle();
    expect([records(pair.a), records(pair.b)]).toEqual([[], []]);
    pair.a.become("standby", 4);
    pair.settle();
    expect([pair.a.state, pair.b.state]).toEqual(["STANDBY HOT", "ACTIVE"]);
    expect(records(pair.a)).toEqual(["ike b=1", "ike c=1"]);
  });

  test("when a split heals, the one that yields holds nothing that counts until it has asked", () => {
    const pair = new Pair();
    pair.a.become("active", 3);
    expect(pair.a.synced).toBe(true);
    pair.a.become("standby", 4);
    expect([pair.a.synced, pair.a.of("stood-down")]).toEqual([false, [{ do: "stood-down", epoch: 3 }]]);
  });

  test("both waiting: nobody asks", () => {
    const pair = new Pair();
    pair.a.become("standby", 3);
    pair.b.become("standby", 3);
    pair.connect();
    expect([pair.a.state, pair.b.state]).toEqual(["NEGOTIATION", "NEGOTIATION"]);
  });

  test("an active that went on in another epoch is asked anew", () => {
    const pair = Pair.hot();
    pair.a.decide("+ike:x=1");
    pair.settle();
    pair.a.become("draining", 3);
    pair.a.become("active", 5);
    pair.settle();
    expect(pair.b.of("synced").map(({ synced, epoch }) => `${synced} ${epoch}`)).toEqual([
      "false 3",
      "true 3",
      "false 5",
      "false 5",
      "true 5",
    ]);
    expect(pair.b.state).toBe("STANDBY HOT");
  });
});

describe("what the standby may say it holds", () => {
  test("nothing once the role word is another's than main knows; again when main hears of a standby's role", () => {
    const pair = Pair.hot();
    pair.a.decide("+child:300=c");
    pair.settle();
    pair.b.roleWord = { role: "active", epoch: 4 };
    pair.a.do({ kind: "reserve", used: [{ spi: 300, sequence: 3_000 }] });
    pair.settle();
    expect(pair.a.acknowledged.get(300)).toBeUndefined();
    pair.b.become("standby", 4);
    pair.settle();
    expect(pair.a.acknowledged.get(300)).toBe(8_192);
  });

  test("an acknowledgement of what was never said, or of another wish, counts for nothing", () => {
    const pair = Pair.hot();
    pair.stall();
    pair.a.decide("+ike:x=1 !reply");
    say(pair, pair.a, 3, { is: "applied", join: 1, number: 1_000 });
    say(pair, pair.a, 3, { is: "applied", join: 2, number: 4 });
    expect(pair.a.of("perform")).toEqual([]);
    pair.flow();
    expect(pair.a.of("perform")).toHaveLength(1);
  });

  test("a wish for an epoch that is not the active's is not answered", () => {
    const pair = Pair.hot();
    pair.stall();
    say(pair, pair.a, 3, { is: "join", join: 2, epoch: 2 });
    expect([pair.a.core.snapshot(0).peerHot, underWay(pair)]).toEqual([true, []]);
  });

  test("a record that it misses is asked for", () => {
    const pair = Pair.hot();
    pair.a.decide("+child:300=c");
    pair.settle();
    // As a bug of ours would have it: the table here does not have what the active's has.
    say(pair, pair.b, 3, {
      is: "entry",
      join: 1,
      number: 5,
      entry: { is: "transaction", position: 1, puts: [], deletes: [{ kind: "child", key: "300" }], more: false },
    });
    expect(records(pair.b)).toEqual([]);
    say(pair, pair.b, 3, {
      is: "entry",
      join: 1,
      number: 6,
      entry: { is: "counters", numbers: [{ spi: 300, outbound: 9_000, inbound: 0 }] },
    });
    expect(counter(pair.b, "records-asked")).toBe(1);
    for (let n = 0; n < 3; n++) pair.deliver();
    expect(underWay(pair)).toContain("records");
  });
});

describe("the association is cut", () => {
  test("X05: the active is heard all the same: not hot any more", () => {
    const pair = Pair.hot();
    pair.cut("silent", 250);
    pair.heardMs = 1;
    pair.wait(1);
    expect(pair.b.synced).toBe(true);
    pair.wait(2);
    expect([pair.b.synced, pair.b.state]).toEqual([false, "STANDBY COLD"]);
  });

  test("everything falls silent at once: stays hot for as long as that lasts", () => {
    const pair = Pair.hot();
    pair.cut("silent", 250);
    for (let n = 0; n < 50; n++) {
      pair.heardMs = 250 + n * 100;
      pair.wait(100);
    }
    expect([pair.b.synced, pair.b.state]).toEqual([true, "STANDBY HOT"]);
    pair.b.become("active", 4);
    expect(pair.b.of("taken-over")[0]?.stateful).toBe(true);
  });

  test("X16: two failovers in a row: the first active comes back before it holds what the second one did", () => {
    const pair = Pair.hot();
    pair.a.decide("+ike:x=1");
    pair.settle();
    pair.cut();
    pair.b.become("active", 4);
    pair.a.become("standby", 4);
    pair.a.become("active", 5);
    expect(pair.a.of("taken-over").at(-1)?.stateful).toBe(false);
  });
});

describe("the association is quiet for a moment", () => {
  const quiet = (pair: Pair) => {
    pair.stall();
    pair.b.do({ kind: "link-quiet", session: pair.session, silentMs: 250 });
    pair.wait(30);
  };

  test("and the active is heard: not hot until it says again that it waits, and nothing is copied anew", () => {
    const pair = Pair.hot();
    quiet(pair);
    expect([pair.b.synced, pair.b.state]).toEqual([false, "STANDBY COLD-BULK"]);
    pair.b.do({ kind: "link-heard", session: pair.session });
    pair.wait(100);
    expect(pair.b.synced).toBe(false);
    pair.flow();
    expect([pair.b.synced, pair.b.state]).toEqual([true, "STANDBY HOT"]);
    expect(counter(pair.b, "bulk-syncs")).toBe(1);
    pair.b.become("active", 4);
    expect(pair.b.of("taken-over")[0]?.stateful).toBe(true);
  });

  test("what the active did alone meanwhile is held before it is hot again", () => {
    const pair = Pair.hot();
    quiet(pair);
    pair.a.decide("+ike:x=1 !reveals");
    pair.wait(300);
    expect(pair.a.of("perform").map(each => each.effect)).toEqual(["reveals"]);
    pair.b.do({ kind: "link-heard", session: pair.session });
    while (!pair.b.records.has("ike x")) pair.deliver();
    expect(pair.b.synced).toBe(false);
    pair.flow();
    expect([pair.b.synced, counter(pair.b, "bulk-syncs")]).toEqual([true, 1]);
  });

  test("and so is everything else: stays hot, and takes over with what it holds", () => {
    const pair = Pair.hot();
    pair.heardMs = 250;
    quiet(pair);
    pair.heardMs = 350;
    pair.wait(100);
    expect([pair.b.synced, pair.b.state]).toEqual([true, "STANDBY HOT"]);
    pair.b.become("active", 4);
    expect(pair.b.of("taken-over")[0]?.stateful).toBe(true);
  });

  test("until it ends: everything is copied anew", () => {
    const pair = Pair.hot();
    quiet(pair);
    pair.cut("silent", 1_000);
    expect([pair.b.synced, pair.b.state]).toEqual([false, "STANDBY COLD"]);
    pair.flow();
    pair.connect();
    expect([pair.b.state, counter(pair.b, "bulk-syncs")]).toEqual(["STANDBY HOT", 2]);
  });
});

test("X36: a table that is not the active's is found, said, and fetched anew", () => {
  const pair = Pair.hot();
  pair.a.decide("+ike:x=1 +ike:y=1");
  pair.settle();
  pair.wait(10_001);
  expect(counter(pair.b, "checksum-mismatches")).toBe(0);
  const last = pair.recorded.findLast(each => each.to === pair.b);
  const message = decodePeerMessage(last?.octets ?? new Uint8Array());
  if (message instanceof Error || message.body.is !== "entry") throw new TypeError("the last message was no entry");
  const { number } = message.body;
  say(pair, pair.b, 3, {
    is: "entry",
    join: 1,
    number: number + 1,
    entry: { is: "checksum", records: 2, low: 1, high: 1 },
  });
  pair.settle();
  expect(counter(pair.b, "checksum-mismatches")).toBe(1);
  expect(pair.b.of("report").map(each => each.event.mnemonic)).toContain("TABLE_DIFFERS");
  expect(counter(pair.b, "bulk-syncs")).toBe(2);
  expect([pair.b.state, records(pair.b)]).toEqual(["STANDBY HOT", ["ike x=1", "ike y=1"]]);
});

describe("a handover that does not happen", () => {
  test("is withdrawn before the numbers may be passed", () => {
    const pair = Pair.hot();
    pair.a.decide("+child:300=c");
    pair.settle();
    pair.a.become("draining", 3);
    pair.a.do({ kind: "drain", numbers: [{ spi: 300, outbound: 77, inbound: 0 }] });
    pair.settle();
    pair.stall();
    pair.a.become("active", 3);
    expect(pair.a.of("withdrawn")).toEqual([]);
    pair.flow();
    expect(pair.a.of("withdrawn")).toHaveLength(1);
    expect(pair.b.effects.at(-1)).toEqual({ do: "continue-void" });
  });

  test("and the session is lost: only the next standby's beginning takes them back", () => {
    const pair = Pair.hot();
    pair.a.become("draining", 3);
    pair.a.do({ kind: "drain", numbers: [{ spi: 300, outbound: 77, inbound: 0 }] });
    pair.cut();
    pair.a.become("active", 3);
    expect(pair.a.of("withdrawn")).toEqual([]);
    pair.connect();
    expect(pair.a.of("withdrawn")).toHaveLength(1);
  });

  test("without a standby to tell, a drain is over at once", () => {
    const pair = new Pair();
    pair.a.become("active", 3);
    pair.a.become("draining", 3);
    pair.a.do({ kind: "drain", numbers: [] });
    expect(pair.a.of("drained")).toHaveLength(1);
    pair.a.become("active", 3);
    expect(pair.a.of("withdrawn")).toHaveLength(1);
  });
});

describe("whom it does not go with", () => {
  test.each([
    [{ major: 2 }, "it speaks version 2.0, this member 1"],
    [{ scheme: "OTHER" }, "its scheme is OTHER"],
    [{ member: "A" }, "both members have the same identity"],
    [{ requiredFeatures: ["flight"] }, "it needs flight"],
  ])("Y07: %o", (said, because) => {
    const pair = Pair.hot();
    const hello = pair.recorded.map(each => decodePeerMessage(each.octets)).find(each => !(each instanceof Error));
    if (hello === undefined || hello instanceof Error || hello.body.is !== "hello") throw new TypeError("no hello");
    const a = new Pair().a;
    a.do({ kind: "link-up", session: 1 });
    const octets = encodePeerMessage(3, { is: "hello", hello: { ...hello.body.hello, member: "B", ...said } });
    a.do({ kind: "message", session: 1, octets });
    expect(a.core.snapshot(0).peer?.incompatible).toBe(because);
    expect(a.of("report").at(-1)?.event.mnemonic).toBe("PEER_INCOMPATIBLE");
  });

  test("Y03: octets that are no message end the session, and the state stays", () => {
    const pair = Pair.hot();
    pair.a.decide("+ike:x=1");
    pair.settle();
    pair.b.do({ kind: "message", session: pair.session, octets: Uint8Array.of(0xff) });
    expect(pair.b.of("reset")).toHaveLength(1);
    expect([counter(pair.b, "malformed"), records(pair.b)]).toEqual([1, ["ike x=1"]]);
  });

  test("Y11: a difference is named, and no value of it crosses", () => {
    const pair = Pair.hot();
    pair.a.do({ kind: "configure", settings: { ...settings, sections: [] } });
    pair.settle();
    expect(pair.b.core.snapshot(0).peer?.differs).toBe("crypto map M");
    expect(pair.a.core.snapshot(0).peer?.differs).toBe("crypto map M");
  });
});
