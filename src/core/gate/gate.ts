/**
 * The gate of one scheme at work: what comes from the group, from the peer and from redundancy becomes an event of
 * the table, and the table's actions become orders, beacons, roles and epochs.
 *
 * HSRP proposes; the gate disposes. While the true peer can be heard nothing but its authenticated word, and the
 * operator's, moves the role; while it cannot, HSRP's proposals count, after asking. The table is `gate-table.ts`,
 * what may be believed of the peer `gate-peer.ts`, what is said `gate-voice.ts`.
 */
import type { IpAddress } from "../wire/address.ts";
import type { Beacon, GateState } from "./beacon-codec.ts";
import { isAuthentic } from "./beacon-seal.ts";
import { Epochs } from "./epochs.ts";
import { eventOfWord, type Self } from "./gate-judgement.ts";
import { GateMachine, type GateTimes } from "./gate-machine.ts";
import { GatePeer, type Heard } from "./gate-peer.ts";
import { GateReports } from "./gate-reports.ts";
import { type GateAction, type GateEvent, ownsIn, roleIn } from "./gate-table.ts";
import { GateVoice, type Saying, type Speaker } from "./gate-voice.ts";
import type { GroupAtWork } from "./group-at-work.ts";
import type { GroupRule, Proposal } from "./group-rule.ts";
import type { LastWill, SchemeSettings, SchemeSnapshot } from "./liveness-port.ts";
import { RateLimit } from "./rate-limit.ts";
import { RoleLease } from "./role-lease.ts";

/** Goes on receiving for this long what was sent to it before the switches learned better. */
const GRACE_MS = 100;
/** To lives that have proved nothing, no more often than this. */
const UNPROVEN_EVERY_MS = 2;
/** A channel counts while it was heard within this many hold times. */
const CHANNEL_HOLDS = 3;

/** What makes an owner of one who waits; each has a row for both states of waiting. */
const takes: ReadonlySet<GateEvent> = new Set(["peer-gone", "offered", "way-free", "unanswered"]);

export class Gate implements GroupRule {
  readonly gated = true;
  readonly #group: GroupAtWork;
  readonly #speaker: Speaker;
  readonly #machine = new GateMachine();
  readonly #peer: GatePeer;
  readonly #voice: GateVoice;
  readonly #lease: RoleLease;
  readonly #epochs: Epochs;
  readonly #reports: GateReports;
  readonly #unproven = new RateLimit(UNPROVEN_EVERY_MS);
  #settings: SchemeSettings;
  #synced = false;
  #leaving = false;
  #resignedBy: IpAddress | undefined;
  #resignedAt = Number.NEGATIVE_INFINITY;
  #takenAt = Number.NEGATIVE_INFINITY;

  constructor(settings: SchemeSettings, group: GroupAtWork, speaker: Speaker) {
    this.#settings = settings;
    this.#group = group;
    this.#speaker = speaker;
    this.#peer = new GatePeer(speaker.primitives, speaker.boot);
    this.#voice = new GateVoice(settings, speaker);
    this.#lease = new RoleLease(settings.name, speaker.emit);
    this.#reports = new GateReports(settings.name, speaker.emit);
    this.#epochs = new Epochs(settings.name, settings.storedEpoch, speaker.emit);
  }

  get owner(): string {
    return this.#settings.name;
  }

  get state(): GateState {
    return this.#machine.state;
  }

  /** This member holds everything that the active holds, and the epoch that it would use is on disk. */
  get synced(): boolean {
    return this.#synced && this.#epochs.reserved;
  }

  get tag(): Uint8Array {
    return this.#voice.tag;
  }

  get next(): number | undefined {
    const { timers } = this.#machine;
    const times = [timers.next, this.#voice.refillAt, this.#lease.next, this.#suspectAt, this.#epochs.next];
    const next = times.reduce<number>((least, at) => Math.min(least, at ?? least), Number.POSITIVE_INFINITY);
    return next === Number.POSITIVE_INFINITY ? undefined : next;
  }

  configure(settings: SchemeSettings): void {
    this.#settings = settings;
    const groups = [this.#group, ...this.#group.followers];
    this.#voice.configure(settings, [...new Set(groups.map(each => each.group.settings.interface))]);
    this.#group.leaveWill();
  }

  /** Begins in the state that the group is in. */
  adopt(now: number): void {
    if (this.#group.state === "active") this.#event("adopt", now);
    else if (this.#group.ready) this.#event("start", now);
    this.#settle(now);
  }

  close(now: number): void {
    this.#voice.silence();
    this.#lease.set("init", this.#epochs.known, 0, now);
  }

  wake(now: number): void {
    if (!this.#lease.lapsed(now)) return;
    this.#reports.lapsed(now - this.#lease.renewedAt);
    this.#event("lapsed", now);
  }

  handleTimeouts(now: number): void {
    for (let event = this.#machine.due(this.#times, now); event !== undefined; ) {
      this.#event(event, now);
      event = this.#machine.due(this.#times, now);
    }
    const suspectAt = this.#suspectAt;
    if (suspectAt !== undefined && suspectAt <= now) this.#event("suspect", now);
    this.#lease.handleTimeouts(this.#holdMs, now);
    this.#settle(now);
  }

  // What redundancy and the operator say.

  persisted(epoch: number, now: number): void {
    this.#epochs.persisted(epoch);
    this.#settle(now);
  }

  sync(synced: boolean, now: number): void {
    this.#synced = synced;
    this.#settle(now);
  }

  /** Three times, on every path. */
  notHot(now: number): void {
    for (let times = 0; times < 3; times++) this.#voice.say("not-hot", this.#saying(now), now);
  }

  switchover(now: number): void {
    const reason = this.#switchoverRefusal(now);
    if (reason !== undefined) this.#reports.switchoverRefused(reason);
    else this.#event("switchover", now);
    this.#settle(now);
  }

  drained(now: number): void {
    this.#event("drained", now);
    this.#settle(now);
  }

  /** The group must end. True when it may: nothing is owned any more, or nobody can take it over. */
  leave(now: number): boolean {
    if (!this.#leaving && this.state !== "init") {
      this.#leaving = true;
      // A handover that is under way ends by itself, in time.
      if (this.state !== "draining" && this.state !== "handing") this.#goOn(now);
      this.#settle(now);
    }
    return this.state === "init";
  }

  stay(): void {
    this.#leaving = false;
  }

  // What the group says.

  proposed(proposal: Proposal, now: number): void {
    if (proposal.proposal === "yield") this.#proposedYield(proposal, now);
    else this.#proposedTake(proposal, now);
    this.#settle(now);
  }

  tokens(): LastWill["tokens"] {
    return this.#voice.tokens(this.#saying(0));
  }

  taking(): void {}

  released(): void {}

  started(now: number): void {
    this.#leaving = false;
    this.#event("start", now);
    this.#settle(now);
  }

  stopped(now: number): void {
    this.#event("leave-alone", now);
    this.#leaving = false;
    this.#settle(now);
  }

  /** A hello that was accepted, by whatever group of the scheme. */
  hello(source: IpAddress, group: GroupAtWork, now: number): void {
    const { interface: name } = group.group.settings;
    // Followers have other addresses; their segments count as channels, not as signs of life.
    if (group === this.#group) this.#peer.hello(source, name, now);
    else this.#peer.channel(name, now);
  }

  // What the peer says.

  /** `undefined` when it counts, else why it does not. */
  receive(
    said: Beacon,
    octets: Uint8Array,
    from: { source: IpAddress; interface: string | undefined },
    now: number,
  ): string | undefined {
    const { key, paths } = this.#settings;
    if (key === undefined || !isAuthentic(octets, said, key, this.#speaker.primitives.hmac)) {
      this.#peer.badSeal(now);
      return this.#refuse("seal");
    }
    if (said.kind === "will") return this.#will(said, now);
    const way = { path: paths.some(each => each.remote === from.source), interface: from.interface };
    const heard = this.#peer.hear(said, way, this.#holdMs, now);
    switch (heard.kind) {
      case "refused":
        if (heard.because === "third-member") this.#reports.thirdMember(said.address, this.#peer.address, now);
        return this.#refuse(heard.because);
      case "copy":
        break;
      case "unknown":
        this.#challenge(said, now);
        break;
      case "word":
        this.#word(said, heard, now);
        break;
    }
    this.#settle(now);
    return undefined;
  }

  snapshot(now: number): SchemeSnapshot {
    const { word } = this.#peer;
    return {
      name: this.#settings.name,
      plainBecause: undefined,
      role: this.#lease.role,
      epoch: ownsIn(this.state) ? this.#epochs.own : this.#epochs.known,
      hot: this.#isHot,
      peer: word && {
        role: roleIn(word.state),
        epoch: word.epoch,
        hot: word.flags.hot,
        heardMs: now - this.#peer.heardAt,
      },
      channels: this.#peer.channelsSince(now - this.#holdMs * CHANNEL_HOLDS),
      counters: { ...this.#reports.counters },
    };
  }

  #proposedTake({ because, source }: Proposal, now: number): void {
    if (!this.#peerIsHeard(now) || !this.#peer.owns) {
      this.#event("suspect", now);
      return;
    }
    if (because === "active-resigns" && source !== undefined && now - this.#resignedAt >= this.#holdMs) {
      this.#resignedAt = now;
      if (this.#event("suspect", now)) this.#resignedBy = source;
    } else if (because === "active-hello-overthrown" && source === this.#peer.address && this.#isHot) {
      this.#event("overthrow", now);
    } else {
      this.#reports.count("takes-refused");
      if (source !== undefined && source !== this.#peer.address) this.#reports.stranger(source, because, now);
    }
  }

  #proposedYield({ because, source }: Proposal, now: number): void {
    if (!this.#peerIsHeard(now)) {
      // Hellos of an owner that died and left this member its place: a recording, unless only its key is another now.
      if (source !== undefined && this.#peer.isGhost(source, this.#holdMs, now)) this.#reports.ghost(source, now);
      else this.#event("outranked", now);
      return;
    }
    this.#reports.count("yields-refused");
    if (source !== undefined && source !== this.#peer.address) this.#reports.stranger(source, because, now);
  }

  #challenge(said: Beacon, now: number): void {
    this.#reports.count("lives-unproven");
    if (said.kind === "ask" && this.#unproven.allows("answer", now))
      this.#voice.say("answer", this.#saying(now), now, said.nonce);
    if (this.#unproven.allows("challenge", now)) this.#voice.say("ask", this.#saying(now), now, this.#peer.nonce(now));
  }

  #will(said: Beacon, now: number): string | undefined {
    if (!this.#peer.isWill(said)) return this.#refuse("token");
    this.#reports.count("wills");
    this.#peer.end();
    this.#event("peer-gone", now);
    this.#settle(now);
    return undefined;
  }

  #word(said: Beacon, heard: Extract<Heard, { kind: "word" }>, now: number): void {
    this.#epochs.learn(said.epoch);
    if (said.kind === "ask") {
      this.#reports.count("asks-answered");
      this.#voice.say("answer", this.#saying(now), now, said.nonce);
    }
    const event = eventOfWord(said, heard, this.#self(now));
    if (said.kind === "preempt-request" && event === undefined) this.#reports.count("preemptions-refused");
    if (event !== undefined) this.#event(event, now);
    if (said.kind === "not-hot" && this.#peer.owns && this.#synced) {
      this.#synced = false;
      this.#reports.notHot();
    }
  }

  /** Carries an event out; false where the table has no row for it. */
  #event(event: GateEvent, now: number): boolean {
    const from = this.state;
    const impossible = takes.has(event) && !ownsIn(from) && !this.#healthy;
    const actions = this.#machine.handle(impossible ? "stand-back" : event, this.#times, now);
    if (actions === undefined) return false;
    if (event === "stand-back" && this.#resignedBy !== undefined) this.#reports.bareResign(this.#resignedBy, now);
    if (this.state !== "asking") this.#resignedBy = undefined;
    for (const action of actions) this.#act(action, event, now);
    if (this.#leaving && (this.state === "standby" || (this.state === "active" && from === "doubting")))
      this.#goOn(now);
    return true;
  }

  /** The next step of leaving. */
  #goOn(now: number): void {
    this.#event(this.#heir(now) !== undefined && mayDrain(this.state) ? "leave" : "leave-alone", now);
  }

  #act(action: GateAction, because: GateEvent, now: number): void {
    switch (action) {
      case "wait":
        this.#lease.set("standby", this.#epochs.known, 0, now);
        return;
      case "ask":
        this.#peer.renewNonce(now);
        this.#ask(now);
        return;
      case "ask-again":
        this.#ask(now);
        return;
      case "take":
        this.#own(because, now);
        this.#group.take(because, now);
        return;
      case "own":
        this.#own(because, now);
        this.#group.leaveWill();
        return;
      case "resume":
        this.#lease.set("active", this.#epochs.own, this.#holdMs, now);
        this.#settle(now);
        this.#group.retake(now);
        return;
      case "yield":
      case "yield-gracefully":
        this.#lease.set("standby", this.#epochs.known, 0, now);
        this.#voice.dropToken();
        this.#group.yield(because, action === "yield" ? 0 : GRACE_MS, now);
        return;
      case "stop":
        this.#lease.set("init", this.#epochs.known, 0, now);
        this.#voice.dropToken();
        return;
      case "hush":
        this.#lease.abandon();
        this.#voice.silence();
        this.#group.hush();
        return;
      case "drain":
        this.#reports.count("handovers");
        this.#lease.set("draining", this.#epochs.own, this.#holdMs, now);
        this.#speaker.emit({ do: "drain", scheme: this.#settings.name });
        return;
      case "offer":
      case "offer-again":
        this.#voice.say("handover", this.#saying(now), now);
        return;
      case "keep":
        this.#lease.set("active", this.#epochs.own, this.#holdMs, now);
        this.#reports.switchoverFailed();
        return;
      case "request-preemption":
        this.#reports.count("preemptions-requested");
        this.#voice.say("preempt-request", this.#saying(now), now);
        return;
      case "assert":
        this.#voice.say("beacon", this.#saying(now), now);
        return;
    }
    action satisfies never;
  }

  #ask(now: number): void {
    this.#reports.count("asks");
    this.#voice.say("ask", this.#saying(now), now, this.#peer.nonce(now));
  }

  #own(because: GateEvent, now: number): void {
    // What it said last is over, whatever it was: if it lives, it will say so anew.
    if (because === "unanswered" || because === "peer-gone") this.#peer.bury();
    else this.#peer.presumeIdle();
    const epoch = this.#epochs.raise(now);
    this.#takenAt = now;
    this.#voice.newToken();
    this.#lease.set("active", epoch, this.#holdMs, now);
    this.#settle(now);
    this.#reports.takeover(epoch, because, this.#epochs.reserved);
  }

  /** Brings what stands outside in step with what is so now. */
  #settle(now: number): void {
    this.#epochs.reserve(ownsIn(this.state), now);
    // In doubt nothing stands: not one frame as active may leave.
    if (this.state === "doubting") return;
    const saying = this.#saying(now);
    const wide = saying.flags.deaf || (this.#peer.word?.flags.deaf ?? false);
    this.#voice.keepSaying(saying, wide, ownsIn(this.state) ? this.owner : undefined, now);
  }

  #saying(now: number): Saying {
    const { settings } = this.#group.group;
    return {
      epoch: ownsIn(this.state) ? this.#epochs.own : this.#epochs.known,
      state: this.state,
      flags: {
        hot: this.#isHot,
        healthy: this.#healthy,
        preempt: settings.preempt !== undefined,
        deaf: this.#peer.isDeaf(this.#holdMs, now),
      },
      priority: this.#group.priority,
      holdMs: this.#holdMs,
      address: settings.address,
    };
  }

  #self(now: number): Self {
    const heldDown = now - this.#takenAt < this.#settings.holdDownMs;
    return { ...this.#saying(now), boot: this.#speaker.boot, leaving: this.#leaving, heldDown };
  }

  /** It could take over now: a group that still learns its address could not. */
  get #healthy(): boolean {
    return this.#group.ready && this.#group.state !== "learn" && this.#group.state !== "initial";
  }

  get #suspectAt(): number | undefined {
    return this.state === "standby" && this.#healthy ? this.#peer.suspectAt(this.#holdMs) : undefined;
  }

  get #holdMs(): number {
    return this.#group.holdMs;
  }

  get #times(): GateTimes {
    return { drainMs: this.#settings.drainMs, leaving: this.#leaving };
  }

  #peerIsHeard(now: number): boolean {
    return this.#peer.isHeard(this.#holdMs, now);
  }

  /** Only a standby is hot: the active holds everything by being it. Silence does not end it, whatever it means. */
  get #isHot(): boolean {
    return (this.state === "standby" || this.state === "asking") && this.synced && this.#peer.owns;
  }

  /** The peer, where it could take over now. */
  #heir(now: number): Beacon | undefined {
    const { word } = this.#peer;
    if (word === undefined || !this.#peerIsHeard(now) || !word.flags.healthy) return undefined;
    return word.state === "standby" || word.state === "asking" ? word : undefined;
  }

  #switchoverRefusal(now: number): string | undefined {
    if (this.state !== "active") return "this member is not the active";
    const heir = this.#heir(now);
    if (heir === undefined) return "the peer cannot take over";
    return heir.flags.hot ? undefined : "the peer is not hot";
  }

  #refuse(because: string): string {
    this.#reports.count(`refused-${because}`);
    return because;
  }
}

function mayDrain(state: GateState): boolean {
  return state === "active" || state === "contested";
}
