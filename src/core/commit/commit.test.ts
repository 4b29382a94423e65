import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { COMMIT_WAIT_MS, Commit, type CommitEffect, type CommitInput, type Decided } from "./commit.ts";

type Input = CommitInput<string, string>;
type Effect = CommitEffect<string, string>;

const words = (effects: readonly Effect[]) => effects.map(word).join("; ");

function word(effect: Effect): string {
  switch (effect.do) {
    case "append":
      return `append ${effect.position} [${effect.checkpoints.join(" ")}]`;
    case "perform":
      return effect.after === "none" ? effect.effect : `${effect.effect} after ${effect.after}`;
    case "not-hot":
      return `not hot: ${effect.because}`;
    case "hot":
      return "hot";
  }
}

/** `+x` is a checkpoint, `!x` reveals what the list holds, `x` reveals nothing. */
function list(text: string): Decided<string, string>[] {
  return text.split(" ").map(each => {
    if (each.startsWith("+")) return { do: "checkpoint", checkpoint: each.slice(1) };
    return { do: "perform", effect: each.replace("!", ""), reveals: each.startsWith("!") };
  });
}

const decided = (text: string, sa = "sa1", scheme = "in"): Input => ({
  kind: "decided",
  scheme,
  sa,
  effects: list(text),
});
const acknowledged = (position: number, scheme = "in"): Input => ({ kind: "acknowledged", scheme, position });
const synced = (scheme = "in"): Input => ({ kind: "synced", scheme });
const lost = (scheme = "in"): Input => ({ kind: "lost", scheme });

function hotCommit(): Commit<string, string> {
  const commit = new Commit<string, string>();
  expect(words(commit.handle(synced(), 0))).toBe("hot");
  return commit;
}

describe("without a hot standby", () => {
  test("everything is performed at once, and the log goes on", () => {
    const commit = new Commit<string, string>();
    expect(words(commit.handle(decided("+keys !reply +window log"), 0))).toBe(
      "append 1 [keys window]; reply after 1; log",
    );
    expect(commit.timers.next).toBeUndefined();
  });

  test("a standby is hot when it has all that was revealed before it came", () => {
    const commit = new Commit<string, string>();
    commit.handle(decided("+keys !reply"), 0);
    expect(words(commit.handle(synced(), 10))).toBe("");
    expect(words(commit.handle(acknowledged(1), 11))).toBe("hot");
  });
});

describe("with a hot standby", () => {
  test("what reveals a checkpoint waits for its position, and all checkpoints of one list are one transaction", () => {
    const commit = hotCommit();
    expect(words(commit.handle(decided("log +keys +window !reply"), 5))).toBe("append 1 [keys window]; log");
    expect(commit.timers.next).toBe(5 + COMMIT_WAIT_MS);
    expect(words(commit.handle(acknowledged(1), 6))).toBe("reply after 1");
    expect(commit.timers.next).toBeUndefined();
  });

  test("a later effect of the same SA stays behind, one of another SA does not", () => {
    const commit = hotCommit();
    commit.handle(decided("+keys !reply"), 0);
    expect(words(commit.handle(decided("answer"), 1))).toBe("");
    expect(words(commit.handle(decided("answer", "sa2"), 1))).toBe("answer");
    expect(words(commit.handle(acknowledged(1), 2))).toBe("reply after 1; answer");
  });

  test("a retransmission waits for the state that the first transmission revealed", () => {
    const commit = hotCommit();
    commit.handle(decided("+keys"), 0);
    expect(words(commit.handle(decided("!again"), 1))).toBe("");
    expect(words(commit.handle(acknowledged(1), 2))).toBe("again after 1");
    expect(words(commit.handle(decided("!again"), 3))).toBe("again");
  });

  test("no scheme waits for another", () => {
    const commit = hotCommit();
    commit.handle(synced("out"), 0);
    commit.handle(decided("+keys !reply"), 0);
    commit.handle(decided("+keys !other", "sa9", "out"), 1);
    expect(words(commit.handle(acknowledged(1, "out"), 2))).toBe("other after 1");
    expect(commit.timers.next).toBe(COMMIT_WAIT_MS);
  });

  test("an acknowledgement of what was never sent releases nothing", () => {
    const commit = hotCommit();
    commit.handle(decided("+keys !reply"), 0);
    expect(words(commit.handle(acknowledged(2), 1))).toBe("");
    expect(words(commit.handle(acknowledged(0), 1))).toBe("");
  });

  test("a standby that is gone is told so before anything goes on without it", () => {
    const commit = hotCommit();
    commit.handle(decided("+keys !reply"), 0);
    expect(words(commit.handle(lost(), 3))).toBe("not hot: lost; reply after 1");
    expect(words(commit.handle(lost(), 4))).toBe("");
    expect(commit.timers.next).toBeUndefined();
  });
});

describe("a standby that is late", () => {
  function late(): Commit<string, string> {
    const commit = hotCommit();
    commit.handle(decided("+keys !reply"), 0);
    expect(words(commit.handleTimeouts(COMMIT_WAIT_MS - 1))).toBe("");
    expect(words(commit.handleTimeouts(COMMIT_WAIT_MS))).toBe("not hot: late; reply after 1");
    expect(commit.hot("in")).toBe(false);
    return commit;
  }

  test("stalls nothing that comes after", () => {
    expect(words(late().handle(decided("+more !next"), 300))).toBe("append 2 [more]; next after 2");
  });

  test("is hot again when the log is acknowledged, however long that took", () => {
    expect(words(late().handle(acknowledged(1), 9_000))).toBe("hot");
  });

  test("is waited for again when it answers quickly, and is hot when it has what went out meanwhile", () => {
    const commit = late();
    commit.handle(decided("+a !x"), 260);
    // The end of the log at the timeout is acknowledged within half the wait; transaction 2 is not yet.
    expect(words(commit.handle(acknowledged(1), 300))).toBe("");
    expect(words(commit.handle(decided("+b !y"), 301))).toBe("append 3 [b]");
    expect(words(commit.handle(acknowledged(2), 302))).toBe("hot");
    expect(words(commit.handle(acknowledged(3), 303))).toBe("y after 3");
  });

  test("that answers slowly is not waited for again before it has answered quickly", () => {
    const commit = late();
    commit.handle(decided("+a !x"), 260);
    expect(words(commit.handle(acknowledged(1), 1_000))).toBe("");
    expect(words(commit.handle(decided("+b !y"), 1_001))).toBe("append 3 [b]; y after 3");
    expect(words(commit.handle(acknowledged(2), 1_010))).toBe("");
    expect(words(commit.handle(decided("+c !z"), 1_011))).toBe("append 4 [c]");
    expect(words(commit.handle(acknowledged(3), 1_020))).toBe("hot");
    expect(words(commit.handle(acknowledged(4), 1_021))).toBe("z after 4");
  });

  test("may be late again before it is hot, and nobody is told twice", () => {
    const commit = late();
    commit.handle(decided("+a !x"), 260);
    commit.handle(acknowledged(1), 300);
    commit.handle(decided("+b !y"), 310);
    expect(words(commit.handleTimeouts(310 + COMMIT_WAIT_MS))).toBe("y after 3");
  });
});

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("decided" as const),
      sa: fc.nat(3),
      shape: fc.constantFrom("+ !", "!", ".", "+ . ! + .", "+", "! . !"),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("acknowledged" as const), back: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.constant({ do: "synced" as const }) },
  { weight: 1, arbitrary: fc.constant({ do: "lost" as const }) },
);
const script = fc.array(
  fc.record({ step, scheme: fc.constantFrom("in", "out"), afterMs: fc.constantFrom(0, 1, 20, 120, 400) }),
  { maxLength: 80, size: "max" },
);
type Step = typeof script extends fc.Arbitrary<(infer T)[]> ? T : never;

/** What one run decided and what came out of it, in order. */
class Run {
  readonly commit = new Commit<string, string>();
  readonly decided: string[] = [];
  readonly performed: string[] = [];
  readonly #hot = new Set<string>();
  readonly #acknowledged = new Map<string, number>();
  readonly #decidedAt = new Map<string, number>();
  #now = 0;

  take({ step: each, scheme, afterMs }: Step): void {
    this.#wait(this.#now + afterMs);
    if (each.do === "decided") this.#decide(`${scheme}/${each.sa}`, scheme, each.shape);
    else if (each.do === "acknowledged") this.#acknowledge(scheme, this.commit.position(scheme) - each.back);
    else this.#come(this.commit.handle({ kind: each.do, scheme }, this.#now));
  }

  finish(): void {
    this.#wait(this.#now + COMMIT_WAIT_MS);
  }

  #decide(sa: string, scheme: string, shape: string): void {
    const effects = shape.split(" ").map((mark): Decided<string, string> => {
      if (mark === "+") return { do: "checkpoint", checkpoint: sa };
      const effect = `${sa}#${this.decided.length}`;
      this.decided.push(effect);
      this.#decidedAt.set(effect, this.#now);
      return { do: "perform", effect, reveals: mark === "!" };
    });
    this.#come(this.commit.handle({ kind: "decided", scheme, sa, effects }, this.#now));
  }

  #acknowledge(scheme: string, position: number): void {
    this.#acknowledged.set(scheme, Math.max(position, this.#acknowledged.get(scheme) ?? 0));
    this.#come(this.commit.handle({ kind: "acknowledged", scheme, position }, this.#now));
  }

  #wait(until: number): void {
    for (let at = this.commit.timers.next; at !== undefined && at <= until; at = this.commit.timers.next) {
      this.#now = Math.max(this.#now, at);
      this.#come(this.commit.handleTimeouts(this.#now));
    }
    this.#now = until;
  }

  #come(effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.do === "hot") this.#hot.add(effect.scheme);
      if (effect.do === "not-hot") this.#hot.delete(effect.scheme);
      if (effect.do !== "perform") continue;
      this.performed.push(effect.effect);
      const acknowledgedTo = this.#acknowledged.get(effect.scheme) ?? 0;
      if (this.#hot.has(effect.scheme) && effect.after !== "none") {
        expect(effect.after).toBeLessThanOrEqual(acknowledgedTo);
      }
      expect(this.#now - (this.#decidedAt.get(effect.effect) ?? 0)).toBeLessThanOrEqual(COMMIT_WAIT_MS);
    }
  }
}

const ofSa = (effects: readonly string[], sa: string) => effects.filter(each => each.startsWith(`${sa}#`));

test("whatever happens: nothing early, nothing late, nothing lost, nothing twice, each SA in its order", () => {
  fc.assert(
    fc.property(script, steps => {
      const run = new Run();
      for (const each of steps) run.take(each);
      run.finish();
      expect([...run.performed].sort()).toEqual([...run.decided].sort());
      for (const sa of new Set(run.decided.map(each => each.slice(0, each.indexOf("#"))))) {
        expect(ofSa(run.performed, sa)).toEqual(ofSa(run.decided, sa));
      }
    }),
    { numRuns: 300 },
  );
});

test("a scheme behaves as if it were alone", () => {
  fc.assert(
    fc.property(script, steps => {
      const both = new Commit<string, string>();
      const alone = new Commit<string, string>();
      const seen: Effect[][] = [[], []];
      let now = 0;
      for (const { step: each, scheme, afterMs } of steps) {
        now += afterMs;
        const input = inputOf(each, scheme, both.position(scheme));
        for (const [n, commit] of [both, alone].entries()) {
          seen[n]?.push(...commit.handleTimeouts(now));
          if (commit === both || scheme === "in") seen[n]?.push(...commit.handle(input, now));
        }
      }
      expect(seen[0]?.filter(effect => effect.scheme === "in")).toEqual(seen[1]);
    }),
    { numRuns: 200 },
  );
});

function inputOf(each: Step["step"], scheme: string, position: number): Input {
  if (each.do === "acknowledged") return { kind: "acknowledged", scheme, position: Math.max(0, position - each.back) };
  if (each.do !== "decided") return { kind: each.do, scheme };
  return { kind: "decided", scheme, sa: `${each.sa}`, effects: list(each.shape) };
}
