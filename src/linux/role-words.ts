/**
 * Who is active now, as memory that threads share: one line for each owner (a scheme, or an HSRP group without one).
 *
 * Only the liveness thread writes. The hello thread and the fast path read the same lines from native code before
 * whatever they send as active, so a takeover costs one store, however many groups' tunnels hang on it.
 *
 * Layout. `octets` begins at a multiple of 64; line N is at octet 64 * N and holds, in the host's order:
 *
 *     0  u64  role word: epoch << 8 | role; role 0 init, 1 standby, 2 active, 3 draining, 4 grace
 *     8  u64  lease: CLOCK_MONOTONIC nanoseconds at which this member stops being active or draining by itself
 *    16  u64  when the other member was last heard, nanoseconds of CLOCK_MONOTONIC; 0 before the first time. For
 *             JavaScript's threads; native code does not look at it
 *    24  40 octets, zero, reserved
 *
 * A reader loads the role word, then the lease, each as one aligned 64-bit atomic load, and may send as active only
 * when role is active or draining (packets: until its numbers are concluded) and the lease is in the future; in grace
 * it only decrypts. The writer stores the lease before it raises the role word and lowers the role word before it takes
 * the lease away, both sequentially consistent: a reader that sees `active` sees the lease that came with it, or a
 * later one. An epoch is below 2^53.
 */
import type { Role } from "../core/gate/liveness-port.ts";
import { loadAddon } from "./addon.ts";

export const ROLE_LINE_OCTETS = 64;
/** Their order is the number in memory. */
export const ROLES: readonly Role[] = ["init", "standby", "active", "draining", "grace"];
const WORDS_A_LINE = ROLE_LINE_OCTETS / 8;
/** Place of the word in its line. */
const HEARD = 2;
const ROLE_BITS = 8n;
const NS_PER_MS = 1_000_000;

/** What crosses to another thread as `workerData`. */
export interface SharedRoleWords {
  readonly buffer: SharedArrayBuffer;
  readonly offset: number;
  readonly lines: number;
}

export interface RoleLine {
  readonly role: Role;
  readonly epoch: number;
  /** Milliseconds of CLOCK_MONOTONIC, with fractions. */
  readonly leaseUntilMs: number;
}

export class RoleWords {
  readonly shared: SharedRoleWords;
  /** The lines for native code: begins at a multiple of 64. */
  readonly octets: Uint8Array;
  readonly #words: BigUint64Array;

  constructor(shared: SharedRoleWords) {
    this.shared = shared;
    const { buffer, offset, lines } = shared;
    this.octets = new Uint8Array(buffer, offset, lines * ROLE_LINE_OCTETS);
    this.#words = new BigUint64Array(buffer, offset, lines * WORDS_A_LINE);
  }

  /** New lines, all `init`; they never move. */
  static allocate(lines: number): RoleWords {
    const buffer = new SharedArrayBuffer((lines + 1) * ROLE_LINE_OCTETS);
    const past = loadAddon().addressModulo(new Uint8Array(buffer), ROLE_LINE_OCTETS);
    return new RoleWords({ buffer, offset: past === 0 ? 0 : ROLE_LINE_OCTETS - past, lines });
  }

  read(line: number): RoleLine {
    const word = Atomics.load(this.#words, line * WORDS_A_LINE);
    const lease = Atomics.load(this.#words, line * WORDS_A_LINE + 1);
    return {
      role: ROLES[Number(word & 0xffn)] ?? "init",
      epoch: Number(word >> ROLE_BITS),
      leaseUntilMs: Number(lease) / NS_PER_MS,
    };
  }

  /** Whether this member answers for the line's owner at this time, milliseconds of CLOCK_MONOTONIC. */
  speaks(line: number, nowMs: number): boolean {
    const { role, leaseUntilMs } = this.read(line);
    return (role === "active" || role === "draining") && nowMs < leaseUntilMs;
  }

  /** When the other member was last heard, milliseconds of CLOCK_MONOTONIC; `undefined` when never. */
  heardMs(line: number): number | undefined {
    const heard = Atomics.load(this.#words, line * WORDS_A_LINE + HEARD);
    return heard === 0n ? undefined : Number(heard) / NS_PER_MS;
  }

  /** For the liveness thread alone, as is `write`. */
  hear(line: number, atMs: number): void {
    Atomics.store(this.#words, line * WORDS_A_LINE + HEARD, BigInt(Math.max(0, Math.floor(atMs * NS_PER_MS))));
  }

  write(line: number, { role, epoch, leaseUntilMs }: RoleLine): void {
    const at = line * WORDS_A_LINE;
    const word = (BigInt(epoch) << ROLE_BITS) | BigInt(ROLES.indexOf(role));
    const lease = BigInt(Math.max(0, Math.floor(leaseUntilMs * NS_PER_MS)));
    const holds = role !== "init" && role !== "standby";
    if (holds) Atomics.store(this.#words, at + 1, lease);
    Atomics.store(this.#words, at, word);
    if (!holds) Atomics.store(this.#words, at + 1, 0n);
  }
}
