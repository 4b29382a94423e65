import fc from "fast-check";
import { expect, test } from "vitest";
import { DEFAULT_LIFETIME, limitsFrom, remaining } from "./lifetimes.ts";

const jitter = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

test("renewal comes before the end, by clock, octets and packets, at another time for another jitter", () => {
  const lifetime = { seconds: 120, kilobytes: 2_560, packets: 1_000 };
  const early = limitsFrom({ lifetime, jitter: 0, nowMs: 5_000 });
  expect(early).toEqual({
    limits: {
      softOctets: 2_097_152,
      hardOctets: 2_621_440,
      softPackets: 800,
      hardPackets: 1_000,
      hardAtMs: 125_000,
    },
    softAtMs: 101_000,
  });
  expect(limitsFrom({ lifetime, jitter: 0.5, nowMs: 5_000 }).softAtMs).toBe(107_000);
  fc.assert(
    fc.property(jitter, part => {
      const { limits, softAtMs } = limitsFrom({ lifetime, jitter: part, nowMs: 0 });
      expect(softAtMs).toBeLessThan(limits.hardAtMs ?? 0);
      expect(limits.softOctets).toBeLessThan(limits.hardOctets ?? 0);
      expect(limits.softPackets).toBeLessThan(limits.hardPackets ?? 0);
    }),
  );
});

test("packets are unlimited by default", () => {
  const { limits } = limitsFrom({ lifetime: DEFAULT_LIFETIME, jitter: 0, nowMs: 0 });
  expect(limits).toMatchObject({ hardPackets: undefined, softPackets: undefined, hardAtMs: 3_600_000 });
});

test("what is left shrinks to nothing and no further", () => {
  const { limits } = limitsFrom({ lifetime: DEFAULT_LIFETIME, jitter: 0, nowMs: 1_000 });
  expect(remaining(limits, 1_024_000, 11_000)).toEqual({ milliseconds: 3_590_000, kilobytes: 4_607_000 });
  expect(remaining(limits, 2 ** 43, 9e9)).toEqual({ milliseconds: 0, kilobytes: 0 });
  expect(remaining({ ...limits, hardAtMs: undefined, hardOctets: undefined }, 5, 5)).toEqual({
    milliseconds: undefined,
    kilobytes: undefined,
  });
});
