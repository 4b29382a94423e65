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
  left.role("draining", 1);
  expect(left.path.encrypt(inner).verdict).toBe("group not active");
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
  standby.role("active", 3);
  const outer = new DataView(sent(standby, packet4()).buffer);
  expect(outer.getUint32(4)).toBe(8000);
  expect(outer.getBigUint64(8)).toBe((7n << 48n) | 8000n);
  // R is Rs + J now: 999 more, and then nothing.
  for (let each = 0; each < 999; each++) sent(standby, packet4());
  expect(standby.path.encrypt(packet4()).verdict).toBe("reserved sequence numbers used up");
  expect(events(standby)).toContainEqual({ kind: "cap-reached", place: 0, spi: 0x1001, next: 9000 });
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

test("without an SA one packet is held and one acquire told; it goes when the SA comes", () => {
  const { left, right, sa } = pair();
  left.path.steer(Uint32Array.of(5, NO_PLACE));
  expect(left.path.encrypt(packet4()).verdict).toBe("held");
  expect(left.path.encrypt(packet4()).verdict).toBe("no SA yet");
  const told = events(left);
  expect(told).toHaveLength(1);
  expect(told[0]).toMatchObject({ kind: "acquire", bundle: 5, policy: 1, packet: { sourcePort: 1000, protocol: 17 } });
  left.path.steer(Uint32Array.of(5, sa.place));
  const both = left.path.encrypt(packet4()).packets;
  expect(both.map(outer => receiveFrom(right, outer).verdict)).toEqual(["accepted", "accepted"]);
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
