import { describe, expect, test } from "vitest";
import { decode, encode } from "../../wire/codec.ts";
import { type IsakmpPolicy, POLICY_DEFAULTS } from "../isakmp-model.ts";
import { clearPayloads } from "./isakmp-message.ts";
import { checkPhaseOne, choosePhaseOne, offerPhaseOne } from "./phase-one-proposals.ts";
import { message, RECORDINGS, taken } from "./recorded.test-support.ts";
import { type Attribute, type SaPayload, saPayload } from "./sa-payload-codec.ts";

const policy = (change: Partial<IsakmpPolicy>): IsakmpPolicy => ({
  ...POLICY_DEFAULTS,
  authentication: "pre-share",
  ...change,
});
const WEAK = policy({ keyBits: 128, hash: "sha", group: 14 });
const STRONG = policy({});

const withAttributes = (offer: SaPayload, change: (list: readonly Attribute[]) => Attribute[]): SaPayload => ({
  proposals: offer.proposals.map(proposal => ({
    ...proposal,
    transforms: proposal.transforms.map(each => ({ ...each, attributes: change(each.attributes) })),
  })),
});

test("what is offered is chosen, in the order of the responder's policies", () => {
  const offer = offerPhaseOne([WEAK, STRONG]);
  expect(choosePhaseOne(offer, [STRONG, WEAK])).toMatchObject({ policy: { keyBits: 256 } });
  expect(choosePhaseOne(offer, [WEAK, STRONG])).toMatchObject({ policy: { keyBits: 128 } });
});

test("the answer is the transform as it was offered, and the initiator knows it again", () => {
  const chosen = choosePhaseOne(offerPhaseOne([WEAK, STRONG]), [STRONG]);
  if ("refused" in chosen) throw new Error(chosen.refused);
  expect(chosen.answer.proposals[0]?.transforms).toMatchObject([{ number: 2 }]);
  expect(checkPhaseOne(chosen.answer, [WEAK, STRONG])).toMatchObject({ policy: STRONG });
});

test("the shorter lifetime holds", () => {
  const offer = offerPhaseOne([policy({ lifetimeSeconds: 3_600 })]);
  expect(choosePhaseOne(offer, [policy({})])).toMatchObject({ policy: { lifetimeSeconds: 3_600 } });
  const long = offerPhaseOne([policy({ lifetimeSeconds: 86_400 })]);
  expect(choosePhaseOne(long, [policy({ lifetimeSeconds: 120 })])).toMatchObject({ policy: { lifetimeSeconds: 120 } });
});

test.each(RECORDINGS.map(each => [each.ike, each] as const))("strongSwan's offer of %s is chosen", (ike, recording) => {
  const offered = taken(clearPayloads(message(recording, 0))).one("sa") ?? new Uint8Array(0);
  const chosen = choosePhaseOne(taken(decode(saPayload, offered, "sa")), [
    WEAK,
    policy({ hash: "sha", group: 19 }),
    policy({ hash: "sha512", group: 15 }),
  ]);
  if ("refused" in chosen) throw new Error(chosen.refused);
  expect(ike).toContain(`aes${chosen.policy.keyBits}`);
  expect(taken(decode(saPayload, encode(saPayload, chosen.answer), "sa"))).toEqual(chosen.answer);
});

test("a policy with signatures, or with a group that is none, is not offered", () => {
  expect(offerPhaseOne([policy({ authentication: "rsa-sig" }), policy({ group: 22 }), WEAK]).proposals).toMatchObject([
    { transforms: [{ number: 1 }] },
  ]);
});

describe("I11, I12: what is not chosen", () => {
  const offer = offerPhaseOne([STRONG]);
  const change = (type: number, value: number | undefined): SaPayload =>
    withAttributes(offer, list =>
      list.flatMap(each => (each.type !== type ? [each] : value === undefined ? [] : [{ type, value }])),
    );

  test.each([
    ["without a cipher", change(1, undefined)],
    ["without a hash", change(2, undefined)],
    ["without an authentication method", change(3, undefined)],
    ["without a group", change(4, undefined)],
    ["without a key length", change(14, undefined)],
    ["DES", change(1, 1)],
    ["3DES", change(1, 5)],
    ["MD5", change(2, 1)],
    ["a key length of 0", change(14, 0)],
    ["a key length of 1", change(14, 1)],
    ["a key length of 65535", change(14, 65_535)],
    ["RSA encryption (I29)", change(3, 4)],
    ["group 0", change(4, 0)],
    ["a private group", change(4, 65_535)],
    ["a key length twice", withAttributes(offer, list => [...list, { type: 14, value: 256 }])],
    ["an attribute that nobody knows", withAttributes(offer, list => [...list, { type: 99, value: 1 }])],
    ["a lifetime without a unit", withAttributes(offer, list => list.filter(each => each.type !== 11))],
    ["a unit without a lifetime", withAttributes(offer, list => list.filter(each => each.type !== 12))],
    ["a lifetime of nothing", change(12, 0)],
    [
      "a lifetime beyond numbers",
      withAttributes(offer, list =>
        list.map(each => (each.type === 12 ? { ...each, value: new Uint8Array(9) } : each)),
      ),
    ],
    ["two proposals at once", { proposals: [...offer.proposals, ...offer.proposals] }],
    ["ESP", { proposals: offer.proposals.map(each => ({ ...each, protocol: 3 })) }],
  ])("%s", (_, offered) => {
    expect(choosePhaseOne(offered, [STRONG])).toHaveProperty("refused");
  });

  test("and the log says what the peer wanted", () => {
    const offered = withAttributes(offer, list =>
      list.flatMap(each => (each.type === 1 ? [{ type: 1, value: 5 }] : each.type === 14 ? [] : [each])),
    );
    expect(choosePhaseOne(offered, [STRONG])).toEqual({ refused: "no policy of ours among 3des sha256 group 14" });
  });

  test("an answer of two transforms", () => {
    expect(checkPhaseOne(offerPhaseOne([STRONG, WEAK]), [STRONG, WEAK])).toHaveProperty("refused");
  });
});
