/**
 * What each action of main mode's table does. The first action of a message's row checks it as a whole before anything is
 * remembered.
 *
 * Proof by signature has its place beside `proofFor`; it comes with certificates.
 */
import { WireError } from "../../errors.ts";
import { decode, encode } from "../../wire/codec.ts";
import { utf8 } from "../../wire/utf8.ts";
import { dhGroup } from "../dh-groups.ts";
import type { Refused } from "./exchange-table.ts";
import type { Host } from "./host.ts";
import { addressIdentity, hostnameIdentity, isPhaseOneIdentity, shownIdentity } from "./identity.ts";
import { type IkeSa, inUdp } from "./ike-sa.ts";
import { clearMessage, isZero } from "./isakmp-message.ts";
import { type IkeHash, type PhaseOneFacts, phaseOneIv, phaseOneProof, skeyIds } from "./keys.ts";
import type { MainMode, MainModeInput } from "./main-mode.ts";
import type { MainModeAction } from "./main-mode-table.ts";
import { seal } from "./message-protection.ts";
import { detectNat, NAT_PORT, natPayloads } from "./nat-detection.ts";
import { NOTIFY, notification } from "./notify.ts";
import { identificationPayload } from "./payload-codec.ts";
import type { Payloads } from "./payloads.ts";
import { checkPhaseOne, choosePhaseOne, offerPhaseOne } from "./phase-one-proposals.ts";
import { saPayload } from "./sa-payload-codec.ts";
import { answeringVendorIds, noteVendorIds, ourVendorIds } from "./vendor-ids.ts";

export interface MainTurn {
  readonly host: Host;
  readonly sa: IkeSa;
  readonly work: MainMode;
  readonly input: MainModeInput;
}

/** Octets of our nonces; more than the hash yields is of no use. */
export const NONCE_OCTETS = 32;
/** RFC 2409 section 5 wants at least 8; some peers send 16 and more. */
const NONCE_LEAST = 8;
const NONCE_MOST = 256;

export const MAIN_MODE_ACTIONS: Readonly<Record<MainModeAction, (turn: MainTurn) => Refused | undefined>> = {
  "send-offer": ({ host, sa, work }) => {
    work.offer = encode(saPayload, offerPhaseOne(host.book.settings.policies));
    host.request(sa, sa.main, clear(sa, [{ kind: "sa", body: work.offer }, ...ourVendorIds()]), false);
    return undefined;
  },

  choose: ({ host, sa, work, input }) => {
    const body = input.payloads?.one("sa");
    if (body === undefined) return { refused: "no SA payload" };
    const offered = decode(saPayload, body, "isakmp.sa");
    if (offered instanceof WireError) return malformed(offered);
    const chosen = choosePhaseOne(offered, host.book.settings.policies);
    if ("refused" in chosen) return chosen;
    work.offer = Uint8Array.from(body);
    work.choice = encode(saPayload, chosen.answer);
    sa.policy = chosen.policy;
    if (input.payloads !== undefined) noteVendorIds(sa.peer, input.payloads);
    return undefined;
  },

  "send-choice": ({ host, sa, work }) => {
    host.answer(sa, sa.main, clear(sa, [{ kind: "sa", body: work.choice }, ...answeringVendorIds(sa.peer)]), false);
    return undefined;
  },

  "take-choice": ({ host, sa, work, input }) => {
    const { payloads, responderCookie } = input;
    const body = payloads?.one("sa");
    if (payloads === undefined || body === undefined) return { refused: "no SA payload" };
    if (responderCookie === undefined || isZero(responderCookie)) return { refused: "no responder cookie" };
    const answer = decode(saPayload, body, "isakmp.sa");
    if (answer instanceof WireError) return malformed(answer);
    const chosen = checkPhaseOne(answer, host.book.settings.policies);
    if ("refused" in chosen) return chosen;
    work.choice = Uint8Array.from(body);
    sa.responderCookie = Uint8Array.from(responderCookie);
    sa.policy = chosen.policy;
    noteVendorIds(sa.peer, payloads);
    return undefined;
  },

  "make-key": ({ host, sa }) => {
    if (sa.policy === undefined) return { refused: "no policy" };
    host.compute(sa, sa.main, { kind: "dh-generate", group: sa.policy.group });
    return undefined;
  },

  "send-key": ({ host, sa, work, input }) => {
    if (input.result?.kind !== "generated") return { refused: "no key" };
    work.ours.public = input.result.publicValue;
    work.ours.secret = input.result.secret;
    work.ours.nonce = host.primitives.random(NONCE_OCTETS);
    host.request(sa, sa.main, keyMessage(host, sa, work), false);
    return undefined;
  },

  "take-key": ({ host, sa, work, input: { payloads } }) => {
    const [publicValue, nonce] = [payloads?.one("ke"), payloads?.one("nonce")];
    const group = dhGroup(sa.policy?.group ?? 0);
    if (payloads === undefined || publicValue === undefined || nonce === undefined || group === undefined)
      return { refused: "no key exchange or no nonce" };
    if (publicValue.length !== group.publicLength) return { refused: `a public value of ${publicValue.length} octets` };
    if (!isNonce(nonce)) return { refused: `a nonce of ${nonce.length} octets` };
    work.theirs.public = Uint8Array.from(publicValue);
    work.theirs.nonce = Uint8Array.from(nonce);
    noteVendorIds(sa.peer, payloads);
    sa.nat = detectNat(host, sa, hashOf(sa), payloads);
    return undefined;
  },

  agree: ({ host, sa, work }) => {
    const { secret } = work.ours;
    if (sa.policy === undefined || secret === undefined) return { refused: "no key of ours" };
    const { public: peerPublic } = work.theirs;
    host.compute(sa, sa.main, { kind: "dh-agree", group: sa.policy.group, secret, peerPublic });
    return undefined;
  },

  "exchange-keys": ({ host, sa, work }) => {
    if (sa.policy === undefined) return { refused: "no policy" };
    host.compute(sa, sa.main, { kind: "dh-exchange", group: sa.policy.group, peerPublic: work.theirs.public });
    return undefined;
  },

  "derive-keys": ({ host, sa, work, input: { result } }) => {
    if (result === undefined || result.kind === "generated") return { refused: "no shared secret" };
    const key = host.book.keyFor(sa.remote);
    // It may have been removed since the first message (I56).
    if (key === undefined || sa.policy === undefined) return { refused: "no preshared key any more" };
    if (result.kind === "exchanged") {
      work.ours.public = result.publicValue;
      work.ours.nonce = host.primitives.random(NONCE_OCTETS);
    }
    work.facts = factsOf(sa, work);
    const { root, derive, authenticate, cipher } = skeyIds(host.primitives, work.facts, utf8(key.key), result.shared);
    result.shared.wipe();
    work.root = root;
    sa.keys = { hash: work.facts.hash, derive, authenticate, cipher };
    sa.main.iv = phaseOneIv(host.primitives, work.facts);
    return undefined;
  },

  "answer-key": ({ host, sa, work }) => {
    host.answer(sa, sa.main, keyMessage(host, sa, work), true);
    host.changed(sa);
    return undefined;
  },

  "send-proof": ({ host, sa, work }) => {
    const identity = encode(identificationPayload, ownIdentity(host, sa));
    const proof = proofFor(host, work, sa.role, identity);
    if (proof === undefined) return { refused: "no keys" };
    const first = sa.role === "initiator" && host.isFirstContact(sa);
    if (sa.role === "initiator" && inUdp(sa)) {
      // RFC 3947 section 4: from here on by the port that NATs forward to both.
      sa.localPort = NAT_PORT;
      sa.remotePort = NAT_PORT;
    }
    const contact = first ? [notification(NOTIFY.initialContact, sa, new Uint8Array(0))] : [];
    const payloads = [{ kind: "id", body: identity } as const, { kind: "hash", body: proof } as const, ...contact];
    const octets = seal(host, sa, sa.main, "main", payloads);
    if (sa.role === "initiator") host.request(sa, sa.main, octets, true);
    else host.answer(sa, sa.main, octets, true);
    host.changed(sa);
    return undefined;
  },

  "check-proof": ({ host, sa, work, input: { payloads, lastBlock, from } }) => {
    const [body, hash] = [payloads?.one("id"), payloads?.one("hash")];
    if (payloads === undefined || body === undefined || hash === undefined || lastBlock === undefined)
      return { refused: "no identity or no hash; the preshared keys may differ" };
    const identity = decode(identificationPayload, body, "isakmp.id");
    if (identity instanceof WireError) return malformed(identity);
    const expected = proofFor(host, work, sa.role === "initiator" ? "responder" : "initiator", body);
    if (expected === undefined || !host.primitives.equal(expected, hash))
      return { refused: "the hash is not its; the preshared keys may differ" };
    if (!isPhaseOneIdentity(identity)) return { refused: `no identity of phase 1: ${shownIdentity(identity)}` };
    sa.peer.identity = { octets: Uint8Array.from(body), shown: shownIdentity(identity) };
    sa.main.iv = lastBlock;
    sa.localPort = from?.localPort ?? sa.localPort;
    sa.remotePort = from?.remotePort ?? sa.remotePort;
    work.initialContact = saysInitialContact(payloads);
    return undefined;
  },

  establish: ({ host, sa, work }) => {
    sa.lastBlock = sa.main.iv;
    sa.established = true;
    host.changed(sa);
    host.established(sa, work.initialContact);
    return undefined;
  },
};

export function isNonce(octets: Uint8Array): boolean {
  return octets.length >= NONCE_LEAST && octets.length <= NONCE_MOST;
}

export function malformed(error: WireError): Refused {
  return { refused: error.message };
}

function clear(sa: IkeSa, payloads: Parameters<typeof clearMessage>[1]): Uint8Array {
  const { initiatorCookie, responderCookie } = sa;
  return clearMessage({ initiatorCookie, responderCookie, exchange: "main", messageId: 0 }, payloads);
}

function keyMessage(host: Host, sa: IkeSa, { ours }: MainMode): Uint8Array {
  const nat = natPayloads(host, sa, hashOf(sa));
  return clear(sa, [{ kind: "ke", body: ours.public }, { kind: "nonce", body: ours.nonce }, ...nat]);
}

function hashOf(sa: IkeSa): IkeHash {
  const hash = sa.policy?.hash ?? "sha256";
  return hash === "sha" ? "sha1" : hash;
}

function factsOf(sa: IkeSa, { ours, theirs }: MainMode): PhaseOneFacts {
  const [initiator, responder] = sa.role === "initiator" ? [ours, theirs] : [theirs, ours];
  return {
    hash: hashOf(sa),
    keyOctets: (sa.policy?.keyBits ?? 0) / 8,
    initiatorCookie: sa.initiatorCookie,
    responderCookie: sa.responderCookie,
    initiatorNonce: initiator.nonce,
    responderNonce: responder.nonce,
    initiatorPublic: initiator.public,
    responderPublic: responder.public,
  };
}

function proofFor(
  { primitives }: Host,
  { facts, root, offer }: MainMode,
  prover: "initiator" | "responder",
  identity: Uint8Array,
): Uint8Array | undefined {
  if (facts === undefined || root === undefined) return undefined;
  return phaseOneProof(primitives, facts, root, { prover, offer, identity });
}

function ownIdentity({ book }: Host, sa: IkeSa): ReturnType<typeof addressIdentity> {
  const { identity, hostname } = book.settings;
  return identity === "hostname" ? hostnameIdentity(hostname) : addressIdentity(sa.local);
}

function saysInitialContact(payloads: Payloads): boolean {
  return payloads.all("notify").some(body => (((body[6] ?? 0) << 8) | (body[7] ?? 0)) === NOTIFY.initialContact);
}
