/** The fast path's packet functions through its binding: the code that the threads run, one packet at a time. */
import { describe, expect, test } from "vitest";
import { loadFastPathAddon } from "../../src/linux/fastpath-addon.ts";
import { encodeSas, encodeUpdates, NO_PLACE } from "../../src/linux/fastpath-records.ts";
import { COUNTERS_A_PLACE, decodeEvents, EVENT_OCTETS } from "../../src/linux/fastpath-reports.ts";
import {
  type Member,
  openMember,
  otherEnd,
  packet4,
  protect,
  receiveFrom,
  SUITES,
  type SuiteName,
  saRecord,
  udp,
} from "./fastpath-kit.ts";

const names = Object.keys(SUITES) as SuiteName[];
const providers = loadFastPathAddon().cryptoProviders;

function events(member: Member) {
  const into = new Uint8Array(64 * EVENT_OCTETS);
  return decodeEvents(into.subarray(0, member.path.readEvents(into)));
}

function sent(member: Member, inner: Uint8Array): Uint8Array {
  const { verdict, packets } = member.path.encrypt(inner);
  expect(verdict).toBe("sent");
  expect(packets).toHaveLength(1);
  return packets[0] ?? new Uint8Array(0);
}

function pair(suite: SuiteName = "aes-128-gcm", over: Parameters<typeof saRecord>[1] = {}) {
  const sa = saRecord(suite, over);
  const [left, right] = [openMember(), openMember()];
  left.role("active", 1);
  right.role("active", 1);
  protect(left, sa);
  right.path.installSas(encodeSas([otherEnd(sa)]));
  return { left, right, sa };
}

describe.each(providers)("with %s", crypto => {
  test.each(names.flatMap(name => [true, false].map(esn => [name, esn] as const)))(
    "%s, ESN %s, goes through",
    (name, esn) => {
      const sa = saRecord(name, { esn, sequence: esn ? 2 ** 32 - 2 : 1, acknowledged: 2 ** 33 });
      const [left, right] = [openMember({ crypto }), openMember({ crypto })];
      left.role("active", 1);
      right.role("active", 1);
      protect(left, sa);
      right.path.installSas(encodeSas([otherEnd(sa, { sequence: esn ? 2 ** 32 - 70 : 0 })]));
      for (let length = 0; length < 70; length++) {
        const inner = packet4({ payload: udp(new Uint8Array(length).fill(length)) });
        const outer = sent(left, inner);
        expect(receiveFrom(right, outer)).toEqual({ verdict: "accepted", packet: inner });
        expect(receiveFrom(right, outer)).toEqual({ verdict: "replayed or too old" });
      }
      expect(left.edges[0]).toBe(esn ? 2n ** 32n + 67n : 70n);
      left.path.close();
      right.path.close();
    },
  );
});

test("a standby drops, an active sends, a lease that is over silences", () => {
  const { left, right } = pair();
  const inner = packet4();
  left.role("standby", 1);
  expect(left.path.encrypt(inner).verdict).toBe("group not active");
  left.role("active", 1, 0);
  expect(left.path.encrypt(inner).verdict).toBe("lease over");
  left.role("draining", 1, 0);
  expect(left.path.encrypt(inner).verdict).toBe("lease over");
  left.role("active", 1);
  const outer = sent(left, inner);
  right.role("standby", 1);
  expect(receiveFrom(right, outer).verdict).toBe("group not active");
  right.role("draining", 1);
  expect(receiveFrom(right, outer).verdict).toBe("accepted");
});

test("a takeover jumps past what the other may have used, and its IVs carry epoch and member", () => {
  const sa = saRecord("aes-128-gcm", { acknowledged: 5000, sequence: 1, jump: 1000 });
  const standby = openMember({ member: 1 });
  standby.role("standby", 1);
  protect(standby, sa);
  standby.path.updateSas(encodeUpdates([{ place: 0, kind: "acknowledged", sequence: 7000, epoch: 1 }]));
  standby.role("active", 2);
  const outer = new DataView(sent(standby, packet4()).buffer);
  expect(outer.getUint32(4)).toBe(8000);
  expect(outer.getBigUint64(8)).toBe((5n << 48n) | 8000n);
  // R is Rs + J now: 999 more, and then nothing.
  for (let each = 0; each < 999; each++) sent(standby, packet4());
  expect(standby.path.encrypt(packet4()).verdict).toBe("reserved sequence numbers used up");
  expect(events(standby)).toContainEqual({ kind: "cap-reached", place: 0, spi: 0x1001, next: 9000 });
});

test("an SA that was there before the first role word jumps once, whatever epoch that names", () => {
  const plain = openMember();
  protect(plain, saRecord("aes-128-gcm", { acknowledged: 5000, epoch: 0, jump: 1000 }));
  plain.role("active", 18_901);
  expect(new DataView(sent(plain, packet4()).buffer).getUint32(4)).toBe(6000);
});

test("an epoch that passed unheard costs two jumps more, from the last number used", () => {
  const active = openMember();
  active.role("active", 1);
  protect(active, saRecord("aes-128-gcm", { acknowledged: 5000, sequence: 5900, jump: 1000 }));
  const number = () => new DataView(sent(active, packet4()).buffer).getUint32(4);
  expect(number()).toBe(5900);
  active.role("active", 3);
  expect(number()).toBe(5900 + 3000);
});

test("an orderly switchover goes on at the number it is told", () => {
  const sa = saRecord("aes-128-gcm", { acknowledged: 5000 });
  const standby = openMember();
  standby.role("standby", 1);
  protect(standby, sa);
  standby.path.updateSas(encodeUpdates([{ place: 0, kind: "continue", sequence: 321, epoch: 2 }]));
  standby.role("active", 2);
  expect(new DataView(sent(standby, packet4()).buffer).getUint32(4)).toBe(321);
});

describe("an orderly switchover", () => {
  /** Two members of one pair, and the peer that both send to. */
  function members() {
    const sa = saRecord("aes-128-gcm", { acknowledged: 4096 });
    const [first, second, peer] = [openMember(), openMember({ member: 1 }), openMember()];
    protect(first, sa);
    protect(second, sa);
    peer.path.installSas(encodeSas([otherEnd(sa)]));
    first.role("active", 1);
    second.role("standby", 1);
    peer.role("active", 1);
    return { first, second, peer, numbers: (member: Member) => numbersOf(member, [0]) };
  }

  function numbersOf(member: Member, places: number[]): number[] {
    const words = new BigUint64Array(places.length);
    member.path.readNumbers(Uint32Array.from(places), words);
    return [...words].map(Number);
  }

  const numberOf = (outer: Uint8Array) => new DataView(outer.buffer).getUint32(4);

  test("encrypts until the numbers are concluded, and the successor goes on at the very next", () => {
    const { first, second, peer, numbers } = members();
    const outers = [sent(first, packet4())];
    first.role("draining", 1);
    outers.push(sent(first, packet4()), sent(first, packet4()));
    first.path.conclude(0, 1);
    expect(first.path.encrypt(packet4()).verdict).toBe("group not active");
    expect(numbers(first)).toEqual([4]);
    second.path.updateSas(encodeUpdates([{ place: 0, kind: "continue", sequence: 4, epoch: 2 }]));
    second.role("active", 2);
    outers.push(sent(second, packet4()));
    expect(outers.map(numberOf)).toEqual([1, 2, 3, 4]);
    for (const outer of outers) expect(receiveFrom(peer, outer).verdict).toBe("accepted");
  });

  test("back and forth, used or not, no number is skipped and none comes twice", () => {
    const { first, second, numbers } = members();
    const given: number[] = [];
    const [members_, uses] = [
      [first, second],
      [1, 0, 3, 0, 0, 2],
    ];
    for (const [at, use] of uses.entries()) {
      const [from, to] = [members_[at % 2], members_[(at + 1) % 2]];
      if (from === undefined || to === undefined) throw new Error("there are two");
      for (let each = 0; each < use; each++) given.push(numberOf(sent(from, packet4())));
      from.role("draining", at + 1);
      from.path.conclude(0, at + 1);
      const [next = 0] = numbers(from);
      to.path.updateSas(encodeUpdates([{ place: 0, kind: "continue", sequence: next, epoch: at + 2 }]));
      from.role("standby", at + 2);
      to.role("active", at + 2);
    }
    expect(given).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test("a handover that failed goes on above what it left, in an epoch of its own", () => {
    const { first, second } = members();
    expect(numberOf(sent(first, packet4()))).toBe(1);
    first.role("draining", 1);
    first.path.updateSas(encodeUpdates([{ place: 0, kind: "end", sequence: 1, epoch: 1 }]));
    first.path.conclude(0, 1);
    second.path.updateSas(encodeUpdates([{ place: 0, kind: "continue", sequence: 2, epoch: 2 }]));
    first.role("active", 3);
    // Above all that an heir could use which was told nothing and jumped from a step more than is known here.
    expect(numberOf(sent(first, packet4()))).toBe(4096 + 3 * 2 ** 28);
    // The heir that took it up late uses what it was left, below the jump, and no IV of the other's.
    second.role("active", 2);
    expect(numberOf(sent(second, packet4()))).toBe(2);
  });

  test("a takeover of one that stood by again jumps over all that the other may have used", () => {
    const { first, second, numbers } = members();
    sent(first, packet4());
    first.role("draining", 1);
    first.path.conclude(0, 1);
    const [next = 0] = numbers(first);
    first.path.updateSas(encodeUpdates([{ place: 0, kind: "end", sequence: next - 1, epoch: 1 }]));
    second.path.updateSas(encodeUpdates([{ place: 0, kind: "continue", sequence: next, epoch: 2 }]));
    first.role("standby", 2);
    second.role("active", 2);
    // The first stands by now, and holds what the second reserved in its epoch.
    first.path.updateSas(encodeUpdates([{ place: 0, kind: "acknowledged", sequence: 9000, epoch: 2 }]));
    first.role("active", 3);
    expect(numberOf(sent(first, packet4()))).toBe(9000 + 2 ** 28);
  });

  test("a member that took over by a jump leaves the exact number too, though it sent nothing", () => {
    const { second, numbers } = members();
    second.role("active", 2);
    second.role("draining", 2);
    second.path.conclude(0, 2);
    expect(numbers(second)).toEqual([4096 + 2 ** 28]);
  });

  test("the numbers of an inbound SA are what counts as seen: accepted here, or by the other", () => {
    const { first, peer } = members();
    for (let each = 0; each < 3; each++) receiveFrom(peer, sent(first, packet4()));
    expect(numbersOf(peer, [0, 1])).toEqual([3, 0]);
    peer.path.updateSas(encodeUpdates([{ place: 0, kind: "edge", sequence: 8 }]));
    expect(numbersOf(peer, [0])).toEqual([8]);
  });

  test("a number that is announced as the last is not passed, whatever is acknowledged, in that epoch", () => {
    const { first } = members();
    sent(first, packet4());
    const updates = [
      { place: 0, kind: "end", sequence: 3, epoch: 1 },
      { place: 0, kind: "acknowledged", sequence: 9000, epoch: 1 },
    ] as const;
    first.path.updateSas(encodeUpdates(updates));
    expect([sent(first, packet4()), sent(first, packet4())].map(numberOf)).toEqual([2, 3]);
    expect(first.path.encrypt(packet4()).verdict).toBe("reserved sequence numbers used up");
    first.role("active", 3);
    expect(numberOf(sent(first, packet4()))).toBe(9000 + 3 * 2 ** 28);
  });

  test("what comes from inside before the role does waits for it", () => {
    const { second, peer } = members();
    second.path.expect(0, 2 ** 40);
    expect(second.path.encrypt(packet4()).verdict).toBe("held");
    expect(second.path.encrypt(packet4()).verdict).toBe("held");
    second.role("active", 2);
    const { packets } = second.path.encrypt(packet4());
    expect(packets).toHaveLength(3);
    for (const outer of packets) expect(receiveFrom(peer, outer).verdict).toBe("accepted");
  });

  test.each<[string, (member: Member) => void]>([
    ["conclude: line", member => member.path.conclude(2, 1)],
    ["conclude: epoch", member => member.path.conclude(0, -1)],
    ["expect: line", member => member.path.expect(-1, 1)],
    ["expect: untilMs", member => member.path.expect(0, 0.5)],
  ])("%s out of bounds is refused", (name, call) => {
    expect(() => call(openMember())).toThrow(name);
  });
});

test("what the other member accepted counts as seen", () => {
  const { left, right } = pair();
  const outers = Array.from({ length: 10 }, () => sent(left, packet4()));
  right.path.updateSas(encodeUpdates([{ place: 0, kind: "edge", sequence: 8 }]));
  expect(outers.map(outer => receiveFrom(right, outer).verdict)).toEqual([
    ...new Array(8).fill("replayed or too old"),
    "accepted",
    "accepted",
  ]);
});

test("without an SA sixteen packets are held and one acquire told; they go when the SA comes", () => {
  const { left, right, sa } = pair();
  left.path.steer(Uint32Array.of(5, NO_PLACE));
  const verdicts = Array.from({ length: 17 }, () => left.path.encrypt(packet4()).verdict);
  expect(verdicts).toEqual([...new Array(16).fill("held"), "no SA yet"]);
  const told = events(left);
  expect(told).toHaveLength(1);
  expect(told[0]).toMatchObject({ kind: "acquire", bundle: 5, policy: 1, packet: { sourcePort: 1000, protocol: 17 } });
  left.path.steer(Uint32Array.of(5, sa.place));
  const all = left.path.encrypt(packet4()).packets;
  expect(all.map(outer => receiveFrom(right, outer).verdict)).toEqual(new Array(17).fill("accepted"));
});

test("an SA that came and went again is asked for at once, not a second after it was asked for before", () => {
  const { left, sa } = pair();
  left.path.steer(Uint32Array.of(5, NO_PLACE));
  expect(left.path.encrypt(packet4()).verdict).toBe("held");
  left.path.steer(Uint32Array.of(5, sa.place));
  expect(left.path.encrypt(packet4()).packets).toHaveLength(2);
  left.path.steer(Uint32Array.of(5, NO_PLACE));
  expect(left.path.encrypt(packet4()).verdict).toBe("held");
  expect(left.path.encrypt(packet4()).verdict).toBe("held");
  expect(events(left).map(({ kind }) => kind)).toEqual(["acquire", "acquire"]);
});

test("counters count, a removed place reads zero and can be used again", () => {
  const { left, sa } = pair();
  const inner = packet4();
  sent(left, inner);
  const words = new BigUint64Array(COUNTERS_A_PLACE);
  left.path.readCounters(Uint32Array.of(0), words);
  expect([...words.subarray(0, 3)]).toEqual([1n, BigInt(inner.length), 1n]);
  left.path.removeSas(Uint32Array.of(0));
  left.path.readCounters(Uint32Array.of(0), words);
  expect([...words]).toEqual(new Array(COUNTERS_A_PLACE).fill(0n));
  left.path.installSas(encodeSas([sa]));
  expect(left.path.facts().sas).toBe(1);
});

test("a batch with one wrong record does nothing and names it", () => {
  const member = openMember();
  const good = saRecord("aes-128-gcm");
  const batch = encodeSas([good, { ...good, place: 1, spi: 255 }]);
  expect(() => member.path.installSas(batch)).toThrow("SA 1: its SPI is reserved");
  expect(member.path.facts().sas).toBe(0);
});

test("clear traffic that should have been protected is dropped and told; the rest passes", () => {
  const { left } = pair();
  expect(left.path.encrypt(packet4({ source: "10.2.0.9", destination: "10.1.0.9" })).verdict).toBe(
    "clear though it should be protected",
  );
  expect(left.path.encrypt(packet4({ source: "10.1.0.9", destination: "10.9.0.9" })).verdict).toBe("bypass");
  expect(events(left)).toMatchObject([{ kind: "clear", policy: 1, packet: { source: "10.2.0.9" } }]);
});
