/**
 * The liveness thread: it blocks in one call of the addon, never in an event loop, so that garbage and slow work
 * elsewhere cannot make a living gateway look dead. A thin door: it reads sockets, asks the core, and carries out what
 * that says.
 *
 * A turn takes what was received first, then the deadlines (which a packet that waited may have moved), then orders. It
 * speaks for the main thread only while that shows signs of life.
 */
import { createHash, createHmac, randomBytes } from "node:crypto";
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { Liveness } from "../../core/gate/liveness.ts";
import { debugOfEffect, debugOfInput } from "../../core/gate/liveness-debug.ts";
import type { GroupSnapshot, LivenessEffect, LivenessInput, LivenessSettings } from "../../core/gate/liveness-port.ts";
import { groupKey } from "../../core/hsrp/hsrp-group.ts";
import { DEBUG_FLAGS, type DebugLine, DebugSwitches } from "../../core/log/debug-flags.ts";
import { isIpv4 } from "../../core/wire/address.ts";
import { monotonicMs, waitUntil } from "../../linux/clock.ts";
import { Doorbell } from "../../linux/eventfd.ts";
import { HelloThread } from "../../linux/hello-thread.ts";
import { removeLink } from "../../linux/netlink/link.ts";
import { Rtnetlink } from "../../linux/netlink/rtnetlink.ts";
import { hurry, realtimePriorityLimit } from "../../linux/process-rights.ts";
import { RoleWords } from "../../linux/role-words.ts";
import { AddressKeeper } from "./address-keeper.ts";
import { ArpDoor } from "./arp-door.ts";
import { BeaconDoor } from "./beacon-door.ts";
import { HsrpDoor } from "./hsrp-door.ts";
import { LinkState } from "./link-state.ts";
import { LivenessHost } from "./liveness-host.ts";
import { canHandOver, MainWatch } from "./main-watch.ts";
import { type LivenessData, type Notice, type Order, SharedWord, type Snapshot } from "./messages.ts";
import { NeighbourDoor } from "./neighbour-door.ts";
import { SteeringDoor } from "./steering-door.ts";
import { Trouble } from "./trouble.ts";
import { isVirtualLink } from "./virtual-address.ts";
import { WillPost } from "./will-post.ts";

/** The process cannot end while this thread is inside the call: it comes up for air. */
const LONGEST_WAIT_MS = 200;
/** Above everything that only computes, below the kernel's own. */
const HELLO_PRIORITY = 50;
/** What is to be given up in an orderly way is given up by then. */
const STOP_LIMIT_MS = 2_000;
const BOOT_ID_OCTETS = 8;

class LivenessLoop {
  readonly #port: MessagePort;
  readonly #doorbell: Doorbell;
  readonly #shared: BigInt64Array;
  readonly #rtnetlink = new Rtnetlink();
  readonly #links = new LinkState(this.#rtnetlink);
  readonly #hsrp = new HsrpDoor();
  readonly #arp = new ArpDoor();
  readonly #neighbours = new NeighbourDoor();
  readonly #beacons = new BeaconDoor();
  readonly #trouble = new Trouble(text => this.#notify({ kind: "trouble", text }), monotonicMs);
  readonly #hellos: HelloThread;
  readonly #steering: SteeringDoor;
  readonly #keeper: AddressKeeper;
  readonly #will: WillPost;
  readonly #host: LivenessHost;
  readonly #main: MainWatch;
  readonly #core = new Liveness(
    {
      hash: (algorithm, octets) => createHash(algorithm).update(octets).digest(),
      hmac: (key, octets) => createHmac("sha256", key).update(octets).digest(),
      random: count => new Uint8Array(randomBytes(count)),
      jitter: Math.random,
    },
    new Uint8Array(randomBytes(BOOT_ID_OCTETS)),
  );
  #settings: LivenessSettings = { groups: [], up: [], schemes: [] };
  /** Interfaces that carry groups, as the core was last told. */
  #up: ReadonlySet<string> = new Set();
  #stopping: { readonly because: "asked" | "main-timeout"; readonly until: number } | undefined;
  readonly #debug = new DebugSwitches();
  #serial = 0;

  constructor({ port, doorbell, shared, roles, plain, supervisorFd }: LivenessData & { readonly port: MessagePort }) {
    this.#port = port;
    this.#doorbell = new Doorbell(doorbell);
    this.#shared = new BigInt64Array(shared);
    const words = new RoleWords(roles);
    this.#hellos = new HelloThread(words, Math.min(HELLO_PRIORITY, realtimePriorityLimit()));
    this.#steering = new SteeringDoor(this.#rtnetlink, words, plain, monotonicMs());
    this.#keeper = new AddressKeeper(words);
    this.#will = new WillPost(supervisorFd);
    this.#main = new MainWatch(() => Number(Atomics.load(this.#shared, SharedWord.mainBeat)));
    this.#host = new LivenessHost({
      rtnetlink: this.#rtnetlink,
      links: this.#links,
      hellos: this.#hellos,
      keeper: this.#keeper,
      beacons: this.#beacons,
      roles: words,
      steering: this.#steering,
      will: this.#will,
      trouble: this.#trouble,
      notify: notice => this.#notify(notice),
    });
    hurry();
    this.#notify({ kind: "started", realTime: this.#hellos.realTime });
    for (const { index } of this.#links.leftovers(isVirtualLink)) {
      this.#trouble.guard(() => this.#rtnetlink.request(removeLink(index)));
    }
  }

  run(): void {
    while (!this.#ended()) {
      const single = [this.#doorbell.fd, this.#links.fd, this.#arp.fd];
      const all = Int32Array.of(...single, ...this.#hsrp.fds, ...this.#neighbours.fds, ...this.#beacons.fds);
      const deadlines = [this.#core.next, this.#host.next, this.#will.next].filter(at => at !== undefined);
      waitUntil(all, Math.min(monotonicMs() + LONGEST_WAIT_MS, ...deadlines));
      this.#turn();
    }
    this.#close();
  }

  #turn(): void {
    this.#trouble.guard(() => this.#followLinks());
    this.#trouble.guard(() => this.#receive());
    const now = monotonicMs();
    this.#perform(this.#core.handleTimeouts(now), now);
    this.#host.handleTimeouts(now);
    this.#steering.renew(now);
    this.#host.heard(this.#core.heard());
    if (this.#doorbell.drain()) this.#orders();
    this.#trouble.guard(() => this.#neighbours.follow(this.#host.doors.values()));
    if (this.#main.isLost(now, () => canHandOver(this.#core.snapshot(now)))) this.#stop("main-timeout", now);
    this.#will.post(monotonicMs());
  }

  #receive(): void {
    for (const { linkIndex, datagram } of this.#hsrp.receive()) {
      for (const name of this.#interfacesAt(linkIndex)) this.#handle({ kind: "hsrp", interface: name, datagram });
    }
    for (const { from, linkIndex, octets } of this.#beacons.receive()) {
      const [name] = this.#interfacesAt(linkIndex ?? 0);
      this.#handle({ kind: "beacon", source: from, interface: name, octets });
    }
    const claims = new Map<string, LivenessInput>();
    this.#arp.answer(this.#host.doors.values(), ({ group }, mac) => {
      claims.set(groupKey(group), { kind: "claimed", group: groupKey(group), mac });
    });
    for (const claim of claims.values()) this.#handle(claim);
    this.#neighbours.answer(this.#host.doors.values());
  }

  #handle(input: LivenessInput): void {
    const now = monotonicMs();
    this.#tellDebug(() => debugOfInput(input, name => this.#versionOf(name)), now);
    this.#perform(this.#core.handle(input, now), now);
  }

  #perform(effects: readonly LivenessEffect[], now: number): void {
    this.#host.perform(effects, now);
    this.#tellDebug(() => effects.flatMap(debugOfEffect), now);
    if (!effects.some(effect => effect.do === "released")) return;
    this.#host.reconcile();
    this.#tellHolding();
  }

  #tellHolding(): void {
    const wanted = new Set(this.#settings.groups.map(groupKey));
    const permitted = new Set(this.#settings.up);
    const holds = ({ group, state }: GroupSnapshot): boolean => {
      const key = groupKey(group);
      if (wanted.has(key) && permitted.has(group.settings.interface)) return false;
      return state !== "initial" || this.#host.doors.get(key)?.address.addresses.length !== 0;
    };
    const holding = this.#core.snapshot(monotonicMs()).groups.filter(holds);
    const interfaces = [...new Set(holding.map(({ group }) => group.settings.interface))];
    this.#notify({ kind: "holding", serial: this.#serial, interfaces });
  }

  #tellDebug(lines: () => readonly DebugLine[], now: number): void {
    for (const event of this.#debug.events(lines, now)) this.#notify({ kind: "report", event });
  }

  #versionOf(name: string): 1 | 2 {
    return this.#settings.groups.find(({ settings }) => settings.interface === name)?.settings.version ?? 1;
  }

  #followLinks(): void {
    if (!this.#links.refresh()) return;
    this.#host.reconcile();
    this.#host.raiseLinks();
    this.#join();
    const up = this.#carrying();
    const names = new Set([...up, ...this.#up]);
    const changed = [...names].filter(name => up.has(name) !== this.#up.has(name));
    this.#up = up;
    for (const name of changed) this.#handle({ kind: "link", interface: name, up: up.has(name) });
  }

  #orders(): void {
    for (let next = receiveMessageOnPort(this.#port); next; next = receiveMessageOnPort(this.#port)) {
      const order = next.message as Order;
      switch (order.kind) {
        case "configure":
          this.#configure(order);
          break;
        case "steering":
          this.#host.steer(order.targets);
          break;
        case "divert":
          this.#host.divert(order.owner, order.to);
          break;
        case "input":
          if (order.input.kind === "stop") this.#stop("asked", monotonicMs());
          else this.#handle(order.input);
          break;
        case "debug":
          this.#debug.set(DEBUG_FLAGS, false);
          this.#debug.set(order.flags, true);
          break;
        case "snapshot":
          this.#port.postMessage(this.#core.snapshot(monotonicMs()) satisfies Snapshot);
          Atomics.add(this.#shared, SharedWord.answered, 1n);
          Atomics.notify(this.#shared, SharedWord.answered);
          break;
        default:
          order satisfies never;
      }
    }
  }

  #configure({ serial, settings, owners }: Extract<Order, { kind: "configure" }>): void {
    if (this.#stopping !== undefined) return;
    this.#serial = serial;
    this.#settings = settings;
    this.#host.configure(settings, owners);
    this.#join();
    this.#up = this.#carrying();
    this.#handle({ kind: "configure", settings: { ...settings, up: [...this.#up] } });
    this.#tellHolding();
  }

  /** What main permits and the kernel can carry. */
  #carrying(): Set<string> {
    const permitted = new Set(this.#settings.up);
    const able = this.#settings.groups.filter(group => this.#links.canCarry(group));
    return new Set(able.map(group => group.settings.interface).filter(name => permitted.has(name)));
  }

  #join(): void {
    const indexes = new Set<number>();
    for (const { device, settings } of this.#settings.groups) {
      const parent = this.#links.parentOf(device);
      if (parent === undefined) continue;
      indexes.add(parent.index);
      const kind = isIpv4(settings.address) ? settings.version : "ipv6";
      this.#trouble.guard(() => this.#hsrp.join(kind, parent.index));
    }
    const linkOf = (name: string): number | undefined => {
      const group = this.#settings.groups.find(each => each.settings.interface === name);
      return group && this.#links.parentOf(group.device)?.index;
    };
    this.#trouble.guard(() => this.#beacons.configure(this.#settings.schemes, [...indexes], linkOf));
  }

  #interfacesAt(linkIndex: number): Set<string> {
    const groups = this.#settings.groups.filter(({ device }) => this.#links.parentOf(device)?.index === linkIndex);
    return new Set(groups.map(group => group.settings.interface));
  }

  #stop(because: "asked" | "main-timeout", now: number): void {
    if (this.#stopping !== undefined) return;
    this.#stopping = { because, until: now + STOP_LIMIT_MS };
    this.#handle({ kind: "stop" });
  }

  #ended(): boolean {
    if (this.#stopping === undefined) return false;
    return this.#core.snapshot(monotonicMs()).groups.length === 0 || monotonicMs() >= this.#stopping.until;
  }

  #close(): void {
    if (this.#stopping?.because === "main-timeout") this.#will.stuck();
    this.#host.close();
    this.#steering.close();
    this.#hellos.close();
    this.#keeper.close();
    for (const each of [this.#beacons, this.#hsrp, this.#arp, this.#neighbours, this.#links, this.#rtnetlink])
      each.close();
    this.#notify({ kind: "stopped", because: this.#stopping?.because ?? "asked" });
  }

  #notify(notice: Notice): void {
    parentPort?.postMessage(notice);
  }
}

new LivenessLoop(workerData as LivenessData & { readonly port: MessagePort }).run();
