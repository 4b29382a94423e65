/**
 * Liveness cores joined by a toy network: segments, paths, a clock, and the hello thread's standing frames. It has no
 * randomness of its own; the simulation is elsewhere. What every member did stands in `done`, with its time.
 */
import { createHash, createHmac } from "node:crypto";
import { groupKey, type HsrpGroup } from "../hsrp/hsrp-group.ts";
import { encodeHsrp } from "../hsrp/hsrp-packet.ts";
import { HSRP_GROUPS, HSRP_PORT } from "../hsrp/hsrp-receive.ts";
import { familyOf, type IpAddress, ipv4FromNumber, macFromOctets, parseIp } from "../wire/address.ts";
import { parsePrefix } from "../wire/prefix.ts";
import { Liveness } from "./liveness.ts";
import type {
  BeaconTarget,
  LivenessEffect,
  LivenessInput,
  LivenessPrimitives,
  LivenessSettings,
  SchemeSettings,
} from "./liveness-port.ts";

export const ip = (text: string): IpAddress => parseIp(text) ?? ipv4FromNumber(0);

/** Random octets are counted, so that a run repeats exactly. */
export function primitives(seed = 0): LivenessPrimitives {
  let drawn = seed;
  return {
    hash: (algorithm, octets) => createHash(algorithm).update(octets).digest(),
    hmac: (key, octets) => createHmac("sha256", key).update(octets).digest(),
    random: count => Uint8Array.from({ length: count }, (_, at) => (++drawn * 97 + at * 31 + seed) & 0xff),
    jitter: () => 0,
  };
}

export interface GroupOptions {
  readonly interface?: string;
  readonly group?: number;
  readonly address: string;
  readonly virtual?: string;
  readonly priority?: number;
  readonly helloMs?: number;
  readonly holdMs?: number;
  readonly preempt?: boolean | { minimumMs: number; reloadMs: number; syncMs: number };
  readonly name?: string;
  readonly follow?: string;
  readonly more?: Partial<HsrpGroup>;
}

export function group(options: GroupOptions): HsrpGroup {
  const { address, preempt = false } = options;
  const own = parsePrefix(`${address}/${familyOf(ip(address)) === 4 ? 24 : 64}`);
  if (own === undefined) throw new Error(`${address} is no address`);
  return {
    settings: {
      interface: options.interface ?? "outside",
      version: 2,
      group: options.group ?? 1,
      address: ip(address),
      virtualAddress: ip(options.virtual ?? "10.0.0.15"),
      priority: options.priority ?? 100,
      helloMs: options.helloMs ?? 250,
      holdMs: options.holdMs ?? 750,
      timersConfigured: true,
      preempt: preempt === true ? { minimumMs: 0, reloadMs: 0, syncMs: 0 } : preempt || undefined,
    },
    device: "eth0",
    own: [own],
    name: options.name,
    auth: { kind: "text", text: "cisco" },
    virtualMac: undefined,
    secondaries: [],
    follow: options.follow,
    startDelayMs: { minimum: 0, reload: 0 },
    decrement: 0,
    ...options.more,
  };
}

interface Standing {
  readonly lease: string | undefined;
  readonly everyMs: number;
  at: number;
  send: () => boolean;
}

interface Flight {
  readonly at: number;
  readonly order: number;
  readonly to: Member;
  readonly input: LivenessInput;
}

export class Member {
  readonly name: string;
  readonly done: { readonly at: number; readonly effect: LivenessEffect }[] = [];
  readonly leases = new Map<string, { role: string; epoch: number; until: number }>();
  readonly addresses = new Map<string, readonly IpAddress[]>();
  readonly standing = new Map<string, Standing>();
  core: Liveness;
  settings: LivenessSettings = { groups: [], up: [], schemes: [] };
  /** Neither the core nor the hello thread does anything; what arrives waits. */
  paused = false;
  /** The core alone stands still. */
  stalled = false;
  dead = false;
  readonly inbox: LivenessInput[] = [];
  readonly onEffect: ((effect: LivenessEffect, now: number) => void)[] = [];

  /** The network's clock. */
  now: () => number = () => 0;

  constructor(name: string, boot: number) {
    this.name = name;
    this.core = new Liveness(primitives(boot), new Uint8Array(8).fill(boot));
  }

  state(key = this.settings.groups[0] && groupKey(this.settings.groups[0])): string | undefined {
    return this.core.snapshot(0).groups.find(each => groupKey(each.group) === key)?.state;
  }

  /** It answers for this group's address. */
  holds(key: string): boolean {
    return this.addresses.has(key);
  }

  scheme(name = "tunnels") {
    return this.core.snapshot(this.now()).schemes.find(each => each.name === name);
  }
}

/** Whether what `from` sends arrives at `to` over this medium: an interface, or `path N`. */
export type Cut = (from: Member, to: Member, medium: string) => boolean;

const DELAY_MS = 0.25;
/** No thread wakes on time. */
const LATE_MS = 0.3;

export class ToyNetwork {
  now = 0;
  readonly members: Member[];
  cut: Cut = () => false;
  /** Called after every step. */
  check: () => void = () => {};
  readonly sent: { readonly at: number; readonly from: Member; readonly medium: string; readonly what: string }[] = [];
  readonly #flights: Flight[] = [];
  #order = 0;

  constructor(...members: Member[]) {
    this.members = members;
    for (const member of members) member.now = () => this.now;
  }

  give(member: Member, input: LivenessInput): void {
    if (member.dead) return;
    if (input.kind === "configure") member.settings = input.settings;
    if (member.paused || member.stalled) member.inbox.push(input);
    else this.#perform(member, member.core.handle(input, this.now));
  }

  /** Runs until this long from now. */
  run(durationMs: number): void {
    const end = this.now + durationMs;
    for (;;) {
      const at = this.#nextAt();
      if (at > end) break;
      this.now = Math.max(this.now, at);
      this.#step();
      this.check();
    }
    this.now = end;
  }

  wake(member: Member): void {
    member.paused = false;
    member.stalled = false;
    for (const input of member.inbox.splice(0)) this.give(member, input);
  }

  /** From outside: to these members, or, as a stranger's packet, to everybody. */
  inject(input: LivenessInput, delayMs = 0, members: readonly Member[] = this.members): void {
    for (const to of members) this.#fly(to, input, delayMs);
  }

  #nextAt(): number {
    const times = this.#flights.map(each => each.at);
    for (const member of this.members) {
      if (member.dead || member.paused) continue;
      if (!member.stalled && member.core.next !== undefined) times.push(member.core.next + LATE_MS);
      for (const each of member.standing.values()) times.push(each.at);
    }
    return Math.min(Number.POSITIVE_INFINITY, ...times);
  }

  #step(): void {
    const due = this.#flights.filter(each => each.at <= this.now).sort((a, b) => a.at - b.at || a.order - b.order);
    for (const flight of due) {
      this.#flights.splice(this.#flights.indexOf(flight), 1);
      this.give(flight.to, flight.input);
    }
    for (const member of this.members) {
      if (member.dead || member.paused) continue;
      if (!member.stalled && (member.core.next ?? Number.POSITIVE_INFINITY) + LATE_MS <= this.now)
        this.#perform(member, member.core.handleTimeouts(this.now));
      for (const [key, standing] of [...member.standing]) this.#repeat(member, key, standing);
    }
  }

  #repeat(member: Member, key: string, standing: Standing): void {
    if (standing.at > this.now) return;
    standing.at += standing.everyMs;
    if (!fresh(member, standing.lease, this.now)) return;
    if (!standing.send()) member.standing.delete(key);
  }

  #perform(member: Member, effects: readonly LivenessEffect[]): void {
    for (const effect of effects) {
      member.done.push({ at: this.now, effect });
      this.#do(member, effect);
      for (const each of member.onEffect) each(effect, this.now);
    }
  }

  #do(member: Member, effect: LivenessEffect): void {
    switch (effect.do) {
      case "hsrp":
        this.#hello(member, effect);
        return;
      case "quiet":
        member.standing.delete(effect.group);
        return;
      case "take-address":
        member.addresses.set(effect.group, effect.addresses);
        return;
      case "release-address":
        member.addresses.delete(effect.group);
        return;
      case "role":
        member.leases.set(effect.owner, { ...effect, until: this.now + effect.leaseMs });
        return;
      case "beacon":
        this.#beacon(member, effect.to, effect.octets);
        return;
      case "beacons":
        this.#ring(member, effect);
        return;
      default:
    }
  }

  #hello(member: Member, effect: Extract<LivenessEffect, { do: "hsrp" }>): void {
    const send = (): boolean => {
      this.#sendHsrp(member, effect);
      return true;
    };
    if (fresh(member, effect.lease, this.now)) send();
    const { repeatMs: everyMs, lease } = effect;
    if (everyMs !== undefined) member.standing.set(effect.group, { lease, everyMs, at: this.now + everyMs, send });
  }

  #sendHsrp(member: Member, { group: key, message, fromVirtualMac }: Extract<LivenessEffect, { do: "hsrp" }>): void {
    const found = member.settings.groups.find(each => groupKey(each) === key);
    if (found === undefined) return;
    const { auth, settings } = found;
    const source = { address: settings.address, mac: macFromOctets(new Uint8Array(6)) };
    const { hash } = primitives();
    const four = familyOf(settings.address) === 4;
    const datagram = {
      source: settings.address,
      destination: ip(four ? HSRP_GROUPS[settings.version] : HSRP_GROUPS.ipv6),
      sourcePort: four ? HSRP_PORT.ipv4 : HSRP_PORT.ipv6,
      ttl: four ? 1 : 255,
      octets: encodeHsrp(message, source, { version: settings.version, auth, hash }),
    };
    const what = `${message.opcode} ${message.state}${fromVirtualMac ? " virtual" : ""}`;
    this.sent.push({ at: this.now, from: member, medium: settings.interface, what });
    this.#spread(member, settings.interface, { kind: "hsrp", interface: settings.interface, datagram });
  }

  #ring(member: Member, effect: Extract<LivenessEffect, { do: "beacons" }>): void {
    const key = `ring ${effect.scheme}`;
    const left = [...effect.octets];
    const send = (): boolean => {
      const octets = left.shift();
      if (octets !== undefined) for (const to of effect.to) this.#beacon(member, to, octets);
      return left.length > 0;
    };
    member.standing.delete(key);
    if (left.length === 0) return;
    const standing = { lease: effect.lease, everyMs: effect.everyMs, at: this.now, send };
    member.standing.set(key, standing);
    this.#repeat(member, key, standing);
  }

  #beacon(member: Member, to: BeaconTarget, octets: Uint8Array): void {
    if ("segment" in to) {
      this.sent.push({ at: this.now, from: member, medium: to.segment, what: "beacon" });
      const source = member.settings.groups.find(each => each.settings.interface === to.segment)?.settings.address;
      const from = source ?? ip("0.0.0.0");
      this.#spread(member, to.segment, { kind: "beacon", source: from, interface: to.segment, octets });
      return;
    }
    this.sent.push({ at: this.now, from: member, medium: to.interface ?? "", what: "beacon" });
    for (const each of this.members)
      if (
        each !== member &&
        pathsOf(each).some(path => path.local === to.remote) &&
        !this.cut(member, each, to.interface ?? "")
      )
        this.#fly(each, { kind: "beacon", source: to.local, interface: to.interface, octets }, DELAY_MS);
  }

  #spread(from: Member, medium: string, input: LivenessInput): void {
    for (const to of this.members) if (to !== from && !this.cut(from, to, medium)) this.#fly(to, input, DELAY_MS);
  }

  #fly(to: Member, input: LivenessInput, delayMs: number): void {
    this.#flights.push({ at: this.now + delayMs, order: this.#order++, to, input });
  }
}

function fresh(member: Member, owner: string | undefined, now: number): boolean {
  if (owner === undefined) return true;
  const lease = member.leases.get(owner);
  return lease !== undefined && now < lease.until;
}

function pathsOf(member: Member): readonly SchemeSettings["paths"][number][] {
  return member.settings.schemes.flatMap(each => each.paths);
}
