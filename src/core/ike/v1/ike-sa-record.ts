/**
 * An IKE SA as octets: what the active checkpoints and a standby goes on from. Times cross as what is left of them, so
 * that two clocks need not agree, and a record only ever shortens a life. The schema is `proto/ike_sa.proto`.
 *
 * A record is the other member's word, so it is read as any input is: what is no record is refused, naming the field.
 */
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { Secret } from "../../crypto/secret.ts";
import { WireError } from "../../errors.ts";
import { addressFrom } from "../../ipsec/selector-record.ts";
import { type IkeSaV1Record, IkeSaV1RecordSchema } from "../../proto/ike_sa_pb.ts";
import { ipToOctets } from "../../wire/address.ts";
import type { IkeRecord } from "../ike-port.ts";
import type { IsakmpHash, IsakmpPolicy } from "../isakmp-model.ts";
import { exchangeFrom, exchangeRecord, recordedExchanges, restoreExchange } from "./exchange-record.ts";
import type { Refused } from "./exchange-rows.ts";
import { type Exchange, IkeSa } from "./ike-sa.ts";

const HASHES: readonly IsakmpHash[] = ["sha", "sha256", "sha384", "sha512"];
const KEY_BITS = [128, 192, 256] as const;
const COOKIE_OCTETS = 8;

/** Before this a loss costs no more than a first message sent again: the standby does not hold it. */
export function isReplicated(sa: IkeSa): boolean {
  if (sa.established) return true;
  const { work } = sa.main;
  return work?.kind === "main" && (work.state === "key-answered" || work.state === "proof-sent");
}

/** The caller wipes what comes back: there are keys in it. */
export function writeRecord(sa: IkeSa, now: number): Uint8Array {
  const left = (atMs: number): bigint => BigInt(Math.max(0, Math.floor(Math.min(atMs, now + LONGEST_MS) - now)));
  const { policy, keys, peer, nat, dpd } = sa;
  const recorded = recordedExchanges(sa.exchanges.values());
  const unrecorded = new Set(
    [...sa.exchanges.values()].filter(each => isWaiting(each, recorded)).map(e => e.messageId),
  );
  const record = create(IkeSaV1RecordSchema, {
    initiator: sa.role === "initiator",
    local: ipToOctets(sa.local),
    remote: ipToOctets(sa.remote),
    ports: { local: sa.localPort, remote: sa.remotePort },
    initiatorCookie: sa.initiatorCookie,
    responderCookie: sa.responderCookie,
    established: sa.established,
    ...(policy === undefined ? {} : { ...policyRecord(policy) }),
    ...(keys === undefined
      ? {}
      : {
          derive: Uint8Array.from(keys.derive.reveal()),
          authenticate: Uint8Array.from(keys.authenticate.reveal()),
          cipher: Uint8Array.from(keys.cipher.reveal()),
        }),
    lastBlock: sa.lastBlock,
    peerDpd: peer.dpd,
    peerUnderstudy: peer.understudy,
    ...(peer.natTraversal === undefined ? {} : { natTraversal: peer.natTraversal }),
    ...{ natHere: nat.here, natThere: nat.there, natForced: nat.forced },
    ...(peer.identity === undefined ? {} : { identity: peer.identity.octets, identityShown: peer.identity.shown }),
    sinceEstablishedMs: BigInt(Math.max(0, Math.floor(now - sa.establishedAtMs))),
    renewMs: left(sa.renewAtMs),
    expireMs: left(sa.expiresAtMs),
    ...{ dpdNext: dpd.nextSequence, dpdPeer: dpd.peerSequence },
    ...(dpd.question === undefined ? {} : { dpdQuestion: dpd.question }),
    // The message that a computation answers comes again, and must be new to a successor.
    usedIds: [...sa.usedIds].filter(id => !unrecorded.has(id)),
    main: exchangeRecord(sa.main),
    exchanges: recorded.map(exchangeRecord),
  });
  return toBinary(IkeSaV1RecordSchema, record);
}

export function readRecord(octets: Uint8Array): IkeSaV1Record | Refused {
  try {
    const record = fromBinary(IkeSaV1RecordSchema, octets);
    const wrong = wrongField(record);
    return wrong === undefined ? record : { refused: `ike-sa.${wrong}` };
  } catch (error) {
    // The library throws plain errors for what is no protobuf at all.
    return { refused: String(error) };
  }
}

/** `record` was read by `readRecord`. */
export function restoreIkeSa(
  record: IkeSaV1Record,
  { id, owner, ageMs }: Pick<IkeRecord, "id" | "owner" | "ageMs">,
  connection: number,
  now: number,
): IkeSa | Refused {
  const sa = new IkeSa({
    ...{ id, connection, owner, now },
    role: record.initiator ? "initiator" : "responder",
    local: addressFrom("local", record.local),
    remote: addressFrom("remote", record.remote),
    localPort: record.ports?.local ?? 0,
    remotePort: record.ports?.remote ?? 0,
    initiatorCookie: Uint8Array.from(record.initiatorCookie),
    responderCookie: Uint8Array.from(record.responderCookie),
  });
  const { derive, authenticate, cipher } = record;
  const policy = policyFrom(record);
  sa.checkpointed = true;
  sa.established = record.established;
  sa.policy = policy;
  sa.keys = {
    hash: policy.hash === "sha" ? "sha1" : policy.hash,
    derive: new Secret(derive),
    authenticate: new Secret(authenticate),
    cipher: new Secret(cipher),
  };
  sa.lastBlock = Uint8Array.from(record.lastBlock);
  const { natTraversal } = record;
  sa.peer = {
    dpd: record.peerDpd,
    understudy: record.peerUnderstudy,
    natTraversal: natTraversal === "rfc" || natTraversal === "draft" ? natTraversal : undefined,
    identity: record.identity && { octets: Uint8Array.from(record.identity), shown: record.identityShown },
  };
  sa.nat = { here: record.natHere, there: record.natThere, forced: record.natForced };
  const writtenAtMs = now - ageMs;
  sa.establishedAtMs = writtenAtMs - Number(record.sinceEstablishedMs);
  sa.begunAtMs = sa.establishedAtMs;
  sa.renewAtMs = writtenAtMs + Number(record.renewMs);
  sa.expiresAtMs = writtenAtMs + Number(record.expireMs);
  sa.dpd.nextSequence = record.dpdNext;
  sa.dpd.peerSequence = record.dpdPeer;
  sa.dpd.question = record.dpdQuestion;
  for (const used of record.usedIds) sa.usedIds.add(used);
  return withExchanges(sa, record, now);
}

const LONGEST_MS = 2 ** 40;

function withExchanges(sa: IkeSa, { main, exchanges }: IkeSaV1Record, now: number): IkeSa | Refused {
  try {
    if (main !== undefined) restoreExchange(sa.main, main, sa, now);
    for (const each of exchanges) sa.exchanges.set(each.messageId, exchangeFrom(each, sa, now));
    return sa;
  } catch (error) {
    if (error instanceof WireError) return { refused: error.message };
    throw error;
  }
}

/** Not over, and not in the record. */
function isWaiting(exchange: Exchange, recorded: readonly Exchange[]): boolean {
  const { work } = exchange;
  const over = work === undefined || (work.kind === "quick" && (work.state === "done" || work.state === "confirmed"));
  return !over && !recorded.includes(exchange);
}

function policyRecord({ keyBits, hash, group, lifetimeSeconds }: IsakmpPolicy) {
  return { keyBits, hash, group, lifetimeSeconds };
}

function policyFrom({ keyBits, hash, group, lifetimeSeconds }: IkeSaV1Record): IsakmpPolicy {
  return {
    keyBits: KEY_BITS.find(each => each === keyBits) ?? 256,
    hash: HASHES.find(each => each === hash) ?? "sha256",
    authentication: "pre-share",
    group,
    lifetimeSeconds,
  };
}

/** What must be there for `restoreIkeSa`; its name. */
function wrongField(record: IkeSaV1Record): string | undefined {
  const isAddress = (octets: Uint8Array): boolean => octets.length === 4 || octets.length === 16;
  const checks: readonly (readonly [string, boolean])[] = [
    ["local", isAddress(record.local)],
    ["remote", isAddress(record.remote) && record.remote.length === record.local.length],
    ["ports", record.ports !== undefined],
    ["initiatorCookie", record.initiatorCookie.length === COOKIE_OCTETS],
    ["responderCookie", record.responderCookie.length === COOKIE_OCTETS],
    ["keyBits", KEY_BITS.some(each => each === record.keyBits)],
    ["hash", HASHES.some(each => each === record.hash)],
    ["cipher", record.cipher.length === record.keyBits / 8],
    ["derive", record.derive.length > 0],
    ["authenticate", record.authenticate.length > 0],
    ["identity", !record.established || record.identity !== undefined],
  ];
  return checks.find(([, right]) => !right)?.[0];
}
