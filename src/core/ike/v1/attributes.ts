/**
 * The attributes of a transform as numbers: RFC 2409 appendix A, RFC 2407 section 4.5.
 *
 * Lifetimes come in pairs, a unit and then its amount, as often as there are units; every other attribute stands once.
 * A transform that says anything twice, or anything that is no number, is not understood, and so not taken.
 */
import { numberOf, uint32 } from "./octets.ts";
import type { Attribute } from "./sa-payload-codec.ts";

export interface Attributes {
  readonly numbers: ReadonlyMap<number, number>;
  readonly seconds: number | undefined;
  readonly kilobytes: number | undefined;
}

/** Where a phase has its lifetime: 11 and 12 in phase 1, 1 and 2 in phase 2. */
export interface LifetimeTypes {
  readonly unit: number;
  readonly amount: number;
}

const SECONDS = 1;
const KILOBYTES = 2;
const SHORT_MAX = 0xffff;

/** `undefined` where they are not understood. */
export function readAttributes(list: readonly Attribute[], lifetime: LifetimeTypes): Attributes | undefined {
  const numbers = new Map<number, number>();
  const lifetimes = new Map<number, number>();
  let unit: number | undefined;
  for (const { type, value: written } of list) {
    const value = typeof written === "number" ? written : numberOf(written);
    if (value === undefined) return undefined;
    if (type === lifetime.unit) {
      if (unit !== undefined || (value !== SECONDS && value !== KILOBYTES) || lifetimes.has(value)) return undefined;
      unit = value;
    } else if (type === lifetime.amount) {
      if (unit === undefined || value === 0) return undefined;
      lifetimes.set(unit, value);
      unit = undefined;
    } else {
      if (numbers.has(type)) return undefined;
      numbers.set(type, value);
    }
  }
  if (unit !== undefined) return undefined;
  return { numbers, seconds: lifetimes.get(SECONDS), kilobytes: lifetimes.get(KILOBYTES) };
}

/** A lifetime of each unit that is there, as IOS and strongSwan write them: in the long form where it is needed. */
export function lifetimeAttributes(
  { seconds, kilobytes }: Pick<Attributes, "seconds" | "kilobytes">,
  { unit, amount }: LifetimeTypes,
): Attribute[] {
  const pair = (which: number, value: number | undefined): Attribute[] =>
    value === undefined
      ? []
      : [
          { type: unit, value: which },
          { type: amount, value: value <= SHORT_MAX ? value : uint32(value) },
        ];
  return [...pair(SECONDS, seconds), ...pair(KILOBYTES, kilobytes)];
}
