/**
 * E16: what the outer header says of congestion and what becomes of it inside (RFC 6040 section 4.2), and IPv6 as IPv4.
 */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { inward, nextHeaderOf } from "./esp-packets.ts";
import { Bench, GCM, referenceOf, saRecord, sealed } from "./esp-path.ts";

const [NOT_ECT, ECT_1, ECT_0, CE] = [0, 1, 2, 3] as const;
const DSCP = 0x28 << 2;

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});
afterEach(() => bench.close());

/** Figure 4 of RFC 6040: rows are what arrived inside, columns what the outer header said. */
const TABLE: readonly (readonly [inner: number, outer: number, becomes: number | "dropped"])[] = [
  [NOT_ECT, NOT_ECT, NOT_ECT],
  [NOT_ECT, ECT_0, NOT_ECT],
  [NOT_ECT, ECT_1, NOT_ECT],
  [NOT_ECT, CE, "dropped"],
  [ECT_0, NOT_ECT, ECT_0],
  [ECT_0, ECT_0, ECT_0],
  [ECT_0, ECT_1, ECT_1],
  [ECT_0, CE, CE],
  [ECT_1, NOT_ECT, ECT_1],
  [ECT_1, ECT_0, ECT_1],
  [ECT_1, ECT_1, ECT_1],
  [ECT_1, CE, CE],
  [CE, NOT_ECT, CE],
  [CE, ECT_0, CE],
  [CE, ECT_1, CE],
  [CE, CE, CE],
];

describe.each([4, 6] as const)("IPv%i inside", family => {
  test.each(TABLE)("ECN %i inside, %i outside: %s", (inner, outer, becomes) => {
    const record = saRecord(GCM, "inbound");
    bench.install(record);
    const payload = inward(family, { tos: DSCP | inner });
    const packet = sealed(referenceOf(GCM, record), { sequence: 1, payload, nextHeader: nextHeaderOf(payload) });
    const found = bench.receive(packet, { tos: outer });
    if (becomes === "dropped") {
      expect(found.verdict).toBe("congestion mark on a packet that cannot carry it");
      return;
    }
    expect(found.verdict).toBe("accepted");
    // The outer DSCP is nobody's: the inner one stays.
    expect(Array.from(found.packet ?? [])).toEqual(Array.from(inward(family, { tos: DSCP | becomes })));
  });
});

test("in compatibility the outer mark is not looked at", () => {
  const record = saRecord(GCM, "inbound", { ecn: "compatibility" });
  bench.install(record);
  const packet = sealed(referenceOf(GCM, record), { sequence: 1, payload: inward(4, { tos: ECT_0 }), nextHeader: 4 });
  const { verdict, packet: inner } = bench.receive(packet, { tos: CE });
  expect(verdict).toBe("accepted");
  expect(Array.from(inner ?? [])).toEqual(Array.from(inward(4, { tos: ECT_0 })));
});
