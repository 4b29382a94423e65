/**
 * The rule of a group without a scheme, or whose scheme cannot work yet: RFC 2281 unaided. Role and lease follow
 * what the group's machine does, and a lease that ran out sends it back into the election.
 */
import { invariant } from "../errors.ts";
import type { GroupAtWork } from "./group-at-work.ts";
import type { GroupRule } from "./group-rule.ts";
import type { Role } from "./liveness-port.ts";
import { type Emit, RoleLease } from "./role-lease.ts";

export class PlainRule implements GroupRule {
  readonly gated = false;
  readonly synced = true;
  readonly #group: GroupAtWork;
  readonly #lease: RoleLease;

  constructor(owner: string, group: GroupAtWork, emit: Emit) {
    this.#group = group;
    this.#lease = new RoleLease(owner, emit);
  }

  get owner(): string {
    return this.#lease.owner;
  }

  get role(): Role {
    return this.#lease.role;
  }

  get next(): number | undefined {
    return this.#lease.next;
  }

  /** Before anything else is looked at: a member that stood still sends nothing as active. */
  wake(now: number): void {
    if (this.#lease.lapsed(now)) this.#group.lapse(now);
  }

  handleTimeouts(now: number): void {
    this.#lease.handleTimeouts(this.#group.holdMs, now);
  }

  /** Role and lease as they must be for the state that the group is in. */
  adopt(now: number): void {
    const { state, holdMs } = this.#group;
    this.#lease.set(state === "active" ? "active" : state === "initial" ? "init" : "standby", 0, holdMs, now);
    this.#group.leaveWill();
  }

  /** Another rule follows. */
  close(now: number): void {
    this.#lease.set("init", 0, 0, now);
  }

  taking(now: number): void {
    this.#lease.set("active", 0, this.#group.holdMs, now);
  }

  released(now: number): void {
    this.#lease.set("standby", 0, 0, now);
  }

  started(now: number): void {
    this.#lease.set("standby", 0, 0, now);
  }

  stopped(now: number): void {
    this.#lease.set("init", 0, 0, now);
  }

  /** A resign, and back into the election. */
  switchover(now: number): void {
    if (this.#group.state === "active" && this.#group.machine.standbyRouter !== undefined) this.#group.restart(now);
  }

  tokens(): readonly never[] {
    return [];
  }

  proposed(): void {
    invariant(false, "a plain group proposes nothing");
  }
}
