/**
 * The liveness thread's model: it hands what comes to the liveness core and does what the core says, as the gateway's
 * liveness thread does with real sockets. Nothing is decided here.
 */

import { invariant } from "../core/errors.ts";
import type { Liveness } from "../core/gate/liveness.ts";
import type { BeaconTarget, LivenessEffect, LivenessInput } from "../core/gate/liveness-port.ts";
import { groupKey, type HsrpGroup, virtualMacOf } from "../core/hsrp/hsrp-group.ts";
import type { HsrpMessage } from "../core/hsrp/hsrp-message.ts";
import { encodeHsrp } from "../core/hsrp/hsrp-packet.ts";
import { HSRP_GROUPS, HSRP_PORT, HSRP_TTL } from "../core/hsrp/hsrp-receive.ts";
import type { Ipv4 } from "../core/wire/address.ts";
import { Actor } from "./actor.ts";
import type { HelloThread } from "./hello-thread.ts";
import type { Frame, Port } from "./lossy-wire.ts";
import type { RoleWords } from "./role-words.ts";
import { tokenHash } from "./token-crypto.ts";
import type { Scheduled } from "./virtual-clock.ts";
import type { World } from "./world.ts";

export interface LivenessHost {
  readonly world: World;
  readonly name: string;
  readonly groups: readonly HsrpGroup[];
  /** By interface. */
  readonly ports: ReadonlyMap<string, Port>;
  readonly words: RoleWords;
  readonly hello: HelloThread;
  readonly core: Liveness;
  /** What is not for this thread to do: main's, the supervisor's, the fast path's. */
  readonly others: (effect: LivenessEffect) => void;
}

export class LivenessActor {
  readonly actor = new Actor(() => this.#timeouts());
  readonly core: Liveness;
  /** The groups whose addresses are answered for while their lease is fresh. */
  readonly holding = new Set<string>();
  readonly #host: LivenessHost;
  readonly #groups: ReadonlyMap<string, HsrpGroup>;
  /** By interface; all groups of one interface speak the same. */
  readonly #versions: ReadonlyMap<string, 1 | 2>;
  readonly #lastFrames = new Map<HsrpGroup, { readonly words: string; readonly frame: Frame }>();
  #wake: Scheduled | undefined;

  constructor(host: LivenessHost) {
    this.#host = host;
    this.core = host.core;
    this.#groups = new Map(host.groups.map(group => [groupKey(group), group]));
    this.#versions = new Map(host.groups.map(({ settings }) => [settings.interface, settings.version]));
  }

  input(input: LivenessInput): void {
    this.actor.post(() => this.#handle(input));
  }

  receive(name: string, frame: Frame): void {
    const version = this.#versions.get(name) ?? 1;
    this.actor.offer(() => {
      this.#host.world.observer.heard(this.#host.name);
      this.#handle(inputOf(name, version, frame));
    });
  }

  #handle(input: LivenessInput): void {
    this.#perform(this.core.handle(input, this.#host.world.clock.now));
  }

  #timeouts(): void {
    const { now } = this.#host.world.clock;
    if (this.core.next !== undefined && this.core.next <= now) this.#perform(this.core.handleTimeouts(now));
    else this.#rearm();
  }

  #rearm(): void {
    const { clock } = this.#host.world;
    const { next } = this.core;
    const standing = this.#wake !== undefined && this.#wake.slot !== -1;
    if (standing && this.#wake?.at === next) return;
    if (standing && this.#wake !== undefined) clock.cancel(this.#wake);
    // A thread that stands still is not woken; it looks at the time when it goes on.
    if (next !== undefined) this.#wake = clock.at(next, () => this.actor.running && this.#timeouts());
  }

  #perform(effects: readonly LivenessEffect[]): void {
    const { world, name } = this.#host;
    for (const effect of effects) {
      world.observer.effect(name, effect);
      this.#do(effect);
    }
    this.#rearm();
  }

  #do(effect: LivenessEffect): void {
    const { hello, words, world, others } = this.#host;
    switch (effect.do) {
      case "hsrp":
        this.#hsrp(effect);
        return;
      case "quiet":
        hello.quiet(effect.group);
        return;
      case "take-address":
        this.holding.add(effect.group);
        return;
      case "release-address":
        this.holding.delete(effect.group);
        return;
      case "role": {
        const { owner, role, epoch, leaseMs } = effect;
        words.write(owner, { role, epoch, freshUntil: world.clock.now + leaseMs });
        others(effect);
        return;
      }
      case "beacon":
        this.#beacon(effect.to, effect.octets, undefined);
        return;
      case "beacons": {
        const { scheme, to, everyMs, lease, octets } = effect;
        const sends = octets.map(each => () => {
          for (const target of to) this.#beacon(target, each, lease);
        });
        hello.beacons(scheme, everyMs, lease, sends);
        return;
      }
      default:
        others(effect);
        return;
    }
  }

  #hsrp({ group: key, message, fromVirtualMac, lease, repeatMs }: Extract<LivenessEffect, { do: "hsrp" }>): void {
    const group = this.#groups.get(key);
    invariant(group !== undefined, `an effect about a group that is not there: ${key}`);
    const { world, name, hello, words, ports } = this.#host;
    const frame = this.#frameOf(group, message, fromVirtualMac);
    const send = (): void => {
      world.observer.frame(name, `${message.opcode} ${message.state}`, lease);
      ports.get(group.settings.interface)?.send(frame);
    };
    if (words.fresh(lease, world.clock.now)) send();
    if (repeatMs !== undefined) hello.hello(key, repeatMs, lease, send);
  }

  /** Most hellos say what the one before said. */
  #frameOf(group: HsrpGroup, message: HsrpMessage, fromVirtualMac: boolean): Frame {
    const words = [...Object.values(message), fromVirtualMac].join();
    const last = this.#lastFrames.get(group);
    if (last?.words === words) return last.frame;
    const frame = hsrpFrameOf(group, message, fromVirtualMac);
    this.#lastFrames.set(group, { words, frame });
    return frame;
  }

  #beacon(to: BeaconTarget, octets: Uint8Array, lease: string | undefined): void {
    const { world, name, ports } = this.#host;
    const segment = "segment" in to;
    const port = ports.get((segment ? to.segment : to.interface) ?? "");
    if (port === undefined) return;
    world.observer.frame(name, "beacon", lease);
    const source = segment ? port.address : to.local;
    port.send({ kind: "beacon", source, destination: segment ? undefined : to.remote, octets });
  }
}

export function hsrpFrameOf(
  { settings, auth }: HsrpGroup,
  message: HsrpMessage,
  fromVirtualMac: boolean,
  source = settings.address as Ipv4,
): Frame {
  const { version, group } = settings;
  const mac = virtualMacOf(version, fromVirtualMac ? group : 0);
  const octets = encodeHsrp(message, { address: source, mac }, { version, auth, hash: tokenHash });
  return { kind: "hsrp", source, destination: undefined, octets };
}

/** Of what is for the liveness core. */
function inputOf(name: string, version: 1 | 2, { kind, source, octets }: Frame): LivenessInput {
  if (kind !== "hsrp") return { kind: "beacon", source, interface: name, octets };
  const destination = HSRP_GROUPS[version] as Ipv4;
  const datagram = { source, destination, sourcePort: HSRP_PORT.ipv4, ttl: HSRP_TTL, octets };
  return { kind, interface: name, datagram };
}
