/** Two members under a gate, with disks and a redundancy that answer at once as long as they are let. */
import type { HsrpGroup } from "../hsrp/hsrp-group.ts";
import type { Ipv4 } from "../wire/address.ts";
import type { LivenessEffect, LivenessSettings, SchemeSettings } from "./liveness-port.ts";
import { type GroupOptions, group, ip, Member, ToyNetwork } from "./toy-network.test-support.ts";

const KEY = new Uint8Array(32).fill(7);

function scheme(own: string, peer: string, more: Partial<SchemeSettings> = {}): SchemeSettings {
  const path = {
    local: ip(own) as Ipv4,
    remote: ip(peer) as Ipv4,
    localPort: 5000,
    remotePort: 5000,
    interface: "sync",
  };
  return { name: "tunnels", paths: [path], key: KEY, storedEpoch: 0, drainMs: 50, holdDownMs: 0, ...more };
}

export interface Side {
  readonly group?: Partial<GroupOptions>;
  readonly scheme?: Partial<SchemeSettings>;
  readonly groups?: readonly HsrpGroup[];
}

export const settingsOf = (n: 1 | 2, { group: options, scheme: more, groups = [] }: Side): LivenessSettings => ({
  groups: [group({ address: `10.0.0.${n}`, name: "tunnels", priority: n === 1 ? 110 : 100, ...options }), ...groups],
  up: ["outside", "inside"],
  schemes: [scheme(`192.168.0.${n}`, `192.168.0.${3 - n}`, more)],
});

export class Pair {
  readonly a = new Member("A", 1);
  readonly b = new Member("B", 2);
  readonly net = new ToyNetwork(this.a, this.b);
  readonly both: number[] = [];
  readonly neither: number[] = [];
  diskWorks = true;
  drains = true;

  constructor(one: Side = {}, two: Side = {}, begin = true) {
    for (const member of [this.a, this.b]) member.onEffect.push(effect => this.#answer(member, effect));
    this.net.check = () => {
      const holders = [this.a, this.b].filter(each => !each.dead && each.holds("outside 1")).length;
      if (holders === 2) this.both.push(this.net.now);
      if (holders === 0) this.neither.push(this.net.now);
    };
    this.begin(this.a, settingsOf(1, one));
    this.begin(this.b, settingsOf(2, two));
    if (begin) this.net.run(5_000);
    this.both.length = 0;
    this.neither.length = 0;
  }

  begin(member: Member, settings: LivenessSettings): void {
    this.net.give(member, { kind: "configure", settings });
    this.net.give(member, { kind: "synced", scheme: "tunnels", synced: true });
  }

  /** A new life of a member, with nothing but what its disk has. */
  reboot(member: Member, boot: number, settings: LivenessSettings): Member {
    member.dead = true;
    const born = new Member(member.name, boot);
    born.onEffect.push(effect => this.#answer(born, effect));
    born.now = () => this.net.now;
    this.net.members.push(born);
    this.begin(born, settings);
    return born;
  }

  get states(): (string | undefined)[] {
    return [this.a.state(), this.b.state()];
  }

  #answer(member: Member, effect: LivenessEffect): void {
    if (effect.do === "persist" && this.diskWorks)
      this.net.inject({ kind: "persisted", scheme: effect.scheme, epoch: effect.epoch }, 1, [member]);
    if (effect.do === "drain" && this.drains) this.net.inject({ kind: "drained", scheme: effect.scheme }, 3, [member]);
  }
}

export const reports = (member: Member): string[] =>
  member.done.flatMap(({ effect }) => (effect.do === "report" ? [effect.event.mnemonic] : []));
export const counter = (member: Member, name: string): number => member.scheme()?.counters[name] ?? 0;
