/**
 * The sealed link to the other member, as replication and the liveness thread know it: named streams of messages that
 * arrive whole, in order, once, from the one gateway that is trusted, or not at all.
 *
 * What a session is: one TLS 1.3 session of one stream. Its number is new for every session of this process; what is
 * said of a session that is over is void. A stream that is down is opened again by itself. The control stream comes up
 * first; when it goes down, all go down. Who the peer is stands in gateway/association/trust.ts.
 */

import type { Ipv4 } from "../../core/wire/address.ts";

/** `control`, or the stream of one scheme. */
export type StreamName = "control" | `scheme ${string}`;

export function schemeStream(scheme: string): StreamName {
  return `scheme ${scheme}`;
}

/** The most that one message may have. */
export const MESSAGE_OCTETS_MAX = 65_536;

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

export type LinkEvent =
  | { readonly kind: "up"; readonly stream: StreamName; readonly session: number }
  | { readonly kind: "down"; readonly stream: StreamName; readonly session: number; readonly because: string }
  /** The octets are the listener's own. */
  | { readonly kind: "message"; readonly stream: StreamName; readonly session: number; readonly octets: Uint8Array }
  /**
   * Before the `up` of the control stream. `beaconKey`: 32 octets that both members have exported from it, for the
   * beacons where no `security key` is configured; the last one stays good while the association is down.
   */
  | {
      readonly kind: "identity";
      readonly fingerprint: string;
      readonly trustedBy: TrustedBy;
      readonly beaconKey: Uint8Array;
    }
  /** Somebody at the peer's address is not trusted, and got nothing. It is logged already. */
  | { readonly kind: "refused"; readonly because: string };

export interface PeerLink {
  /**
   * What is asked for from now on; `undefined` ends everything. A change of the streams alone leaves the other streams
   * as they are.
   */
  configure(settings: PeerLinkSettings | undefined): void;
  /**
   * False when the session is not up any more, or 8 MB wait to be sent on it, which ends it: a peer that does not read
   * is no standby.
   */
  send(session: number, octets: Uint8Array): boolean;
  /** This session ends, `down` follows, and the stream is opened anew. */
  reset(session: number, because: string): void;
  /** Milliseconds since anything came on this session, keepalives included; `undefined` when it is not up. */
  heardMs(session: number): number | undefined;
  view(): PeerLinkView;
  /** `down` follows for each session that is up. */
  close(): void;
}

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
