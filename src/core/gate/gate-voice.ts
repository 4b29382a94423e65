/**
 * What a gate says, and to whom: the standing ring of beacons, single datagrams of every kind, and the will that
 * is left with the supervisor.
 *
 * Sequence numbers are the time in microseconds, so that a beacon that was signed ahead for a later moment still
 * rises over what is said in between. The segments of the scheme's groups are told too while the paths are silent
 * in either direction.
 */

import { type Beacon, type BeaconKind, NONCE_LENGTH, TOKEN_LENGTH } from "./beacon-codec.ts";
import { type BeaconDraft, draftBeacon, schemeTag, sealBeacon } from "./beacon-seal.ts";
import type { BeaconTarget, LastWill, LivenessPrimitives, SchemeSettings } from "./liveness-port.ts";
import type { Emit } from "./role-lease.ts";

/** What this member is at the moment. */
export type Saying = Pick<Beacon, "epoch" | "state" | "flags" | "priority" | "holdMs" | "address">;

export interface Speaker {
  readonly primitives: LivenessPrimitives;
  readonly emit: Emit;
  readonly boot: Uint8Array;
}

/** A tenth of the hold time, but a thread that wakes more often than this does little else. */
const BEACON_MS_MIN = 5;
/** Signed ahead; renewed when half are gone, so that a core that is late by the other half is not missed. */
const RING = 32;

const NO_NONCE: Uint8Array = new Uint8Array(NONCE_LENGTH);
const NO_TOKEN: Uint8Array = new Uint8Array(TOKEN_LENGTH);

export class GateVoice {
  readonly tag: Uint8Array;
  readonly #speaker: Speaker;
  #settings: SchemeSettings;
  #segments: readonly string[] = [];
  #sequence = -1;
  #token: Uint8Array | undefined;
  #tokenHash = NO_TOKEN;
  #refillAt: number | undefined;
  #said: Saying | undefined;
  #wide = false;

  constructor(settings: SchemeSettings, speaker: Speaker) {
    this.#settings = settings;
    this.#speaker = speaker;
    this.tag = schemeTag(settings.name, speaker.primitives.hash);
  }

  /** When the ring is half gone; `undefined` while there is none. */
  get refillAt(): number | undefined {
    return this.#refillAt;
  }

  /** `segments` are the interfaces of all groups of the scheme. */
  configure(settings: SchemeSettings, segments: readonly string[]): void {
    this.#settings = settings;
    this.#segments = segments;
    this.#said = undefined;
  }

  /** Sees to it that this is what stands; `lease` names whose lease it needs. */
  keepSaying(saying: Saying, wide: boolean, lease: string | undefined, now: number): void {
    const due = this.#refillAt === undefined || this.#refillAt <= now;
    if (!due && this.#said !== undefined && wide === this.#wide && same(this.#said, saying)) return;
    this.#said = saying;
    this.#wide = wide;
    const everyMs = Math.max(BEACON_MS_MIN, saying.holdMs / 10);
    const draft = this.#draft("beacon", saying, NO_NONCE);
    const first = this.#nextSequence(now);
    const octets: Uint8Array[] = [];
    for (let n = 0, sequence = first; n < RING; n++) {
      octets.push(this.#seal(draft, sequence));
      sequence = Math.max(sequence + 1, microseconds(now + (n + 1) * everyMs));
    }
    this.#refillAt = now + (everyMs * RING) / 2;
    const { name: scheme } = this.#settings;
    this.#speaker.emit({ do: "beacons", scheme, to: this.#targets(wide), everyMs, lease, octets });
  }

  silence(): void {
    this.#said = undefined;
    this.#refillAt = undefined;
    const { name: scheme } = this.#settings;
    this.#speaker.emit({ do: "beacons", scheme, to: [], everyMs: BEACON_MS_MIN, lease: undefined, octets: [] });
  }

  /** To everybody at once, whichever way they can be reached. */
  say(kind: BeaconKind, saying: Saying, now: number, nonce = NO_NONCE): void {
    const octets = this.#seal(this.#draft(kind, saying, nonce), this.#nextSequence(now));
    for (const to of this.#targets(true)) this.#speaker.emit({ do: "beacon", to, octets });
  }

  /** A will of this period as the active; an earlier one is worth nothing from now on. */
  newToken(): void {
    this.#token = this.#speaker.primitives.random(TOKEN_LENGTH);
    this.#tokenHash = this.#speaker.primitives.hash("sha256", this.#token);
  }

  dropToken(): void {
    this.#token = undefined;
    this.#tokenHash = NO_TOKEN;
  }

  /** The token to every target, for the supervisor to send. Nothing of this life has a higher number. */
  tokens(saying: Saying): LastWill["tokens"] {
    if (this.#token === undefined) return [];
    const draft = draftBeacon({ ...this.#fields("will", saying, NO_NONCE), token: this.#token });
    const octets = this.#seal(draft, Number.MAX_SAFE_INTEGER);
    return this.#targets(true).map(to => ({ to, octets }));
  }

  #targets(wide: boolean): readonly BeaconTarget[] {
    const { paths } = this.#settings;
    const [first] = paths;
    if (!wide || first === undefined) return paths;
    return [...paths, ...this.#segments.map(segment => ({ segment, remotePort: first.remotePort }))];
  }

  #draft(kind: BeaconKind, saying: Saying, nonce: Uint8Array): Uint8Array {
    return draftBeacon(this.#fields(kind, saying, nonce));
  }

  #fields(kind: BeaconKind, saying: Saying, nonce: Uint8Array): BeaconDraft {
    const { boot } = this.#speaker;
    return { ...saying, kind, scheme: this.tag, boot, nonce, token: this.#tokenHash, extensions: [] };
  }

  #seal(draft: Uint8Array, sequence: number): Uint8Array {
    const { key = NO_TOKEN } = this.#settings;
    return sealBeacon(draft, sequence, key, this.#speaker.primitives.hmac);
  }

  #nextSequence(now: number): number {
    this.#sequence = Math.max(this.#sequence + 1, microseconds(now));
    return this.#sequence;
  }
}

function same(a: Saying, b: Saying): boolean {
  return (
    a.epoch === b.epoch &&
    a.state === b.state &&
    a.priority === b.priority &&
    a.holdMs === b.holdMs &&
    a.address === b.address &&
    a.flags.hot === b.flags.hot &&
    a.flags.healthy === b.flags.healthy &&
    a.flags.preempt === b.flags.preempt &&
    a.flags.deaf === b.flags.deaf
  );
}

function microseconds(now: number): number {
  return Math.max(0, Math.floor(now * 1000));
}
