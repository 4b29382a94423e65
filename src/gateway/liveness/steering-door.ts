/**
 * What a change of role does to traffic from inside: the owner's nexthop object points at our TUN device while it is
 * active here, else at the peer's inside address. One request an owner, however many prefixes point at the object.
 *
 * In an orderly handover it moves ahead of the role: the successor turns traffic to itself before the old active hands
 * it on, and that one before it gives up its role. Then there is no moment in which nobody takes a packet.
 *
 * Owners of crypto maps without a group have no election: their word is active for as long as this thread lives, under
 * a lease like any other's, so that the data plane falls silent by itself when nobody is left to decide.
 */
import type { Role } from "../../core/gate/liveness-port.ts";
import type { NexthopTarget } from "../../core/net/steering.ts";
import type { Rtnetlink } from "../../linux/netlink/rtnetlink.ts";
import type { RoleWords } from "../../linux/role-words.ts";
import { pointNexthop } from "../../linux/steering.ts";

/** Where one owner's nexthop object points. */
export interface SteeringTarget {
  readonly owner: string;
  readonly nexthop: number;
  readonly active: NexthopTarget;
  /** `undefined`: nobody is known to hand on to, so it stays where it is and the data plane drops. */
  readonly elsewhere: NexthopTarget | undefined;
}

/** Where an owner's traffic from inside is turned ahead of its role. */
export type Diversion = "here" | "peer";

/** Several times as long as this thread may block. */
const PLAIN_LEASE_MS = 2_000;

export class SteeringDoor {
  readonly #rtnetlink: Rtnetlink;
  readonly #roles: RoleWords;
  readonly #plainLine: number;
  /** Another one in each life of the gateway, so that no IV is used in two. */
  readonly #plainEpoch: number;
  /** Whose traffic goes to our TUN device. */
  readonly #here = new Set<string>();
  readonly #known = new Map<string, Role>();
  #targets: readonly SteeringTarget[] = [];

  constructor(
    rtnetlink: Rtnetlink,
    roles: RoleWords,
    plain: { readonly owner: string; readonly line: number },
    now: number,
  ) {
    this.#rtnetlink = rtnetlink;
    this.#roles = roles;
    this.#plainLine = plain.line;
    this.#plainEpoch = Math.floor(now / 1_000) + 1;
    this.#here.add(plain.owner);
    this.renew(now);
  }

  /** Points every object anew: the devices may be others than before. Throws a `SystemError`. */
  configure(targets: readonly SteeringTarget[]): void {
    this.#targets = targets;
    for (const target of targets) this.#point(target);
  }

  /** After the role word was written: the active gets traffic a moment later, who no longer is drops it until then. */
  moved(owner: string, role: Role): void {
    this.#known.set(owner, role);
    // Who drains goes on encrypting until it is diverted.
    if (role !== "draining") this.#turn(owner, role === "active");
  }

  /** Ahead of a role that is handed over: to this member while it stands by, to the peer while it drains. */
  divert(owner: string, to: Diversion): void {
    // An active has what it needs; the order came too late.
    if (this.#known.get(owner) !== "active") this.#turn(owner, to === "here");
  }

  /** Once a turn. */
  renew(now: number): void {
    this.#roles.write(this.#plainLine, {
      role: "active",
      epoch: this.#plainEpoch,
      leaseUntilMs: now + PLAIN_LEASE_MS,
    });
  }

  close(): void {
    this.#roles.write(this.#plainLine, { role: "init", epoch: this.#plainEpoch, leaseUntilMs: 0 });
  }

  #turn(owner: string, here: boolean): void {
    if (here === this.#here.has(owner)) return;
    if (here) this.#here.add(owner);
    else this.#here.delete(owner);
    for (const target of this.#targets) if (target.owner === owner) this.#point(target);
  }

  #point({ owner, nexthop, active, elsewhere }: SteeringTarget): void {
    const target = this.#here.has(owner) ? active : (elsewhere ?? active);
    this.#rtnetlink.request(pointNexthop(nexthop, target));
  }
}
