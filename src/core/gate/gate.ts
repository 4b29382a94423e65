/**
 * The gate of one scheme at work: what comes from the group, from the peer and from redundancy becomes an event of
 * the table, and the table's actions are carried out.
 *
 * HSRP proposes; the gate disposes. While the true peer can be heard nothing but its authenticated word, and the
 * operator's, moves the role; while it cannot, HSRP's proposals count, after asking. The table is `gate-table.ts`;
 * what HSRP's proposals come to `gate-proposals.ts`, what the peer says `gate-ear.ts`, what is done
 * `gate-orders.ts`, and where the gate stands meanwhile `gate-standing.ts`.
 */
import type { IpAddress } from "../wire/address.ts";
import type { Beacon, GateState } from "./beacon-codec.ts";
import { type BeaconOrigin, GateEar } from "./gate-ear.ts";
import { GateOrders } from "./gate-orders.ts";
import { GateProposals, isBareResign } from "./gate-proposals.ts";
import { GateStanding, type Synced } from "./gate-standing.ts";
import { type GateEvent, ownsIn } from "./gate-table.ts";
import type { Speaker } from "./gate-voice.ts";
import type { GroupAtWork } from "./group-at-work.ts";
import type { GroupRule, Proposal } from "./group-rule.ts";
import type { LastWill, SchemeSettings, SchemeSnapshot } from "./liveness-port.ts";

/** What makes an owner of one who waits; each has a row for both states of waiting. */
const takes: ReadonlySet<GateEvent> = new Set(["peer-gone", "offered", "way-free", "unanswered"]);

export class Gate implements GroupRule {
  readonly gated = true;
  readonly #at: GateStanding;
  readonly #orders: GateOrders;
  readonly #proposals: GateProposals;
  readonly #ear: GateEar;
  #resignedBy: IpAddress | undefined;

  constructor(settings: SchemeSettings, group: GroupAtWork, speaker: Speaker) {
    this.#at = new GateStanding(settings, group, speaker);
    this.#orders = new GateOrders(this.#at);
    this.#proposals = new GateProposals(this.#at);
    this.#ear = new GateEar(this.#at);
  }

  get owner(): string {
    return this.#at.settings.name;
  }

  get state(): GateState {
    return this.#at.state;
  }

  /** When the true peer was last heard; minus infinity before the first time. */
  get heardAt(): number {
    return this.#at.peer.heardAt;
  }

  get synced(): boolean {
    return this.#at.complete;
  }

  get tag(): Uint8Array {
    return this.#at.voice.tag;
  }

  get next(): number | undefined {
    const { next } = this.#at;
    return next === Number.POSITIVE_INFINITY ? undefined : next;
  }

  configure(settings: SchemeSettings): void {
    const { group, voice } = this.#at;
    this.#at.settings = settings;
    const groups = [group, ...group.followers];
    voice.configure(settings, [...new Set(groups.map(each => each.group.settings.interface))]);
    group.leaveWill();
  }

  /** Begins in the state that the group is in. */
  adopt(now: number): void {
    const { group } = this.#at;
    if (group.state === "active") this.#event("adopt", now);
    else if (group.ready) this.#event("start", now);
    this.#at.settle(now);
  }

  close(now: number): void {
    const { voice, lease, epochs, group } = this.#at;
    voice.silence();
    // Whoever comes after does not know that nothing may leave as active.
    if (this.state === "doubting") group.yield("lapsed", 0, now);
    lease.set("init", epochs.known, 0, now);
  }

  wake(now: number): void {
    const { lease, reports } = this.#at;
    if (!lease.lapsed(now)) return;
    reports.lapsed(now - lease.renewedAt);
    this.#event("lapsed", now);
  }

  handleTimeouts(now: number): void {
    const { machine, lease } = this.#at;
    for (let event = machine.due(this.#at.times, now); event !== undefined; ) {
      this.#event(event, now);
      event = machine.due(this.#at.times, now);
    }
    const { suspectAt } = this.#at;
    if (suspectAt !== undefined && suspectAt <= now) this.#event("suspect", now);
    lease.handleTimeouts(this.#at.holdMs, now);
    this.#at.settle(now);
  }

  // What redundancy and the operator say.

  persisted(epoch: number, now: number): void {
    this.#at.epochs.persisted(epoch);
    this.#at.settle(now);
  }

  /** The association may be the only way by which the active's epoch comes here: a takeover must be above it. */
  sync(synced: Synced, now: number): void {
    this.#at.synced = synced;
    if (synced.epoch !== undefined) this.#at.epochs.learn(synced.epoch);
    this.#at.settle(now);
  }

  /** Three times, on every path. */
  notHot(now: number): void {
    for (let times = 0; times < 3; times++) this.#at.say("not-hot", now);
  }

  switchover(now: number): void {
    const reason = this.#at.switchoverRefusal(now);
    if (reason !== undefined) this.#at.reports.switchoverRefused(reason);
    else this.#event("switchover", now);
    this.#at.settle(now);
  }

  drained(now: number): void {
    this.#event("drained", now);
    this.#at.settle(now);
  }

  /** The group must end. True when it may: nothing is owned any more, or nobody can take it over. */
  leave(now: number): boolean {
    if (!this.#at.leaving && this.state !== "init") {
      this.#at.leaving = true;
      // A handover that is under way ends by itself, in time.
      if (this.state !== "draining" && this.state !== "handing") this.#goOn(now);
      this.#at.settle(now);
    }
    return this.state === "init";
  }

  stay(): void {
    this.#at.leaving = false;
  }

  // What the group says.

  proposed(proposal: Proposal, now: number): void {
    const event = this.#proposals.judge(proposal, now);
    if (event !== undefined && this.#event(event, now) && event === "suspect" && isBareResign(proposal))
      this.#resignedBy = proposal.source;
    this.#at.settle(now);
  }

  tokens(): LastWill["tokens"] {
    return this.#at.voice.tokens(this.#at.saying(0));
  }

  taking(): void {}

  released(): void {}

  started(now: number): void {
    this.#at.leaving = false;
    this.#event("start", now);
    this.#at.settle(now);
  }

  stopped(now: number): void {
    this.#event("leave-alone", now);
    this.#at.leaving = false;
    this.#at.settle(now);
  }

  /** A hello that was accepted, by whatever group of the scheme. */
  hello(source: IpAddress, group: GroupAtWork, now: number): void {
    const { interface: name } = group.group.settings;
    // Followers have other addresses; their segments count as channels, not as signs of life.
    if (group === this.#at.group) this.#at.peer.hello(source, name, now);
    else this.#at.peer.channel(name, now);
  }

  /** A beacon for this scheme: `undefined` when it counts, else why it does not. */
  receive(said: Beacon, octets: Uint8Array, from: BeaconOrigin, now: number): string | undefined {
    const verdict = this.#ear.receive(said, octets, from, now);
    if ("refused" in verdict) return verdict.refused;
    if (verdict.event !== undefined) this.#event(verdict.event, now);
    this.#at.settle(now);
    return undefined;
  }

  snapshot(now: number): SchemeSnapshot {
    return this.#at.snapshot(now);
  }

  /** Carries an event out; false where the table has no row for it. */
  #event(event: GateEvent, now: number): boolean {
    const { machine, reports, times } = this.#at;
    const from = this.state;
    const impossible = takes.has(event) && !ownsIn(from) && !this.#at.healthy;
    const actions = machine.handle(impossible ? "stand-back" : event, times, now);
    if (actions === undefined) return false;
    if (event === "stand-back" && this.#resignedBy !== undefined) reports.bareResign(this.#resignedBy, now);
    if (this.state !== "asking") this.#resignedBy = undefined;
    for (const action of actions) this.#orders.perform(action, event, now);
    if (this.#at.leaving && (this.state === "standby" || (this.state === "active" && from === "doubting")))
      this.#goOn(now);
    return true;
  }

  /** The next step of leaving. */
  #goOn(now: number): void {
    this.#event(this.#at.heir(now) !== undefined && mayDrain(this.state) ? "leave" : "leave-alone", now);
  }
}

function mayDrain(state: GateState): boolean {
  return state === "active" || state === "contested";
}
