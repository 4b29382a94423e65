/** The main thread's model: configures the liveness core, writes epochs to disk, keeps the log, answers drains. */
import type { LivenessEffect, LivenessSettings } from "../core/gate/liveness-port.ts";
import type { TableRoom } from "../core/redundancy/replication-port.ts";
import { Actor } from "./actor.ts";
import type { Disk } from "./disk.ts";
import type { Fuse } from "./fuse.ts";
import type { LivenessActor } from "./liveness-actor.ts";
import { MadeUpWork } from "./made-up-work.ts";
import type { ModelPlane } from "./model-plane.ts";
import type { ModelStream } from "./model-stream.ts";
import { Replica } from "./replica.ts";
import type { RoleWords } from "./role-words.ts";
import type { Desk, Work } from "./work.ts";
import type { World } from "./world.ts";

export interface MainHost {
  readonly world: World;
  readonly name: string;
  readonly life: string;
  readonly member: 0 | 1;
  readonly words: RoleWords;
  readonly plane: ModelPlane;
  readonly liveness: LivenessActor;
  readonly disk: Disk;
  readonly settings: LivenessSettings;
  readonly stream: ModelStream | undefined;
  readonly fuse: Fuse;
  /** Made up where it is `undefined`. */
  readonly work: ((desk: Desk, actor: Actor) => Work) | undefined;
  readonly checkpointEveryMs: number;
  readonly room: TableRoom | undefined;
}

export class MainActor {
  readonly actor = new Actor();
  readonly #host: MainHost;
  readonly replica: Replica | undefined;

  constructor(host: MainHost) {
    this.#host = host;
    const scheme = host.settings.schemes[0]?.name;
    if (host.stream !== undefined && scheme !== undefined) this.replica = this.#replicaOf(scheme, host.stream);
    host.liveness.input({ kind: "configure", settings: host.settings });
  }

  end(): void {
    this.actor.die();
    this.replica?.detach();
  }

  /** What the liveness thread leaves to main. */
  take(effect: LivenessEffect): void {
    const { disk, liveness } = this.#host;
    switch (effect.do) {
      case "persist": {
        const { scheme, epoch } = effect;
        this.actor.post(() =>
          disk.write(scheme, epoch, () => this.actor.post(() => liveness.input({ kind: "persisted", scheme, epoch }))),
        );
        return;
      }
      case "drain":
        this.actor.post(() => this.replica?.drain());
        return;
      case "told-not-hot":
        this.actor.post(() => this.replica?.toldNotHot());
        return;
      case "role":
        this.actor.post(() => this.replica?.become(effect.role, effect.epoch));
        return;
      default:
        return;
    }
  }

  #replicaOf(scheme: string, stream: ModelStream): Replica {
    const { liveness, world, name, life, words, plane, work, fuse, room } = this.#host;
    return new Replica(
      world,
      {
        name,
        life,
        words,
        plane,
        scheme,
        actor: this.actor,
        fuse,
        room,
        work: desk => work?.(desk, this.actor) ?? this.#madeUp(desk),
        synced: (synced, epoch) => liveness.input({ kind: "synced", scheme, synced, epoch }),
        notHot: () => liveness.input({ kind: "not-hot", scheme }),
        drained: () => liveness.input({ kind: "drained", scheme }),
        get peerHeardMs() {
          return liveness.core.snapshot(world.clock.now).schemes.find(each => each.name === scheme)?.peer?.heardMs;
        },
      },
      stream,
    );
  }

  #madeUp(desk: Desk): Work {
    const { world, plane, member, checkpointEveryMs: everyMs } = this.#host;
    return new MadeUpWork({ world, actor: this.actor, plane, desk, member, everyMs });
  }
}
