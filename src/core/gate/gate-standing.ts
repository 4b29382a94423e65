/**
 * Where one gate stands: the parts that it is made of, and what follows from them at this moment, for itself, for
 * its peer and for the operator. It decides nothing; `gate.ts` turns what happens into events, and
 * `gate-orders.ts` carries out what the table says to them.
 */
import type { Beacon, GateState } from "./beacon-codec.ts";
import { Epochs } from "./epochs.ts";
import type { Self } from "./gate-judgement.ts";
import { GateMachine, type GateTimes } from "./gate-machine.ts";
import { GatePeer } from "./gate-peer.ts";
import { GateReports } from "./gate-reports.ts";
import { ownsIn, roleIn } from "./gate-table.ts";
import { GateVoice, type Saying, type Speaker } from "./gate-voice.ts";
import type { GroupAtWork } from "./group-at-work.ts";
import type { LivenessInput, SchemeSettings, SchemeSnapshot } from "./liveness-port.ts";
import { RoleLease } from "./role-lease.ts";

/** A channel counts while it was heard within this many hold times. */
const CHANNEL_HOLDS = 3;

export type Synced = Pick<Extract<LivenessInput, { kind: "synced" }>, "synced" | "epoch">;

export class GateStanding {
  readonly group: GroupAtWork;
  readonly speaker: Speaker;
  readonly machine = new GateMachine();
  readonly peer: GatePeer;
  readonly voice: GateVoice;
  readonly lease: RoleLease;
  readonly epochs: Epochs;
  readonly reports: GateReports;
  settings: SchemeSettings;
  /** What redundancy said last. */
  synced: Synced = { synced: false };
  /** The group must end. */
  leaving = false;
  /** The peer may hold all that a handover leaves it, and may yet take over with that, however late. */
  offered = false;
  /** The time of this member's last takeover. */
  takenAt = Number.NEGATIVE_INFINITY;

  constructor(settings: SchemeSettings, group: GroupAtWork, speaker: Speaker) {
    this.settings = settings;
    this.group = group;
    this.speaker = speaker;
    this.peer = new GatePeer(speaker.primitives, speaker.boot);
    this.voice = new GateVoice(settings, speaker);
    this.lease = new RoleLease(settings.name, speaker.emit);
    this.reports = new GateReports(settings.name, speaker.emit);
    this.epochs = new Epochs(settings.name, settings.storedEpoch, speaker.emit);
  }

  get state(): GateState {
    return this.machine.state;
  }

  get owns(): boolean {
    return ownsIn(this.state);
  }

  get holdMs(): number {
    return this.group.holdMs;
  }

  get times(): GateTimes {
    return { drainMs: this.settings.drainMs, leaving: this.leaving };
  }

  /** Infinity when nothing is waited for. */
  get next(): number {
    const { machine, voice, lease, epochs } = this;
    const times = [machine.timers.next, voice.refillAt, lease.next, this.suspectAt, epochs.next];
    return times.reduce<number>((least, at) => Math.min(least, at ?? least), Number.POSITIVE_INFINITY);
  }

  /** When the peer's silence becomes suspicious; `undefined` while this member would do nothing about it. */
  get suspectAt(): number | undefined {
    return this.state === "standby" && this.healthy ? this.peer.suspectAt(this.holdMs) : undefined;
  }

  /** It could take over now: a group that still learns its address could not. */
  get healthy(): boolean {
    return this.group.ready && this.group.state !== "learn" && this.group.state !== "initial";
  }

  /** This member holds everything that the active holds, and the epoch that it would use is on disk. */
  get complete(): boolean {
    const { synced, epoch } = this.synced;
    return synced && (epoch === undefined || epoch === this.peer.word?.epoch) && this.epochs.reserved;
  }

  /** Only a standby is hot: the active holds everything by being it. Silence does not end it, whatever it means. */
  get hot(): boolean {
    return (this.state === "standby" || this.state === "asking") && this.complete && this.peer.owns;
  }

  peerIsHeard(now: number): boolean {
    return this.peer.isHeard(this.holdMs, now);
  }

  /** The peer, where it could take over now. */
  heir(now: number): Beacon | undefined {
    const { word } = this.peer;
    if (word === undefined || !this.peerIsHeard(now) || !word.flags.healthy) return undefined;
    return word.state === "standby" || word.state === "asking" ? word : undefined;
  }

  /** Why the operator's switchover cannot be; `undefined` when it can. */
  switchoverRefusal(now: number): string | undefined {
    if (this.state !== "active") return "this member is not the active";
    const heir = this.heir(now);
    if (heir === undefined) return "the peer cannot take over";
    return heir.flags.hot ? undefined : "the peer is not hot";
  }

  /** What this member says of itself; to everybody, by `say`. */
  saying(now: number): Saying {
    const { settings } = this.group.group;
    return {
      epoch: this.owns ? this.epochs.own : this.epochs.known,
      state: this.state,
      flags: {
        hot: this.hot,
        healthy: this.healthy,
        preempt: settings.preempt !== undefined,
        deaf: this.peer.isDeaf(this.holdMs, now),
      },
      priority: this.group.priority,
      holdMs: this.holdMs,
      address: settings.address,
    };
  }

  say(kind: Beacon["kind"], now: number, nonce?: Uint8Array): void {
    this.voice.say(kind, this.saying(now), now, nonce);
  }

  /** This member, as the peer's word is judged by. */
  self(now: number): Self {
    const heldDown = now - this.takenAt < this.settings.holdDownMs;
    return { ...this.saying(now), boot: this.speaker.boot, leaving: this.leaving, heldDown };
  }

  /** Brings what stands outside in step with what is so now. */
  settle(now: number): void {
    this.epochs.reserve(this.#reservation, now);
    // In doubt nothing stands: not one frame as active may leave.
    if (this.state === "doubting") return;
    const saying = this.saying(now);
    const wide = saying.flags.deaf || (this.peer.word?.flags.deaf ?? false);
    this.voice.keepSaying(saying, wide, this.owns ? this.settings.name : undefined, now);
  }

  /** The epoch to have on disk: that in use, or the one that this member would have next. */
  get #reservation(): number {
    const { known, own } = this.epochs;
    if (roleIn(this.state) === "draining") return known + 2;
    return this.owns && known <= own ? own : known + 1;
  }

  snapshot(now: number): SchemeSnapshot {
    const { word } = this.peer;
    return {
      name: this.settings.name,
      plainBecause: undefined,
      role: this.lease.role === "grace" ? "standby" : this.lease.role,
      epoch: this.owns ? this.epochs.own : this.epochs.known,
      hot: this.hot,
      peer: word && {
        role: roleIn(word.state),
        epoch: word.epoch,
        hot: word.flags.hot,
        heardMs: now - this.peer.heardAt,
      },
      channels: this.peer.channelsSince(now - this.holdMs * CHANNEL_HOLDS),
      counters: { ...this.reports.counters },
    };
  }
}
