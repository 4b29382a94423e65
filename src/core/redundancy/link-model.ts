/**
 * The link to the other member as settings ask for it and as `show ipc zone` tells it. What makes it stands in
 * gateway/association/; replication sees its messages alone.
 */
import type { Ipv4 } from "../wire/address.ts";

/** `control`, or the stream of one scheme. */
export type StreamName = "control" | `scheme ${string}`;

export interface LinkEnd {
  readonly port: number;
  /** One or two; real addresses, never virtual ones. */
  readonly addresses: readonly Ipv4[];
}

/** What `security` says under `redundancy inter-device`. */
export interface LinkTrust {
  /** `SHA256:` and 43 characters. */
  readonly fingerprint: string | undefined;
  readonly secret: string | undefined;
}

/** Milliseconds and tries of SCTP. */
export interface LinkTiming {
  readonly retransmitMinMs: number;
  readonly retransmitMaxMs: number;
  readonly pathRetransmits: number;
  readonly associationRetransmits: number;
}

export interface PeerLinkSettings {
  /** `association N`. */
  readonly association: number;
  readonly local: LinkEnd;
  readonly remote: LinkEnd;
  /** SCTP in UDP on this port (RFC 6951); straight over IP without it. */
  readonly udpPort: number | undefined;
  readonly timing: LinkTiming;
  readonly trust: LinkTrust;
  /** Each gets a stream of its own. */
  readonly schemes: readonly string[];
}

/** Why the peer's key is trusted. Only `first-contact` is a warning: nobody has confirmed it yet. */
export type TrustedBy = "fingerprint" | "secret" | "pin" | "first-contact";

/** For `show ipc zone` and `show redundancy inter-device`. */
export interface PeerLinkView {
  readonly settings: PeerLinkSettings | undefined;
  /** This gateway's own, for the other member's `security fingerprint`. */
  readonly fingerprint: string;
  readonly peer: { readonly fingerprint: string; readonly trustedBy: TrustedBy } | undefined;
  /** Why there is no link, in words. */
  readonly downBecause: string | undefined;
  readonly transport: string;
  readonly paths: readonly PathView[];
  readonly streams: readonly StreamView[];
  readonly counters: Readonly<Record<LinkCounter, number>>;
}

export interface PathView {
  readonly local: string;
  readonly remote: string;
  readonly state: "up" | "down" | "unconfirmed";
  readonly primary: boolean;
  readonly roundTripMs: number | undefined;
}

export interface StreamView {
  readonly name: StreamName;
  readonly session: number | undefined;
  readonly upForMs: number | undefined;
  readonly messagesSent: number;
  readonly messagesReceived: number;
  readonly octetsSent: number;
  readonly octetsReceived: number;
  readonly waitingOctets: number;
}

export type LinkCounter = "sessions" | "lost" | "refused" | "failed";
