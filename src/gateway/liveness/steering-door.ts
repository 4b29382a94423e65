/**
 * What a change of role does to traffic from inside: the owner's nexthop object points at our TUN device while it is
 * active here, else at the peer's inside address. One request an owner, however many prefixes point at the object.
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

/** Several times as long as this thread may block. */
const PLAIN_LEASE_MS = 2_000;

export class SteeringDoor {
  readonly #rtnetlink: Rtnetlink;
  readonly #roles: RoleWords;
  readonly #plainLine: number;
  /** Another one in each life of the gateway, so that no IV is used in two. */
  readonly #plainEpoch: number;
  readonly #active = new Set<string>();
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
    this.#active.add(plain.owner);
    this.renew(now);
  }

  /** Points every object anew: the devices may be others than before. Throws a `SystemError`. */
  configure(targets: readonly SteeringTarget[]): void {
    this.#targets = targets;
    for (const target of targets) this.#point(target);
  }

  /** After the role word was written: the active gets traffic a moment later, who no longer is drops it until then. */
  moved(owner: string, role: Role): void {
    const active = role === "active";
    if (active === this.#active.has(owner)) return;
    if (active) this.#active.add(owner);
    else this.#active.delete(owner);
    for (const target of this.#targets) if (target.owner === owner) this.#point(target);
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

  #point({ owner, nexthop, active, elsewhere }: SteeringTarget): void {
    const target = this.#active.has(owner) ? active : (elsewhere ?? active);
    this.#rtnetlink.request(pointNexthop(nexthop, target));
  }
}
