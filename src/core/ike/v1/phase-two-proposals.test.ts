import { describe, expect, test } from "vitest";
import type { TransformSet } from "../../ipsec/ipsec-model.ts";
import {
  checkPhaseTwo,
  choosePhaseTwo,
  offerPhaseTwo,
  type PhaseTwoChoice,
  type PhaseTwoWish,
} from "./phase-two-proposals.ts";
import type { Attribute, Proposal, SaPayload } from "./sa-payload-codec.ts";

const AES: TransformSet = { name: "A", cipher: { kind: "aes-cbc", bits: 128 }, hash: "sha", mode: "tunnel" };
const GCM: TransformSet = { name: "G", cipher: { kind: "aes-gcm", bits: 256 }, hash: undefined, mode: "tunnel" };
const CHACHA: TransformSet = { name: "C", cipher: { kind: "chacha20" }, hash: undefined, mode: "tunnel" };
const wish = (change: Partial<PhaseTwoWish> = {}): PhaseTwoWish => ({
  sets: [AES],
  pfsGroup: undefined,
  seconds: 3_600,
  kilobytes: 4_608_000,
  encapsulation: "none",
  ...change,
});
const offered = (change: Partial<PhaseTwoWish> = {}): SaPayload => {
  const offer = offerPhaseTwo(wish(change), 0x1001);
  if (offer === undefined) throw new Error("nothing is offered");
  return offer;
};
const chosen = (offer: SaPayload, change: Partial<PhaseTwoWish> = {}): PhaseTwoChoice => {
  const choice = choosePhaseTwo(offer, wish(change), 0x2002);
  if ("refused" in choice) throw new Error(choice.refused);
  return choice;
};
const changed = (offer: SaPayload, change: (proposal: Proposal) => Proposal): SaPayload => ({
  proposals: offer.proposals.map(change),
});
const withAttributes = (offer: SaPayload, change: (list: readonly Attribute[]) => readonly Attribute[]): SaPayload =>
  changed(offer, proposal => ({
    ...proposal,
    transforms: proposal.transforms.map(each => ({ ...each, attributes: change(each.attributes) })),
  }));

test("the first set of ours that the peer offers, with the SPIs of both", () => {
  const choice = chosen(offered({ sets: [AES, GCM] }), { sets: [GCM, AES] });
  expect(choice).toMatchObject({ set: GCM, peerSpi: 0x1001, group: undefined });
  expect(choice.answer.proposals).toMatchObject([
    { spi: Uint8Array.of(0, 0, 0x20, 0x02), transforms: [{ number: 2 }] },
  ]);
  expect(checkPhaseTwo(choice.answer, wish({ sets: [AES, GCM] }))).toMatchObject({ set: GCM, peerSpi: 0x2002 });
});

test("the shorter of both lifetimes, in each unit", () => {
  expect(chosen(offered({ seconds: 1_000 }), { kilobytes: 2_560 })).toMatchObject({ seconds: 1_000, kilobytes: 2_560 });
  expect(chosen(offered({ kilobytes: undefined }), {})).toMatchObject({ seconds: 3_600, kilobytes: 4_608_000 });
});

describe("perfect forward secrecy", () => {
  test("asked for here, the peer must offer the same group", () => {
    expect(chosen(offered({ pfsGroup: 14 }), { pfsGroup: 14 }).group).toBe(14);
    for (const pfsGroup of [undefined, 15])
      expect(choosePhaseTwo(offered({ pfsGroup }), wish({ pfsGroup: 14 }), 1)).toHaveProperty("refused");
  });

  test("not asked for here, any group that exists is taken, and no other (I13)", () => {
    expect(chosen(offered({ pfsGroup: 19 })).group).toBe(19);
    for (const pfsGroup of [22, 1025, 65_535])
      expect(choosePhaseTwo(offered({ pfsGroup }), wish(), 1)).toHaveProperty("refused");
  });

  test("the initiator takes no answer with another group", () => {
    const { answer } = chosen(offered({ pfsGroup: 19 }));
    expect(checkPhaseTwo(answer, wish({ pfsGroup: 19 }))).toMatchObject({ group: 19 });
    expect(checkPhaseTwo(answer, wish({ pfsGroup: undefined }))).toHaveProperty("refused");
  });
});

test("ESP in UDP is another mode, and both sides mean the same one", () => {
  const udp = offered({ encapsulation: "udp" });
  expect(udp.proposals[0]?.transforms[0]?.attributes).toContainEqual({ type: 4, value: 3 });
  expect(choosePhaseTwo(udp, wish(), 1)).toHaveProperty("refused");
  expect(chosen(udp, { encapsulation: "udp" }).set).toBe(AES);
});

test("what IKEv1 has no number for is left out", () => {
  expect(offerPhaseTwo(wish({ sets: [CHACHA] }), 1)).toBeUndefined();
  expect(offered({ sets: [CHACHA, AES] }).proposals[0]?.transforms).toHaveLength(1);
});

describe("I11, I12: what is not chosen", () => {
  test.each([
    ["AH", changed(offered(), each => ({ ...each, protocol: 2 }))],
    ["an SPI of no octets", changed(offered(), each => ({ ...each, spi: new Uint8Array(0) }))],
    ["an SPI of eight octets", changed(offered(), each => ({ ...each, spi: new Uint8Array(8).fill(1) }))],
    ["a reserved SPI", changed(offered(), each => ({ ...each, spi: Uint8Array.of(0, 0, 0, 255) }))],
    ["AH and ESP together", { proposals: offered().proposals.flatMap(each => [each, { ...each, protocol: 2 }]) }],
    ["no integrity with CBC", withAttributes(offered(), list => list.filter(each => each.type !== 5))],
    ["integrity with GCM", withAttributes(offered({ sets: [GCM] }), list => [...list, { type: 5, value: 2 }])],
    ["MD5", withAttributes(offered(), list => list.map(each => (each.type === 5 ? { type: 5, value: 1 } : each)))],
    ["no key length", withAttributes(offered(), list => list.filter(each => each.type !== 6))],
    [
      "transport mode",
      withAttributes(offered(), list => list.map(each => (each.type === 4 ? { type: 4, value: 2 } : each))),
    ],
    ["DES", changed(offered(), each => ({ ...each, transforms: each.transforms.map(t => ({ ...t, id: 2 })) }))],
  ])("%s", (_, offer) => {
    expect(choosePhaseTwo(offer, wish({ sets: [AES, GCM] }), 1)).toHaveProperty("refused");
  });

  test("and the log says what the peer wanted", () => {
    const choice = choosePhaseTwo(offered({ sets: [GCM] }), wish(), 1);
    expect(choice).toEqual({ refused: "no transform set of ours among gcm 256 integrity none tunnel no PFS" });
  });
});
