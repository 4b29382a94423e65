/**
 * Matches a line against many commands at once, word by word.
 *
 * A state is what is left of one command's grammar and what it has yielded so far; each word moves every state that
 * accepts it. Which readings of a word
 * survive is decided across all commands, as IOS does: an exact keyword, then a specific argument, then an
 * abbreviated keyword (which must be unique), then
 * any word. The work is bounded by the words times the size of the grammars.
 */
import type { Grammar, Node } from "./grammar.ts";
import { LINE_LIMIT, type Token, tokenize } from "./tokens.ts";

export interface HasGrammar {
  readonly grammar: Grammar<object>;
}

export type Match<C extends HasGrammar> =
  | { readonly kind: "matched"; readonly command: C; readonly args: never; readonly secret: boolean }
  | Stopped
  | { readonly kind: "incomplete"; readonly secret: boolean }
  | { readonly kind: "too-long" };

/** A word that cannot be read, and whether a secret had been read before it. */
export type Stopped =
  | { readonly kind: "ambiguous"; readonly secret: boolean }
  | { readonly kind: "invalid"; readonly column: number; readonly secret: boolean };

/** The `no` and `default` forms of a command may stop at its `cut`. */
export type Form = "plain" | "negated";

type Keyword = Extract<Node, { kind: "keyword" }>;
type Argument = Extract<Node, { kind: "argument" }>;
type Step =
  | Node
  | { readonly kind: "open"; readonly key: string; readonly list: boolean }
  | { readonly kind: "close" }
  | { readonly kind: "again"; readonly many: Extract<Node, { kind: "many" }>; readonly left: number };

/** What is left to match: a list shared between states. */
type Rest = { readonly step: Step; readonly next: Rest } | undefined;
/** What was yielded, the newest first: shared too. */
type Yielded = { readonly event: Event; readonly before: Yielded } | undefined;
type Event =
  | { readonly set: string; readonly to: unknown }
  | { readonly open: string; readonly list: boolean }
  | { readonly close: true };

export interface State<C> {
  readonly command: C;
  readonly rest: Rest;
  readonly yielded: Yielded;
  readonly secret: boolean;
  /** The `cut` was passed: a negated line may end here. */
  readonly pastCut: boolean;
}

/** A state that waits for a word. */
interface Waiting<C> extends State<C> {
  readonly terminal: Keyword | Argument;
}

export interface Frontier<C> {
  readonly waiting: readonly Waiting<C>[];
  readonly accepted: readonly State<C>[];
}

export function match<C extends HasGrammar>(
  commands: readonly C[],
  line: string,
  form: Form = "plain",
  from = 0,
): Match<C> {
  if (line.length > LINE_LIMIT) return { kind: "too-long" };
  const tokens = tokenize(line).filter(token => token.column >= from);
  const walked = walk(commands, tokens, line, form);
  if (walked.kind !== "open") return walked;
  const [first] = walked.front.accepted;
  if (first === undefined) return { kind: "incomplete", secret: hasSecret(walked.front.waiting) };
  return { kind: "matched", command: first.command, args: foldEvents(first.yielded) as never, secret: first.secret };
}

/**
 * Reads all the tokens: where the line stands after them, or where it went wrong. `text` is what waited for the rest
 * of the line, when that took it.
 */
export function walk<C extends HasGrammar>(
  commands: readonly C[],
  tokens: readonly Token[],
  line: string,
  form: Form,
): { readonly kind: "open"; readonly front: Frontier<C>; readonly text: readonly Waiting<C>[] } | Stopped {
  let front = frontier(begin(commands), form);
  let text: readonly Waiting<C>[] = [];
  for (let at = 0; at < tokens.length; ) {
    const step = advance(front, tokens, at, line);
    if (step.kind !== "moved") return { ...step, secret: hasSecret([...front.waiting, ...front.accepted]) };
    if (step.rest) text = front.waiting.filter(({ terminal }) => terminal.kind === "argument" && terminal.type.rest);
    front = frontier(step.states, form);
    at = step.at;
  }
  return { kind: "open", front, text };
}

function hasSecret(states: readonly State<unknown>[]): boolean {
  return states.some(state => state.secret);
}

function begin<C extends HasGrammar>(commands: readonly C[]): State<C>[] {
  return commands.map(command => ({
    command,
    rest: { step: command.grammar.node, next: undefined },
    yielded: undefined,
    secret: false,
    pastCut: false,
  }));
}

/**
 * A grammar that can read the same words in many ways would double its states at each word; the readings beyond this
 * many are dropped.
 */
const STATES_LIMIT = 4_000;

/** Every word that could come next, and every state that could end here. */
function frontier<C>(states: readonly State<C>[], form: Form): Frontier<C> {
  const waiting: Waiting<C>[] = [];
  const accepted: State<C>[] = [];
  const open = [...states].reverse();
  let left = STATES_LIMIT;
  for (let state = open.pop(); state !== undefined && left > 0; state = open.pop()) {
    left--;
    if (state.rest === undefined) {
      accepted.push(state);
      continue;
    }
    const { step } = state.rest;
    if (step.kind === "keyword" || step.kind === "argument") {
      if (state.pastCut && form === "negated") accepted.push(state);
      waiting.push({ ...state, terminal: step });
    } else open.push(...expand(state, step, state.rest.next).reverse());
  }
  return { waiting, accepted };
}

type Advance<C> =
  | { readonly kind: "moved"; readonly states: State<C>[]; readonly at: number; readonly rest: boolean }
  | { readonly kind: "ambiguous" }
  | { readonly kind: "invalid"; readonly column: number };

/** Reads the token at `at`; several tokens where an argument takes them. */
function advance<C>({ waiting }: Frontier<C>, tokens: readonly Token[], at: number, line: string): Advance<C> {
  const token = tokens[at];
  const text = token?.text ?? "";
  const lower = text.toLowerCase();
  const keywords = waiting.filter(
    (state): state is Waiting<C> & { terminal: Keyword } => state.terminal.kind === "keyword",
  );
  const exact = keywords.filter(state => state.terminal.word.toLowerCase() === lower);
  if (exact.length > 0) return { kind: "moved", states: exact.map(takeKeyword), at: at + 1, rest: false };
  const read = waiting.flatMap(state => readArgument(state, tokens, at, line));
  const specific = read.filter(each => !each.loose);
  if (specific.length > 0) return moved(specific);
  // Half a number is another number: `group3` must not mean group31.
  const whole = lower === "" || /\d$/.test(lower);
  const short = whole ? [] : keywords.filter(state => state.terminal.word.toLowerCase().startsWith(lower));
  if (new Set(short.map(state => state.terminal.word)).size > 1) return { kind: "ambiguous" };
  if (short.length > 0) return { kind: "moved", states: short.map(takeKeyword), at: at + 1, rest: false };
  if (read.length > 0) return moved(read);
  return { kind: "invalid", column: token?.column ?? line.length };
}

interface Read<C> {
  readonly state: State<C>;
  readonly at: number;
  readonly loose: boolean;
  readonly rest: boolean;
}

/** Readings that took more words win: a rest of the line must not compete with one word of it. */
function moved<C>(read: readonly Read<C>[]): Advance<C> {
  const at = Math.max(...read.map(each => each.at));
  const longest = read.filter(each => each.at === at);
  return { kind: "moved", states: longest.map(each => each.state), at, rest: longest.some(each => each.rest) };
}

function readArgument<C>(state: Waiting<C>, tokens: readonly Token[], at: number, line: string): Read<C>[] {
  const { terminal } = state;
  const [first, second] = [tokens[at], tokens[at + 1]];
  if (terminal.kind !== "argument" || first === undefined) return [];
  const { type } = terminal;
  const take = (value: unknown, next: number): Read<C>[] => {
    if (value === undefined) return [];
    const yielded = { event: { set: terminal.key, to: value }, before: state.yielded };
    const moved = { ...state, rest: state.rest?.next, yielded, secret: state.secret || terminal.secret };
    return [{ state: moved, at: next, loose: type.loose ?? false, rest: type.rest ?? false }];
  };
  if (type.rest) return take(type.parse(line.substring(first.column).trimEnd()), tokens.length);
  const pair = second === undefined ? undefined : type.pair?.(first.text, second.text);
  return pair === undefined ? take(type.parse(first.text), at + 1) : take(pair, at + 2);
}

function takeKeyword<C>(state: Waiting<C> & { terminal: Keyword }): State<C> {
  const { emit } = state.terminal;
  const yielded = emit ? { event: { set: emit.key, to: emit.value }, before: state.yielded } : state.yielded;
  return { ...state, rest: state.rest?.next, yielded };
}

function expand<C>(state: State<C>, step: Exclude<Step, Keyword | Argument>, next: Rest): State<C>[] {
  const emit = (event: Event): Yielded => ({ event, before: state.yielded });
  switch (step.kind) {
    case "seq":
      return [{ ...state, rest: step.parts.reduceRight<Rest>((tail, part) => ({ step: part, next: tail }), next) }];
    case "oneOf":
      return step.options.map(option => ({ ...state, rest: { step: option, next } }));
    case "opt":
      return [
        { ...state, rest: { step: step.part, next } },
        { ...state, rest: next },
      ];
    case "under":
      return [
        {
          ...state,
          rest: { step: step.part, next: { step: { kind: "close" }, next } },
          yielded: emit({ open: step.key, list: false }),
        },
      ];
    case "many":
      return [{ ...state, rest: item(step, step.max, next), yielded: emit({ open: step.key, list: true }) }];
    case "again":
      return [
        ...(step.left > 0
          ? [{ ...state, rest: item(step.many, step.left, next), yielded: emit({ open: step.many.key, list: true }) }]
          : []),
        { ...state, rest: next },
      ];
    case "open":
      return [{ ...state, rest: next, yielded: emit({ open: step.key, list: step.list }) }];
    case "close":
      return [{ ...state, rest: next, yielded: emit({ close: true }) }];
    case "cut":
      return [{ ...state, rest: next, pastCut: true }];
  }
  return step satisfies never;
}

function item(many: Extract<Node, { kind: "many" }>, left: number, next: Rest): Rest {
  return {
    step: many.part,
    next: { step: { kind: "close" }, next: { step: { kind: "again", many, left: left - 1 }, next } },
  };
}

/**
 * Plays the events back, the oldest first. The keys come from grammars, never from the line, so a plain object may
 * hold them.
 */
function foldEvents(yielded: Yielded): Record<string, unknown> {
  const events: Event[] = [];
  for (let at = yielded; at !== undefined; at = at.before) events.push(at.event);
  const root: Record<string, unknown> = {};
  const stack = [root];
  for (const event of events.reverse()) {
    const top = stack.at(-1) ?? root;
    if ("set" in event) top[event.set] = event.to;
    else if ("close" in event) stack.pop();
    else {
      const inner: Record<string, unknown> = {};
      const list = top[event.open];
      if (!event.list) top[event.open] = inner;
      else if (Array.isArray(list)) list.push(inner);
      else top[event.open] = [inner];
      stack.push(inner);
    }
  }
  return root;
}
