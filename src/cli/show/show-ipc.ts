/** `show ipc zone` and `show ipc association`: the way to the other member, and who it is. */
import type { PathView, PeerLinkView, StreamView, TrustedBy } from "../../core/redundancy/link-model.ts";
import { sinceText } from "./times.ts";

const TRUST: Readonly<Record<TrustedBy, string>> = {
  fingerprint: "named by 'security fingerprint'",
  secret: "proved that it knows the 'security key'",
  pin: "the one that was confirmed before",
  "first-contact": "the first that came; confirm it with 'security fingerprint'",
};

export function showIpcZone({ settings, downBecause }: PeerLinkView): string[] {
  if (settings === undefined) return ["There is no association"];
  return ["Zone default", `  Association ${settings.association}: ${stateText(downBecause)}`];
}

export function showIpcAssociation(link: PeerLinkView): string[] {
  const { settings, peer, counters } = link;
  const own = `  Key of this member: ${link.fingerprint}`;
  if (settings === undefined) return ["There is no association", own];
  const { association, local, remote, timing } = settings;
  return [
    `Association ${association}: ${stateText(link.downBecause)}`,
    `  Transport: ${link.transport}, sealed by TLS 1.3`,
    `  Local port ${local.port}, addresses ${local.addresses.join(" ")}`,
    `  Remote port ${remote.port}, addresses ${remote.addresses.join(" ")}`,
    `  Retransmit timeout ${timing.retransmitMinMs} to ${timing.retransmitMaxMs} ms, ` +
      `path retransmits ${timing.pathRetransmits}, association retransmits ${timing.associationRetransmits}`,
    ...link.paths.map(pathText),
    own,
    ...(peer === undefined ? [] : [`  Key of the peer: ${peer.fingerprint} (${TRUST[peer.trustedBy]})`]),
    ...link.streams.flatMap(streamText),
    `  Sessions ${counters.sessions}, lost ${counters.lost}, failed ${counters.failed}, refused ${counters.refused}`,
  ];
}

function stateText(downBecause: string | undefined): string {
  return downBecause === undefined ? "up" : `down, ${downBecause}`;
}

function pathText({ local, remote, state, primary, roundTripMs }: PathView): string {
  const facts = [state, ...(primary ? ["primary"] : []), ...(roundTripMs === undefined ? [] : [`${roundTripMs} ms`])];
  return `  Path ${local} to ${remote}: ${facts.join(", ")}`;
}

function streamText(stream: StreamView): string[] {
  if (stream.upForMs === undefined) return [`  Stream ${stream.name}: down`];
  return [
    `  Stream ${stream.name}: up for ${sinceText(stream.upForMs)}, session ${stream.session}`,
    `    ${stream.messagesSent} messages sent (${stream.octetsSent} octets), ` +
      `${stream.messagesReceived} received (${stream.octetsReceived} octets), ${stream.waitingOctets} octets wait`,
  ];
}
