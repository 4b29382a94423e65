/**
 * What comes in as a beacon: whether it counts, what it answers for this member's part, and the event that the
 * peer's word amounts to. What may be believed is `gate-peer.ts`, what a word means `gate-judgement.ts`.
 */
import type { IpAddress } from "../wire/address.ts";
import { RateLimit } from "../wire/rate-limit.ts";
import type { Beacon } from "./beacon-codec.ts";
import { isAuthentic } from "./beacon-seal.ts";
import { eventOfWord } from "./gate-judgement.ts";
import type { BeaconRefusal, Heard } from "./gate-peer.ts";
import type { GateStanding } from "./gate-standing.ts";
import type { GateEvent } from "./gate-table.ts";

/** To lives that have proved nothing, no more often than this. */
const UNPROVEN_EVERY_MS = 2;

/** What a beacon came to: why it does not count, or the event that it is, if any. */
export type Verdict = { readonly refused: BeaconRefusal } | { readonly event: GateEvent | undefined };

export interface BeaconOrigin {
  readonly source: IpAddress;
  readonly interface: string | undefined;
}

export class GateEar {
  readonly #at: GateStanding;
  readonly #unproven = new RateLimit(UNPROVEN_EVERY_MS);

  constructor(standing: GateStanding) {
    this.#at = standing;
  }

  receive(said: Beacon, octets: Uint8Array, from: BeaconOrigin, now: number): Verdict {
    const { peer, reports, settings, speaker, holdMs } = this.#at;
    const { key, paths } = settings;
    if (key === undefined || !isAuthentic(octets, said, key, speaker.primitives.hmac)) {
      peer.badSeal(now);
      return this.#refuse("seal");
    }
    if (said.kind === "will") return this.#will(said);
    const way = { path: paths.some(each => each.remote === from.source), interface: from.interface };
    const heard = peer.hear(said, way, holdMs, now);
    switch (heard.kind) {
      case "refused":
        if (heard.because === "third-member") reports.thirdMember(said.address, peer.address, now);
        return this.#refuse(heard.because);
      case "copy":
        return { event: undefined };
      case "unknown":
        this.#challenge(said, now);
        return { event: undefined };
      case "word":
        return { event: this.#word(said, heard, now) };
    }
  }

  /** What does not prove itself is asked to, and answered, so that two new lives can prove themselves to each other. */
  #challenge(said: Beacon, now: number): void {
    this.#at.reports.count("lives-unproven");
    if (said.kind === "ask" && this.#unproven.allows("answer", now)) this.#at.say("answer", now, said.nonce);
    if (this.#unproven.allows("challenge", now)) this.#at.say("ask", now, this.#at.peer.nonce(now));
  }

  #will(said: Beacon): Verdict {
    const { peer, reports } = this.#at;
    if (!peer.isWill(said)) return this.#refuse("token");
    reports.count("wills");
    peer.end();
    return { event: "peer-gone" };
  }

  #word(said: Beacon, heard: Extract<Heard, { kind: "word" }>, now: number): GateEvent | undefined {
    const { epochs, reports } = this.#at;
    epochs.learn(said.epoch);
    if (said.kind === "ask") {
      reports.count("asks-answered");
      this.#at.say("answer", now, said.nonce);
    }
    const event = eventOfWord(said, heard, this.#at.self(now)) ?? this.#outrun();
    if (said.kind === "preempt-request" && event === undefined) reports.count("preemptions-refused");
    if (said.kind === "not-hot" && this.#at.peer.owns && this.#at.synced.synced) {
      this.#at.synced = { synced: false };
      reports.notHot();
      this.#at.speaker.emit({ do: "told-not-hot", scheme: this.#at.settings.name });
    }
    return event;
  }

  /** Its own next epoch is on disk first, as for any takeover. */
  #outrun(): GateEvent | undefined {
    const { epochs, owns } = this.#at;
    return owns && epochs.known > epochs.own && epochs.holds(epochs.known + 1) ? "outrun" : undefined;
  }

  #refuse(because: BeaconRefusal): Verdict {
    this.#at.reports.count(`refused-${because}`);
    return { refused: because };
  }
}
