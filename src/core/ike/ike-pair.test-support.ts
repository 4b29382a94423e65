/**
 * Two gateways' engines and a network between them that can lose, double and delay what they send, for tests. Time is
 * virtual; randomness follows from a seed. A standby of either end may hold its records.
 */
import { computeDiffieHellman } from "../../linux/diffie-hellman.ts";
import { nodePrimitives } from "../../linux/node-primitives.ts";
import type { ChildSa } from "../ipsec/child-sa.ts";
import { decodeChildSa, encodeChildSa } from "../ipsec/child-sa-record.ts";
import type { Negotiable } from "../ipsec/negotiation.ts";
import { type IpAddress, parseIp } from "../wire/address.ts";
import { parsePrefix } from "../wire/prefix.ts";
import { betweenPrefixes, reversed, type Selector } from "../wire/selector.ts";
import { IkeEngine } from "./engine.ts";
import type { IkeDecision, IkeEffect, IkeInput, IkeMessageDatagram, IkeSettings } from "./ike-port.ts";
import type { IsakmpPolicy } from "./isakmp-model.ts";

export const OWNER = "plain";
export const HERE = ip("10.99.0.1");
export const THERE = ip("172.16.0.18");
export const POLICY: IsakmpPolicy = {
  keyBits: 128,
  hash: "sha256",
  authentication: "pre-share",
  group: 19,
  lifetimeSeconds: 86_400,
};

export function ip(text: string): IpAddress {
  const address = parseIp(text);
  if (address === undefined) throw new Error(`no address: ${text}`);
  return address;
}

export function selector(from: string, to: string): Selector {
  const [source, destination] = [parsePrefix(from), parsePrefix(to)];
  if (source === undefined || destination === undefined) throw new Error(`no prefixes: ${from} ${to}`);
  return betweenPrefixes(source, destination);
}

export const TRAFFIC = selector("10.99.0.0/16", "172.16.5.0/24");

export function negotiable(change: Partial<Negotiable> = {}): Negotiable {
  return {
    traffic: "map 10",
    owner: OWNER,
    map: "map",
    interface: "Gi0/0",
    local: HERE,
    peers: [THERE],
    proposals: [{ name: "ts", cipher: { kind: "aes-cbc", bits: 128 }, hash: "sha256", mode: "tunnel" }],
    pfsGroup: undefined,
    lifetime: { seconds: 3_600, kilobytes: 4_608_000 },
    replayWindow: 64,
    selector: TRAFFIC,
    ...change,
  };
}

/** For whoever asks. */
export const PAIR_SECRET: IkeSettings["keys"][number] = {
  key: "a secret",
  address: ip("0.0.0.0"),
  mask: ip("0.0.0.0") as never,
  noXauth: true,
};

export function settings(change: Partial<IkeSettings> = {}): IkeSettings {
  return {
    policies: [POLICY],
    keys: [PAIR_SECRET],
    keepalive: undefined,
    identity: "address",
    hostname: "r1",
    invalidSpiRecovery: false,
    udpEncapsulation: "never",
    negotiables: [negotiable()],
    memberBit: 0,
    ...change,
  };
}

/** The same as the other end would configure it. */
export function mirrored(own: IkeSettings): IkeSettings {
  const negotiables = own.negotiables.map(each => ({
    ...each,
    local: each.peers[0] ?? THERE,
    peers: [each.local],
    selector: reversed(each.selector),
  }));
  return { ...own, negotiables };
}

export interface Weather {
  /** Parts of 1. */
  readonly loss: number;
  readonly doubled: number;
  /** Milliseconds, at most, besides the 10 that every datagram takes: what makes them overtake each other. */
  readonly spreadMs: number;
}

export const FAIR: Weather = { loss: 0, doubled: 0, spreadMs: 0 };

/** One end: its engine, what it has installed, and its standby's records. */
export class End {
  engine: IkeEngine;
  readonly name: string;
  readonly installed = new Map<number, ChildSa>();
  /** By traffic and selector: the inbound SPI of the pair that what leaves uses. */
  readonly outbound = new Map<string, number>();
  readonly records = new Map<string, Uint8Array>();
  readonly children = new Map<number, Uint8Array>();
  readonly reports: string[] = [];
  readonly used = new Set<number>();
  readonly sent: IkeMessageDatagram[] = [];
  usage = new Map<number, { inboundMs: number; outboundMs: number }>();
  readonly edgesTold = new Map<number, number>();
  settings: IkeSettings;
  readonly #random: () => number;

  constructor(name: string, own: IkeSettings, random: () => number) {
    this.name = name;
    this.settings = own;
    this.#random = random;
    this.engine = this.newEngine();
    this.engine.handle({ kind: "configure", settings: own }, 0);
    this.engine.handle({ kind: "role", owner: OWNER, role: "active", how: "start" }, 0);
  }

  newEngine(): IkeEngine {
    const random = (count: number): Uint8Array =>
      Uint8Array.from({ length: count }, () => Math.floor(this.#random() * 256));
    return new IkeEngine({
      primitives: { ...nodePrimitives, random },
      facts: { usage: spi => this.usage.get(spi), edgeToldMs: spi => this.edgesTold.get(spi) ?? 0 },
      jitter: this.#random,
    });
  }
}

interface Later {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

export class Pair {
  now = 1_000;
  weather: Weather = FAIR;
  readonly here: End;
  readonly there: End;
  /** Every effect, as it is carried out. */
  watch: (end: End, effect: IkeEffect) => void = () => {};
  /** False loses the datagram. */
  lets: (from: End, datagram: IkeMessageDatagram) => boolean = () => true;
  readonly #random: () => number;
  #order = 0;
  readonly #queue: Later[] = [];

  constructor(own: IkeSettings = settings(), other: IkeSettings = mirrored(own), seed = 1) {
    this.#random = mulberry(seed);
    this.here = new End("here", own, this.#random);
    this.there = new End("there", other, this.#random);
  }

  input(end: End, input: IkeInput): void {
    this.carryOut(end, end.engine.handle(input, this.now));
  }

  /** Everything that happens within so many milliseconds. */
  run(ms: number): void {
    const until = this.now + ms;
    for (;;) {
      const first = this.#first();
      const timers = [this.here, this.there].map(each => each.engine.next ?? Number.POSITIVE_INFINITY);
      const at = Math.min(first?.at ?? Number.POSITIVE_INFINITY, ...timers);
      if (at > until) break;
      this.now = Math.max(this.now, at);
      if (first !== undefined && first.at <= at) {
        this.#queue.splice(this.#queue.indexOf(first), 1);
        first.run();
      } else for (const end of [this.here, this.there]) this.carryOut(end, end.engine.handleTimeouts(this.now));
    }
    this.now = until;
  }

  other(end: End): End {
    return end === this.here ? this.there : this.here;
  }

  initiate(end: End, traffic = "map 10"): void {
    this.input(end, { kind: "initiate", traffic });
  }

  later(ms: number, run: () => void): void {
    this.#order += 1;
    this.#queue.push({ at: this.now + ms, order: this.#order, run });
  }

  /** A packet each way by what is current: true where the other end takes it. */
  esp(from: End, key = "map 10"): boolean {
    const child = from.installed.get(from.outbound.get(key) ?? -1);
    if (child === undefined) return false;
    const to = this.other(from);
    const taken = to.installed.get(child.outbound.spi);
    const usage = from.usage.get(child.spi) ?? { inboundMs: 0, outboundMs: 0 };
    from.usage.set(child.spi, { ...usage, outboundMs: this.now });
    if (taken === undefined) return false;
    if (Buffer.compare(taken.inbound.cipherKey.reveal(), child.outbound.cipherKey.reveal()) !== 0) return false;
    to.usage.set(taken.spi, { outboundMs: to.usage.get(taken.spi)?.outboundMs ?? 0, inboundMs: this.now });
    if (!to.used.has(taken.spi)) {
      to.used.add(taken.spi);
      this.input(to, { kind: "child", spi: taken.spi, event: { kind: "used" } });
    }
    return true;
  }

  carryOut(end: End, decisions: readonly IkeDecision[]): void {
    for (const { effects } of decisions) for (const effect of effects) this.#perform(end, effect);
  }

  /** As a member of its pair takes over from one that is gone, with nothing but the records. */
  takeOver(end: End, how: "failover" | "switchover"): void {
    end.engine = end.newEngine();
    end.engine.handle({ kind: "configure", settings: end.settings }, this.now);
    const records = [...end.records].map(([id, octets]) => ({ id, owner: OWNER, octets, ageMs: 0 }));
    const children = [...end.children.values()].map(octets => {
      const child = decodeChildSa(octets, this.now);
      if (child instanceof Error) throw child;
      return child;
    });
    this.input(end, { kind: "restore", records, children });
    this.input(end, { kind: "role", owner: OWNER, role: "active", how });
  }

  #perform(end: End, effect: IkeEffect): void {
    this.watch(end, effect);
    switch (effect.do) {
      case "transmit":
        end.sent.push(effect.datagram);
        this.#send(end, effect.datagram);
        return;
      case "compute":
        this.later(1, () => {
          this.input(end, { kind: "computed", id: effect.id, result: computeDiffieHellman(effect.job) });
        });
        return;
      case "checkpoint":
        if (effect.octets === undefined) end.records.delete(effect.id);
        else end.records.set(effect.id, effect.octets);
        return;
      case "child-up":
      case "child-changed":
        end.installed.set(effect.child.spi, effect.child);
        end.children.set(effect.child.spi, encodeChildSa(effect.child, this.now));
        return;
      case "enable-outbound": {
        const child = end.installed.get(effect.spi);
        if (child !== undefined) end.outbound.set(child.traffic, effect.spi);
        return;
      }
      case "child-down":
        for (const [key, spi] of end.outbound) if (spi === effect.spi) end.outbound.delete(key);
        end.installed.delete(effect.spi);
        end.children.delete(effect.spi);
        return;
      case "report":
        end.reports.push(
          `%${effect.event.facility}-${effect.event.severity}-${effect.event.mnemonic}: ${effect.event.text}`,
        );
        return;
      case "debug":
        return;
    }
    effect satisfies never;
  }

  #send(from: End, datagram: IkeMessageDatagram): void {
    if (!this.lets(from, datagram)) return;
    const copies = this.#random() < this.weather.doubled ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      if (this.#random() < this.weather.loss) continue;
      this.later(10 + this.#random() * this.weather.spreadMs, () => this.deliver(this.other(from), datagram));
    }
  }

  deliver(to: End, { local, localPort, remote, remotePort, octets }: IkeMessageDatagram): void {
    const datagram = { local: remote, localPort: remotePort, remote: local, remotePort: localPort, octets };
    this.input(to, { kind: "datagram", datagram });
  }

  #first(): Later | undefined {
    let first: Later | undefined;
    for (const each of this.#queue)
      if (first === undefined || each.at < first.at || (each.at === first.at && each.order < first.order)) first = each;
    return first;
  }
}

/** The same numbers for the same seed. */
function mulberry(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
