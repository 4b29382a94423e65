/**
 * The sealed link to the other member, as replication and the liveness thread know it: named streams of messages that
 * arrive whole, in order, once, from the one gateway that is trusted, or not at all.
 *
 * What a session is: one TLS 1.3 session of one stream. Its number is new for every session of this process; what is
 * said of a session that is over is void. A stream that is down is opened again by itself. The control stream comes up
 * first; when it goes down, all go down. Who the peer is stands in gateway/association/trust.ts.
 */

import type { PeerLinkSettings, PeerLinkView, StreamName, TrustedBy } from "../../core/redundancy/link-model.ts";

export function schemeStream(scheme: string): StreamName {
  return `scheme ${scheme}`;
}

/** The most that one message may have. */
export const MESSAGE_OCTETS_MAX = 65_536;

export type LinkEvent =
  | { readonly kind: "up"; readonly stream: StreamName; readonly session: number }
  | {
      readonly kind: "down";
      readonly stream: StreamName;
      readonly session: number;
      readonly because: string;
      /** How long nothing had come on it. */
      readonly silentMs: number;
    }
  /** Nothing has come for 250 ms, keepalives included; the session stands all the same, until a second is over. */
  | { readonly kind: "quiet"; readonly stream: StreamName; readonly session: number; readonly silentMs: number }
  /** After `quiet`, before whatever came. */
  | { readonly kind: "heard"; readonly stream: StreamName; readonly session: number }
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
