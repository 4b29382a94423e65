/**
 * An IKE engine on one thread of one life: its timers, and its computations, which come back a little later. What it
 * decides is its host's to carry out.
 */

import type { ComputeJob } from "../../core/ike/compute-job.ts";
import { IkeEngine } from "../../core/ike/engine.ts";
import type { IkeDecision, IkeFacts, IkeInput, IkeSettings } from "../../core/ike/ike-port.ts";
import type { Actor } from "../actor.ts";
import type { Scheduled } from "../virtual-clock.ts";
import type { World } from "../world.ts";
import { ikeTokens, tokenExchange } from "./ike-tokens.ts";

export interface IkeThreadHost {
  readonly world: World;
  readonly actor: Actor;
  readonly settings: IkeSettings;
  readonly facts: IkeFacts;
  readonly decided: (decision: IkeDecision) => void;
}

const COMPUTES_MS = { least: 0.3, most: 3 };

export class IkeThread {
  readonly engine: IkeEngine;
  readonly #host: IkeThreadHost;
  readonly #dice;
  #wake: Scheduled | undefined;

  constructor(host: IkeThreadHost) {
    this.#host = host;
    this.#dice = host.world.random.fork();
    this.engine = new IkeEngine({
      primitives: ikeTokens(this.#dice),
      facts: host.facts,
      jitter: () => this.#dice.next(),
    });
    this.handle({ kind: "configure", settings: host.settings });
  }

  handle(input: IkeInput): void {
    this.#decided(this.engine.handle(input, this.#host.world.clock.now));
  }

  /** The same, when the thread comes to it. */
  post(input: IkeInput): void {
    this.#host.actor.post(() => this.handle(input));
  }

  compute(id: number, job: ComputeJob): void {
    const { world, actor } = this.#host;
    const result = tokenExchange(job, this.#dice);
    world.clock.after(this.#dice.between(COMPUTES_MS.least, COMPUTES_MS.most), () =>
      actor.post(() => this.handle({ kind: "computed", id, result })),
    );
  }

  #decided(decisions: readonly IkeDecision[]): void {
    for (const decision of decisions) this.#host.decided(decision);
    this.#rearm();
  }

  #rearm(): void {
    const { clock } = this.#host.world;
    const { next } = this.engine;
    if (this.#wake !== undefined) clock.cancel(this.#wake);
    this.#wake = next === undefined ? undefined : clock.at(next, () => this.#host.actor.post(() => this.#timeouts()));
  }

  #timeouts(): void {
    this.#decided(this.engine.handleTimeouts(this.#host.world.clock.now));
  }
}
