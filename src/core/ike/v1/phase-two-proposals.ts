/**
 * Transform sets as an offer of ESP, and as the answer to one: RFC 2407 sections 4.4.4 and 4.5, RFC 3947 section 5.1.
 *
 * All sets of a crypto map entry are transforms of one proposal. The answer has the shorter of both lifetimes. IKEv1
 * has no number for ChaCha20-Poly1305: such a set is left out of offers, and never matches. NULL is not negotiated.
 */

import type { TransformSet } from "../../ipsec/ipsec-model.ts";
import { dhGroup } from "../dh-groups.ts";
import { type Attributes, lifetimeAttributes, readAttributes } from "./attributes.ts";
import { numberOf, uint32 } from "./octets.ts";
import type { NotChosen } from "./phase-one-proposals.ts";
import type { Attribute, Proposal, SaPayload, Transform } from "./sa-payload-codec.ts";

/** ESP in UDP has mode numbers of its own: those of RFC 3947, and those of the drafts before it. */
export type Encapsulation = "none" | "udp" | "udp-draft";

export interface PhaseTwoWish {
  /** In order; the first that both have is taken. */
  readonly sets: readonly TransformSet[];
  /** Perfect forward secrecy with this group; `undefined` offers none, and takes what the peer offers. */
  readonly pfsGroup: number | undefined;
  readonly seconds: number | undefined;
  readonly kilobytes: number | undefined;
  readonly encapsulation: Encapsulation;
}

export interface PhaseTwoChoice {
  readonly set: TransformSet;
  /** What the peer receives by. */
  readonly peerSpi: number;
  readonly group: number | undefined;
  /** The lifetime that both hold to. */
  readonly seconds: number | undefined;
  readonly kilobytes: number | undefined;
  readonly answer: SaPayload;
}

const PROTOCOL_ESP = 3;
const SPI_OCTETS = 4;
const SPI_LEAST = 256;
const TYPE = { group: 3, mode: 4, integrity: 5, keyLength: 6 } as const;
const LIFETIME = { unit: 1, amount: 2 };
const AES_CBC = 12;
const AES_GCM_16 = 20;
const HASHES: Readonly<Record<NonNullable<TransformSet["hash"]>, number>> = { sha: 2, sha256: 5, sha384: 6, sha512: 7 };
const MODES: Readonly<Record<Encapsulation, Readonly<Record<TransformSet["mode"], number>>>> = {
  none: { tunnel: 1, transport: 2 },
  udp: { tunnel: 3, transport: 4 },
  "udp-draft": { tunnel: 61_443, transport: 61_444 },
};

/** `undefined` where IKEv1 has numbers for none of the sets. `spi` is what we shall receive by. */
export function offerPhaseTwo(wish: PhaseTwoWish, spi: number): SaPayload | undefined {
  const transforms = wish.sets
    .flatMap(set => transformOf(set, wish) ?? [])
    .map((transform, at) => ({ ...transform, number: at + 1 }));
  if (transforms.length === 0) return undefined;
  return { proposals: [{ number: 1, protocol: PROTOCOL_ESP, spi: uint32(spi), transforms }] };
}

/** `spi` is what we shall receive by; it stands in the answer. */
export function choosePhaseTwo(offered: SaPayload, wish: PhaseTwoWish, spi: number): PhaseTwoChoice | NotChosen {
  const single = offered.proposals.filter(each => offered.proposals.filter(e => e.number === each.number).length === 1);
  for (const set of wish.sets) {
    for (const proposal of single) {
      const peerSpi = spiOf(proposal);
      if (peerSpi === undefined) continue;
      for (const transform of proposal.transforms) {
        const attributes = matching(transform, set, wish);
        if (attributes === undefined) continue;
        const answer = { proposals: [{ ...proposal, spi: uint32(spi), transforms: [transform] }] };
        const group = attributes.numbers.get(TYPE.group);
        return { set, peerSpi, group, answer, ...shorter(attributes, wish) };
      }
    }
  }
  const all = offered.proposals.flatMap(each => each.transforms.map(transform => described(each, transform)));
  return { refused: `no transform set of ours among ${all.join(", ")}` };
}

/** The initiator's look at the answer: one transform, and one that it offered, with the group that it offered. */
export function checkPhaseTwo(answer: SaPayload, wish: PhaseTwoWish): PhaseTwoChoice | NotChosen {
  const transforms = answer.proposals.flatMap(each => each.transforms);
  if (transforms.length !== 1) return { refused: `an answer of ${transforms.length} transforms, one wanted` };
  const chosen = choosePhaseTwo(answer, wish, 0);
  if ("refused" in chosen || chosen.group === wish.pfsGroup) return chosen;
  return { refused: `an answer with group ${chosen.group ?? "none"}, ${wish.pfsGroup ?? "none"} wanted` };
}

function transformOf(set: TransformSet, wish: PhaseTwoWish): Omit<Transform, "number"> | undefined {
  const { cipher, hash } = set;
  if (cipher.kind !== "aes-cbc" && cipher.kind !== "aes-gcm") return undefined;
  const attributes: Attribute[] = [
    ...lifetimeAttributes(wish, LIFETIME),
    ...(wish.pfsGroup === undefined ? [] : [{ type: TYPE.group, value: wish.pfsGroup }]),
    { type: TYPE.mode, value: MODES[wish.encapsulation][set.mode] },
    ...(hash === undefined ? [] : [{ type: TYPE.integrity, value: HASHES[hash] }]),
    { type: TYPE.keyLength, value: cipher.bits },
  ];
  return { id: cipher.kind === "aes-cbc" ? AES_CBC : AES_GCM_16, attributes };
}

function matching({ id, attributes }: Transform, set: TransformSet, wish: PhaseTwoWish): Attributes | undefined {
  const read = readAttributes(attributes, LIFETIME);
  const own = transformOf(set, { ...wish, pfsGroup: undefined, seconds: undefined, kilobytes: undefined });
  if (read === undefined || own === undefined || own.id !== id) return undefined;
  const group = read.numbers.get(TYPE.group);
  if (wish.pfsGroup === undefined ? group !== undefined && dhGroup(group) === undefined : group !== wish.pfsGroup)
    return undefined;
  const said = new Map(read.numbers);
  said.delete(TYPE.group);
  const same = own.attributes.every(({ type, value }) => said.get(type) === value);
  return same && said.size === own.attributes.length ? read : undefined;
}

/** `undefined` for what is not ESP, and for SPIs that are reserved (RFC 4303 section 2.1). */
function spiOf({ protocol, spi }: Proposal): number | undefined {
  if (protocol !== PROTOCOL_ESP || spi.length !== SPI_OCTETS) return undefined;
  const value = numberOf(spi) ?? 0;
  return value >= SPI_LEAST ? value : undefined;
}

function shorter(a: Attributes, b: PhaseTwoWish): Pick<PhaseTwoChoice, "seconds" | "kilobytes"> {
  const least = (x: number | undefined, y: number | undefined): number | undefined =>
    x === undefined || y === undefined ? (x ?? y) : Math.min(x, y);
  return { seconds: least(a.seconds, b.seconds), kilobytes: least(a.kilobytes, b.kilobytes) };
}

function described({ protocol }: Proposal, { id, attributes }: Transform): string {
  if (protocol !== PROTOCOL_ESP) return `protocol ${protocol}`;
  const read = readAttributes(attributes, LIFETIME);
  if (read === undefined) return "what is not understood";
  const number = (type: number): number | undefined => read.numbers.get(type);
  const cipher = id === AES_CBC ? "aes" : id === AES_GCM_16 ? "gcm" : `cipher ${id}`;
  const integrity = named(HASHES, number(TYPE.integrity)) ?? `integrity ${number(TYPE.integrity) ?? "none"}`;
  const modes = Object.values(MODES).map(each => named(each, number(TYPE.mode)));
  const mode = modes.find(each => each !== undefined) ?? `mode ${number(TYPE.mode) ?? "none"}`;
  const group = number(TYPE.group);
  const words = [cipher, number(TYPE.keyLength), integrity, mode, group === undefined ? "no PFS" : `group ${group}`];
  return words.filter(Boolean).join(" ");
}

function named(names: Readonly<Record<string, number>>, value: number | undefined): string | undefined {
  return Object.keys(names).find(each => names[each] === value);
}
