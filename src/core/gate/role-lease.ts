/**
 * The role word of one owner and the lease that stands behind it, as the fast path and the hello thread see them.
 *
 * A role that owns the address holds for one hold time and is renewed every third of it. Whoever finds the lease
 * run out before it was renewed has stood still for so long that others may have taken over: nothing may leave as
 * active then.
 */
import type { LivenessEffect, Role, Succession } from "./liveness-port.ts";

export type Emit = (effect: LivenessEffect) => void;

export class RoleLease {
  readonly owner: string;
  readonly #emit: Emit;
  #role: Role = "init";
  #epoch = 0;
  #leaseMs = 0;
  #renewedAt = 0;
  #abandoned = false;
  #how: Succession | undefined;
  /** The epoch to stand by in once the grace is over. */
  #afterGrace = 0;

  constructor(owner: string, emit: Emit) {
    this.owner = owner;
    this.#emit = emit;
  }

  get role(): Role {
    return this.#role;
  }

  /** When to renew, or when the grace ends; `undefined` while nothing is owned, or the lease was given up. */
  get next(): number | undefined {
    if (this.#role === "grace") return this.#renewedAt + this.#leaseMs;
    return this.#runs ? this.#renewedAt + this.#leaseMs / 3 : undefined;
  }

  get renewedAt(): number {
    return this.#renewedAt;
  }

  /** `leaseMs` counts only for roles that own the address; `how` is kept while the same epoch goes on. */
  set(role: Exclude<Role, "grace">, epoch: number, leaseMs: number, now: number, how?: Succession): void {
    if (!owns(role) && role === this.#role && epoch === this.#epoch) return;
    if (how !== undefined || epoch !== this.#epoch) this.#how = how;
    this.#abandoned = false;
    this.#role = role;
    this.#epoch = epoch;
    this.#leaseMs = owns(role) ? leaseMs : 0;
    this.#write(now);
  }

  /** What was sent to this member before others learned better is taken for so long; then it stands by. */
  grace(epoch: number, graceMs: number, now: number): void {
    this.#afterGrace = epoch;
    this.#abandoned = false;
    this.#role = "grace";
    this.#leaseMs = graceMs;
    this.#write(now);
  }

  /** `leaseMs` is the hold time as it is now: a shorter one holds at once. */
  handleTimeouts(leaseMs: number, now: number): void {
    if (this.#role === "grace" && now >= this.#renewedAt + this.#leaseMs) this.set("standby", this.#afterGrace, 0, now);
    if (this.#runs && leaseMs !== this.#leaseMs && !this.lapsed(now)) {
      this.#leaseMs = leaseMs;
      this.#write(now);
    }
    if (this.next !== undefined && this.next <= now && !this.lapsed(now)) this.#write(now);
  }

  /** The lease ran out before it was renewed. */
  lapsed(now: number): boolean {
    return this.#runs && now >= this.#renewedAt + this.#leaseMs;
  }

  /** Not renewed any more until the next `set`; the role stands, and without a lease it permits nothing. */
  abandon(): void {
    this.#abandoned = true;
  }

  get #runs(): boolean {
    return owns(this.#role) && !this.#abandoned;
  }

  #write(now: number): void {
    this.#renewedAt = now;
    const how = owns(this.#role) && this.#how !== undefined ? { how: this.#how } : {};
    const word = { owner: this.owner, role: this.#role, epoch: this.#epoch, leaseMs: this.#leaseMs };
    this.#emit({ do: "role", ...word, ...how });
  }
}

function owns(role: Role): boolean {
  return role === "active" || role === "draining";
}
