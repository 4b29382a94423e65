/**
 * What redundancy will be for a scheme, as far as the gate and output commit need somebody in its place: the active
 * makes up a checkpoint with a packet that reveals it every so often, the standby applies and acknowledges. What is
 * held back until then is `core/commit`'s to say, as in the gateway.
 */

import { Commit, type CommitEffect } from "../core/commit/commit.ts";
import type { Role } from "../core/gate/liveness-port.ts";
import type { Actor } from "./actor.ts";
import type { LogMessage, ModelStream, StreamEnd } from "./model-stream.ts";
import type { World } from "./world.ts";

export interface LogOwner {
  readonly name: string;
  readonly scheme: string;
  readonly actor: Actor;
  readonly everyMs: number;
  /** This member holds everything that the active with this epoch holds, or does not. */
  synced(synced: boolean, epoch: number): void;
  /** The peer is no longer waited for. */
  notHot(): void;
  drained(): void;
  /** How long ago the peer was heard on any path; `undefined` when never. */
  peerHeardMs(): number | undefined;
}

/** A standby that hears its peer this long after the association's end no longer holds everything. */
const SEPARATED_MS = 250;

export class StandInLog implements StreamEnd {
  readonly #world: World;
  readonly #owner: LogOwner;
  readonly #stream: ModelStream;
  #role: Role = "init";
  #epoch = 0;
  #session: number | undefined;
  #commit = new Commit<number, string>();
  #wakesAt: number | undefined;
  #draining = false;
  #busy = false;

  constructor(world: World, owner: LogOwner, stream: ModelStream) {
    this.#world = world;
    this.#owner = owner;
    this.#stream = stream;
    stream.attach(owner.name, this);
  }

  detach(): void {
    this.#stream.detach(this.#owner.name);
  }

  /** Main is told of its role afterwards. */
  become(role: Role, epoch: number): void {
    const was = this.#role;
    const anew = was !== "active" || epoch !== this.#epoch;
    this.#role = role;
    this.#epoch = epoch;
    if (role === "active" && anew) {
      this.#draining = false;
      this.#commit = new Commit();
      // The active holds what there is to hold.
      this.#owner.synced(true, epoch);
      this.#offerBulk();
      if (!this.#busy) this.#work();
    }
    if (was === "active" && (role === "standby" || role === "init")) this.#owner.synced(false, epoch);
  }

  drain(): void {
    this.#draining = true;
    this.#answerDrain();
  }

  connected(session: number): void {
    this.#owner.actor.post(() => {
      this.#session = session;
      if (this.#role === "active") this.#offerBulk();
    });
  }

  broken(): void {
    this.#owner.actor.post(() => {
      const session = this.#session;
      this.#session = undefined;
      this.#perform(this.#commit.handle({ kind: "lost", scheme: this.#owner.scheme }, this.#world.clock.now));
      this.#world.clock.after(SEPARATED_MS, () => this.#owner.actor.post(() => this.#separated(session)));
    });
  }

  receive(message: LogMessage): void {
    this.#owner.actor.post(() => this.#receive(message));
  }

  #receive(message: LogMessage): void {
    const { scheme } = this.#owner;
    switch (message.kind) {
      case "bulk":
      case "transaction":
        if (this.#role === "active" || this.#session === undefined) return;
        this.#stream.apply(this.#session, message.position);
        this.#send({ kind: "applied", position: message.position });
        return;
      case "applied": {
        if (this.#role !== "active") return;
        const now = this.#world.clock.now;
        this.#perform(this.#commit.handle({ kind: "acknowledged", scheme, position: message.position }, now));
        this.#perform(this.#commit.handle({ kind: "synced", scheme }, now));
        return;
      }
      case "hot":
        if (this.#role !== "active") this.#owner.synced(true, message.epoch);
        return;
    }
    message satisfies never;
  }

  /** All fell silent at once: still hot. The peer speaks and the association does not come back: not any more. */
  #separated(session: number | undefined): void {
    const heardMs = this.#owner.peerHeardMs();
    if (this.#role === "active" || this.#session !== undefined || session === undefined) return;
    if (heardMs !== undefined && heardMs < SEPARATED_MS) this.#owner.synced(false, this.#epoch);
  }

  #offerBulk(): void {
    this.#send({ kind: "bulk", position: this.#commit.position(this.#owner.scheme) });
  }

  #work(): void {
    const { clock, random } = this.#world;
    this.#busy = true;
    clock.after(random.between(0.5, 1.5) * this.#owner.everyMs, () =>
      this.#owner.actor.post(() => {
        if (this.#role !== "active") {
          this.#busy = false;
          return;
        }
        if (!this.#draining) this.#decide();
        this.#work();
      }),
    );
  }

  #decide(): void {
    const { scheme } = this.#owner;
    const { clock, random } = this.#world;
    const effects = [
      { do: "checkpoint" as const, checkpoint: clock.now },
      { do: "perform" as const, effect: "transmit", reveals: true },
    ];
    const sa = `sa${random.integer(1, 3)}`;
    this.#perform(this.#commit.handle({ kind: "decided", scheme, sa, effects }, clock.now));
  }

  #perform(effects: readonly CommitEffect<number, string>[]): void {
    for (const effect of effects) this.#do(effect);
    this.#rearm();
    this.#answerDrain();
  }

  #do(effect: CommitEffect<number, string>): void {
    switch (effect.do) {
      case "append":
        this.#send({ kind: "transaction", position: effect.position });
        return;
      case "perform": {
        if (effect.after === "none") return;
        const applied = this.#session === undefined ? 0 : this.#stream.appliedIn(this.#session);
        const hot = this.#commit.hot(this.#owner.scheme);
        this.#world.observer.revealed(this.#owner.name, effect.after, hot, applied);
        return;
      }
      case "hot":
        this.#send({ kind: "hot", epoch: this.#epoch });
        return;
      case "not-hot":
        this.#owner.notHot();
        return;
    }
    effect satisfies never;
  }

  /** The log is flushed when nothing waits for it. */
  #answerDrain(): void {
    if (!this.#draining || this.#commit.timers.next !== undefined) return;
    this.#draining = false;
    this.#owner.drained();
  }

  #rearm(): void {
    const next = this.#commit.timers.next;
    if (next === undefined || (this.#wakesAt !== undefined && this.#wakesAt <= next)) return;
    this.#wakesAt = next;
    this.#world.clock.at(next, () =>
      this.#owner.actor.post(() => {
        this.#wakesAt = undefined;
        this.#perform(this.#commit.handleTimeouts(this.#world.clock.now));
      }),
    );
  }

  #send(message: LogMessage): void {
    if (this.#session !== undefined) this.#stream.send(this.#owner.name, this.#session, message);
  }
}
