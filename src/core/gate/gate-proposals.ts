/**
 * What becomes of HSRP's proposals. While the true peer can be heard, its authenticated word counts and a proposal
 * at most asks for it; while it cannot, HSRP is listened to, after asking. Strangers are told of.
 */
import type { GateStanding } from "./gate-standing.ts";
import type { GateEvent } from "./gate-table.ts";
import type { Proposal } from "./group-rule.ts";

export class GateProposals {
  readonly #at: GateStanding;
  #resignedAt = Number.NEGATIVE_INFINITY;

  constructor(standing: GateStanding) {
    this.#at = standing;
  }

  /** The event that the proposal amounts to; `undefined` where it is refused. */
  judge(proposal: Proposal, now: number): GateEvent | undefined {
    return proposal.proposal === "yield" ? this.#yield(proposal, now) : this.#take(proposal, now);
  }

  #take(proposal: Proposal, now: number): GateEvent | undefined {
    const { peer, hot, holdMs } = this.#at;
    if (!this.#at.peerIsHeard(now) || !peer.owns) return "suspect";
    if (isBareResign(proposal) && now - this.#resignedAt >= holdMs) {
      this.#resignedAt = now;
      return "suspect";
    }
    const { because, source } = proposal;
    if (because === "active-hello-overthrown" && source === peer.address && hot) return "overthrow";
    return this.#refuse("takes-refused", proposal, now);
  }

  #yield(proposal: Proposal, now: number): GateEvent | undefined {
    const { peer, reports, holdMs } = this.#at;
    if (this.#at.peerIsHeard(now)) return this.#refuse("yields-refused", proposal, now);
    // Hellos of an owner that died and left this member its place: a recording, unless only its key is another now.
    const { source } = proposal;
    if (source === undefined || !peer.isGhost(source, holdMs, now)) return "outranked";
    reports.ghost(source, now);
    return undefined;
  }

  #refuse(counter: string, { because, source }: Proposal, now: number): undefined {
    const { peer, reports } = this.#at;
    reports.count(counter);
    if (source !== undefined && source !== peer.address) reports.stranger(source, because, now);
  }
}

/** A resign that nobody signed. */
export function isBareResign({ because, source }: Proposal): boolean {
  return because === "active-resigns" && source !== undefined;
}
