/** What the exchanges of IKEv1 need of the engine around them. */
import type { Primitives } from "../../crypto/primitives.ts";
import type { ChildSa } from "../../ipsec/child-sa.ts";
import type { LogEvent } from "../../log/message.ts";
import type { Child } from "../child-table.ts";
import type { ComputeJob } from "../compute-job.ts";
import type { IkeCounter } from "../ike-port.ts";
import type { PeerBook } from "../peer-book.ts";
import type { Exchange, IkeSa } from "./ike-sa.ts";
import type { QuickRequest } from "./quick-mode.ts";

export interface Host {
  readonly primitives: Primitives;
  readonly book: PeerBook;
  /** At least 0 and below 1, anew for each call. */
  readonly jitter: () => number;
  /** Milliseconds, of the input that is being handled. */
  readonly now: number;

  count(counter: IkeCounter): void;
  /** Something that a standby must know has changed: it is checkpointed with what this input decides. */
  changed(sa: IkeSa): void;
  report(sa: IkeSa, event: LogEvent): void;
  debug(sa: IkeSa, text: () => string): void;
  /** One datagram to the peer of this SA. */
  transmit(sa: IkeSa, octets: Uint8Array, reveals: boolean): void;
  /** As `transmit`, and again by the clock until `exchange.request` is answered. */
  request(sa: IkeSa, exchange: Exchange, octets: Uint8Array, reveals: boolean): void;
  /** The answer to `exchange.taken`: kept, and sent again when it is asked again. */
  answer(sa: IkeSa, exchange: Exchange, octets: Uint8Array, reveals: boolean, also?: "until confirmed"): void;
  /** The exchange gets `ready` when it is done. */
  compute(sa: IkeSa, exchange: Exchange, job: ComputeJob): void;

  /** Main mode is through and the peer is who it should be. `initialContact`: the peer knows no other SA of ours. */
  established(sa: IkeSa, initialContact: boolean): void;
  /** No other SA with this peer is known here. */
  isFirstContact(sa: IkeSa): boolean;
  /** An SPI for a new inbound SA. */
  newSpi(): number;
  childUp(sa: IkeSa, child: ChildSa): Child;
  childConfirmed(spi: number): void;
  /** A quick mode came to nothing: another peer or another time. */
  quickModeFailed(sa: IkeSa, request: QuickRequest | undefined, because: string): void;
}
