/**
 * What a believed word of the peer is for this member: an event of the table, or nothing. Pure: facts in, event
 * out.
 */
import { compareIp } from "../wire/address.ts";
import type { Beacon, GateState } from "./beacon-codec.ts";
import type { Heard } from "./gate-peer.ts";
import { type GateEvent, ownsIn } from "./gate-table.ts";
import { type Claim, compareAskers, compareOwners } from "./seniority.ts";

/** This member, when the word came. */
export interface Self extends Claim {
  readonly state: GateState;
  /** It goes, whether or not somebody takes over. */
  readonly leaving: boolean;
  /** No preemption yet: its own takeover is too young. */
  readonly heldDown: boolean;
}

type Word = Extract<Heard, { kind: "word" }>;

export function eventOfWord(said: Beacon, word: Word, self: Self): GateEvent | undefined {
  return ownsIn(self.state) ? asOwner(said, word, self) : asWaiting(said, word, self);
}

/** A preemption is granted to a member that holds everything and would win an election now. */
export function mayOverthrow(said: Beacon, self: Self): boolean {
  const better = said.priority - self.priority || compareIp(said.address, self.address);
  return said.flags.hot && said.flags.healthy && better > 0 && !self.heldDown;
}

function asOwner(said: Beacon, { answer }: Word, self: Self): GateEvent | undefined {
  const { state, leaving } = self;
  if (ownsIn(said.state)) {
    if (compareOwners(self, said) < 0) return "owner-above";
    // What was queued while this member stood still is old: only an answer ends its doubt.
    return state === "doubting" && !answer ? undefined : "owner-below";
  }
  if (state === "doubting" || state === "contested") return answer ? "way-free" : undefined;
  if (said.kind === "preempt-request") return mayOverthrow(said, self) ? "overthrown" : undefined;
  const heirIsGone = said.state === "init" || !said.flags.healthy;
  if (!heirIsGone) return undefined;
  return leaving ? "abandoned" : "declined";
}

function asWaiting(said: Beacon, { before, answer }: Word, self: Self): GateEvent | undefined {
  if (said.kind === "handover" && said.state === "handing") return "offered";
  if (ownsIn(said.state)) return "stand-back";
  if (before !== undefined && ownsIn(before)) return "peer-gone";
  if (self.state !== "asking" || !answer) return undefined;
  return said.state === "asking" && compareAskers(self, said) < 0 ? "stand-back" : "way-free";
}
