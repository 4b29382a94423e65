import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeIv, encodeIv, IV_COUNTER_LAST, type Member } from "./iv-layout.ts";

const counter = fc.integer({ min: 0, max: IV_COUNTER_LAST });
const member = fc.constantFrom<Member>(0, 1);
const epoch = fc.nat(2 ** 15 - 1);

test("epoch and member are the top 16 bits, the counter the other 48", () => {
  expect(encodeIv({ epoch: 0x1234, member: 1, counter: 0x0102_0304_0506 })).toEqual(
    Uint8Array.of(0x24, 0x69, 1, 2, 3, 4, 5, 6),
  );
});

test("what is put in comes out", () => {
  fc.assert(
    fc.property(epoch, member, counter, (e, m, c) => {
      expect(decodeIv(encodeIv({ epoch: e, member: m, counter: c }))).toEqual({ epoch: e, member: m, counter: c });
    }),
  );
});

test("two members share no IV, nor do two epochs within 2^15", () => {
  fc.assert(
    fc.property(fc.nat(2 ** 40), fc.integer({ min: 1, max: 2 ** 15 - 1 }), member, counter, (e, later, m, c) => {
      const mine = encodeIv({ epoch: e, member: m, counter: c });
      expect(encodeIv({ epoch: e, member: m === 0 ? 1 : 0, counter: c })).not.toEqual(mine);
      expect(encodeIv({ epoch: e + later, member: m, counter: c })).not.toEqual(mine);
    }),
  );
});

test("a counter that does not fit is a bug, not a wrap", () => {
  expect(() => encodeIv({ epoch: 1, member: 0, counter: IV_COUNTER_LAST + 1 })).toThrow("IV counter");
});
