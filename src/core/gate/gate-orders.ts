/**
 * The actions of the gate's table, carried out: roles and leases, epochs, what the group is ordered to do, what
 * the peer is told. When they are due is the table's.
 */
import type { GateStanding } from "./gate-standing.ts";
import type { GateAction, GateEvent } from "./gate-table.ts";

/** Goes on receiving for this long what was sent to it before the switches learned better. */
const GRACE_MS = 100;

export class GateOrders {
  readonly #at: GateStanding;

  constructor(standing: GateStanding) {
    this.#at = standing;
  }

  perform(action: GateAction, because: GateEvent, now: number): void {
    const { lease, epochs, voice, group, reports, speaker, settings, holdMs } = this.#at;
    switch (action) {
      case "wait":
        lease.set("standby", epochs.known, 0, now);
        return;
      case "ask":
        this.#at.peer.renewNonce(now);
        this.#ask(now);
        return;
      case "ask-again":
        this.#ask(now);
        return;
      case "take":
        this.#take(because, now);
        return;
      case "own":
        this.#own(because, now);
        this.#tell(because, now);
        group.leaveWill();
        return;
      case "raise":
        lease.set("active", epochs.raise(now), holdMs, now, "failover");
        this.#tell(because, now);
        return;
      case "resume":
        this.#goOn(now);
        this.#at.settle(now);
        group.retake(now);
        return;
      case "yield":
      case "yield-gracefully":
        this.#yield(because, action === "yield" ? 0 : GRACE_MS, now);
        return;
      case "stop":
        lease.set("init", epochs.known, 0, now);
        voice.dropToken();
        this.#at.offered = false;
        return;
      case "hush":
        lease.abandon();
        voice.silence();
        group.hush();
        return;
      case "drain":
        reports.count("handovers");
        this.#at.offered = true;
        lease.set("draining", epochs.own, holdMs, now);
        speaker.emit({ do: "drain", scheme: settings.name });
        return;
      case "offer":
        this.#offer(now);
        return;
      case "offer-again":
        this.#at.say("handover", now);
        return;
      case "keep":
        this.#keep(now);
        return;
      case "request-preemption":
        reports.count("preemptions-requested");
        this.#at.say("preempt-request", now);
        return;
      case "assert":
        this.#at.say("beacon", now);
        return;
    }
    action satisfies never;
  }

  #take(because: GateEvent, now: number): void {
    this.#own(because, now);
    this.#at.group.take(because, now);
    // The peer hears of it when the address is here: until then it takes what is sent to it.
    this.#tell(because, now);
  }

  /**
   * A frame from the virtual MAC address after the heir's first one would bring the switches back here: even the coup
   * that answers the heir's first hello.
   */
  #offer(now: number): void {
    this.#at.group.hush();
    this.#at.say("handover", now);
  }

  #keep(now: number): void {
    this.#goOn(now);
    this.#at.group.retake(now);
    this.#at.reports.switchoverFailed();
  }

  #yield(because: GateEvent, graceMs: number, now: number): void {
    const { lease, epochs, voice, group } = this.#at;
    if (graceMs === 0) lease.set("standby", epochs.known, 0, now);
    else lease.grace(epochs.known, graceMs, now);
    voice.dropToken();
    this.#at.offered = false;
    group.yield(because, graceMs, now);
  }

  #ask(now: number): void {
    this.#at.reports.count("asks");
    this.#at.say("ask", now, this.#at.peer.nonce(now));
  }

  /**
   * As the active that it was. Where it has drained, its heir may hold the exact numbers that it is left, for the next
   * epoch, and take over with them yet, however late: so this member goes on above that epoch, which is on disk since
   * the drain.
   */
  #goOn(now: number): void {
    const { epochs, lease, holdMs } = this.#at;
    const how = this.#at.offered ? "failover" : undefined;
    if (this.#at.offered) epochs.raise(now, 2);
    this.#at.offered = false;
    lease.set("active", epochs.own, holdMs, now, how);
  }

  #own(because: GateEvent, now: number): void {
    const { peer, epochs, voice, lease } = this.#at;
    // What it said last is over, whatever it was: if it lives, it will say so anew.
    if (because === "unanswered" || because === "peer-gone") peer.bury();
    else peer.presumeIdle();
    const epoch = epochs.raise(now);
    this.#at.takenAt = now;
    voice.newToken();
    lease.set("active", epoch, this.#at.holdMs, now, because === "offered" ? "switchover" : "failover");
  }

  #tell(because: GateEvent, now: number): void {
    const { epochs, reports } = this.#at;
    this.#at.settle(now);
    reports.takeover(epochs.own, because, epochs.reserved);
  }
}
