/**
 * What is known of the other member, and what may be believed of it.
 *
 * A seal proves the key, not the time: a recording of an earlier life has a good seal as well. So a life (a boot
 * id) counts only after it answered a nonce of ours, and within a life only what has a higher sequence number than
 * everything before.
 */

import { sameOctets } from "../hsrp/hsrp-auth.ts";
import type { IpAddress } from "../wire/address.ts";
import { type Beacon, type GateState, NONCE_LENGTH } from "./beacon-codec.ts";
import { ownsIn } from "./gate-table.ts";
import type { LivenessPrimitives } from "./liveness-port.ts";

export type BeaconRefusal = "malformed" | "scheme" | "seal" | "loop" | "stale" | "third-member" | "token";

export type Heard =
  /** Believed: `before` is what the peer was in, `reborn` that another life of it was known. */
  | {
      readonly kind: "word";
      readonly before: GateState | undefined;
      readonly reborn: boolean;
      readonly answer: boolean;
    }
  /** Another copy of what was heard already, by another way. */
  | { readonly kind: "copy" }
  /** A life that has proved nothing yet. */
  | { readonly kind: "unknown" }
  | { readonly kind: "refused"; readonly because: BeaconRefusal };

/** Longer than any row of asks, shorter than a restart. */
const NONCE_MS = 1_000;

/** Words of which a later copy is no attack. */
const RECENT = 64;

/** Hellos without beacons may be a recording: they put suspicion off, but not for ever. */
const HELLOS_ALONE_HOLDS = 3;

export class GatePeer {
  readonly #primitives: LivenessPrimitives;
  readonly #boot: Uint8Array;
  readonly #interfaces = new Map<string, number>();
  readonly #recent: number[] = [];
  #word: Beacon | undefined;
  #heardAt = Number.NEGATIVE_INFINITY;
  #pathAt = Number.NEGATIVE_INFINITY;
  #helloAt = Number.NEGATIVE_INFINITY;
  #badSealAt = Number.NEGATIVE_INFINITY;
  #buried = false;
  #nonce: Uint8Array | undefined;
  #nonceAt = Number.NEGATIVE_INFINITY;

  constructor(primitives: LivenessPrimitives, ownBoot: Uint8Array) {
    this.#primitives = primitives;
    this.#boot = ownBoot;
  }

  /** The last that it said; `undefined` before it was believed once. */
  get word(): Beacon | undefined {
    return this.#word;
  }

  get address(): IpAddress | undefined {
    return this.#word?.address;
  }

  get heardAt(): number {
    return this.#heardAt;
  }

  get owns(): boolean {
    return this.#word !== undefined && ownsIn(this.#word.state);
  }

  /** The nonce that an answer must have, for as long as an answer to it can still be called fresh. */
  nonce(now: number): Uint8Array {
    const fresh = now - this.#nonceAt < NONCE_MS;
    return this.#nonce !== undefined && fresh ? this.#nonce : this.renewNonce(now);
  }

  renewNonce(now: number): Uint8Array {
    const nonce = this.#primitives.random(NONCE_LENGTH);
    this.#nonce = nonce;
    this.#nonceAt = now;
    return nonce;
  }

  /** What its beacons say counts: one came within the hold time. */
  isHeard(holdMs: number, now: number): boolean {
    return now - this.#heardAt < holdMs;
  }

  /** No path has brought a beacon for half the hold time. */
  isDeaf(holdMs: number, now: number): boolean {
    return now - this.#pathAt >= holdMs / 2;
  }

  /** When silence becomes suspicious: beacons and hellos gone for the hold time, or beacons alone for three. */
  suspectAt(holdMs: number): number | undefined {
    if (!this.owns) return undefined;
    // Beacons under another key are a sign that the peer's was changed, and that its hellos are alive.
    const word = Math.max(this.#heardAt, this.#badSealAt);
    const hellos = Math.min(this.#helloAt + holdMs, word + holdMs * HELLOS_ALONE_HOLDS);
    return Math.max(this.#heardAt + holdMs, hellos);
  }

  /** Its hellos come though it died as an owner, and no beacon shows that it only has another key. */
  isGhost(source: IpAddress, holdMs: number, now: number): boolean {
    return this.#buried && source === this.address && now - this.#badSealAt >= holdMs * HELLOS_ALONE_HOLDS;
  }

  badSeal(now: number): void {
    this.#badSealAt = now;
  }

  /** Interfaces by which it was heard since then. */
  channelsSince(since: number): number {
    return [...this.#interfaces.values()].filter(at => at >= since).length;
  }

  hello(source: IpAddress, interfaceName: string, now: number): void {
    if (source !== this.address) return;
    this.#helloAt = now;
    this.channel(interfaceName, now);
  }

  channel(interfaceName: string, now: number): void {
    this.#interfaces.set(interfaceName, now);
  }

  /** Of a beacon whose seal is good. `path` says that it came by a path of the association. */
  hear(said: Beacon, way: { path: boolean; interface: string | undefined }, holdMs: number, now: number): Heard {
    if (sameOctets(said.boot, this.#boot)) return { kind: "refused", because: "loop" };
    const answer = said.kind === "answer" && this.#isAnswered(said, now);
    const same = this.#word !== undefined && sameOctets(said.boot, this.#word.boot);
    if (!same && !answer) return { kind: "unknown" };
    if (!same && this.isHeard(holdMs, now) && said.address !== this.address)
      return { kind: "refused", because: "third-member" };
    const sequence = same ? (this.#word?.sequence ?? 0) : -1;
    // By two paths each word comes twice, and the second copy after newer words of the other path.
    const copied = said.sequence <= sequence && this.#recent.includes(said.sequence);
    if (said.sequence <= sequence && !copied) return { kind: "refused", because: "stale" };
    if (way.interface !== undefined) this.channel(way.interface, now);
    if (way.path) this.#pathAt = now;
    if (copied) return { kind: "copy" };
    this.#remember(said.sequence, same);
    const before = this.#word?.state;
    const reborn = before !== undefined && !same;
    // A view of the packet would keep the packet.
    const { nonce, token, boot, scheme, seal } = said;
    const own = { nonce: copy(nonce), token: copy(token), boot: copy(boot), scheme: copy(scheme), seal: copy(seal) };
    this.#word = { ...said, ...own };
    this.#heardAt = now;
    this.#buried = false;
    // Another life that answered the same nonce before it died must not pass for alive.
    if (!same) this.#nonce = undefined;
    return { kind: "word", before, reborn, answer };
  }

  /** The token whose hash this life announced: its last will is its own. */
  isWill(said: Beacon): boolean {
    const { word } = this;
    if (word === undefined || !sameOctets(said.boot, word.boot)) return false;
    return sameOctets(this.#primitives.hash("sha256", said.token), word.token);
  }

  /** What it owned is ours: it owns nothing until it says so again. */
  presumeIdle(): void {
    if (this.#word !== undefined) this.#word = { ...this.#word, state: "init" };
  }

  /** It died as an owner, for all that is known. */
  bury(): void {
    this.presumeIdle();
    this.#buried = this.#word !== undefined;
  }

  /** This life of it is over, by its own will: nothing of it counts any more. */
  end(): void {
    this.#heardAt = Number.NEGATIVE_INFINITY;
    this.#pathAt = Number.NEGATIVE_INFINITY;
    this.bury();
    if (this.#word !== undefined) this.#word = { ...this.#word, sequence: Number.MAX_SAFE_INTEGER };
  }

  #isAnswered(said: Beacon, now: number): boolean {
    return this.#nonce !== undefined && now - this.#nonceAt < NONCE_MS && sameOctets(said.nonce, this.#nonce);
  }

  #remember(sequence: number, same: boolean): void {
    if (!same) this.#recent.length = 0;
    this.#recent.push(sequence);
    if (this.#recent.length > RECENT) this.#recent.shift();
  }
}

function copy(octets: Uint8Array): Uint8Array {
  return Uint8Array.from(octets);
}
