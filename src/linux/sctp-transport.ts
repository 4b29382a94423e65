/**
 * The association between the two members on SCTP, with one or two paths: the end that connects makes it when a stream
 * is asked for, the other end listens. What breaks is made anew with the next stream.
 */
import type { Duplex } from "node:stream";
import type { LinkEnd, PathView, PeerLinkSettings } from "../core/redundancy/link-model.ts";
import { ipToOctets } from "../core/wire/address.ts";
import type { SctpAddon, SctpEndpoint, SctpOptions } from "./sctp-addon.ts";
import { SCTP_STREAMS, SctpAssociation } from "./sctp-association.ts";
import { joinStack, leaveStack, type SctpUser, stackIsStale } from "./sctp-stack.ts";
import { attempt, errorCode } from "./system-call.ts";
import type { Transport } from "./transport.ts";

/** Before a round trip was measured. */
const RETRANSMIT_FIRST_MS = 100;
/** Finds a dead path while nothing is sent. */
const HEARTBEAT_MS = 100;
const SACK_DELAY_MS = 10;
const INIT_ATTEMPTS = 4;
const BUFFER_OCTETS = 1024 * 1024;
/** One is in use; another may be its successor. */
const ASSOCIATIONS_MAX = 4;
const PATH_STATES: Readonly<Record<number, PathView["state"]>> = { 1: "up", 2: "down", 512: "unconfirmed" };

export class SctpTransport implements Transport {
  readonly name: string;
  readonly #settings: PeerLinkSettings;
  readonly #addon: SctpAddon;
  readonly #user: SctpUser;
  readonly #listening: SctpEndpoint | undefined;
  readonly #associations: SctpAssociation[] = [];
  #listener: (stream: Duplex) => void = stream => stream.destroy();
  #closed = false;

  /** Throws a `SystemError`: SCTP is not here, or an address of this end is not. */
  constructor(settings: PeerLinkSettings, opens: boolean) {
    const { local, remote, udpPort } = settings;
    this.#settings = settings;
    this.name = udpPort === undefined ? "SCTP" : `SCTP in UDP, port ${udpPort}`;
    this.#user = { local, remote, udpPort, rung: () => this.#rung() };
    this.#addon = joinStack(this.#user);
    try {
      if (!opens) this.#listening = this.#endpoint(endpoint => endpoint.listen());
      // Only to see that this end can be: the first stream makes it.
      else this.#endpoint(() => {}).close();
    } catch (error) {
      leaveStack(this.#user);
      throw error;
    }
  }

  open(): Duplex {
    const [last] = this.#associations;
    return (last ?? this.#connect()).open();
  }

  onStream(listener: (stream: Duplex) => void): void {
    this.#listener = listener;
  }

  renew(): void {
    for (const each of [...this.#associations]) each.end();
  }

  paths(): PathView[] {
    const association = this.#associations.findLast(each => each.up);
    const { local, remote } = this.#settings;
    const found = association?.endpoint.paths() ?? [];
    const primary = association?.endpoint.primary();
    return remote.addresses.map((address, at): PathView => {
      const path = found.find(each => each.address === address);
      return {
        local: local.addresses[at] ?? local.addresses[0] ?? "",
        remote: address,
        state: PATH_STATES[path?.state ?? 2] ?? "down",
        primary: address === primary,
        roundTripMs: path?.state === 1 ? path.roundTripMs : undefined,
      };
    });
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const each of [...this.#associations]) each.end();
    this.#listening?.close();
    leaveStack(this.#user);
  }

  #connect(): SctpAssociation {
    const { remote } = this.#settings;
    const endpoint = this.#endpoint(made => made.connect(addressOctets(remote), remote.port));
    return this.#kept(endpoint, true);
  }

  #endpoint(use: (endpoint: SctpEndpoint) => void): SctpEndpoint {
    const { local } = this.#settings;
    const context = { addresses: local.addresses.join(" "), port: local.port };
    return attempt("make an end of the association", context, () => {
      const endpoint = new this.#addon.Endpoint(optionsOf(this.#settings));
      try {
        endpoint.bind(addressOctets(local), local.port);
        use(endpoint);
        return endpoint;
      } catch (error) {
        endpoint.close();
        if (errorCode(error) === "EADDRNOTAVAIL") stackIsStale();
        throw error;
      }
    });
  }

  #kept(endpoint: SctpEndpoint, opens: boolean): SctpAssociation {
    const association = new SctpAssociation(endpoint, opens, {
      stream: stream => this.#listener(stream),
      ended: ended => {
        const at = this.#associations.indexOf(ended);
        if (at >= 0) this.#associations.splice(at, 1);
      },
    });
    this.#associations.push(association);
    return association;
  }

  #rung(): void {
    for (let accepted = this.#listening?.accept(); accepted; accepted = this.#listening?.accept()) {
      if (this.#associations.length >= ASSOCIATIONS_MAX) accepted.close();
      else this.#kept(accepted, false);
    }
    for (const each of [...this.#associations]) each.turn();
  }
}

function optionsOf({ timing, udpPort }: PeerLinkSettings): SctpOptions {
  return {
    retransmitFirstMs: Math.max(timing.retransmitMinMs, Math.min(RETRANSMIT_FIRST_MS, timing.retransmitMaxMs)),
    retransmitMinMs: timing.retransmitMinMs,
    retransmitMaxMs: timing.retransmitMaxMs,
    heartbeatMs: HEARTBEAT_MS,
    sackDelayMs: SACK_DELAY_MS,
    pathRetransmits: timing.pathRetransmits,
    associationRetransmits: timing.associationRetransmits,
    initAttempts: INIT_ATTEMPTS,
    streams: SCTP_STREAMS,
    bufferOctets: BUFFER_OCTETS,
    remoteUdpPort: udpPort ?? 0,
  };
}

function addressOctets({ addresses }: LinkEnd): Uint8Array {
  return Uint8Array.from(addresses.flatMap(each => [...ipToOctets(each)]));
}
