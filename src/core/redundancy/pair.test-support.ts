/**
 * Two members of one scheme over a toy stream: in order and once, until it is cut; it can stall, and each side's shell
 * does what the effects say, with a role word that a test may change behind main's back.
 */
import type { Decided } from "../commit/commit.ts";
import type { Role } from "../gate/liveness-port.ts";
import { Replication } from "./replication.ts";
import type {
  Checkpoint,
  ReplicationEffect,
  ReplicationInput,
  ReplicationSettings,
  RoleWord,
  TableRoom,
} from "./replication-port.ts";

export type Effect = ReplicationEffect<string>;

export const settings: ReplicationSettings = {
  sections: [
    { name: "crypto map M", digest: Uint8Array.of(1, 2) },
    { name: "crypto isakmp policy", digest: Uint8Array.of(3) },
  ],
  insideAddresses: ["10.1.0.1"],
};

export class Member {
  readonly core: Replication<string>;
  /** Everything that came out but messages, in words and as it was. */
  readonly effects: Effect[] = [];
  /** What the data plane has: records and numbers as they were applied. */
  readonly records = new Map<string, string>();
  readonly held = new Map<number, number>();
  readonly acknowledged = new Map<number, number>();
  roleWord: RoleWord = { role: "init", epoch: 0 };
  synced = false;
  readonly #pair: Pair;

  constructor(pair: Pair, name: string, room?: TableRoom) {
    this.#pair = pair;
    const identity = { scheme: "OUT", member: name, boot: `${name}-1`, software: "test" };
    this.core = new Replication({ ...identity, ...(room && { room }) });
  }

  do(input: ReplicationInput<string>): Effect[] {
    return this.perform(this.core.handle(input, { peerHeardMs: this.#pair.heardMs }, this.#pair.now));
  }

  timeouts(): Effect[] {
    return this.perform(this.core.handleTimeouts({ peerHeardMs: this.#pair.heardMs }, this.#pair.now));
  }

  become(role: Role, epoch: number): Effect[] {
    this.roleWord = { role, epoch };
    return this.do({ kind: "role", role, epoch });
  }

  decide(text: string, sa = "sa1"): Effect[] {
    return this.do({ kind: "decided", sa, effects: list(text) });
  }

  get state(): string {
    return this.core.snapshot(this.#pair.now).state;
  }

  /** Of one kind, as they came. */
  of<K extends Effect["do"]>(what: K): Extract<Effect, { do: K }>[] {
    return this.effects.filter((each): each is Extract<Effect, { do: K }> => each.do === what);
  }

  perform(effects: readonly Effect[]): Effect[] {
    for (const effect of effects) this.#perform(effect);
    return effects.filter(each => each.do !== "send");
  }

  #perform(effect: Effect): void {
    if (effect.do === "send") {
      const { onlyIf } = effect;
      const stands = onlyIf === undefined || same(onlyIf, this.roleWord);
      if (stands) this.#pair.send(this, effect.session, effect.octets);
      return;
    }
    this.effects.push(effect);
    if (effect.do === "apply") {
      for (const each of effect.puts) this.records.set(`${each.kind} ${each.key}`, String.fromCharCode(...each.octets));
      for (const each of effect.deletes) this.records.delete(`${each.kind} ${each.key}`);
      for (const { spi, sequence } of effect.held) this.held.set(spi, Math.max(sequence, this.held.get(spi) ?? 0));
    }
    if (effect.do === "acknowledged") {
      for (const { spi, sequence } of effect.acknowledged) this.acknowledged.set(spi, sequence);
    }
    if (effect.do === "synced") this.synced = effect.synced;
    if (effect.do === "reset") this.#pair.cut(`reset: ${effect.because}`);
  }
}

interface UnderWay {
  readonly to: Member;
  readonly session: number;
  readonly octets: Uint8Array;
}

export class Pair {
  now = 0;
  /** How long ago each gate heard the other; `undefined` never. */
  heardMs: number | undefined = 1;
  readonly a: Member = new Member(this, "A");
  readonly b: Member;
  #session = 0;
  #up = false;
  #stalled = false;
  readonly underWay: UnderWay[] = [];
  /** Everything that was ever sent, for a test to replay. */
  readonly recorded: UnderWay[] = [];

  constructor(configuration: ReplicationSettings = settings, roomOfB?: TableRoom) {
    this.b = new Member(this, "B", roomOfB);
    for (const member of [this.a, this.b]) member.do({ kind: "configure", settings: configuration });
  }

  connect(): void {
    this.#up = true;
    this.#session += 1;
    for (const member of [this.a, this.b]) member.do({ kind: "link-up", session: this.#session });
    this.settle();
  }

  get session(): number {
    return this.#session;
  }

  cut(because = "cut", silentMs = 0): void {
    if (!this.#up) return;
    this.#up = false;
    this.underWay.length = 0;
    for (const member of [this.a, this.b]) member.do({ kind: "link-down", session: this.#session, because, silentMs });
  }

  stall(): void {
    this.#stalled = true;
  }

  flow(): void {
    this.#stalled = false;
    this.settle();
  }

  send(from: Member, session: number, octets: Uint8Array): void {
    if (!this.#up || session !== this.#session) return;
    const message = { to: from === this.a ? this.b : this.a, session, octets };
    this.underWay.push(message);
    this.recorded.push(message);
  }

  /** One message arrives, if one is under way. */
  deliver(): boolean {
    const message = this.underWay.shift();
    message?.to.do({ kind: "message", session: message.session, octets: message.octets });
    return message !== undefined;
  }

  /** Until nothing is under way. */
  settle(): void {
    if (this.#stalled) return;
    while (this.deliver()) {
      // Each delivery may send more.
    }
  }

  /** Time passes, deadline by deadline. */
  wait(ms: number): void {
    const end = this.now + ms;
    for (;;) {
      const next = Math.min(this.a.core.next ?? end, this.b.core.next ?? end);
      if (next >= end) break;
      this.now = Math.max(this.now, next);
      for (const member of [this.a, this.b]) member.timeouts();
      this.settle();
    }
    this.now = end;
    for (const member of [this.a, this.b]) member.timeouts();
    this.settle();
  }

  /** A active with this epoch and B its standby, HOT. */
  static hot(epoch = 3, roomOfB?: TableRoom): Pair {
    const pair = new Pair(settings, roomOfB);
    pair.a.become("active", epoch);
    pair.b.become("standby", epoch);
    pair.connect();
    return pair;
  }
}

/** `+ike:a=text`, `+child:300=text` put, `-child:300` deletes, `!x` reveals, `x` reveals nothing. */
export function list(text: string): Decided<Checkpoint, string>[] {
  return text.split(" ").map(each => {
    const [, sign = "", kind, key = "", value = ""] = /^([+-])(ike|child):(\w+)(?:=(.*))?$/.exec(each) ?? [];
    if (kind === undefined) return { do: "perform", effect: each.replace("!", ""), reveals: each.startsWith("!") };
    const name = { kind: kind as "ike" | "child", key };
    if (sign === "-") return { do: "checkpoint", checkpoint: { delete: name } };
    const octets = Uint8Array.from(value, char => char.charCodeAt(0));
    const put =
      kind === "child"
        ? { kind: "child" as const, key, esn: false, octets }
        : { ...name, kind: "ike" as const, octets };
    return { do: "checkpoint", checkpoint: { put } };
  });
}

function same(a: RoleWord, b: RoleWord): boolean {
  return a.role === b.role && a.epoch === b.epoch;
}
