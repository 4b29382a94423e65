/**
 * Main's share of a scheme, as far as replication goes: it hands `Replication` what happens and carries out what comes
 * of it, in order, on the model stream and the model plane. What there is to replicate is its work's.
 */
import type { Role } from "../core/gate/liveness-port.ts";
import type { Deed } from "../core/redundancy/ike-decided.ts";
import { Replication } from "../core/redundancy/replication.ts";
import type {
  Application,
  ChildNumber,
  ReplicationEffect,
  ReplicationFacts,
  ReplicationInput,
  TableRoom,
} from "../core/redundancy/replication-port.ts";
import type { Actor } from "./actor.ts";
import type { Fuse } from "./fuse.ts";
import type { ModelPlane } from "./model-plane.ts";
import type { ModelStream, StreamEnd } from "./model-stream.ts";
import type { RoleWords } from "./role-words.ts";
import type { Desk, Shown, Work } from "./work.ts";
import type { World } from "./world.ts";

export interface ReplicaOwner extends ReplicationFacts {
  readonly name: string;
  readonly life: string;
  readonly scheme: string;
  readonly actor: Actor;
  readonly words: RoleWords;
  readonly plane: ModelPlane;
  readonly work: (desk: Desk) => Work;
  readonly fuse: Fuse;
  /** What it holds at most as a standby, where that is little. */
  readonly room: TableRoom | undefined;
  synced(synced: boolean, epoch: number): void;
  notHot(): void;
  drained(): void;
}

export class Replica implements StreamEnd, Desk {
  readonly core: Replication<Deed>;
  readonly work: Work;
  readonly #world: World;
  readonly #owner: ReplicaOwner;
  readonly #stream: ModelStream;
  #role: Role = "init";
  #epoch = 0;
  #draining: number | undefined;
  #wakesAt: number | undefined;

  constructor(world: World, owner: ReplicaOwner, stream: ModelStream) {
    this.#world = world;
    this.#owner = owner;
    this.#stream = stream;
    const { scheme, name, life, room } = owner;
    this.core = new Replication({ scheme, member: name, boot: life, software: "simulated", ...(room && { room }) });
    this.work = owner.work(this);
    this.configure(1);
    stream.attach(name, this);
  }

  /** The crypto configuration as one number: equal where the members' are. */
  configure(digest: number): void {
    const sections = [{ name: "crypto map", digest: Uint8Array.of(digest) }];
    this.#handle({ kind: "configure", settings: { sections, insideAddresses: [] } });
  }

  toldNotHot(): void {
    this.#handle({ kind: "told-not-hot" });
  }

  detach(): void {
    this.#stream.detach(this.#owner.name);
  }

  /** Main is told of its role afterwards. */
  become(role: Role, epoch: number): void {
    this.#role = role;
    this.#epoch = epoch;
    if (role !== "draining") this.#draining = undefined;
    this.#handle({ kind: "role", role, epoch });
    this.work.role(role, epoch);
  }

  drain(): void {
    if (this.#role !== "draining") return;
    this.#draining = this.#epoch;
    this.#handle({ kind: "drain", numbers: this.#owner.plane.ceilings(this.#epoch) });
  }

  connected(session: number): void {
    this.#owner.actor.post(() => this.#handle({ kind: "link-up", session }));
  }

  broken(session: number, because: string, silentMs: number): void {
    this.#owner.actor.post(() => this.#handle({ kind: "link-down", session, because, silentMs }));
  }

  quiet(session: number, silentMs: number): void {
    this.#owner.actor.post(() => this.#handle({ kind: "link-quiet", session, silentMs }));
  }

  heard(session: number): void {
    this.#owner.actor.post(() => this.#handle({ kind: "link-heard", session }));
  }

  receive(session: number, octets: Uint8Array, sentAt: number): void {
    this.#owner.actor.post(() => {
      this.#stream.longestMs = Math.max(this.#stream.longestMs, this.#world.clock.now - sentAt);
      this.#handle({ kind: "message", session, octets });
    });
  }

  /** The fast path says that its reservation is used up by half. */
  low(spi: number): void {
    this.#owner.actor.post(() => {
      this.#handle({ kind: "reserve", used: [{ spi, sequence: this.#owner.plane.used(spi) }] });
    });
  }

  /** It says that it may send no more under this key. */
  capReached(spi: number): void {
    this.#owner.actor.post(() => this.work.capReached(spi));
  }

  edges(edges: readonly ChildNumber[]): void {
    this.#handle({ kind: "edges", edges });
  }

  decided(sa: string, effects: readonly Shown[]): void {
    const { plane, name } = this.#owner;
    const { observer, ledger } = this.#world;
    const revealed = new Map<string, number | undefined>();
    for (const each of effects) {
      if (each.do !== "checkpoint") continue;
      const { put, delete: gone } = each.checkpoint;
      const record = put ?? gone;
      const named = `${record.kind} ${record.key}`;
      revealed.set(named, put && ledger.write(named, put.octets));
    }
    plane.write(revealed);
    const hot = (): boolean => this.core.snapshot(this.#world.clock.now).peerHot;
    const shown = (act: Deed) => (): void => {
      observer.revealed(name, revealed, hot());
      act();
    };
    const watched = effects.map(each =>
      each.do === "perform" && (each.reveals || each.shows === true) ? { ...each, effect: shown(each.effect) } : each,
    );
    this.#handle({ kind: "decided", sa, effects: watched });
  }

  #handle(input: ReplicationInput<Deed>): void {
    this.#perform(this.core.handle(input, this.#owner, this.#world.clock.now));
  }

  #perform(effects: readonly ReplicationEffect<Deed>[]): void {
    for (const effect of effects) {
      if (this.#owner.fuse.burns() || this.#owner.actor.dead) return;
      this.#do(effect);
    }
    this.#rearm();
  }

  #do(effect: ReplicationEffect<Deed>): void {
    const { plane, name } = this.#owner;
    switch (effect.do) {
      case "send":
        if (effect.onlyIf === undefined || this.#stands(effect.onlyIf)) {
          this.#stream.send(name, effect.session, effect.octets);
        }
        return;
      case "reset":
        this.#world.trace?.say(name, `resets the stream: ${effect.because}`);
        this.#stream.reset(effect.because);
        return;
      case "apply":
        this.#apply(effect);
        return;
      case "continue":
        plane.goOn(effect.epoch, effect.numbers);
        this.work.seen(effect.numbers.map(({ spi, inbound }) => ({ spi, sequence: inbound })));
        return;
      case "continue-void":
        plane.forgetWhereToGoOn();
        return;
      case "acknowledged":
        plane.acknowledge(effect.epoch, effect.acknowledged);
        return;
      case "perform":
        effect.effect();
        return;
      default:
        this.#tell(effect);
    }
  }

  /** Whoever took over meanwhile without knowing of this epoch would use what is installed now without a jump. */
  #apply(application: Application): void {
    const word = this.#owner.words.of(this.#owner.scheme);
    const owns = word?.role === "active" || word?.role === "draining";
    const late = word !== undefined && owns && word.epoch <= application.epoch;
    const counts = late ? { ...application, puts: [], held: [], edges: [] } : application;
    this.#owner.plane.apply(counts);
    this.work.apply(counts);
    this.work.seen(counts.edges);
  }

  /** What is the liveness thread's, the work's, or nobody's here. */
  #tell(effect: ReplicationEffect<Deed>): void {
    if (effect.do === "taken-over") this.work.turned(true, effect.how);
    else if (effect.do === "stood-down") this.work.turned(false, "failover");
    else if (effect.do === "synced") this.#owner.synced(effect.synced, effect.epoch);
    else if (effect.do === "not-hot") this.#owner.notHot();
    else if (effect.do === "drained") {
      if (this.#draining !== undefined) this.#owner.plane.conclude(this.#draining);
      this.#owner.drained();
    } else if (effect.do === "changed") {
      this.#world.trace?.say(this.#owner.name, `${effect.from} -> ${effect.to} (${effect.because})`);
    }
  }

  /** The role word itself, which main may not have heard of yet. */
  #stands({ role, epoch }: { readonly role: Role; readonly epoch: number }): boolean {
    const word = this.#owner.words.of(this.#owner.scheme);
    const now = word?.role === "grace" ? "standby" : word?.role;
    return now === role && word?.epoch === epoch;
  }

  #rearm(): void {
    const { next } = this.core;
    if (next === undefined || (this.#wakesAt !== undefined && this.#wakesAt <= next)) return;
    this.#wakesAt = next;
    this.#world.clock.at(next, () =>
      this.#owner.actor.post(() => {
        this.#wakesAt = undefined;
        this.#perform(this.core.handleTimeouts(this.#owner, this.#world.clock.now));
      }),
    );
  }
}
