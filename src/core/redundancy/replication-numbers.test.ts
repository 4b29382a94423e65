/**
 * P3 over replication: whatever is lost, late or dead, no outbound number of an SA is used twice, by anyone. Two
 * members with a liveness word that moves before main hears of it, a data plane that the word alone moves, crashes that
 * lose memory, and both active at once.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Role } from "../gate/liveness-port.ts";
import { RESERVE_STEP_MIN } from "../ipsec/sequence-reservation.ts";
import { Replication } from "./replication.ts";
import { childKey, type ReplicationEffect, type ReplicationInput, type RoleWord } from "./replication-port.ts";
import { SequencePlane } from "./sequence-plane.test-support.ts";

const SPI = 300;
/** A handover ends this much ahead of what is used. */
const ALLOWANCE = 1_000;

type Which = 0 | 1;
/** What is taken out, to see that it is needed: a rule of the numbers, or what a shell must keep. */
type Guard = "cap" | "jump" | "role-word" | "durable-epoch";
type Move =
  | { readonly do: "send" | "deliver"; readonly who: Which; readonly count: number }
  | { readonly do: "take-over" | "tell" | "hear" | "crash" | "hand-over"; readonly who: Which }
  | { readonly do: "link" };

class Member {
  core: Replication<string>;
  plane: SequencePlane | undefined;
  word: RoleWord = { role: "standby", epoch: 0 };
  /** On disk. */
  known = 0;
  drained = false;
  readonly inbox: { readonly session: number; readonly octets: Uint8Array }[] = [];
  readonly #name: string;
  #life = 0;

  constructor(name: string) {
    this.#name = name;
    this.core = this.#born();
  }

  crash(): void {
    this.core = this.#born();
    this.plane = undefined;
    this.word = { role: "standby", epoch: this.known };
    this.drained = false;
  }

  #born(): Replication<string> {
    this.#life += 1;
    return new Replication({ scheme: "OUT", member: this.#name, boot: `${this.#life}`, software: "" });
  }
}

class World {
  readonly #members = [new Member("A"), new Member("B")] as const;
  readonly #without: Guard | undefined;
  readonly #runs: { readonly first: number; readonly packets: number }[] = [];
  #session = 0;
  #up = false;
  #now = 0;
  takeovers = 0;

  constructor(without?: Guard) {
    this.#without = without;
    for (const who of [0, 1] as const) this.#tell(who);
    this.#word(0, "active", 1);
    this.#tell(0);
    this.#members[0].plane = this.#newPlane(1);
    const put = { kind: "child" as const, key: childKey(SPI), esn: true, octets: Uint8Array.of(1) };
    this.#input(0, { kind: "decided", sa: "x", effects: [{ do: "checkpoint", checkpoint: { put } }] });
  }

  move(move: Move): void {
    this.#now += 1;
    switch (move.do) {
      case "send":
        this.#send(move.who, move.count);
        return;
      case "deliver":
        this.#deliver(move.who, move.count);
        return;
      case "take-over":
        this.#takeOver(move.who);
        return;
      case "hand-over":
        this.#handOver(move.who);
        return;
      case "tell":
        this.#tell(move.who);
        return;
      case "hear":
        this.#hear(move.who);
        return;
      case "crash":
        this.#unlink();
        if (this.#without === "durable-epoch") this.#members[move.who].known = 0;
        this.#members[move.who].crash();
        this.#tell(move.who);
        return;
      case "link":
        if (this.#up) this.#unlink();
        else this.#link();
    }
  }

  /** A number that was used twice. */
  get collision(): number | undefined {
    const sorted = this.#runs.filter(each => each.packets > 0).sort((a, b) => a.first - b.first);
    return sorted.find((run, at) => {
      const before = sorted[at - 1];
      return before !== undefined && run.first < before.first + before.packets;
    })?.first;
  }

  #newPlane(epoch: number): SequencePlane {
    const without = this.#without === "cap" || this.#without === "jump" ? this.#without : undefined;
    return new SequencePlane(epoch, RESERVE_STEP_MIN, without);
  }

  #send(who: Which, packets: number): void {
    const { plane, word } = this.#members[who];
    if (plane === undefined || !owns(word)) return;
    this.#runs.push(plane.give(word.epoch, packets));
    this.#input(who, { kind: "reserve", used: [{ spi: SPI, sequence: plane.used }] });
  }

  #deliver(who: Which, count: number): void {
    const { inbox } = this.#members[who];
    for (const { session, octets } of inbox.splice(0, count)) this.#input(who, { kind: "message", session, octets });
  }

  #word(who: Which, role: Role, epoch: number): void {
    const member = this.#members[who];
    member.known = Math.max(member.known, epoch);
    member.word = { role, epoch };
    member.drained = false;
  }

  #takeOver(who: Which): void {
    const member = this.#members[who];
    if (member.word.role === "active") return;
    this.takeovers += 1;
    // Whoever had begun to hand over goes on two epochs higher.
    this.#word(who, "active", member.known + (member.word.role === "draining" ? 2 : 1));
  }

  /** Drains; once that is done, the other one is offered the role and takes it. */
  #handOver(who: Which): void {
    const member = this.#members[who];
    const heir = this.#members[other(who)];
    if (member.word.role === "active") {
      this.#word(who, "draining", member.word.epoch);
      this.#tell(who);
      const outbound = (member.plane?.used ?? 0) + ALLOWANCE;
      member.plane?.endAt(outbound, member.word.epoch);
      const numbers = member.plane === undefined ? [] : [{ spi: SPI, outbound, inbound: 0 }];
      this.#input(who, { kind: "drain", numbers });
    } else if (member.word.role === "draining" && member.drained && heir.word.role === "standby") {
      heir.known = Math.max(heir.known, member.word.epoch);
      this.#takeOver(other(who));
      this.#hear(who);
    }
  }

  /** A beacon: the lower epoch yields. */
  #hear(who: Which): void {
    const member = this.#members[who];
    const { word } = this.#members[other(who)];
    member.known = Math.max(member.known, word.epoch);
    if (owns(word) && word.epoch > member.word.epoch) this.#word(who, "standby", word.epoch);
  }

  #tell(who: Which): void {
    this.#input(who, { kind: "role", ...this.#members[who].word });
  }

  #link(): void {
    this.#up = true;
    this.#session += 1;
    for (const who of [0, 1] as const) this.#input(who, { kind: "link-up", session: this.#session });
  }

  #unlink(): void {
    if (!this.#up) return;
    this.#up = false;
    for (const member of this.#members) member.inbox.length = 0;
    const down = { kind: "link-down", session: this.#session, because: "cut", silentMs: 0 } as const;
    for (const who of [0, 1] as const) this.#input(who, down);
  }

  #input(who: Which, input: ReplicationInput<string>): void {
    const facts = { peerHeardMs: undefined };
    for (const effect of this.#members[who].core.handle(input, facts, this.#now)) this.#perform(who, effect);
  }

  #perform(who: Which, effect: ReplicationEffect<string>): void {
    const member = this.#members[who];
    if (effect.do === "send") {
      const { onlyIf } = effect;
      const stands = onlyIf === undefined || (onlyIf.role === member.word.role && onlyIf.epoch === member.word.epoch);
      if (this.#up && (stands || this.#without === "role-word")) this.#members[other(who)].inbox.push(effect);
    } else if (effect.do === "apply") {
      if (effect.deletes.length > 0) member.plane = undefined;
      if (owns(member.word) && member.word.epoch <= effect.epoch) return;
      if (effect.puts.length > 0) member.plane = this.#newPlane(effect.epoch);
      for (const { sequence } of effect.held) member.plane?.acknowledge(sequence, effect.epoch);
    } else if (effect.do === "acknowledged") {
      for (const { sequence } of effect.acknowledged) member.plane?.acknowledge(sequence, effect.epoch);
    } else if (effect.do === "continue") {
      for (const { outbound } of effect.numbers) member.plane?.continueAt(outbound + 1, effect.epoch);
    } else if (effect.do === "continue-void") member.plane?.forget();
    else if (effect.do === "synced") member.known = Math.max(member.known, effect.epoch);
    else if (effect.do === "drained") member.drained = true;
  }
}

function owns({ role }: RoleWord): boolean {
  return role === "active" || role === "draining";
}

function other(who: Which): Which {
  return who === 0 ? 1 : 0;
}

const who = fc.constantFrom<Which>(0, 1);
const count = fc.constantFrom(1, 3, 50);
const some = fc.constantFrom(1, 100, 5_000, 2 ** 28);
const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("deliver" as const), who, count }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("send" as const), who, count: some }) },
  { weight: 2, arbitrary: fc.constant({ do: "link" as const }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom("tell" as const, "hear" as const), who }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom("take-over" as const, "hand-over" as const), who }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("crash" as const), who }) },
);

test("no number is used twice, whatever is lost, late or dead", () => {
  fc.assert(
    fc.property(fc.array(move, { minLength: 10, maxLength: 80 }), moves => {
      expect(collides(moves)).toBe(false);
    }),
    { numRuns: 500 },
  );
});

const ALL: readonly Move[] = Array.from({ length: 12 }, (_, at) => ({
  do: "deliver" as const,
  who: (at % 2) as Which,
  count: 50,
}));
const LINKED: readonly Move[] = [{ do: "link" }, ...ALL];

/** For each guard a schedule that breaks without it. */
const schedules: Record<Guard, readonly Move[]> = {
  // Nothing that is sent is acknowledged, and the standby takes over where it stands.
  cap: [...LINKED, { do: "link" }, { do: "take-over", who: 1 }, ...sends(1, 1), ...sends(0, 2 ** 28, 5_000)],
  jump: [...LINKED, ...sends(0, 5_000), { do: "take-over", who: 1 }, ...sends(1, 5_000)],
  // The word moved, a packet left, and main acknowledges what came too late for that packet's number.
  "role-word": [
    ...LINKED,
    ...sends(0, 3_000),
    { do: "take-over", who: 1 },
    ...sends(1, 1),
    { do: "deliver", who: 1, count: 50 },
    { do: "deliver", who: 0, count: 50 },
    ...sends(0, 2 ** 28, 2 ** 28),
  ],
  // It took over, sent, and died; the active never noticed, and the next life takes over where the last one did.
  "durable-epoch": [
    ...LINKED,
    { do: "take-over", who: 1 },
    ...sends(1, 5_000),
    { do: "crash", who: 1 },
    ...LINKED,
    { do: "take-over", who: 1 },
    ...sends(1, 5_000),
  ],
};

function sends(who: Which, ...counts: readonly number[]): Move[] {
  return counts.map(each => ({ do: "send" as const, who, count: each }));
}

function collides(moves: readonly Move[], without?: Guard): boolean {
  const world = new World(without);
  for (const each of moves) world.move(each);
  return world.collision !== undefined;
}

describe("without one of its guards one is", () => {
  test.each(Object.entries(schedules) as [Guard, readonly Move[]][])("%s", (guard, moves) => {
    expect(collides(moves)).toBe(false);
    expect(collides(moves, guard)).toBe(true);
  });
});
