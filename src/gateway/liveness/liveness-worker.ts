/**
 * The liveness thread: it blocks in one call of the addon, never in an event loop, so that garbage and slow work elsewhere
 * cannot make a living gateway look dead. It is the only one that touches virtual addresses.
 */
import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { invariant, SystemError } from "../../core/errors.ts";
import { groupKey, type HsrpGroup } from "../../core/hsrp/hsrp-group.ts";
import { HSRP_GROUPS, HSRP_PORT } from "../../core/hsrp/hsrp-receive.ts";
import { parseIpv4 } from "../../core/wire/address.ts";
import { monotonicMs, waitUntil } from "../../linux/clock.ts";
import { Doorbell } from "../../linux/eventfd.ts";
import { Rtnetlink } from "../../linux/netlink/rtnetlink.ts";
import { UdpSocket } from "../../linux/udp-socket.ts";
import { GroupRunner } from "./group-runner.ts";
import type { LivenessData } from "./liveness.ts";
import type { Answer, Ask, Notice } from "./messages.ts";
import { parentOf, VirtualAddress } from "./virtual-address.ts";

/** The process cannot end while this thread is inside the call: it comes up for air. */
const LONGEST_WAIT_MS = 200;

class Liveness {
  readonly #data: LivenessData;
  readonly #doorbell: Doorbell;
  readonly #answered: Int32Array;
  readonly #rtnetlink = new Rtnetlink();
  readonly #udp = new UdpSocket({ family: 4, port: HSRP_PORT.ipv4, reuseAddress: true, multicastLoop: false });
  readonly #joined = new Set<string>();
  #runners = new Map<string, GroupRunner>();
  #stopped = false;
  #lastWill = "";

  constructor(data: LivenessData) {
    this.#data = data;
    this.#doorbell = new Doorbell(data.doorbell);
    this.#answered = new Int32Array(data.answered);
  }

  run(): void {
    while (!this.#stopped) {
      const runners = [...this.#runners.values()];
      const fds = Int32Array.of(this.#doorbell.fd, this.#udp.fd, ...runners.map(each => each.address.arpSocket.fd));
      waitUntil(fds, Math.min(monotonicMs() + LONGEST_WAIT_MS, ...runners.flatMap(each => each.next ?? [])));
      this.#turn();
    }
    this.#udp.close();
    this.#rtnetlink.close();
  }

  /** Hellos first, then the deadlines that they may have moved, then questions and orders. */
  #turn(): void {
    this.#guarded(() => this.#receive());
    const now = monotonicMs();
    for (const runner of this.#runners.values()) {
      this.#guarded(() => runner.handleTimeouts(now));
      this.#guarded(() => this.#answerArp(runner));
    }
    if (this.#doorbell.drain()) this.#asks();
    this.#tellWill();
  }

  #receive(): void {
    for (let datagram = this.#udp.receive(); datagram !== undefined; datagram = this.#udp.receive()) {
      const { from, fromPort, to, ttl, linkIndex, octets } = datagram;
      if (from === undefined || to === undefined) continue;
      for (const runner of this.#runners.values()) {
        if (runner.address.parentIndex !== linkIndex) continue;
        runner.receive({ source: from, destination: to, sourcePort: fromPort, ttl, octets }, monotonicMs());
      }
    }
  }

  #answerArp(runner: GroupRunner): void {
    const [claim] = runner.address.answerArp();
    if (claim === undefined) return;
    const { interface: name, group } = runner.group.settings;
    this.#notify({ kind: "trouble", text: `${name} Grp ${group}: ${claim} claims the virtual address as well` });
    runner.address.announce(monotonicMs());
  }

  #asks(): void {
    for (
      let next = receiveMessageOnPort(this.#data.port);
      next !== undefined;
      next = receiveMessageOnPort(this.#data.port)
    ) {
      const answer = this.#guarded(() => this.#answer(next?.message as Ask)) ?? { kind: "done" };
      this.#data.port.postMessage(answer satisfies Answer);
      Atomics.add(this.#answered, 0, 1);
      Atomics.notify(this.#answered, 0);
    }
  }

  #answer(ask: Ask): Answer {
    const now = monotonicMs();
    switch (ask.kind) {
      case "configure":
        this.#configure(ask.groups, new Set(ask.up), now);
        return { kind: "done" };
      case "snapshot":
        return { kind: "snapshot", groups: [...this.#runners.values()].map(each => each.snapshot(now)) };
      case "stop":
        for (const runner of this.#runners.values()) this.#guarded(() => runner.close(now));
        this.#runners.clear();
        this.#stopped = true;
        return { kind: "done" };
    }
    return ask satisfies never;
  }

  #configure(groups: readonly HsrpGroup[], up: ReadonlySet<string>, now: number): void {
    const wanted = new Map(groups.map(group => [groupKey(group), group]));
    for (const [key, runner] of this.#runners) {
      const group = wanted.get(key);
      if (group !== undefined && sameButDecrement(group, runner.group)) continue;
      this.#guarded(() => runner.close(now));
      this.#runners.delete(key);
    }
    for (const [key, group] of wanted) {
      const runner = this.#runners.get(key);
      if (runner !== undefined) runner.group = group;
      else this.#guarded(() => this.#add(key, group, now));
    }
    this.#lead(now);
    for (const runner of this.#runners.values()) {
      const { settings, decrement } = runner.group;
      this.#guarded(() => runner.setUp(up.has(settings.interface) && decrement !== undefined, now));
    }
  }

  #add(key: string, group: HsrpGroup, now: number): void {
    const parent = parentOf(this.#rtnetlink, group.device);
    if (parent === undefined) return;
    this.#join(group.settings.version, parent.index);
    const address = new VirtualAddress(group, parent, this.#rtnetlink);
    this.#runners.set(key, new GroupRunner(group, address, now, notice => this.#notify(notice)));
  }

  /** Ties followers to the groups whose names they give. */
  #lead(now: number): void {
    const named = new Map(
      [...this.#runners.values()].flatMap(each => (each.group.name ? [[each.group.name, each]] : [])),
    );
    for (const runner of this.#runners.values()) {
      const leader = runner.group.follow === undefined ? undefined : named.get(runner.group.follow);
      const bound = [...this.#runners.values()].some(each => each.followers.includes(runner));
      if (leader !== undefined && leader !== runner && !bound) runner.followTo(leader, now);
    }
  }

  #join(version: 1 | 2, linkIndex: number): void {
    const key = `${version} ${linkIndex}`;
    const group = parseIpv4(HSRP_GROUPS[version]);
    invariant(group !== undefined, "HSRP's group is an address");
    if (!this.#joined.has(key)) this.#udp.join(group, linkIndex);
    this.#joined.add(key);
  }

  /** What the system refuses to one group must not stop the others. */
  #guarded<T>(body: () => T): T | undefined {
    try {
      return body();
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      this.#notify({ kind: "trouble", text: error.message });
      return undefined;
    }
  }

  #tellWill(): void {
    const groups = [...this.#runners.values()].flatMap(each => each.will() ?? []);
    const key = JSON.stringify(groups.map(each => [each.addressIndex, each.addresses]));
    if (key === this.#lastWill) return;
    this.#lastWill = key;
    this.#notify({ kind: "will", will: { groups } });
  }

  #notify(notice: Notice): void {
    parentPort?.postMessage(notice);
  }
}

function sameButDecrement(a: HsrpGroup, b: HsrpGroup): boolean {
  return JSON.stringify({ ...a, decrement: 0 }) === JSON.stringify({ ...b, decrement: 0 });
}

new Liveness(workerData as LivenessData).run();
