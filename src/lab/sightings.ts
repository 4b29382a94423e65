/**
 * What the switches saw of a pair during a fault: who sent what as active, and when, beside what was done. Pure.
 */
import { type IpAddress, parseIp } from "../core/wire/address.ts";
import { claimsOf, hsrpOf } from "./frames.ts";
import type { TapFrame } from "./tap.ts";

export interface Sighting {
  readonly atMs: number;
  readonly host: string;
  /** Why this frame is one that only the active sends; none for others. */
  readonly claims: readonly string[];
  readonly resigns: boolean;
}

export interface Moment {
  /** After the first deed. */
  readonly atMs: number;
  readonly what: string;
}

/** Who was who, and what was done; `Levers` has it. */
interface Deeds {
  readonly active: string;
  readonly standby: string;
  readonly marks: readonly Moment[];
}

/** `hosts` by the switch's ports. */
export function sightings(
  frames: readonly TapFrame[],
  hosts: ReadonlyMap<string, string>,
  virtual: readonly string[],
): Sighting[] {
  const addresses = virtual.flatMap((each): IpAddress[] => {
    const address = parseIp(each);
    return address === undefined ? [] : [address];
  });
  return frames.map(({ atMs, device, hex }) => {
    const octets = Buffer.from(hex, "hex");
    const resigns = hsrpOf(octets)?.opcode === "resign";
    return { atMs, host: hosts.get(device) ?? device, claims: claimsOf(octets, addresses), resigns };
  });
}

/** For a fault that stopped the active and woke it: what it then sent as active. */
export function afterWaking(
  { active, marks }: Deeds,
  seen: readonly Sighting[],
): { readonly framesAsActiveAfterWake: number; readonly claimsAfterWake: readonly string[] } | Record<never, never> {
  const woken = marks.find(each => each.what.startsWith(`${active}: SIGCONT`));
  if (woken === undefined) return {};
  const wrong = seen.filter(each => each.host === active && each.atMs > woken.atMs && each.claims.length > 0);
  const claims = [...new Set(wrong.flatMap(each => each.claims))];
  return { framesAsActiveAfterWake: wrong.length, claimsAfterWake: claims };
}

/** The deeds and what followed from them, in order. */
export function timeline({ active, standby, marks }: Deeds, seen: readonly Sighting[]): Moment[] {
  const began = marks[0]?.atMs;
  if (began === undefined) return [];
  const moments: (Moment | undefined)[] = [
    ...marks,
    moment(
      seen.findLast(each => each.host === active && each.atMs < began && each.claims.length > 0),
      `${active}: the last frame as active before`,
    ),
    moment(
      seen.find(each => each.atMs > began && each.resigns),
      "the first resignation",
    ),
    moment(
      seen.find(each => each.host === standby && each.atMs > began && each.claims.length > 0),
      `${standby}: the first frame as active`,
    ),
    moment(
      seen.findLast(each => each.host === active && each.atMs >= began && each.claims.length > 0),
      `${active}: the last frame as active`,
    ),
  ];
  return moments
    .filter(each => each !== undefined)
    .sort((a, b) => a.atMs - b.atMs)
    .map(({ atMs, what }) => ({ atMs: Math.round((atMs - began) * 10) / 10, what }));
}

function moment(sighting: Sighting | undefined, what: string): Moment | undefined {
  return sighting && { atMs: sighting.atMs, what: sighting.resigns ? `${what} (${sighting.host} resigns)` : what };
}
