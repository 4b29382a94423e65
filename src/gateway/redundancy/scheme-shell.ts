/**
 * One scheme's replication at work on the main thread: hands it what happens, carries out what it says, in order.
 *
 * Effects wait in a queue, because one of them takes a moment: whoever is about to go on for the active first turns
 * traffic from inside to itself and only then answers, so that the active may let go of it.
 */

import type { DebugLine } from "../../core/log/debug-flags.ts";
import type { LogEvent } from "../../core/log/message.ts";
import type { Deed } from "../../core/redundancy/ike-decided.ts";
import type { RecordHolder } from "../../core/redundancy/record-holder.ts";
import { Replication } from "../../core/redundancy/replication.ts";
import { replicationLines } from "../../core/redundancy/replication-debug.ts";
import type {
  Application,
  ReplicationEffect,
  ReplicationFacts,
  ReplicationIdentity,
  ReplicationInput,
  ReplicationSnapshot,
  RoleWord,
} from "../../core/redundancy/replication-port.ts";
import type { PeerLink } from "../association/peer-link.ts";
import type { ChildNumbers } from "./child-numbers.ts";

/** What is said to the liveness thread. */
export interface SchemeRoles {
  /** The role word as it is at this moment. */
  word(scheme: string): RoleWord;
  heardMs(scheme: string): number | undefined;
  synced(scheme: string, synced: boolean, epoch: number): void;
  notHot(scheme: string): void;
  drained(scheme: string): void;
  divert(scheme: string, to: "here" | "peer", done: () => void): void;
}

export interface SchemeDoors {
  readonly link: Pick<PeerLink, "send" | "reset">;
  readonly roles: SchemeRoles;
  readonly records: RecordHolder;
  readonly numbers: ChildNumbers;
  /** Packets from inside come here, and wait for this member's role. */
  readonly expect: (scheme: string, ms: number) => void;
  readonly conclude: (scheme: string, epoch: number) => void;
  readonly report: (event: LogEvent) => void;
  readonly debug: (lines: () => readonly DebugLine[]) => void;
  readonly changed: (effect: SchemeNews) => void;
  readonly now: () => number;
}

export type SchemeNews = Extract<ReplicationEffect<Deed>, { do: "taken-over" | "stood-down" | "changed" }>;

/**
 * A successor keeps packets for its role no longer than this: as long as a handover may take. Nothing is kept where it
 * goes well: a few milliseconds.
 */
const EXPECT_MS = 500;

export class SchemeShell {
  readonly scheme: string;
  readonly #doors: SchemeDoors;
  readonly #core: Replication<Deed>;
  #queue: ReplicationEffect<Deed>[] = [];
  #waits = false;
  #timer: NodeJS.Timeout | undefined;
  /** Begins again while packets are kept. */
  #expecting: NodeJS.Timeout | undefined;

  constructor(identity: ReplicationIdentity, doors: SchemeDoors) {
    this.scheme = identity.scheme;
    this.#doors = doors;
    this.#core = new Replication<Deed>(identity);
  }

  input(input: ReplicationInput<Deed>): void {
    this.#perform(this.#core.handle(input, this.#facts, this.#doors.now()));
  }

  snapshot(): ReplicationSnapshot {
    return this.#core.snapshot(this.#doors.now());
  }

  /** The liveness thread drains: the last numbers are announced while traffic goes on. */
  drain(epoch: number): void {
    this.input({ kind: "drain", numbers: this.#doors.numbers.end(this.scheme, epoch) });
  }

  close(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#expecting);
    this.#queue = [];
    this.#waits = true;
  }

  get #facts(): ReplicationFacts {
    return { peerHeardMs: this.#doors.roles.heardMs(this.scheme) };
  }

  #perform(effects: readonly ReplicationEffect<Deed>[]): void {
    this.#doors.debug(() => replicationLines(this.scheme, effects));
    this.#queue.push(...effects);
    this.#goOn();
    this.#arm();
  }

  #goOn(): void {
    while (!this.#waits) {
      const effect = this.#queue.shift();
      if (effect === undefined) return;
      this.#do(effect);
    }
  }

  #arm(): void {
    clearTimeout(this.#timer);
    const { next } = this.#core;
    if (next === undefined) return;
    const delayMs = Math.max(0, next - this.#doors.now());
    this.#timer = setTimeout(() => {
      this.#perform(this.#core.handleTimeouts(this.#facts, this.#doors.now()));
    }, delayMs).unref();
  }

  #do(effect: ReplicationEffect<Deed>): void {
    const { scheme } = this;
    const { link, roles, numbers, report, changed } = this.#doors;
    switch (effect.do) {
      case "send":
        if (effect.onlyIf === undefined || this.#stands(effect.onlyIf)) link.send(effect.session, effect.octets);
        return;
      case "reset":
        link.reset(effect.session, effect.because);
        return;
      case "apply":
        this.#apply(effect);
        return;
      case "continue":
        numbers.goOn(effect.epoch, effect.numbers);
        this.#expect();
        return;
      case "continue-void":
        this.#unexpect();
        return;
      case "perform":
        effect.effect();
        return;
      case "synced":
        roles.synced(scheme, effect.synced, effect.epoch);
        return;
      case "not-hot":
        roles.notHot(scheme);
        return;
      case "drained":
        this.#handOn();
        return;
      case "withdrawn":
        return;
      case "acknowledged":
        numbers.acknowledge(effect.epoch, effect.acknowledged);
        return;
      case "taken-over":
      case "stood-down":
      case "changed":
        changed(effect);
        return;
      case "report":
        report(effect.event);
        return;
    }
    effect satisfies never;
  }

  /** What was applied may have come too late to count: the role word itself says so. */
  #stands({ role, epoch }: RoleWord): boolean {
    const word = this.#doors.roles.word(this.scheme);
    return word.role === role && word.epoch === epoch;
  }

  #apply(application: Application): void {
    const { role, epoch } = this.#doors.roles.word(this.scheme);
    const late = (role === "active" || role === "draining") && epoch <= application.epoch;
    // Whoever took over meanwhile without knowing of this epoch would use what is installed now without a jump.
    this.#doors.records.apply(this.scheme, late ? { ...application, puts: [] } : application);
    if (!late) this.#doors.numbers.hold(application, this.#doors.now());
  }

  /** What is behind this effect waits until traffic comes here. */
  #expect(): void {
    this.#doors.expect(this.scheme, EXPECT_MS);
    this.#waits = true;
    this.#doors.roles.divert(this.scheme, "here", () => {
      this.#waits = false;
      this.#goOn();
    });
    clearTimeout(this.#expecting);
    this.#expecting = setTimeout(() => this.#unexpect(), EXPECT_MS).unref();
  }

  /** A role that came has its traffic; for one that did not it goes back. */
  #unexpect(): void {
    clearTimeout(this.#expecting);
    this.#doors.roles.divert(this.scheme, "peer", () => {});
  }

  /** All that this member sends is on its way before the successor hears that it may. */
  #handOn(): void {
    const { roles, conclude } = this.#doors;
    roles.divert(this.scheme, "peer", () => {
      const { role, epoch } = roles.word(this.scheme);
      if (role === "draining") conclude(this.scheme, epoch);
      roles.drained(this.scheme);
    });
  }
}
