/** What each action of quick mode's table does. The first action of a message's row checks it before anything is kept. */
import { WireError } from "../../errors.ts";
import { limitsFrom } from "../../ipsec/lifetimes.ts";
import { chooseNegotiable, type Negotiable } from "../../ipsec/negotiation.ts";
import { decode, encode } from "../../wire/codec.ts";
import { widthOf } from "../../wire/prefix.ts";
import { betweenPrefixes } from "../../wire/selector.ts";
import { dhGroup } from "../dh-groups.ts";
import { childFrom } from "./child-keys.ts";
import type { Refused } from "./exchange-table.ts";
import type { Host } from "./host.ts";
import { quickModeIdentities, selectorOf } from "./identity.ts";
import { type Exchange, type IkeSa, inUdp } from "./ike-sa.ts";
import { hash2, hash3 } from "./keys.ts";
import { isNonce, malformed, NONCE_OCTETS } from "./main-mode-actions.ts";
import { isProved, proofOf, seal, sealProved } from "./message-protection.ts";
import { NOTIFY, responderLifetime } from "./notify.ts";
import { identificationPayload } from "./payload-codec.ts";
import type { Payload, Payloads } from "./payloads.ts";
import { checkPhaseTwo, choosePhaseTwo, offerPhaseTwo, type PhaseTwoWish } from "./phase-two-proposals.ts";
import type { QuickMode, QuickModeInput } from "./quick-mode.ts";
import type { QuickModeAction } from "./quick-mode-table.ts";
import { saPayload } from "./sa-payload-codec.ts";

export interface QuickTurn {
  readonly host: Host;
  readonly sa: IkeSa;
  readonly exchange: Exchange;
  readonly work: QuickMode;
  readonly input: QuickModeInput;
}

export const QUICK_MODE_ACTIONS: Readonly<Record<QuickModeAction, (turn: QuickTurn) => Refused | undefined>> = {
  "make-key": ({ host, sa, exchange, work }) => {
    const negotiable = host.book.negotiable(work.traffic);
    if (negotiable === undefined) return { refused: "it is no longer configured" };
    work.spi = host.newSpi();
    work.ours.nonce = host.primitives.random(NONCE_OCTETS);
    if (negotiable.pfsGroup === undefined) work.ready = true;
    else host.compute(sa, exchange, { kind: "dh-generate", group: negotiable.pfsGroup });
    return undefined;
  },

  "send-offer": ({ host, sa, exchange, work, input: { result } }) => {
    const negotiable = host.book.negotiable(work.traffic);
    const identities = work.selector && quickModeIdentities(work.selector);
    if (negotiable === undefined || identities === undefined)
      return { refused: "two identities cannot say its traffic" };
    const offer = offerPhaseTwo(wishOf(sa, negotiable), work.spi);
    if (offer === undefined) return { refused: "IKEv1 has no number for its transform sets" };
    if (result?.kind === "generated") {
      work.ours.public = result.publicValue;
      work.ours.secret = result.secret;
    }
    work.identities = [identities.source, identities.destination].map(each => encode(identificationPayload, each));
    const payloads = exchangePayloads(encode(saPayload, offer), work);
    host.request(sa, exchange, sealProved(host, sa, exchange, "quick", payloads), true);
    host.changed(sa);
    return undefined;
  },

  "take-answer": ({ host, sa, exchange, work, input: { payloads, lastBlock } }) => {
    const negotiable = host.book.negotiable(work.traffic);
    if (payloads === undefined || lastBlock === undefined || !isProvedAnswer(host, sa, exchange, work, payloads))
      return { refused: "HASH(2) is not its", quiet: true };
    if (negotiable === undefined) return { refused: "it is no longer configured" };
    const answer = decode(saPayload, payloads.one("sa") ?? NOTHING, "isakmp.sa");
    if (answer instanceof WireError) return malformed(answer);
    const chosen = checkPhaseTwo(answer, wishOf(sa, negotiable));
    if ("refused" in chosen) return chosen;
    if (!sameIdentities(payloads, work)) return { refused: "it answers for other traffic" };
    const refused = takeKey(work, chosen.group, payloads);
    if (refused !== undefined) return refused;
    const seconds = responderLifetime(payloads, chosen.seconds);
    work.choice = { ...chosen, seconds };
    exchange.iv = lastBlock;
    return undefined;
  },

  choose: ({ host, sa, exchange, work, input: { payloads, lastBlock } }) => {
    if (payloads === undefined || lastBlock === undefined || !isProved(host, sa, exchange.messageId, payloads))
      return { refused: "HASH(1) is not its", quiet: true };
    exchange.iv = lastBlock;
    const offered = decode(saPayload, payloads.one("sa") ?? NOTHING, "isakmp.sa");
    if (offered instanceof WireError) return malformed(offered);
    const asked = askedSelector(sa, payloads);
    if (asked === undefined) return { refused: "identities that mean no traffic", notify: NOTIFY.invalidIdInformation };
    const list = host.book.settings.negotiables.filter(each => each.owner === sa.owner);
    const { negotiable, refused } = chooseNegotiable(list, { local: sa.local, remote: sa.remote, selector: asked });
    if (negotiable === undefined) return { refused, notify: NOTIFY.invalidIdInformation, asked };
    work.spi = host.newSpi();
    const chosen = choosePhaseTwo(offered, wishOf(sa, negotiable), work.spi);
    if ("refused" in chosen) return { ...chosen, notify: NOTIFY.noProposalChosen };
    const keyRefused = takeKey(work, chosen.group, payloads);
    if (keyRefused !== undefined) return keyRefused;
    work.traffic = negotiable.traffic;
    work.selector = asked;
    work.choice = chosen;
    work.identities = payloads.all("id").map(each => Uint8Array.from(each));
    work.ours.nonce = host.primitives.random(NONCE_OCTETS);
    return undefined;
  },

  agree: ({ host, sa, exchange, work }) => {
    const { choice, ours, theirs } = work;
    if (choice?.group === undefined || ours.secret === undefined) work.ready = true;
    else {
      const { secret } = ours;
      host.compute(sa, exchange, { kind: "dh-agree", group: choice.group, secret, peerPublic: theirs.public });
    }
    return undefined;
  },

  "exchange-keys": ({ host, sa, exchange, work }) => {
    const { choice, theirs } = work;
    if (choice?.group === undefined) work.ready = true;
    else host.compute(sa, exchange, { kind: "dh-exchange", group: choice.group, peerPublic: theirs.public });
    return undefined;
  },

  install: ({ host, sa, work, input: { result } }) => {
    const negotiable = host.book.negotiable(work.traffic);
    if (negotiable === undefined || work.choice === undefined) return { refused: "it is no longer configured" };
    if (result?.kind === "exchanged") work.ours.public = result.publicValue;
    if (result !== undefined && result.kind !== "generated") work.shared = result.shared;
    const seconds = work.choice.seconds ?? negotiable.lifetime.seconds;
    const lifetime = { seconds, kilobytes: work.choice.kilobytes ?? negotiable.lifetime.kilobytes, packets: undefined };
    const { limits, softAtMs } = limitsFrom({ lifetime, jitter: host.jitter(), nowMs: host.now });
    const { hardAtMs, softOctets, hardOctets } = limits;
    host.childUp(
      sa,
      childFrom(host, sa, work, { softAtMs, hardAtMs, softOctets, hardOctets }, negotiable.replayWindow),
    );
    host.changed(sa);
    return undefined;
  },

  "send-answer": ({ host, sa, exchange, work }) => {
    if (work.choice === undefined) return { refused: "nothing was chosen" };
    const payloads = exchangePayloads(encode(saPayload, work.choice.answer), work);
    const prove = hash2Over(host, work.theirs.nonce);
    host.answer(sa, exchange, sealProved(host, sa, exchange, "quick", payloads, prove), true, "until confirmed");
    return undefined;
  },

  "send-confirmation": ({ host, sa, exchange, work }) => {
    const { behind: _, ...proof } = proofOf(sa, exchange.messageId, NOTHING);
    const body = hash3(host.primitives, proof, work.ours.nonce, work.theirs.nonce);
    host.answer(sa, exchange, seal(host, sa, exchange, "quick", [{ kind: "hash", body }]), true);
    return undefined;
  },

  "check-confirmation": ({ host, sa, exchange, work, input: { payloads, lastBlock } }) => {
    const { behind: _, ...proof } = proofOf(sa, exchange.messageId, NOTHING);
    const hash = payloads?.leadingHash;
    const expected = hash3(host.primitives, proof, work.theirs.nonce, work.ours.nonce);
    if (hash === undefined || lastBlock === undefined || !host.primitives.equal(hash, expected))
      return { refused: "HASH(3) is not its", quiet: true };
    exchange.iv = lastBlock;
    return undefined;
  },

  enable: ({ host, sa, work }) => {
    host.childConfirmed(work.spi);
    host.changed(sa);
    return undefined;
  },
};

const NOTHING = new Uint8Array(0);

function wishOf(sa: IkeSa, { proposals, pfsGroup, lifetime }: Negotiable): PhaseTwoWish {
  const udp = sa.peer.natTraversal === "draft" ? "udp-draft" : "udp";
  return { sets: proposals, pfsGroup, ...lifetime, encapsulation: inUdp(sa) ? udp : "none" };
}

/** SA, nonce, key exchange and identities, in the order that every peer knows. */
function exchangePayloads(sa: Uint8Array, { ours, identities }: QuickMode): Payload[] {
  const ke: Payload[] = ours.public.length === 0 ? [] : [{ kind: "ke", body: ours.public }];
  const ids = identities.map((body): Payload => ({ kind: "id", body }));
  return [{ kind: "sa", body: sa }, { kind: "nonce", body: ours.nonce }, ...ke, ...ids];
}

function takeKey(work: QuickMode, group: number | undefined, payloads: Payloads): Refused | undefined {
  const [nonce, publicValue] = [payloads.one("nonce"), payloads.one("ke")];
  if (nonce === undefined || !isNonce(nonce)) return { refused: "no nonce, or none of a fit length" };
  if (group !== undefined && publicValue?.length !== dhGroup(group)?.publicLength)
    return { refused: `no public value of group ${group}` };
  work.theirs.nonce = Uint8Array.from(nonce);
  if (group !== undefined && publicValue !== undefined) work.theirs.public = Uint8Array.from(publicValue);
  return undefined;
}

function hash2Over({ primitives }: Host, nonce: Uint8Array) {
  return (proof: Parameters<typeof hash2>[1]) => hash2(primitives, proof, nonce);
}

function isProvedAnswer(host: Host, sa: IkeSa, exchange: Exchange, work: QuickMode, payloads: Payloads): boolean {
  return isProved(host, sa, exchange.messageId, payloads, hash2Over(host, work.ours.nonce));
}

function sameIdentities(payloads: Payloads, { identities }: QuickMode): boolean {
  const said = payloads.all("id");
  return (
    said.length === identities.length &&
    said.every((body, at) => body.length === identities[at]?.length && body.every((o, i) => o === identities[at]?.[i]))
  );
}

/** Seen from here: source is our side. Without identities the two gateways themselves are meant. */
function askedSelector(sa: IkeSa, payloads: Payloads): QuickMode["selector"] {
  const bodies = payloads.all("id");
  if (bodies.length === 0) return betweenGateways(sa);
  const [theirs, ours] = bodies.map(body => decode(identificationPayload, body, "isakmp.id"));
  if (theirs === undefined || ours === undefined) return undefined;
  if (theirs instanceof WireError || ours instanceof WireError) return undefined;
  return selectorOf(ours, theirs);
}

function betweenGateways({ local, remote }: IkeSa): QuickMode["selector"] {
  const host = (address: IkeSa["local"]) => ({ address, length: widthOf(address) });
  return betweenPrefixes(host(local), host(remote));
}
