/**
 * Who may speak: every datagram is looked at here first, and for most that nobody asked for the way ends here.
 *
 * The order is the defence: shape, exchange, SA, owner, key, room. Up to the answer to a first message nothing is
 * computed that costs more than a hash, and there is state only for a peer with a key, bounded by
 * `half-open-limits.ts`. A member that is not the active of an owner takes nothing for it and says nothing.
 */
import { WireError } from "../errors.ts";
import { log } from "../log/catalogue.ts";
import type { IpAddress } from "../wire/address.ts";
import type { HalfOpenTable } from "./half-open-limits.ts";
import type { IkeMessageDatagram } from "./ike-port.ts";
import type { NegotiationLog } from "./negotiation-log.ts";
import type { ExchangeHost } from "./v1/exchange-host.ts";
import type { Refused } from "./v1/exchange-rows.ts";
import { IkeSa, peerText } from "./v1/ike-sa.ts";
import { hexOf, type IkeSaTable } from "./v1/ike-sas.ts";
import type { IkeV1 } from "./v1/ike-v1.ts";
import { type IsakmpMessage, isZero, readMessage } from "./v1/isakmp-message.ts";

export interface DoorParts {
  readonly host: ExchangeHost;
  readonly sas: IkeSaTable;
  readonly halfOpen: HalfOpenTable;
  readonly active: ReadonlySet<string>;
  readonly news: NegotiationLog;
  readonly v1: IkeV1;
  readonly newConnection: () => number;
  readonly dropIke: (sa: IkeSa, because: string) => void;
  /** A peer goes on with a main mode that nobody here knows. */
  readonly orphan: (owner: string, datagram: IkeMessageDatagram) => void;
}

const COOKIE_OCTETS = 8;

export class Doorkeeper {
  readonly #parts: DoorParts;

  constructor(parts: DoorParts) {
    this.#parts = parts;
  }

  receive(datagram: IkeMessageDatagram): void {
    const { host, sas, active, news } = this.#parts;
    const { local, remote, octets } = datagram;
    if (octets.length === 1) return;
    host.count("messagesIn");
    const message = readMessage(octets);
    if (message instanceof WireError) {
      host.count("refusedMalformed");
      return;
    }
    const { exchange, responderCookie, flags, messageId } = message.header;
    if (exchange === "aggressive") {
      this.#aggressive(datagram);
      return;
    }
    if (exchange !== "main" && exchange !== "quick" && exchange !== "informational") {
      host.count("refusedExchange");
      return;
    }
    const known = sas.find(message.header);
    if (known !== undefined) {
      this.#forKnown(known, message, datagram);
      return;
    }
    const first = exchange === "main" && messageId === 0 && isZero(responderCookie) && !flags.encrypted;
    if (first) {
      this.#firstMessage(message, datagram);
      return;
    }
    host.count("refusedUnknown");
    const owner = host.book.ownerOf(local, remote);
    if (owner === undefined || !active.has(owner)) return;
    const reason = `${exchange} mode, cookies ${hexOf(message.header.initiatorCookie)} ${hexOf(responderCookie)}`;
    news.complain(owner, remote, log.ike.noSa({ peer: `${remote}:${datagram.remotePort}`, reason }));
    if (exchange === "main" && messageId === 0 && !isZero(responderCookie)) this.#parts.orphan(owner, datagram);
  }

  #firstMessage(message: IsakmpMessage, datagram: IkeMessageDatagram): void {
    const { host, sas, halfOpen, active, news, v1, newConnection, dropIke } = this.#parts;
    const { local, remote, octets } = datagram;
    const { book, primitives, now } = host;
    const { initiatorCookie } = message.header;
    const before = sas.begunBy(remote, initiatorCookie);
    if (before !== undefined) {
      v1.receive(before, message, datagram);
      return;
    }
    const owner = book.ownerOf(local, remote);
    const reflected = sas.isOurs(initiatorCookie);
    if (owner === undefined || !active.has(owner) || reflected) {
      host.count("refusedUnknown");
      return;
    }
    if (book.keyFor(remote) === undefined) {
      host.count("refusedUnknown");
      news.complain(owner, remote, log.ike.noPresharedKey({ peer: remote }));
      return;
    }
    const known = book.isNamed(remote);
    const admission = halfOpen.ask(remote, known, host.jitter(), now);
    if (!admission.admit) {
      this.#refuseHalfOpen(owner, remote);
      return;
    }
    const responderCookie = primitives.random(COOKIE_OCTETS);
    const sa = new IkeSa({
      ...{ id: hexOf(responderCookie), connection: newConnection(), owner, role: "responder" },
      ...{ local, remote, localPort: datagram.localPort, remotePort: datagram.remotePort },
      ...{ initiatorCookie: Uint8Array.from(initiatorCookie), responderCookie, now },
    });
    const refused = v1.firstMessage(sa, message, octets);
    if (refused !== undefined) {
      this.#firstRefused(sa, refused);
      return;
    }
    const evicted = admission.evict === undefined ? undefined : sas.get(admission.evict);
    if (evicted !== undefined) dropIke(evicted, "too many are half open");
    sas.add(sa);
    halfOpen.add({ id: sa.id, source: remote, known });
    host.heap.set(sa.timers.patience, now + admission.forMs);
  }

  #refuseHalfOpen(owner: string, remote: IpAddress): void {
    const { host, halfOpen, news } = this.#parts;
    host.count("refusedHalfOpen");
    news.complain(owner, remote, log.ike.halfOpen({ peer: remote, count: halfOpen.size }));
  }

  #firstRefused(sa: IkeSa, { refused }: Refused): void {
    const { host, news } = this.#parts;
    host.count("mainModeFailed");
    news.complain(sa.owner, sa.remote, log.ike.noProposal({ peer: peerText(sa), reason: refused }));
  }

  #aggressive({ local, remote, remotePort }: IkeMessageDatagram): void {
    const { host, active, news } = this.#parts;
    host.count("refusedExchange");
    const owner = host.book.ownerOf(local, remote);
    if (owner !== undefined && active.has(owner))
      news.complain(owner, remote, log.ike.aggressiveMode({ peer: `${remote}:${remotePort}` }));
  }

  /** Until it is proved, an SA belongs to one pair of addresses; then only proof moves it, and only behind a NAT. */
  #forKnown(sa: IkeSa, message: IsakmpMessage, datagram: IkeMessageDatagram): void {
    const { host, halfOpen, active, v1 } = this.#parts;
    if (!active.has(sa.owner) || datagram.local !== sa.local) {
      host.count("refusedUnknown");
      return;
    }
    const mayMove = sa.established && sa.nat.there;
    if (datagram.remote !== sa.remote && !mayMove) {
      host.count("refusedUnknown");
      return;
    }
    v1.receive(sa, message, datagram);
    const { work } = sa.main;
    if (work?.kind === "main" && work.state !== "choice-sent") halfOpen.prove(sa.id);
  }
}
