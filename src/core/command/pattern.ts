/**
 * IOS regular expressions for output filters, matched in time linear in the text.
 *
 * A pattern becomes a small Thompson machine whose states advance side by side, so no pattern can make a session
 * hang. Known: `.` `*` `+` `?` `|` `(` `)` `[a-z]`
 * `[^…]` `^` `$` `\` and `_`, which is a blank, a comma, a brace, a parenthesis or either end of the line. There is
 * no capture and no counted repetition.
 */

export const PATTERN_LIMIT = 254;

export interface Pattern {
  /** Whether any part of the text fits. */
  readonly test: (text: string) => boolean;
}

/** What a state waits for before it goes on to `next`. `fork` waits for nothing and goes both ways. */
type State =
  | { readonly on: "char"; readonly accepts: (char: string) => boolean; next: number }
  | { readonly on: "start" | "end" | "edge"; next: number }
  | { readonly on: "fork"; next: number; other: number }
  | { readonly on: "done" };

/** `undefined` when the text is no pattern: an open bracket or parenthesis, a repetition of nothing. */
export function parsePattern(text: string): Pattern | undefined {
  if (text.length > PATTERN_LIMIT) return undefined;
  const parser = new PatternParser(text);
  const start = parser.parse();
  if (start === undefined) return undefined;
  const { states } = parser;
  return { test: line => run(states, start, line) };
}

/** Builds from the end to the front: every part is compiled with the state that follows it. */
type Part = (next: number) => number;

class PatternParser {
  readonly states: State[] = [{ on: "done" }];
  readonly #text: string;
  #at = 0;
  #broken = false;

  constructor(text: string) {
    this.#text = text;
  }

  parse(): number | undefined {
    const whole = this.#alternatives();
    if (this.#broken || this.#at < this.#text.length) return undefined;
    return whole(0);
  }

  #alternatives(): Part {
    const first = this.#sequence();
    if (this.#text[this.#at] !== "|") return first;
    this.#at++;
    const rest = this.#alternatives();
    return next => this.#add({ on: "fork", next: first(next), other: rest(next) });
  }

  #sequence(): Part {
    const parts: Part[] = [];
    while (this.#at < this.#text.length && !"|)".includes(this.#text[this.#at] ?? "") && !this.#broken)
      parts.push(this.#repeated());
    return next => parts.reduceRight((following, part) => part(following), next);
  }

  /** `a**` is `a*`; stacking repetitions adds states, but never time beyond their number. */
  #repeated(): Part {
    let part = this.#atom();
    for (let sign = this.#text[this.#at]; sign !== undefined && "*+?".includes(sign); sign = this.#text[this.#at]) {
      this.#at++;
      part = this.#repeat(part, sign);
    }
    return part;
  }

  #repeat(part: Part, sign: string): Part {
    return next => {
      const fork: State = { on: "fork", next, other: next };
      const at = this.#add(fork);
      const body = part(sign === "?" ? next : at);
      fork.other = body;
      return sign === "+" ? body : at;
    };
  }

  #atom(): Part {
    const char = this.#text[this.#at++] ?? "";
    switch (char) {
      case "(":
        return this.#group();
      case "[":
        return this.#char(this.#set());
      case "*":
      case "+":
      case "?":
        this.#broken = true;
        return next => next;
      case ".":
        return this.#char(() => true);
      case "^":
        return next => this.#add({ on: "start", next });
      case "$":
        return next => this.#add({ on: "end", next });
      case "_":
        return this.#underscore();
      case "\\":
        return this.#escaped();
      default:
        return this.#char(other => other === char);
    }
  }

  #group(): Part {
    const inner = this.#alternatives();
    if (this.#text[this.#at] !== ")") this.#broken = true;
    this.#at++;
    return inner;
  }

  #escaped(): Part {
    const char = this.#text[this.#at++];
    if (char === undefined) this.#broken = true;
    return this.#char(other => other === char);
  }

  #underscore(): Part {
    return next => {
      const char = this.#add({ on: "char", accepts: other => " ,{}()".includes(other), next });
      return this.#add({ on: "fork", next: char, other: this.#add({ on: "edge", next }) });
    };
  }

  /** After `[`: single characters and ranges up to `]`; a `]` in front stands for itself. */
  #set(): (char: string) => boolean {
    const negated = this.#text[this.#at] === "^";
    if (negated) this.#at++;
    const ranges: [string, string][] = [];
    for (let first = true; first || this.#text[this.#at] !== "]"; first = false) {
      const low = this.#text[this.#at];
      if (low === undefined) {
        this.#broken = true;
        break;
      }
      const high = this.#text[this.#at + 1] === "-" ? this.#text[this.#at + 2] : undefined;
      const isRange = high !== undefined && high !== "]";
      ranges.push([low, isRange ? high : low]);
      this.#at += isRange ? 3 : 1;
    }
    this.#at++;
    return char => ranges.some(([low, high]) => low <= char && char <= high) !== negated;
  }

  #char(accepts: (char: string) => boolean): Part {
    return next => this.#add({ on: "char", accepts, next });
  }

  #add(state: State): number {
    this.states.push(state);
    return this.states.length - 1;
  }
}

/** Steps through the text once; a new attempt begins at every character. */
function run(states: readonly State[], start: number, text: string): boolean {
  let current: number[] = [];
  for (let at = 0; at <= text.length; at++) {
    const open = reach(states, [...current, start], at === 0, at === text.length);
    if (open === "done") return true;
    const char = text[at];
    current = [];
    if (char === undefined) return false;
    for (const state of open) if (state.accepts(char)) current.push(state.next);
  }
  return false;
}

type Waiting = Extract<State, { on: "char" }>;

/** Every state that waits for a character, once; or `done`. */
function reach(states: readonly State[], from: number[], atStart: boolean, atEnd: boolean): Waiting[] | "done" {
  const seen = new Set<number>();
  const waiting: Waiting[] = [];
  for (let index = from.pop(); index !== undefined; index = from.pop()) {
    const state = states[index];
    if (state === undefined || seen.has(index)) continue;
    seen.add(index);
    if (state.on === "done") return "done";
    if (state.on === "char") waiting.push(state);
    else if (state.on === "fork") from.push(state.next, state.other);
    else if ((state.on !== "end" && atStart) || (state.on !== "start" && atEnd)) from.push(state.next);
  }
  return waiting;
}
