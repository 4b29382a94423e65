/**
 * The link to the other member that `ipc zone` and `redundancy inter-device` ask for: the first association that is
 * complete and not shut down. IOS knows one peer, and so do we.
 */

import type { LinkEnd, LinkTiming, PeerLinkSettings } from "../redundancy/link-model.ts";
import type { AssociationModel, EndpointModel } from "../redundancy/redundancy-model.ts";
import type { Config } from "./config.ts";

/**
 * For a LAN: a dead path is noticed in a tenth of a second where SCTP's own defaults (RFC 9260 section 16) take half a
 * minute.
 */
const TIMING: LinkTiming = {
  retransmitMinMs: 20,
  retransmitMaxMs: 200,
  pathRetransmits: 2,
  associationRetransmits: 6,
};

export function wantedLink(config: Config): PeerLinkSettings | undefined {
  const { present, schemes, security } = config.redundancy;
  const numbers = [...config.ipc.associations.keys()].sort((a, b) => a - b);
  const [found] = numbers.flatMap(number => {
    const ends = endsOf(config.ipc.associations.get(number));
    return ends === undefined ? [] : [{ association: number, ...ends }];
  });
  if (found === undefined) return undefined;
  const trust = { fingerprint: security.fingerprint, secret: security.key };
  return { ...found, trust, schemes: present ? [...schemes] : [] };
}

function endsOf(
  model: AssociationModel | undefined,
): Omit<PeerLinkSettings, "association" | "trust" | "schemes"> | undefined {
  const { local, remote, udpPort } = model?.sctp ?? {};
  if (model === undefined || model.shutdown || !isWhole(local) || !isWhole(remote)) return undefined;
  return { local: endOf(local), remote: endOf(remote), udpPort, timing: timingOf(model) };
}

function isWhole(end: EndpointModel | undefined): end is EndpointModel {
  return end !== undefined && end.addresses.length > 0;
}

function endOf({ port, addresses }: EndpointModel): LinkEnd {
  return { port, addresses: [...addresses] };
}

function timingOf({ sctp }: AssociationModel): LinkTiming {
  return {
    retransmitMinMs: sctp?.retransmitTimeout?.min ?? TIMING.retransmitMinMs,
    retransmitMaxMs: sctp?.retransmitTimeout?.max ?? TIMING.retransmitMaxMs,
    pathRetransmits: sctp?.pathRetransmit ?? TIMING.pathRetransmits,
    associationRetransmits: sctp?.assocRetransmit ?? TIMING.associationRetransmits,
  };
}
