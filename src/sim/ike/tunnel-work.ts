/**
 * Work of a real IKE engine: what it decides is replicated as the gateway replicates it, and as a standby it holds the
 * records that come. Its Child SAs are the data plane's, which sends and takes packets without asking it.
 */
import type { Role } from "../../core/gate/liveness-port.ts";
import type { IkeDecision, IkeMessageDatagram, IkeSettings } from "../../core/ike/ike-port.ts";
import type { ChildSa } from "../../core/ipsec/child-sa.ts";
import { encodeChildSa } from "../../core/ipsec/child-sa-record.ts";
import { decidedOf, type IkeDeeds } from "../../core/redundancy/ike-decided.ts";
import { RecordHolder } from "../../core/redundancy/record-holder.ts";
import type { Application, ChildNumber } from "../../core/redundancy/replication-port.ts";
import type { Ipv4 } from "../../core/wire/address.ts";
import type { Actor } from "../actor.ts";
import type { Frame, Port, UdpPorts } from "../lossy-wire.ts";
import type { ModelPlane } from "../model-plane.ts";
import type { Desk, Shown, Work } from "../work.ts";
import type { World } from "../world.ts";
import { EndPlane } from "./end-plane.ts";
import { sealEsp } from "./esp-token.ts";
import { espPorts, ikeDatagram } from "./frames.ts";
import { IkeThread } from "./ike-thread.ts";

export interface TunnelHost {
  readonly world: World;
  readonly name: string;
  readonly actor: Actor;
  readonly plane: ModelPlane;
  readonly desk: Desk;
  readonly scheme: string;
  readonly settings: IkeSettings;
  readonly port: Port;
  /** The role word says active or draining, and its lease is fresh. */
  readonly speaks: () => boolean;
}

const EDGES_MS = 100;
/** A packet without an SA asks again so much later. */
const ASK_MS = 1_000;

export class TunnelWork implements Work {
  readonly table = new EndPlane(what => this.#hush(what));
  readonly thread: IkeThread;
  readonly #host: TunnelHost;
  readonly #holder: RecordHolder;
  readonly #moved = new Map<number, number>();
  readonly #askedAt = new Map<string, number>();
  #epoch = 0;
  #settings: IkeSettings;

  constructor(host: TunnelHost) {
    this.#host = host;
    this.#settings = host.settings;
    const { world, actor, settings } = host;
    const decided = (decision: IkeDecision): void => {
      host.desk.decided(decision.sa, shown(decision, decidedOf(decision, this.#deeds())));
    };
    this.thread = new IkeThread({ world, actor, settings, facts: this.table, decided });
    this.#holder = new RecordHolder({
      keeper: this.table,
      ike: () => ({
        restore: (records, children) => this.thread.handle({ kind: "restore", records, children }),
        forget: (ids, spis) => this.thread.handle({ kind: "forget", ids, spis }),
        role: () => {},
      }),
      malformed: error => {
        throw error;
      },
      now: () => world.clock.now,
    });
  }

  role(_role: Role, epoch: number): void {
    this.#epoch = epoch;
  }

  configure(settings: IkeSettings): void {
    this.#settings = settings;
    this.thread.handle({ kind: "configure", settings });
  }

  turned(active: boolean, how: "failover" | "switchover"): void {
    const { scheme: owner } = this.#host;
    this.thread.handle({ kind: "role", owner, role: active ? "active" : "other", how });
  }

  apply(application: Application): void {
    this.#holder.apply(this.#host.scheme, application);
  }

  seen(edges: readonly ChildNumber[]): void {
    for (const { spi, sequence } of edges) this.table.advance(spi, sequence, this.#host.world.clock.now);
  }

  capReached(spi: number): void {
    if (this.table.find(spi) !== undefined) this.thread.handle({ kind: "child", spi, event: { kind: "cap-reached" } });
  }

  sent(spi: number, last: number): void {
    const child = this.table.find(spi);
    if (child === undefined) return;
    this.table.left(spi, this.#host.world.clock.now);
    this.#send("esp", child.remote as Ipv4, sealEsp(child.outbound, last), espPorts(child));
  }

  /** The data plane has a packet for each permit: those without an SA ask for one. */
  ask(): void {
    const { actor, world } = this.#host;
    for (const { traffic } of this.#settings.negotiables) {
      const again = (this.#askedAt.get(traffic) ?? Number.NEGATIVE_INFINITY) + ASK_MS;
      if (this.table.carrier(traffic) !== undefined || world.clock.now < again) continue;
      this.#askedAt.set(traffic, world.clock.now);
      actor.post(() => this.thread.handle({ kind: "initiate", traffic }));
    }
  }

  /** What came by the virtual address's socket. */
  datagram(frame: Frame): void {
    const datagram = ikeDatagram(frame);
    if (datagram === undefined) return;
    this.#host.actor.offer(() => this.thread.handle({ kind: "datagram", datagram }));
  }

  /** The data plane takes it, whatever main is at. */
  esp({ source, destination, ports, octets }: Frame): void {
    const { world, name, plane, actor } = this.#host;
    const taken = this.table.take(octets, world.clock.now);
    if (taken.verdict === "unknown" && destination !== undefined) {
      const { spi } = taken;
      actor.offer(() => this.thread.handle({ kind: "unknown-spi", spi, local: destination, remote: source }));
    }
    if (taken.verdict !== "taken") return;
    const { child, sequence, first, newest } = taken;
    world.observer.taken(name, child, sequence);
    plane.saw(child.spi, sequence);
    this.#edge(child.spi, sequence);
    if (first) actor.post(() => this.thread.handle({ kind: "child", spi: child.spi, event: { kind: "used" } }));
    if (newest) this.#from(child, { remote: source, remotePort: ports?.source ?? 0 });
  }

  /** An authentic packet came from there. */
  #from({ spi, peerMayMove, remote, encapsulation }: ChildSa, from: { remote: Ipv4; remotePort: number }): void {
    if (!peerMayMove || (remote === from.remote && encapsulation?.remotePort === from.remotePort)) return;
    const event = { kind: "peer-moved", ...from } as const;
    this.#host.actor.post(() => this.thread.handle({ kind: "child", spi, event }));
  }

  #deeds(): IkeDeeds {
    return {
      speaks: () => this.#host.speaks(),
      transmit: datagram => this.#transmit(datagram),
      install: child => {
        this.#host.plane.open(child.spi, this.#epoch);
        this.table.installAll([child]);
      },
      enable: spi => this.table.enable(spi),
      change: child => this.table.installAll([child]),
      remove: spi => {
        this.table.remove(spi);
        this.#host.plane.close(spi);
      },
      compute: (id, job) => this.thread.compute(id, job),
      report: ({ text }) => this.#host.world.trace?.say(this.#host.name, text),
      debug: () => {},
      record: child => encodeChildSa(child, this.#host.world.clock.now),
    };
  }

  #transmit({ remote, localPort, remotePort, octets }: IkeMessageDatagram): void {
    this.#send("ike", remote as Ipv4, octets, { source: localPort, destination: remotePort });
  }

  #send(kind: "ike" | "esp", to: Ipv4, octets: Uint8Array, ports: UdpPorts | undefined): void {
    const { world, name, port } = this.#host;
    const [negotiable] = this.#settings.negotiables;
    if (negotiable === undefined) return;
    const frame: Frame = { kind, source: negotiable.local as Ipv4, destination: to, octets, ...(ports && { ports }) };
    if (kind === "ike") world.observer.ike(name, frame);
    port.send(frame);
  }

  /** Edges are told a little later, many at once. */
  #edge(spi: number, sequence: number): void {
    const { world, actor, desk } = this.#host;
    const idle = this.#moved.size === 0;
    this.#moved.set(spi, Math.max(sequence, this.#moved.get(spi) ?? 0));
    if (!idle) return;
    world.clock.after(EDGES_MS, () => {
      if (actor.dead) return;
      const edges = [...this.#moved].map(([each, edge]) => ({ spi: each, sequence: edge }));
      this.#moved.clear();
      actor.post(() => desk.edges(edges));
    });
  }

  /** Nothing leaves by a pair that carries nothing. */
  #hush(what: string): void {
    const { plane, world, name } = this.#host;
    world.trace?.say(name, what);
    const carriers = new Set(this.#settings.negotiables.map(({ traffic }) => this.table.carrier(traffic)?.spi));
    for (const { spi } of this.table.children) {
      if (carriers.has(spi)) plane.silent.delete(spi);
      else plane.silent.add(spi);
    }
  }
}

/** What IKE itself says of what its effects show: each but a checkpoint is one thing to perform, in order. */
function shown({ effects }: IkeDecision, decided: readonly Shown[]): Shown[] {
  const performed = effects.filter(effect => effect.do !== "checkpoint");
  let at = 0;
  return decided.map(each => {
    if (each.do !== "perform") return each;
    const effect = performed[at++];
    const shows = effect?.do === "enable-outbound" || (effect?.do === "transmit" && effect.reveals);
    return { ...each, shows };
  });
}
