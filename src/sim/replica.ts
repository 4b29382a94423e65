/**
 * Main's share of a scheme, as far as replication goes: it hands `Replication` what happens and carries out what comes
 * of it, in order, on the model stream and the model plane. As the active it makes work up: records of IKE SAs that
 * change, Child SAs that come and go, each with a packet that reveals it.
 */
import type { Role } from "../core/gate/liveness-port.ts";
import { inboundSpi } from "../core/ipsec/child-sa.ts";
import type { Member } from "../core/ipsec/iv-layout.ts";
import { Replication } from "../core/redundancy/replication.ts";
import {
  type Checkpoint,
  childKey,
  type ReplicationEffect,
  type ReplicationFacts,
  type ReplicationInput,
} from "../core/redundancy/replication-port.ts";
import type { Actor } from "./actor.ts";
import { type ModelPlane, octetsOf } from "./model-plane.ts";
import type { ModelStream, StreamEnd } from "./model-stream.ts";
import type { Revealed } from "./observer.ts";
import type { RoleWords } from "./role-words.ts";
import type { World } from "./world.ts";

export interface ReplicaOwner extends ReplicationFacts {
  readonly name: string;
  readonly life: string;
  /** The lowest bit of its SPIs. */
  readonly member: Member;
  readonly scheme: string;
  readonly actor: Actor;
  readonly words: RoleWords;
  readonly plane: ModelPlane;
  readonly everyMs: number;
  synced(synced: boolean, epoch: number): void;
  notHot(): void;
  drained(): void;
}

const CONFIGURATION = { sections: [{ name: "crypto map", digest: Uint8Array.of(1) }], insideAddresses: [] };
/** How often what is made up concerns the Child SA. */
const REKEYS = 0.15;

export class Replica implements StreamEnd {
  readonly core: Replication<Revealed>;
  readonly #world: World;
  readonly #owner: ReplicaOwner;
  readonly #stream: ModelStream;
  #role: Role = "init";
  #epoch = 0;
  #draining: number | undefined;
  #wakesAt: number | undefined;
  #busy = false;

  constructor(world: World, owner: ReplicaOwner, stream: ModelStream) {
    this.#world = world;
    this.#owner = owner;
    this.#stream = stream;
    const { scheme, name, life } = owner;
    this.core = new Replication({ scheme, member: name, boot: life, software: "simulated" });
    this.#handle({ kind: "configure", settings: CONFIGURATION });
    stream.attach(name, this);
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
    if (role !== "active") return;
    if (!this.#busy) this.#work();
    if (this.#owner.plane.spis.length === 0) this.#rekey();
  }

  drain(): void {
    if (this.#role !== "draining") return;
    this.#draining = this.#epoch;
    this.#handle({ kind: "drain", numbers: this.#owner.plane.ceilings(this.#epoch) });
  }

  connected(session: number): void {
    this.#owner.actor.post(() => this.#handle({ kind: "link-up", session }));
  }

  broken(session: number, because: string): void {
    this.#owner.actor.post(() => this.#handle({ kind: "link-down", session, because, silentMs: 0 }));
  }

  receive(session: number, octets: Uint8Array): void {
    this.#owner.actor.post(() => this.#handle({ kind: "message", session, octets }));
  }

  /** The fast path says that its reservation is used up by half. */
  low(spi: number): void {
    this.#owner.actor.post(() => {
      this.#handle({ kind: "reserve", used: [{ spi, sequence: this.#owner.plane.used(spi) }] });
    });
  }

  /** It says that it may send no more under this key. */
  capReached(spi: number): void {
    this.#owner.actor.post(() => {
      if (this.#role === "active" && this.#owner.plane.spis.includes(spi)) this.#rekey();
    });
  }

  #handle(input: ReplicationInput<Revealed>): void {
    this.#perform(this.core.handle(input, this.#owner, this.#world.clock.now));
  }

  #work(): void {
    const { clock, random } = this.#world;
    this.#busy = true;
    clock.after(random.between(0.5, 1.5) * this.#owner.everyMs, () =>
      this.#owner.actor.post(() => {
        this.#busy = this.#role === "active";
        if (!this.#busy) return;
        if (random.chance(REKEYS)) this.#rekey();
        else this.#change(`${random.integer(1, 3)}`);
        this.#work();
      }),
    );
  }

  #change(key: string): void {
    const version = this.#world.clock.now;
    this.#decide(`ike ${key}`, [{ put: { kind: "ike", key, octets: octetsOf(version) } }]);
  }

  /** A new pair for the tunnel; the others go. */
  #rekey(): void {
    const { plane, member } = this.#owner;
    const { random, clock } = this.#world;
    const spi = inboundSpi(random.integer(0, 2 ** 32 - 1), member);
    const old = plane.spis;
    plane.open(spi, this.#epoch);
    for (const each of old) plane.close(each);
    const put = { kind: "child", key: childKey(spi), esn: false, octets: octetsOf(clock.now) } as const;
    this.#decide("child", [{ put }, ...old.map(each => ({ delete: { kind: "child", key: childKey(each) } }) as const)]);
  }

  #decide(sa: string, checkpoints: readonly Checkpoint[]): void {
    const revealed = new Map<string, number | undefined>();
    for (const { put, delete: gone } of checkpoints) {
      if (put !== undefined) revealed.set(`${put.kind} ${put.key}`, this.#world.clock.now);
      else revealed.set(`${gone.kind} ${gone.key}`, undefined);
    }
    for (const [name, version] of revealed) {
      if (version === undefined) this.#owner.plane.records.delete(name);
      else this.#owner.plane.records.set(name, version);
    }
    const effects = [
      ...checkpoints.map(checkpoint => ({ do: "checkpoint" as const, checkpoint })),
      { do: "perform" as const, effect: revealed, reveals: true },
    ];
    this.#handle({ kind: "decided", sa, effects });
  }

  #perform(effects: readonly ReplicationEffect<Revealed>[]): void {
    for (const effect of effects) this.#do(effect);
    this.#rearm();
  }

  #do(effect: ReplicationEffect<Revealed>): void {
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
        plane.apply(effect);
        return;
      case "continue":
        plane.goOn(effect.epoch, effect.numbers);
        return;
      case "continue-void":
        plane.forgetWhereToGoOn();
        return;
      case "acknowledged":
        plane.acknowledge(effect.epoch, effect.acknowledged);
        return;
      case "perform":
        this.#world.observer.revealed(name, effect.effect, this.core.snapshot(this.#world.clock.now).peerHot);
        return;
      default:
        this.#tell(effect);
    }
  }

  /** What is the liveness thread's, or nobody's here. */
  #tell(effect: ReplicationEffect<Revealed>): void {
    if (effect.do === "synced") this.#owner.synced(effect.synced, effect.epoch);
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
