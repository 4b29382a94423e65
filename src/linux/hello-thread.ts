/**
 * The native thread that sends prepared hellos and beacons at their times, whatever JavaScript is doing, and nothing as
 * active but under a fresh lease (`role-words.ts`). Told by the liveness thread alone.
 *
 * Times are milliseconds of CLOCK_MONOTONIC. A slot repeats one frame until it is told otherwise; a ring sends each of
 * its datagrams once, in order. CAP_SYS_NICE or RLIMIT_RTPRIO let it run in real time.
 */
import { type Ipv4, ipv4ToOctets } from "../core/wire/address.ts";
import { type Hello, loadAddon } from "./addon.ts";
import type { RoleWords } from "./role-words.ts";
import { attempt } from "./system-call.ts";

const NO_LEASE = -1;
const HELD_BACK = -2;
const TARGET_OCTETS = 6;
const PORT_OFFSET = 4;

export interface HelloTarget {
  /** A UDP socket of IPv4. */
  readonly fd: number;
  readonly address: Ipv4;
  readonly port: number;
}

export interface Repetition {
  /** A packet socket that is bound to its interface. */
  readonly fd: number;
  readonly frame: Uint8Array;
  /** The line of role words whose lease must be fresh; `undefined` needs none. */
  readonly lease: number | undefined;
  readonly firstMs: number;
  readonly everyMs: number;
}

export interface DatagramRing {
  readonly datagrams: readonly Uint8Array[];
  readonly targets: readonly HelloTarget[];
  readonly lease: number | undefined;
  readonly firstMs: number;
  readonly everyMs: number;
}

export class HelloThread {
  readonly #hello: Hello;

  /** `priority` 0 for an ordinary thread; one that is not permitted gives that too. Throws a `SystemError`. */
  constructor(words: RoleWords, priority: number) {
    this.#hello = attempt("start the hello thread", {}, () => new (loadAddon().Hello)(words.octets, priority));
  }

  get realTime(): boolean {
    return this.#hello.realtime;
  }

  repeat(slot: number, { fd, frame, lease = NO_LEASE, firstMs, everyMs }: Repetition): void {
    this.#hello.repeat(slot, fd, frame, lease, nanoseconds(firstMs), nanoseconds(everyMs));
  }

  /** When it returns nothing of the slot is being sent: its socket may be closed. */
  stop(slot: number): void {
    this.#hello.stop(slot);
  }

  /** Replaces what is left of the ring. */
  ring(ring: number, { datagrams, targets, lease = NO_LEASE, firstMs, everyMs }: DatagramRing): void {
    const octets = new Uint8Array(datagrams.reduce((sum, each) => sum + each.length, 0));
    let at = 0;
    for (const datagram of datagrams) {
      octets.set(datagram, at);
      at += datagram.length;
    }
    const lengths = Int32Array.from(datagrams, each => each.length);
    const fds = Int32Array.from(targets, each => each.fd);
    const addresses = targetOctets(targets);
    this.#hello.ring(ring, octets, lengths, fds, addresses, lease, nanoseconds(firstMs), nanoseconds(everyMs));
  }

  stopRing(ring: number): void {
    this.#hello.stopRing(ring);
  }

  /** One frame now, by the calling thread, under the same condition. What the kernel has no room for is lost. */
  send(fd: number, frame: Uint8Array, lease: number | undefined): "sent" | "held-back" | "no-room" {
    const sent = attempt("send a frame", { octets: frame.length }, () =>
      this.#hello.send(fd, frame, lease ?? NO_LEASE),
    );
    if (sent === HELD_BACK) return "held-back";
    return sent < 0 ? "no-room" : "sent";
  }

  /** Of the thread's own sending; `latestMs` is the worst delay so far. */
  get counters(): {
    readonly sent: number;
    readonly heldBack: number;
    readonly failed: number;
    readonly latestMs: number;
  } {
    return this.#hello.counters();
  }

  /** Returns when the thread has ended. */
  close(): void {
    this.#hello.close();
  }
}

function targetOctets(targets: readonly HelloTarget[]): Uint8Array {
  const octets = new Uint8Array(targets.length * TARGET_OCTETS);
  const view = new DataView(octets.buffer);
  for (const [at, { address, port }] of targets.entries()) {
    octets.set(ipv4ToOctets(address), at * TARGET_OCTETS);
    view.setUint16(at * TARGET_OCTETS + PORT_OFFSET, port);
  }
  return octets;
}

function nanoseconds(ms: number): bigint {
  return BigInt(Math.max(0, Math.round(ms * 1e6)));
}
