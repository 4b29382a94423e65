/**
 * Work of nobody: as the active, records of IKE SAs that change and Child SAs that come and go, each with a packet that
 * reveals it.
 */
import type { Role } from "../core/gate/liveness-port.ts";
import { inboundSpi } from "../core/ipsec/child-sa.ts";
import type { Member } from "../core/ipsec/iv-layout.ts";
import { type Checkpoint, childKey } from "../core/redundancy/replication-port.ts";
import type { Actor } from "./actor.ts";
import type { ModelPlane } from "./model-plane.ts";
import type { Desk, Work } from "./work.ts";
import type { World } from "./world.ts";

export interface MadeUpHost {
  readonly world: World;
  readonly actor: Actor;
  readonly plane: ModelPlane;
  readonly desk: Desk;
  readonly member: Member;
  readonly everyMs: number;
}

/** How often what is made up concerns the Child SA. */
const REKEYS = 0.15;

export class MadeUpWork implements Work {
  readonly #host: MadeUpHost;
  #role: Role = "init";
  #epoch = 0;
  #busy = false;

  constructor(host: MadeUpHost) {
    this.#host = host;
  }

  role(role: Role, epoch: number): void {
    this.#role = role;
    this.#epoch = epoch;
    if (role !== "active") return;
    if (!this.#busy) this.#work();
    if (this.#host.plane.spis.length === 0) this.#rekey();
  }

  turned(): void {}

  apply(): void {}

  seen(): void {}

  sent(): void {}

  capReached(spi: number): void {
    if (this.#role === "active" && this.#host.plane.spis.includes(spi)) this.#rekey();
  }

  #work(): void {
    const { world, actor, everyMs } = this.#host;
    this.#busy = true;
    world.clock.after(world.random.between(0.5, 1.5) * everyMs, () =>
      actor.post(() => {
        this.#busy = this.#role === "active";
        if (!this.#busy) return;
        if (world.random.chance(REKEYS)) this.#rekey();
        else this.#change(`${world.random.integer(1, 3)}`);
        this.#work();
      }),
    );
  }

  #change(key: string): void {
    this.#decide(`ike ${key}`, [{ put: { kind: "ike", key, octets: this.#octets() } }]);
  }

  /** A new pair for the tunnel; the others go. */
  #rekey(): void {
    const { plane, member, world } = this.#host;
    const spi = inboundSpi(world.random.integer(0, 2 ** 32 - 1), member);
    const old = plane.spis;
    plane.open(spi, this.#epoch);
    for (const each of old) plane.close(each);
    const put = { kind: "child", key: childKey(spi), esn: false, octets: this.#octets() } as const;
    this.#decide("child", [{ put }, ...old.map(each => ({ delete: { kind: "child", key: childKey(each) } }) as const)]);
  }

  #decide(sa: string, checkpoints: readonly Checkpoint[]): void {
    this.#host.desk.decided(sa, [
      ...checkpoints.map(checkpoint => ({ do: "checkpoint" as const, checkpoint })),
      { do: "perform", effect: () => {}, reveals: true },
    ]);
  }

  /** A record that says when it was written. */
  #octets(): Uint8Array {
    const octets = new Uint8Array(8);
    new DataView(octets.buffer).setFloat64(0, this.#host.world.clock.now);
    return octets;
  }
}
