/**
 * Messages into packets and back, for both versions, with their authentication. Decoding proves shape and sender;
 * whether the packet may count at all (TTL, addresses, group) is `hsrp-receive.ts`.
 */
import { WireError } from "../errors.ts";
import {
  familyOf,
  type IpAddress,
  type Ipv4,
  ipFromOctets,
  ipToOctets,
  ipv4FromOctets,
  isIpv4,
  isUnspecified,
  type MacAddress,
} from "../wire/address.ts";
import { decode, encode } from "../wire/codec.ts";
import {
  DEFAULT_TEXT,
  type Hash,
  type HsrpAuth,
  type HsrpKey,
  md5Digest,
  sameOctets,
  textOctets,
  withoutDigest,
} from "./hsrp-auth.ts";
import { DIGEST_LENGTH, type Md5Body } from "./hsrp-md5-codec.ts";
import type { HsrpMessage } from "./hsrp-message.ts";
import { type HsrpV1, hsrpV1 } from "./hsrp-v1-codec.ts";
import { type GroupState, type HsrpV2, hsrpV2 } from "./hsrp-v2-codec.ts";

export interface PacketContext {
  readonly version: 1 | 2;
  readonly auth: HsrpAuth;
  readonly hash: Hash;
}

export type DecodedHsrp =
  | { readonly kind: "message"; readonly message: HsrpMessage; readonly identifier: MacAddress | undefined }
  /** Says what an interface does; nothing depends on it. */
  | { readonly kind: "advertisement" }
  | { readonly kind: "malformed"; readonly error: WireError }
  | {
      readonly kind: "unauthentic";
      readonly because: "text" | "md5-unexpected" | "md5-missing" | "md5-wrong" | "md5-key" | "md5-source";
      /** What it claims to say. */
      readonly message: HsrpMessage;
    };

export function encodeHsrp(
  message: HsrpMessage,
  source: { address: IpAddress; mac: MacAddress },
  context: PacketContext,
): Uint8Array {
  const { auth, hash } = context;
  const [key] = auth.kind === "md5" ? auth.keys : [];
  const draft =
    context.version === 1 ? encodeV1(message, source.address, auth, key) : encodeV2(message, source, auth, key);
  if (key === undefined) return draft;
  // The digest stands at the end, and is zero while it is computed.
  draft.set(md5Digest(hash, key.octets, draft), draft.length - DIGEST_LENGTH);
  return draft;
}

export function decodeHsrp(packet: Uint8Array, source: IpAddress, context: PacketContext): DecodedHsrp {
  return context.version === 1 ? decodeV1(packet, source, context) : decodeV2(packet, source, context);
}

const V1_GROUP_AT = 6;
/** In a version 2 packet: tag, length, and the group in the body of the group state. */
const GROUP_STATE_TAG = 1;
const V2_GROUP_AT = 6;

/** Whom a packet is about, before anything of it is proved; `undefined` where that cannot be seen. */
export function groupNumberOf(packet: Uint8Array, version: 1 | 2): number | undefined {
  if (version === 1) return packet[V1_GROUP_AT];
  for (let at = 0; at + 1 < packet.length; at += 2 + (packet[at + 1] ?? 0)) {
    if (packet[at] !== GROUP_STATE_TAG) continue;
    const [high, low] = packet.subarray(at + V2_GROUP_AT, at + V2_GROUP_AT + 2);
    return high === undefined || low === undefined ? undefined : high * 256 + low;
  }
  return undefined;
}

function encodeV1(message: HsrpMessage, address: IpAddress, auth: HsrpAuth, key: HsrpKey | undefined): Uint8Array {
  // Seconds rounded up: a member that reads them must not give up before we do. Where both round up to the same, the
  // hold time is one more: nobody believes one that ends with the interval.
  const helloSeconds = Math.min(255, Math.ceil(message.helloMs / 1000));
  const longer = message.holdMs > message.helloMs ? helloSeconds + 1 : 0;
  const holdSeconds = Math.min(255, Math.max(longer, Math.ceil(message.holdMs / 1000)));
  const value: HsrpV1 = {
    message: {
      kind: message.opcode,
      body: {
        state: message.state,
        helloSeconds,
        holdSeconds,
        priority: message.priority,
        group: message.group,
        reserved: 0,
        authentication: auth.kind === "text" ? textOctets(auth.text) : new Uint8Array(8),
        virtualAddress: (message.virtualAddress ?? "0.0.0.0") as Ipv4,
        md5: key && { body: unsigned(address, key) },
      },
    },
  };
  return encode(hsrpV1, value);
}

function encodeV2(
  message: HsrpMessage,
  { address, mac }: { address: IpAddress; mac: MacAddress },
  auth: HsrpAuth,
  key: HsrpKey | undefined,
): Uint8Array {
  const virtual = message.virtualAddress ?? ((isIpv4(address) ? "0.0.0.0" : "::") as IpAddress);
  const octets = new Uint8Array(16);
  octets.set(ipToOctets(virtual));
  const body: GroupState = {
    opcode: message.opcode,
    state: message.state,
    family: familyOf(virtual) === 4 ? "ipv4" : "ipv6",
    group: message.group,
    identifier: mac,
    priority: message.priority,
    helloMs: message.helloMs,
    holdMs: message.holdMs,
    virtualAddress: octets,
  };
  const proof: HsrpV2 =
    key !== undefined
      ? [{ kind: "md5", body: unsigned(address, key) }]
      : auth.kind === "text" && auth.text !== DEFAULT_TEXT
        ? [{ kind: "text", body: textOctets(auth.text) }]
        : [];
  return encode(hsrpV2, [{ kind: "groupState", body }, ...proof]);
}

function decodeV1(packet: Uint8Array, source: IpAddress, context: PacketContext): DecodedHsrp {
  const value = decode(hsrpV1, packet, "hsrp");
  if (value instanceof WireError) return { kind: "malformed", error: value };
  const { message } = value;
  if (message.kind === "advertise") return { kind: "advertisement" };
  const { body } = message;
  const { state, group, priority, helloSeconds, holdSeconds, virtualAddress } = body;
  const times = { helloMs: helloSeconds * 1000, holdMs: holdSeconds * 1000 };
  const decoded = { opcode: message.kind, state, group, priority, ...times, virtualAddress: known(virtualAddress) };
  const refusal = proofRefusal(packet, source, body.authentication, body.md5?.body, context);
  if (refusal !== undefined) return { kind: "unauthentic", because: refusal, message: decoded };
  return { kind: "message", message: decoded, identifier: undefined };
}

function decodeV2(packet: Uint8Array, source: IpAddress, context: PacketContext): DecodedHsrp {
  const bodies = decode(hsrpV2, packet, "hsrp");
  if (bodies instanceof WireError) return { kind: "malformed", error: bodies };
  const first = bodies.find(each => each.kind === "groupState");
  if (first === undefined && bodies.some(each => each.kind === "interfaceState")) return { kind: "advertisement" };
  const repeated = bodies.find((body, at) => bodies.some((other, n) => n < at && other.kind === body.kind));
  if (first === undefined || repeated !== undefined) {
    const detail = first === undefined ? "missing" : "repeated";
    const path = `hsrp.${repeated?.kind ?? "groupState"}`;
    return { kind: "malformed", error: new WireError("bad-value", path, 0, detail) };
  }
  const { opcode, state, family, group, identifier, priority, helloMs, holdMs, virtualAddress } = first.body;
  if (priority > 255 || group > 4095) {
    return {
      kind: "malformed",
      error: new WireError("bad-value", "hsrp.groupState", 0, `priority ${priority}, group ${group}`),
    };
  }
  const address = ipFromOctets(family === "ipv4" ? virtualAddress.subarray(0, 4) : virtualAddress);
  const said = state === "disabled" ? "initial" : state;
  const message = { opcode, state: said, group, priority, helloMs, holdMs, virtualAddress: known(address) };
  const text = bodies.find(each => each.kind === "text")?.body ?? textOctets(DEFAULT_TEXT);
  const refusal = proofRefusal(packet, source, text, bodies.find(each => each.kind === "md5")?.body, context);
  if (refusal !== undefined) return { kind: "unauthentic", because: refusal, message };
  return { kind: "message", message, identifier };
}

type Refused = Extract<DecodedHsrp, { kind: "unauthentic" }>["because"];

function proofRefusal(
  packet: Uint8Array,
  source: IpAddress,
  text: Uint8Array,
  md5: Md5Body | undefined,
  { auth, hash }: PacketContext,
): Refused | undefined {
  if (auth.kind === "text" && md5 !== undefined) return "md5-unexpected";
  if (auth.kind === "text") return sameOctets(text, textOctets(auth.text)) ? undefined : "text";
  if (md5 === undefined) return "md5-missing";
  // The address is under the digest; the IP header is not.
  if (md5.address !== fourOctets(source)) return "md5-source";
  const keys = auth.keys.filter(each => each.id === md5.keyId);
  if (keys.length === 0) return "md5-key";
  const zeroed = withoutDigest(packet, packet.length - DIGEST_LENGTH);
  return keys.some(key => sameOctets(md5Digest(hash, key.octets, zeroed), md5.digest)) ? undefined : "md5-wrong";
}

function unsigned(address: IpAddress, key: HsrpKey): Md5Body {
  const digest = new Uint8Array(DIGEST_LENGTH);
  return { padding: 0, flags: 0, address: fourOctets(address), keyId: key.id, digest };
}

/**
 * The field under the digest has four octets, with IPv6 too: dissectors read an IPv4 address there whatever the
 * family is. Of a link-local address its last four stand for it; no document says what others put there.
 */
function fourOctets(address: IpAddress): Ipv4 {
  return ipv4FromOctets(ipToOctets(address).subarray(-4));
}

function known(address: IpAddress): IpAddress | undefined {
  return isUnspecified(address) ? undefined : address;
}
