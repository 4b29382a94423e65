import { expect, test } from "vitest";
import { inboundSpi } from "./child-sa.ts";

test.each([0, 1, 127, 128, 255, 0x8000_0000, 0xffff_ffff])(
  "an SPI from %i is its member's and not reserved",
  random => {
    for (const member of [0, 1] as const) {
      const spi = inboundSpi(random, member);
      expect(spi & 1).toBe(member);
      expect(spi).toBeGreaterThanOrEqual(256);
      expect(spi).toBeLessThanOrEqual(0xffff_ffff);
      expect(Number.isInteger(spi)).toBe(true);
    }
  },
);
