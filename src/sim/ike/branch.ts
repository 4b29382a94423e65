/**
 * The far end of a tunnel: a gateway of its own with one IKE engine, which knows nothing of the pair but its virtual
 * address. It has traffic all the time, and looks at everything that comes.
 */
import type { IkeDecision, IkeEffect, IkeMessageDatagram, IkeSettings } from "../../core/ike/ike-port.ts";
import { PLAIN_OWNER } from "../../core/ipsec/security-association.ts";
import type { Ipv4 } from "../../core/wire/address.ts";
import { Actor } from "../actor.ts";
import { Fuse } from "../fuse.ts";
import type { Frame, Link, UdpPorts } from "../lossy-wire.ts";
import type { World } from "../world.ts";
import { EndPlane } from "./end-plane.ts";
import { sealEsp } from "./esp-token.ts";
import { espPorts, ikeDatagram } from "./frames.ts";
import { IkeThread } from "./ike-thread.ts";

export interface BranchPlan {
  readonly name: string;
  readonly settings: IkeSettings;
  readonly packetEveryMs: number;
  /** Its address behind a NAT; `undefined` without one. */
  readonly behind: Ipv4 | undefined;
}

interface Life {
  readonly actor: Actor;
  readonly table: EndPlane;
  readonly thread: IkeThread;
  /** By the inbound SPI: the last number that left. */
  readonly sent: Map<number, number>;
  askedAt: number;
}

const ASK_MS = 1_000;
const RESTART_MS = 400;

export class Branch {
  readonly plan: BranchPlan;
  readonly link: Link;
  /** When the last packet of the tunnel came in. */
  takenAt = Number.NEGATIVE_INFINITY;
  readonly fuse = new Fuse();
  /** It has nothing to send at the moment. */
  idle = false;
  readonly #world: World;
  #life: Life | undefined;

  constructor(plan: BranchPlan, link: Link, world: World) {
    this.plan = plan;
    this.link = link;
    this.#world = world;
    link.receive = frame => this.#receive(frame);
  }

  get name(): string {
    return this.plan.name;
  }

  get thread(): IkeThread | undefined {
    return this.#life?.thread;
  }

  get table(): EndPlane | undefined {
    return this.#life?.table;
  }

  get traffic(): string {
    return this.plan.settings.negotiables[0]?.traffic ?? "";
  }

  start(): void {
    if (this.#life !== undefined) return;
    const actor = new Actor();
    const table = new EndPlane(what => this.#world.trace?.say(this.name, what));
    const thread: IkeThread = new IkeThread({
      world: this.#world,
      actor,
      settings: this.plan.settings,
      facts: table,
      decided: ({ effects }: IkeDecision) => {
        for (const effect of effects) {
          if (this.fuse.burns() || actor.dead) return;
          this.#perform(effect, table, thread);
        }
      },
    });
    const life = { actor, table, thread, sent: new Map(), askedAt: Number.NEGATIVE_INFINITY };
    this.#life = life;
    thread.handle({ kind: "role", owner: PLAIN_OWNER, role: "active", how: "start" });
    this.#talk(life);
  }

  /** All that it held is gone, and nobody is told. */
  die(): void {
    this.#life?.actor.die();
    this.#life = undefined;
    this.takenAt = Number.NEGATIVE_INFINITY;
  }

  /** It dies at the effect so many from now, and begins anew. */
  dieAtEffect(effects: number): void {
    this.fuse.light(effects, () => {
      this.die();
      this.#world.clock.after(RESTART_MS, () => this.start());
    });
  }

  #talk(life: Life): void {
    this.#world.clock.after(this.plan.packetEveryMs, () => {
      if (life.actor.dead) return;
      if (!this.idle) this.#packet(life);
      this.#talk(life);
    });
  }

  #packet({ table, thread, sent, ...life }: Life): void {
    const { clock } = this.#world;
    const child = table.carrier(this.traffic);
    if (child === undefined) {
      if (clock.now < life.askedAt + ASK_MS || this.#life === undefined) return;
      this.#life.askedAt = clock.now;
      thread.handle({ kind: "initiate", traffic: this.traffic });
      return;
    }
    const sequence = (sent.get(child.spi) ?? 0) + 1;
    sent.set(child.spi, sequence);
    table.left(child.spi, clock.now);
    this.#send("esp", child.remote as Ipv4, sealEsp(child.outbound, sequence), espPorts(child));
  }

  #receive(frame: Frame): void {
    const life = this.#life;
    if (life === undefined) return;
    const datagram = ikeDatagram(frame);
    if (datagram !== undefined) life.thread.handle({ kind: "datagram", datagram });
    if (frame.kind === "esp") this.#esp(life, frame);
  }

  #esp({ table, thread }: Life, { source, octets }: Frame): void {
    const taken = table.take(octets, this.#world.clock.now);
    if (taken.verdict === "unknown") {
      thread.handle({ kind: "unknown-spi", spi: taken.spi, local: this.link.address, remote: source });
    }
    if (taken.verdict !== "taken") return;
    this.takenAt = this.#world.clock.now;
    this.#world.observer.taken(this.name, taken.child, taken.sequence);
    if (taken.first) thread.handle({ kind: "child", spi: taken.child.spi, event: { kind: "used" } });
  }

  #perform(effect: IkeEffect, table: EndPlane, thread: IkeThread): void {
    switch (effect.do) {
      case "transmit":
        this.#transmit(effect.datagram);
        return;
      case "child-up":
      case "child-changed":
        table.installAll([effect.child]);
        return;
      case "enable-outbound":
        table.enable(effect.spi);
        return;
      case "child-down":
        table.remove(effect.spi);
        return;
      case "compute":
        thread.compute(effect.id, effect.job);
        return;
      case "report":
        this.#world.trace?.say(this.name, effect.event.text);
        return;
      case "checkpoint":
      case "debug":
        return;
    }
    effect satisfies never;
  }

  #transmit({ remote, localPort, remotePort, octets }: IkeMessageDatagram): void {
    this.#send("ike", remote as Ipv4, octets, { source: localPort, destination: remotePort });
  }

  #send(kind: "ike" | "esp", destination: Ipv4, octets: Uint8Array, ports: UdpPorts | undefined): void {
    const frame: Frame = { kind, source: this.link.address, destination, octets, ...(ports && { ports }) };
    if (kind === "ike") this.#world.observer.ike(this.name, frame);
    this.link.send(frame);
  }
}
