/**
 * What the other member said of itself in this session, and whether the two can go together: the same major version,
 * the same scheme, another identity, every feature that it cannot do without, and configurations that agree.
 *
 * Configurations are compared by digests of their sections; of a difference the section's name is told, never a value.
 */
import type { PeerHello, PeerStatus } from "./peer-message.ts";
import type { ConfigSection, PeerSnapshot, ReplicationIdentity } from "./replication-port.ts";

/** The protocol of this release. A minor only adds. */
export const PROTOCOL = { major: 1, minor: 0 } as const;
/** What it can do beyond its version. */
export const FEATURES: readonly string[] = ["checksum", "handover", "repair"];

export class PeerView {
  readonly #hello: PeerHello;
  readonly incompatible: string | undefined;
  #status: PeerStatus;
  #heardAt: number;
  #epoch: number;
  #sections: readonly ConfigSection[];

  constructor(hello: PeerHello, epoch: number, self: ReplicationIdentity, now: number) {
    this.#hello = hello;
    this.#status = hello;
    this.#heardAt = now;
    this.#epoch = epoch;
    this.#sections = hello.sections;
    this.incompatible = verdict(hello, self);
  }

  /** It answers for the virtual address, as far as it said. */
  get owns(): boolean {
    return this.#status.role === "active" || this.#status.role === "draining";
  }

  get epoch(): number {
    return this.#epoch;
  }

  get member(): string {
    return this.#hello.member;
  }

  can(feature: string): boolean {
    return this.#hello.features.includes(feature);
  }

  says(status: PeerStatus, epoch: number, now: number): void {
    this.#status = status;
    this.#heardAt = now;
    this.#epoch = epoch;
  }

  configures(sections: readonly ConfigSection[]): void {
    this.#sections = sections;
  }

  /** The first section that is not the same on both; in our order, then in the peer's. */
  differs(own: readonly ConfigSection[]): string | undefined {
    const theirs = new Map(this.#sections.map(each => [each.name, each.digest]));
    const ours = new Set(own.map(each => each.name));
    const changed = own.find(({ name, digest }) => !sameOctets(digest, theirs.get(name)));
    return (changed ?? this.#sections.find(({ name }) => !ours.has(name)))?.name;
  }

  snapshot(own: readonly ConfigSection[]): PeerSnapshot {
    const { member, software, major, minor, insideAddresses } = this.#hello;
    const { role, state, inStateMs } = this.#status;
    return {
      member,
      software,
      version: `${major}.${minor}`,
      role,
      state,
      stateSince: inStateMs === undefined ? undefined : this.#heardAt - inStateMs,
      epoch: this.#epoch,
      insideAddresses,
      incompatible: this.incompatible,
      differs: this.differs(own),
    };
  }
}

function verdict(hello: PeerHello, self: ReplicationIdentity): string | undefined {
  const { major, minor, scheme, member, requiredFeatures } = hello;
  if (major !== PROTOCOL.major) return `it speaks version ${major}.${minor}, this member ${PROTOCOL.major}`;
  if (scheme !== self.scheme) return `its scheme is ${scheme}`;
  if (member === self.member) return "both members have the same identity";
  const unknown = requiredFeatures.find(each => !FEATURES.includes(each));
  return unknown === undefined ? undefined : `it needs ${unknown}`;
}

function sameOctets(a: Uint8Array, b: Uint8Array | undefined): boolean {
  return b !== undefined && a.length === b.length && a.every((octet, at) => octet === b[at]);
}
