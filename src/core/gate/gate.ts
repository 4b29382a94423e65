/**
 * The gate of one scheme at work: what comes from the group, from the peer and from redundancy becomes an event of the table,
 * and the table's actions become orders, beacons, roles and epochs.
 *
 * HSRP proposes; the gate disposes. While the true peer can be heard nothing but its authenticated word, and the operator's,
 * moves the role; while it cannot, HSRP's proposals count, after asking. The table is `gate-table.ts`, what may be believed of
 * the peer `gate-peer.ts`, what is said `gate-voice.ts`.
 */
import { log } from "../log/catalogue.ts";
import type { LogEvent } from "../log/message.ts";
import { compareIp, type IpAddress } from "../wire/address.ts";
import type { Beacon, GateState } from "./beacon-codec.ts";
import { isAuthentic } from "./beacon-seal.ts";
import { Epochs } from "./epochs.ts";
import { GateMachine, type GateTimes } from "./gate-machine.ts";
import { GatePeer, type Heard } from "./gate-peer.ts";
import { type GateAction, type GateEvent, ownsIn } from "./gate-table.ts";
import { GateVoice, type Saying, type Speaker } from "./gate-voice.ts";
import type { GroupAtWork } from "./group-at-work.ts";
import type { GroupRule, Proposal } from "./group-rule.ts";
import type { LastWill, Role, SchemeSettings, SchemeSnapshot } from "./liveness-port.ts";
import { RateLimit } from "./rate-limit.ts";
import { RoleLease } from "./role-lease.ts";
import { compareAskers, compareOwners } from "./seniority.ts";

/** Goes on receiving for this long what was sent to it before the switches learned better. */
const GRACE_MS = 100;
const ALARM_EVERY_MS = 60_000;
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
  readonly #counters: Record<string, number> = {};
  readonly #alarms = new RateLimit(ALARM_EVERY_MS);
  readonly #unproven = new RateLimit(UNPROVEN_EVERY_MS);
  #settings: SchemeSettings;
  #synced = false;
  #leaving = false;
  #resignedBy: IpAddress | undefined;
  #resignedAt = Number.NEGATIVE_INFINITY;
  #takenAt = Number.NEGATIVE_INFINITY;
  #said: (Saying & { readonly wide: boolean }) | undefined;

  constructor(settings: SchemeSettings, group: GroupAtWork, speaker: Speaker) {
    this.#settings = settings;
    this.#group = group;
    this.#speaker = speaker;
    this.#peer = new GatePeer(speaker.primitives, speaker.boot);
    this.#voice = new GateVoice(settings, speaker);
    this.#lease = new RoleLease(settings.name, speaker.emit);
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
    const suspicion = this.state === "standby" ? this.#peer.suspectAt(this.#holdMs) : undefined;
    const times = [this.#machine.timers.next, this.#voice.refillAt, this.#lease.next, suspicion, this.#epochs.next];
    const next = times.reduce<number>((least, at) => Math.min(least, at ?? least), Number.POSITIVE_INFINITY);
    return next === Number.POSITIVE_INFINITY ? undefined : next;
  }

  configure(settings: SchemeSettings): void {
    this.#settings = settings;
    this.#voice.configure(settings, this.#group.group.settings.interface);
    this.#said = undefined;
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
    const { name: scheme } = this.#settings;
    this.#report(log.redundancy.lapsed({ scheme, forMs: Math.round(now - this.#lease.renewedAt) }));
    this.#count("lapses");
    this.#event("lapsed", now);
  }

  handleTimeouts(now: number): void {
    for (let event = this.#machine.due(this.#times, now); event !== undefined; ) {
      this.#event(event, now);
      event = this.#machine.due(this.#times, now);
    }
    const suspectAt = this.#peer.suspectAt(this.#holdMs);
    if (this.state === "standby" && suspectAt !== undefined && suspectAt <= now) this.#event("suspect", now);
    this.#lease.handleTimeouts(now);
    if (this.#voice.refillAt !== undefined && this.#voice.refillAt <= now) this.#said = undefined;
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
    const { name: scheme } = this.#settings;
    const reason = this.#switchoverRefusal(now);
    if (reason !== undefined) this.#report(log.redundancy.switchoverRefused({ scheme, reason }));
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
    if (key === undefined || !isAuthentic(octets, said, key, this.#speaker.primitives.hmac))
      return this.#refuse("seal");
    if (said.kind === "will") return this.#will(said, now);
    const way = { path: paths.some(each => each.remote === from.source), interface: from.interface };
    const heard = this.#peer.hear(said, way, this.#holdMs, now);
    switch (heard.kind) {
      case "refused":
        if (heard.because === "third-member") this.#thirdMember(said, now);
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
      epoch: this.#epochs.known,
      hot: this.#isHot(now),
      peer: word && {
        role: roleOf(word.state),
        epoch: word.epoch,
        hot: word.flags.hot,
        heardMs: now - this.#peer.heardAt,
      },
      channels: this.#peer.channelsSince(now - this.#holdMs * CHANNEL_HOLDS),
      counters: { ...this.#counters },
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
    } else if (because === "active-hello-overthrown" && source === this.#peer.address && this.#isHot(now)) {
      this.#event("overthrow", now);
    } else {
      this.#count("takes-refused");
      if (source !== undefined && source !== this.#peer.address) this.#stranger(source, because, now);
    }
  }

  #proposedYield({ because, source }: Proposal, now: number): void {
    if (!this.#peerIsHeard(now)) {
      this.#event("outranked", now);
      return;
    }
    this.#count("yields-refused");
    if (source !== undefined && source !== this.#peer.address) this.#stranger(source, because, now);
  }

  #challenge(said: Beacon, now: number): void {
    this.#count("lives-unproven");
    if (said.kind === "ask" && this.#unproven.allows("answer", now))
      this.#voice.say("answer", this.#saying(now), now, said.nonce);
    if (this.#unproven.allows("challenge", now)) this.#voice.say("ask", this.#saying(now), now, this.#peer.nonce);
  }

  #will(said: Beacon, now: number): string | undefined {
    if (!this.#peer.isWill(said)) return this.#refuse("token");
    this.#count("wills");
    this.#peer.bury();
    this.#event("peer-gone", now);
    this.#settle(now);
    return undefined;
  }

  #word(said: Beacon, heard: Extract<Heard, { kind: "word" }>, now: number): void {
    this.#epochs.learn(said.epoch);
    if (said.kind === "ask") {
      this.#count("asks-answered");
      this.#voice.say("answer", this.#saying(now), now, said.nonce);
    }
    const event = ownsIn(this.state) ? this.#asOwner(said, heard, now) : this.#asStandby(said, heard, now);
    if (event !== undefined) this.#event(event, now);
    if (said.kind === "not-hot" && this.#peer.owns && this.#synced) {
      this.#synced = false;
      this.#report(log.redundancy.notHot({ scheme: this.#settings.name }));
    }
  }

  #asOwner(said: Beacon, { answer }: Extract<Heard, { kind: "word" }>, now: number): GateEvent | undefined {
    const doubting = this.state === "doubting";
    const asks = doubting || this.state === "contested";
    if (ownsIn(said.state)) {
      if (compareOwners(this.#claim(now), said) < 0) return "owner-above";
      // What was queued while this member stood still is old: only an answer ends its doubt.
      return doubting && !answer ? undefined : "owner-below";
    }
    if (asks) return answer ? "way-free" : undefined;
    if (said.kind === "preempt-request") return this.#mayBeOverthrown(said, now) ? "overthrown" : undefined;
    const heirIsGone = said.state === "init" || !said.flags.healthy;
    return heirIsGone ? this.#unwanted : undefined;
  }

  #asStandby(said: Beacon, heard: Extract<Heard, { kind: "word" }>, now: number): GateEvent | undefined {
    if (said.kind === "handover" && said.state === "handing") return "offered";
    if (ownsIn(said.state)) return "stand-back";
    if (heard.before !== undefined && ownsIn(heard.before)) return "peer-gone";
    if (this.state !== "asking" || !heard.answer) return undefined;
    return said.state === "asking" && compareAskers(this.#claim(now), said) < 0 ? "stand-back" : "way-free";
  }

  #mayBeOverthrown(said: Beacon, now: number): boolean {
    const { flags, priority, address } = said;
    const mine = this.#saying(now);
    const better = priority - mine.priority || compareIp(address, mine.address);
    const may = flags.hot && flags.healthy && better > 0 && now - this.#takenAt >= this.#settings.holdDownMs;
    this.#count(may ? "preemptions" : "preemptions-refused");
    return may;
  }

  /** Carries an event out; false where the table has no row for it. */
  #event(event: GateEvent, now: number): boolean {
    const from = this.state;
    const impossible = takes.has(event) && !ownsIn(from) && !this.#healthy;
    const actions = this.#machine.handle(impossible ? "stand-back" : event, this.#times, now);
    if (actions === undefined) return false;
    if (event === "stand-back" && this.#resignedBy !== undefined) {
      const { name: scheme } = this.#settings;
      if (this.#alarms.allows("resign", now))
        this.#report(log.redundancy.bareResign({ scheme, source: this.#resignedBy }));
    }
    if (this.state !== "asking") this.#resignedBy = undefined;
    if (from !== this.state) this.#said = undefined;
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
        this.#peer.renewNonce();
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
        this.#count("handovers");
        this.#lease.set("draining", this.#epochs.own, this.#holdMs, now);
        this.#speaker.emit({ do: "drain", scheme: this.#settings.name });
        return;
      case "offer":
      case "offer-again":
        this.#voice.say("handover", this.#saying(now), now);
        return;
      case "keep":
        this.#lease.set("active", this.#epochs.own, this.#holdMs, now);
        this.#report(log.redundancy.switchoverFailed({ scheme: this.#settings.name }));
        return;
      case "request-preemption":
        this.#count("preemptions-requested");
        this.#voice.say("preempt-request", this.#saying(now), now);
        return;
      case "assert":
        this.#voice.say("beacon", this.#saying(now), now);
        return;
    }
    action satisfies never;
  }

  #ask(now: number): void {
    this.#count("asks");
    this.#voice.say("ask", this.#saying(now), now, this.#peer.nonce);
  }

  #own(because: GateEvent, now: number): void {
    const { name: scheme } = this.#settings;
    // What it said last is over, whatever it was: if it lives, it will say so anew.
    this.#peer.presumeDead();
    const epoch = this.#epochs.raise(now);
    this.#takenAt = now;
    this.#count("takeovers");
    this.#voice.newToken();
    this.#lease.set("active", epoch, this.#holdMs, now);
    this.#settle(now);
    this.#report(log.redundancy.takeover({ scheme, epoch, because }));
    if (!this.#epochs.reserved) this.#report(log.redundancy.notDurable({ scheme, epoch }));
  }

  /** Brings what stands outside in step with what is so now. */
  #settle(now: number): void {
    this.#epochs.reserve(ownsIn(this.state), now);
    // In doubt nothing stands: not one frame as active may leave.
    if (this.state === "doubting") return;
    const saying = this.#saying(now);
    const wide = saying.flags.deaf || (this.#peer.word?.flags.deaf ?? false);
    if (this.#said !== undefined && sameSaying(this.#said, { ...saying, wide })) return;
    this.#said = { ...saying, wide };
    this.#voice.publish(saying, wide, ownsIn(this.state) ? this.owner : undefined, now);
  }

  #saying(now: number): Saying {
    const { settings } = this.#group.group;
    return {
      epoch: ownsIn(this.state) ? this.#epochs.own : this.#epochs.known,
      state: this.state,
      flags: {
        hot: this.#isHot(now),
        healthy: this.#healthy,
        preempt: settings.preempt !== undefined,
        deaf: this.#peer.isDeaf(this.#holdMs, now),
      },
      priority: this.#group.priority,
      holdMs: this.#holdMs,
      address: settings.address,
    };
  }

  #claim(now: number) {
    return { ...this.#saying(now), boot: this.#speaker.boot };
  }

  /** It could take over now: a group that still learns its address could not. */
  get #healthy(): boolean {
    return this.#group.ready && this.#group.state !== "learn" && this.#group.state !== "initial";
  }

  get #holdMs(): number {
    return this.#group.holdMs;
  }

  get #times(): GateTimes {
    return { drainMs: this.#settings.drainMs, leaving: this.#leaving };
  }

  get #unwanted(): GateEvent {
    return this.#leaving ? "abandoned" : "declined";
  }

  #peerIsHeard(now: number): boolean {
    return this.#peer.isHeard(this.#holdMs, now);
  }

  /** Only a standby is hot: the active holds everything by being it. */
  #isHot(now: number): boolean {
    const waits = this.state === "standby" || this.state === "asking";
    return waits && this.synced && this.#peer.owns && this.#peerIsHeard(now);
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

  #stranger(source: IpAddress, said: string, now: number): void {
    this.#count("strangers");
    if (!this.#alarms.allows(`stranger ${source}`, now)) return;
    this.#report(log.redundancy.stranger({ scheme: this.#settings.name, source, said }));
  }

  #thirdMember(said: Beacon, now: number): void {
    if (!this.#alarms.allows("third", now)) return;
    const { name: scheme } = this.#settings;
    const peer = this.#peer.address ?? "";
    this.#report(log.redundancy.thirdMember({ scheme, source: said.address, peer }));
  }

  #refuse(because: string): string {
    this.#count(`refused-${because}`);
    return because;
  }

  #count(what: string): void {
    this.#counters[what] = (this.#counters[what] ?? 0) + 1;
  }

  #report(event: LogEvent): void {
    this.#speaker.emit({ do: "report", event });
  }
}

function sameSaying(a: Saying & { wide: boolean }, b: Saying & { wide: boolean }): boolean {
  return (
    a.wide === b.wide &&
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

function mayDrain(state: GateState): boolean {
  return state === "active" || state === "contested";
}

function roleOf(state: GateState): Role {
  switch (state) {
    case "init":
      return "init";
    case "standby":
    case "asking":
      return "standby";
    case "active":
    case "contested":
    case "doubting":
      return "active";
    case "draining":
    case "handing":
      return "draining";
  }
}
