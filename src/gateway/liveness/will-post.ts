/**
 * The liveness thread's line to the supervisor: beats while it makes its turns, and the last will whenever it changes.
 * Nothing here waits: what the pipe has no room for now goes later, beats not at all.
 */
import type { LastWill } from "../../core/gate/liveness-port.ts";
import { formatPrefix, widthOf } from "../../core/wire/prefix.ts";
import { loadAddon } from "../../linux/addon.ts";
import { beatEveryMs, formatLine, type SupervisorLine, type WillDatagram, type WillOfGroup } from "../last-will.ts";
import { isSegment } from "./beacon-door.ts";
import type { GroupDoor } from "./group-door.ts";

/** Nothing is held here: the supervisor need not notice at once that the beats have ended. */
const IDLE_BEAT_MS = 100;
const SEGMENT_GROUP = "224.0.0.2";

export interface GroupWill {
  readonly door: GroupDoor;
  readonly will: LastWill;
  readonly linkOf: (name: string) => number | undefined;
}

export class WillPost {
  readonly #fd: number | undefined;
  readonly #wills = new Map<string, GroupWill>();
  #unsent = new Uint8Array(0);
  #changed = false;
  #beatAt = Number.NEGATIVE_INFINITY;

  /** Without a supervisor there is nobody to tell. */
  constructor(fd: number | undefined) {
    this.#fd = fd;
    if (fd !== undefined) loadAddon().setNonBlocking(fd);
  }

  get next(): number | undefined {
    return this.#fd === undefined ? undefined : this.#beatAt;
  }

  set(group: string, will: GroupWill | undefined): void {
    if (will === undefined && !this.#wills.has(group)) return;
    if (will === undefined) this.#wills.delete(group);
    else this.#wills.set(group, will);
    this.#changed = true;
  }

  /** At the end of every turn. */
  post(now: number): void {
    // What is at stake from now on has beats of its own.
    if (this.#changed) this.#beatAt = now;
    if (this.#changed) this.#say({ kind: "will", holdMs: this.#shortestHoldMs(), groups: this.#groups() });
    this.#changed = false;
    if (now >= this.#beatAt) {
      this.#beatAt = now + (this.#wills.size > 0 ? beatEveryMs(this.#shortestHoldMs()) : IDLE_BEAT_MS);
      if (this.#unsent.length === 0) this.#say({ kind: "beat", at: Math.floor(now) });
    }
    this.#flush();
  }

  stuck(): void {
    this.#say({ kind: "stuck" });
    this.#flush();
  }

  #groups(): WillOfGroup[] {
    return [...this.#wills].map(([group, will]) => groupWill(group, will));
  }

  #shortestHoldMs(): number {
    return Math.min(...[...this.#wills.values()].map(({ will }) => will.resign.holdMs), 10_000);
  }

  #say(line: SupervisorLine): void {
    if (this.#fd === undefined) return;
    this.#unsent = new Uint8Array(Buffer.concat([this.#unsent, Buffer.from(formatLine(line))]));
  }

  #flush(): void {
    if (this.#fd === undefined || this.#unsent.length === 0) return;
    try {
      const written = loadAddon().write(this.#fd, this.#unsent);
      this.#unsent = this.#unsent.subarray(Math.max(0, written));
    } catch {
      // The supervisor is gone; the main thread hears of it by itself.
      this.#unsent = new Uint8Array(0);
    }
  }
}

function groupWill(group: string, { door, will, linkOf }: GroupWill): WillOfGroup {
  const { virtualLink, addressIndex, addresses } = door.address;
  return {
    group,
    parent: door.parent.index,
    addressLink: addressIndex,
    addresses: addresses.map(address => formatPrefix({ address, length: widthOf(address) })),
    ...(virtualLink !== undefined && { virtualLink }),
    frames: [hex(door.frame(will.resign, true))],
    datagrams: will.tokens.flatMap(token => datagramOf(token, linkOf)),
  };
}

function datagramOf(
  { to, octets }: LastWill["tokens"][number],
  linkOf: (name: string) => number | undefined,
): WillDatagram[] {
  if (!isSegment(to)) return [{ to: to.remote, port: to.remotePort, from: to.local, octets: hex(octets) }];
  const link = linkOf(to.segment);
  return link === undefined ? [] : [{ to: SEGMENT_GROUP, port: to.remotePort, link, octets: hex(octets) }];
}

function hex(octets: Uint8Array): string {
  return Buffer.from(octets).toString("hex");
}
