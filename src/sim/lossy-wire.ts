/**
 * One stretch of network: a segment with any number of ports, or a line with two. It loses, doubles, delays and, since
 * each copy has a delay of its own, reorders; it is cut as a whole, in one direction between two ports, or at a port,
 * whose owner may or may not see the carrier go.
 */
import type { Ipv4 } from "../core/wire/address.ts";
import type { Random } from "./random.ts";
import type { VirtualClock } from "./virtual-clock.ts";

/** What the simulation needs to know of a packet. */
export interface Frame {
  readonly kind: "hsrp" | "beacon" | "ike" | "esp";
  readonly source: Ipv4;
  /** `undefined` is everybody on the segment. */
  readonly destination: Ipv4 | undefined;
  /** Of IKE, and of ESP in UDP. */
  readonly ports?: UdpPorts;
  readonly octets: Uint8Array;
}

export interface UdpPorts {
  readonly source: number;
  readonly destination: number;
}

/** Where somebody is on the network: a port of a wire, or the inside of a NAT in front of one. */
export interface Link {
  readonly address: Ipv4;
  receive: (frame: Frame) => void;
  send(frame: Frame): void;
}

export interface WireConditions {
  /** 0 to 1 */
  readonly loss: number;
  readonly duplication: number;
  readonly minDelayMs: number;
  readonly maxDelayMs: number;
}

export const PERFECT: WireConditions = { loss: 0, duplication: 0, minDelayMs: 0.05, maxDelayMs: 0.3 };

export class Port implements Link {
  readonly wire: LossyWire;
  readonly owner: string;
  readonly address: Ipv4;
  receive: (frame: Frame) => void = () => {};
  /** Addresses besides its own that it takes frames for at this moment. */
  takesFor: (address: Ipv4) => boolean = () => false;
  /** Everything that keeps the cable out at this moment, and of that what took the carrier too. */
  readonly #pulled = new Set<() => void>();
  readonly #dark = new Set<() => void>();

  constructor(wire: LossyWire, owner: string, address: Ipv4) {
    this.wire = wire;
    this.owner = owner;
    this.address = address;
  }

  /** The cable is out: nothing leaves, nothing comes. */
  get unplugged(): boolean {
    return this.#pulled.size > 0;
  }

  /** What the owner can see of the cable: a fault beyond the next switch leaves the carrier. */
  get carrier(): boolean {
    return this.#dark.size === 0;
  }

  /** Returns what puts it back. It is in again when everybody who pulled it has put it back. */
  unplug(carrierSeen: boolean): () => void {
    const back = (): void => {
      this.#pulled.delete(back);
      this.#dark.delete(back);
    };
    this.#pulled.add(back);
    if (carrierSeen) this.#dark.add(back);
    return back;
  }

  heal(): void {
    this.#pulled.clear();
    this.#dark.clear();
  }

  send(frame: Frame): void {
    this.wire.carry(this, frame);
  }
}

export class LossyWire {
  readonly name: string;
  readonly ports: Port[] = [];
  conditions = PERFECT;
  /** Hears everything, whoever it is for, without a delay. */
  listener: Port | undefined;
  cut = false;
  readonly #clock: VirtualClock;
  readonly #random: Random;
  /** `A>B`: what A sends does not reach B. */
  readonly #deaf = new Set<string>();

  constructor(name: string, clock: VirtualClock, random: Random) {
    this.name = name;
    this.#clock = clock;
    this.#random = random;
  }

  attach(owner: string, address: Ipv4): Port {
    const port = new Port(this, owner, address);
    this.ports.push(port);
    return port;
  }

  cutOneWay(from: string, to: string): void {
    this.#deaf.add(`${from}>${to}`);
  }

  mendOneWay(from: string, to: string): void {
    this.#deaf.delete(`${from}>${to}`);
  }

  /** All but its ports, whose owners are to see the carrier come. */
  heal(): void {
    this.cut = false;
    this.conditions = PERFECT;
    this.#deaf.clear();
  }

  /** Nothing is lost for good between these two; `conditions` may still lose some. */
  joins(from: string, to: string): boolean {
    const [a, b] = [this.#portOf(from), this.#portOf(to)];
    if (a === undefined || b === undefined) return false;
    return this.#open(a, b);
  }

  carry(from: Port, frame: Frame): void {
    if (this.listener !== from) this.listener?.receive(frame);
    for (const to of this.ports) {
      if (to === from || to === this.listener || !isFor(to, frame)) continue;
      this.#throw(from, to, frame);
      if (this.#random.chance(this.conditions.duplication)) this.#throw(from, to, frame);
    }
  }

  #throw(from: Port, to: Port, frame: Frame): void {
    if (this.#random.chance(this.conditions.loss)) return;
    const { minDelayMs, maxDelayMs } = this.conditions;
    this.#clock.after(this.#random.between(minDelayMs, maxDelayMs), () => {
      // What is under way when the cable goes is gone with it.
      if (this.#open(from, to)) to.receive(frame);
    });
  }

  #open(from: Port, to: Port): boolean {
    if (this.cut || from.unplugged || to.unplugged) return false;
    return this.#deaf.size === 0 || !this.#deaf.has(`${from.owner}>${to.owner}`);
  }

  #portOf(owner: string): Port | undefined {
    return this.ports.find(port => port.owner === owner);
  }
}

function isFor(to: Port, { destination }: Frame): boolean {
  return destination === undefined || destination === to.address || to.takesFor(destination);
}
