/**
 * `crypto isakmp policy` as an offer, and as the answer to one: RFC 2409 section 5 and appendix A.
 *
 * The responder takes the first of its own policies that the peer offers, and the shorter of the two lifetimes, as IOS
 * does. DES, 3DES and MD5 have no name here, so no offer of them is taken.
 */
import { dhGroup } from "../dh-groups.ts";
import type { IsakmpHash, IsakmpPolicy } from "../isakmp-model.ts";
import { type Attributes, lifetimeAttributes, readAttributes } from "./attributes.ts";
import type { Attribute, SaPayload, Transform } from "./sa-payload-codec.ts";

export interface PhaseOneChoice {
  /** The policy of ours that it is, with the lifetime that both hold to. */
  readonly policy: IsakmpPolicy;
  /** The SA payload that says so. */
  readonly answer: SaPayload;
}

/** Nothing was taken; a phrase for the log, which says what the peer offered. */
export interface NotChosen {
  readonly refused: string;
}

const PROTOCOL_ISAKMP = 1;
const KEY_IKE = 1;
const TYPE = { cipher: 1, hash: 2, authentication: 3, group: 4, keyLength: 14 } as const;
const LIFETIME = { unit: 11, amount: 12 };
const AES_CBC = 7;
const PRESHARED_KEY = 1;
const HASHES: Readonly<Record<IsakmpHash, number>> = { sha: 2, sha256: 4, sha384: 5, sha512: 6 };

/** Every policy, in order, as one transform of one proposal. At least one is usable. */
export function offerPhaseOne(policies: readonly IsakmpPolicy[]): SaPayload {
  const transforms = usable(policies).map((policy, at) => transformOf(policy, at + 1));
  return { proposals: [{ number: 1, protocol: PROTOCOL_ISAKMP, spi: new Uint8Array(0), transforms }] };
}

/** Those that can be negotiated: with a preshared key, and a group that exists here. */
export function usable(policies: readonly IsakmpPolicy[]): IsakmpPolicy[] {
  return policies.filter(each => each.authentication === "pre-share" && dhGroup(each.group) !== undefined);
}

export function choosePhaseOne(offered: SaPayload, policies: readonly IsakmpPolicy[]): PhaseOneChoice | NotChosen {
  const [proposal, ...others] = offered.proposals;
  // Several would have to be met together, and a phase 1 has one protocol.
  if (proposal === undefined || others.length > 0 || proposal.protocol !== PROTOCOL_ISAKMP)
    return { refused: "no proposal of one phase 1" };
  for (const policy of usable(policies)) {
    for (const transform of proposal.transforms) {
      const attributes = matching(transform, policy);
      if (attributes === undefined) continue;
      const lifetimeSeconds = Math.min(attributes.seconds ?? policy.lifetimeSeconds, policy.lifetimeSeconds);
      const answer = { proposals: [{ ...proposal, transforms: [transform] }] };
      return { policy: { ...policy, lifetimeSeconds }, answer };
    }
  }
  return { refused: `no policy of ours among ${proposal.transforms.map(described).join(", ")}` };
}

/** The initiator's look at the answer: one transform, and one that it offered. */
export function checkPhaseOne(answer: SaPayload, policies: readonly IsakmpPolicy[]): PhaseOneChoice | NotChosen {
  const transforms = answer.proposals.flatMap(each => each.transforms);
  if (transforms.length !== 1) return { refused: `an answer of ${transforms.length} transforms, one wanted` };
  return choosePhaseOne(answer, policies);
}

function transformOf(policy: IsakmpPolicy, number: number): Transform {
  const attributes: Attribute[] = [
    { type: TYPE.cipher, value: AES_CBC },
    { type: TYPE.keyLength, value: policy.keyBits },
    { type: TYPE.hash, value: HASHES[policy.hash] },
    { type: TYPE.group, value: policy.group },
    { type: TYPE.authentication, value: PRESHARED_KEY },
    ...lifetimeAttributes({ seconds: policy.lifetimeSeconds, kilobytes: undefined }, LIFETIME),
  ];
  return { number, id: KEY_IKE, attributes };
}

function matching({ id, attributes }: Transform, policy: IsakmpPolicy): Attributes | undefined {
  const read = readAttributes(attributes, LIFETIME);
  if (read === undefined || id !== KEY_IKE || read.numbers.size !== Object.keys(TYPE).length) return undefined;
  const wanted: readonly (readonly [number, number])[] = [
    [TYPE.cipher, AES_CBC],
    [TYPE.keyLength, policy.keyBits],
    [TYPE.hash, HASHES[policy.hash]],
    [TYPE.group, policy.group],
    [TYPE.authentication, PRESHARED_KEY],
  ];
  return wanted.every(([type, value]) => read.numbers.get(type) === value) ? read : undefined;
}

const CIPHERS: Readonly<Record<number, string>> = { 1: "des", 5: "3des", [AES_CBC]: "aes" };
const HASH_NAMES: Readonly<Record<number, string>> = {
  1: "md5",
  ...Object.fromEntries(Object.entries(HASHES).map(([name, number]) => [number, name])),
};

/** `aes 128 sha group 14`, as an operator would configure it. */
function described({ attributes }: Transform): string {
  const read = readAttributes(attributes, LIFETIME);
  if (read === undefined) return "what is not understood";
  const { numbers } = read;
  const number = (type: number): number => numbers.get(type) ?? 0;
  const cipher = CIPHERS[number(TYPE.cipher)] ?? `cipher ${number(TYPE.cipher)}`;
  const bits = numbers.has(TYPE.keyLength) ? ` ${number(TYPE.keyLength)}` : "";
  const hash = HASH_NAMES[number(TYPE.hash)] ?? `hash ${number(TYPE.hash)}`;
  const method = number(TYPE.authentication);
  const authentication = method === PRESHARED_KEY ? "" : ` authentication ${method}`;
  return `${cipher}${bits} ${hash} group ${number(TYPE.group)}${authentication}`;
}
