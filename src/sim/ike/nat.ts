/**
 * A NAT in front of one branch: what leaves comes from its own address and a port that it picks, what comes to such a
 * port goes in, and nothing else does. It forgets everything when it is told to, as one that was restarted has.
 */
import type { Ipv4 } from "../../core/wire/address.ts";
import type { Frame, Link, Port } from "../lossy-wire.ts";

const FIRST_PORT = 20_000;

export class Nat implements Link {
  readonly address: Ipv4;
  receive: (frame: Frame) => void = () => {};
  readonly #outside: Port;
  /** By the inside port. */
  readonly #mapped = new Map<number, number>();
  #nextPort = FIRST_PORT;

  /** `address` is the one behind it. */
  constructor(outside: Port, address: Ipv4) {
    this.#outside = outside;
    this.address = address;
    outside.receive = frame => this.#comesIn(frame);
  }

  send(frame: Frame): void {
    // ESP without UDP has no port to tell whose it is.
    if (frame.ports === undefined) return;
    const { source: inside, destination } = frame.ports;
    const mapped = this.#mapped.get(inside) ?? this.#nextPort++;
    this.#mapped.set(inside, mapped);
    this.#outside.send({ ...frame, source: this.#outside.address, ports: { source: mapped, destination } });
  }

  /** Whoever is inside comes from another port with its next packet, and can be reached by that alone. */
  forget(): void {
    this.#mapped.clear();
  }

  #comesIn(frame: Frame): void {
    const port = frame.ports?.destination;
    for (const [inside, mapped] of this.#mapped) {
      if (mapped !== port) continue;
      const ports = { source: frame.ports?.source ?? 0, destination: inside };
      this.receive({ ...frame, destination: this.address, ports });
    }
  }
}
