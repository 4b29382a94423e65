/**
 * The grammar of a command, as data.
 *
 * A grammar is a tree of nodes built by the combinators below; its value type follows from the tree, so a command's
 * arguments need no cast.
 * Matching, abbreviation, `?` help, completion, the `no` form and the manual are all derived from the same tree
 * (`match.ts`, `help.ts`).
 * What a word means (a number in a range, an address) is an `ArgumentType`, in `arguments.ts`.
 */
import { invariant } from "../errors.ts";

/**
 * What one argument accepts. `parse` sees one word (or the rest of the line when `rest`) and returns `undefined` when
 * it does not fit.
 */
export interface ArgumentType<T> {
  /** What `?` prints in the place of the word: `A.B.C.D`, `<0-255>`, `WORD`, `LINE`. */
  readonly label: string;
  readonly parse: (text: string) => T | undefined;
  /** The inverse, for `show running-config`; defaults to `String`. */
  readonly print?: (value: T) => string;
  /** Takes everything up to the end of the line. */
  readonly rest?: boolean;
  /**
   * Takes two words for one value, as in `interface FastEthernet 0/0`; tried before `parse` when there is a second
   * word.
   */
  readonly pair?: (first: string, second: string) => T | undefined;
  /** Whether a text that `parse` refuses may be the beginning of one that it takes; for `?` after half a word. */
  readonly begins?: (text: string) => boolean;
  /** What `?` shows after the first of two words, when it is one. */
  readonly second?: (first: string) => Pick<ArgumentType<unknown>, "label" | "parse" | "begins"> | undefined;
  /** A specific type (number, address) wins over an abbreviated keyword; a loose one (any word) loses to it. */
  readonly loose?: boolean;
}

export type Node =
  | {
      readonly kind: "keyword";
      readonly word: string;
      readonly help: string;
      readonly emit?: { readonly key: string; readonly value: unknown };
    }
  | {
      readonly kind: "argument";
      readonly key: string;
      readonly type: ArgumentType<unknown>;
      readonly help: string;
      readonly secret: boolean;
    }
  | { readonly kind: "seq"; readonly parts: readonly Node[] }
  | { readonly kind: "oneOf"; readonly options: readonly Node[] }
  | { readonly kind: "opt"; readonly part: Node }
  | { readonly kind: "many"; readonly key: string; readonly part: Node; readonly max: number }
  | { readonly kind: "under"; readonly key: string; readonly part: Node }
  | { readonly kind: "cut" };

/** A grammar whose match yields a `T`. The type parameter is carried by a property that never exists. */
export interface Grammar<T extends object> {
  readonly node: Node;
  readonly yields?: T;
}

export type ValueOf<G> = G extends Grammar<infer T> ? T : never;

type Empty = Record<never, never>;
type Any = Grammar<object>;
type All<P extends readonly Any[]> = P extends readonly [Grammar<infer A>, ...infer R extends readonly Any[]]
  ? A & All<R>
  : Empty;
type KeysOf<U> = U extends unknown ? keyof U : never;
/** A union whose members name each other's keys as absent, so that a key may be asked for without a cast. */
type Exclusive<U, K extends PropertyKey = KeysOf<U>> = U extends unknown
  ? U & { readonly [P in Exclude<K, keyof U>]?: never }
  : never;

/** A fixed word. It may be abbreviated to any prefix that is unique where it stands. */
export function keyword(word: string, help: string): Grammar<Empty> {
  checkHelp(word, help);
  return { node: { kind: "keyword", word, help } };
}

/** A fixed word that yields `{ [key]: value }`; `value` is `true` when left out. */
export function flag<const K extends string, const V = true>(
  key: K,
  word: string,
  help: string,
  value?: V,
): Grammar<{ [P in K]: V }> {
  checkHelp(word, help);
  return { node: { kind: "keyword", word, help, emit: { key, value: value === undefined ? true : value } } };
}

/**
 * One of several fixed words: `choice("action", { permit: "…", deny: "…" })` yields `{ action: "permit" | "deny" }`.
 */
export function choice<const K extends string, const W extends string>(
  key: K,
  words: Readonly<Record<W, string>>,
): Grammar<{ [P in K]: W }> {
  const options = Object.entries<string>(words).map(([word, help]) => flag(key, word, help, word).node);
  return { node: { kind: "oneOf", options } };
}

/** A word of the user's, which yields `{ [key]: T }`. A secret one is masked in history, echo and logs. */
export function argument<const K extends string, T>(
  key: K,
  type: ArgumentType<T>,
  help: string,
  options: { readonly secret?: boolean } = {},
): Grammar<{ [P in K]: T }> {
  checkHelp(key, help);
  return {
    node: { kind: "argument", key, type: type as ArgumentType<unknown>, help, secret: options.secret ?? false },
  };
}

export function seq<const P extends readonly Any[]>(...parts: P): Grammar<All<P>> {
  return { node: { kind: "seq", parts: parts.map(part => part.node) } };
}

export function oneOf<const P extends readonly Any[]>(...options: P): Grammar<Exclusive<ValueOf<P[number]>>> {
  return { node: { kind: "oneOf", options: options.map(option => option.node) } };
}

export function opt<T extends object>(part: Grammar<T>): Grammar<Partial<T>> {
  return { node: { kind: "opt", part: part.node } };
}

/** One or more in a row, at most `max`, which yield `{ [key]: T[] }`. */
export function many<const K extends string, T extends object>(
  key: K,
  part: Grammar<T>,
  max: number,
): Grammar<{ [P in K]: T[] }> {
  invariant(!mayBeEmpty(part.node), `what repeats must take a word: ${key}`);
  return { node: { kind: "many", key, part: part.node, max } };
}

/** Puts what `part` yields under a key of its own: a named sub-grammar, such as an ACL endpoint. */
export function under<const K extends string, T extends object>(key: K, part: Grammar<T>): Grammar<{ [P in K]: T }> {
  return { node: { kind: "under", key, part: part.node } };
}

/** What follows may be left out after `no` (and is ignored when it is there): `no standby 1 timers [3 10]`. */
export const cut: Grammar<Empty> = { node: { kind: "cut" } };

function mayBeEmpty(node: Node): boolean {
  switch (node.kind) {
    case "keyword":
    case "argument":
      return false;
    case "seq":
      return node.parts.every(mayBeEmpty);
    case "oneOf":
      return node.options.some(mayBeEmpty);
    case "under":
    case "many":
      return mayBeEmpty(node.part);
    default:
      return true;
  }
}

function checkHelp(word: string, help: string): void {
  invariant(help.length > 0 && word.length > 0, `a token needs a word and a help phrase: ${word}`);
}
