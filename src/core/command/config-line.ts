/**
 * One configuration line: which mode it belongs to, what it does to a candidate, and what the operator is told.
 *
 * A session's place is a path of the lines that led into its modes. Each line edits a copy of the model; the caller
 * verifies that and takes it or leaves it.
 * A line that the current mode does not know is tried in the modes around it, as IOS does, so that pasted text need
 * not say `exit`.
 */
import { cloneModel } from "./clone.ts";
import type { Command, Mode, Refusal } from "./command.ts";
import type { Node } from "./grammar.ts";
import { completionOf, type Help, helpAfter } from "./help.ts";
import { type HasGrammar, type Match, match } from "./match.ts";
import { type Formed, formOf, formOfPrefix, SESSION_WORDS, type SessionWord } from "./session-words.ts";
import { isComment, tokenize } from "./tokens.ts";

/** One step into a mode: the command that leads in and what its line yielded. */
export interface Step {
  readonly command: Command<never>;
  readonly args: never;
}

/** From the top mode inwards; empty is the top. */
export type Place = readonly Step[];

export type LineOutcome<C> =
  /** A comment, a blank line. */
  | { readonly kind: "nothing" }
  | {
      readonly kind: "edited";
      readonly candidate: C;
      readonly place: Place;
      readonly warnings: readonly string[];
      readonly secret: boolean;
    }
  | { readonly kind: "moved"; readonly place: Place }
  /** `end`, or `exit` at the top. */
  | { readonly kind: "left" }
  /** `secret` when the line held a secret as far as it could be read: it must not be kept. */
  | { readonly kind: "refused"; readonly lines: readonly string[]; readonly secret: boolean };

// biome-ignore lint/suspicious/noExplicitAny: each mode of a path has a scope of its own type
type AnyMode = Mode<any>;
type AnyCommand = AnyMode["commands"][number];

type Known = AnyCommand | SessionWord;
type Failed = Exclude<Match<HasGrammar>, { kind: "matched" }>;

/**
 * `prompt` counts the columns before the line, for the caret. `copy` makes the candidate: who loads a whole document,
 * and throws it away when a line fails,
 * may hand in one that returns its argument, because copying a large model at every line adds up.
 */
export function executeLine<C>(
  top: Mode<C>,
  config: C,
  place: Place,
  line: string,
  prompt: number,
  copy: (config: C) => C = cloneModel,
): LineOutcome<C> {
  if (isComment(line)) return { kind: "nothing" };
  const formed = formOf(line);
  let failed: Failed | undefined;
  for (const depth of depthsFor(top, place, line, formed)) {
    const outer = place.slice(0, depth);
    const found = match(knownAt(top, outer, formed), line, formed.form, formed.from);
    if (found.kind === "matched") return perform(() => copy(config), place, outer, found, formed);
    failed = worse(failed, found);
    if (found.kind !== "invalid") break;
  }
  if (failed === undefined) return { kind: "nothing" };
  return { kind: "refused", lines: complaint(failed, line, prompt), secret: "secret" in failed && failed.secret };
}

/**
 * The modes to try, as depths: the current one, then those around it. One further out comes first when it has the
 * line's first word in full and no mode inside it has: `key 10` must not become `key-string 10` of the key before it.
 */
function depthsFor<C>(top: Mode<C>, place: Place, line: string, formed: Formed): number[] {
  const depths = Array.from({ length: place.length + 1 }, (_, n) => place.length - n);
  const word = tokenize(line)
    .find(token => token.column >= formed.from)
    ?.text.toLowerCase();
  const exact = depths.find(depth =>
    knownAt(top, place.slice(0, depth), formed).some(({ grammar }) => headsOf(grammar.node).includes(word ?? "")),
  );
  return exact === undefined ? depths : [exact, ...depths.filter(depth => depth !== exact)];
}

/** The keywords that a line of this grammar may begin with. */
function headsOf(node: Node): string[] {
  switch (node.kind) {
    case "keyword":
      return [node.word.toLowerCase()];
    case "seq":
      return node.parts[0] === undefined ? [] : headsOf(node.parts[0]);
    case "oneOf":
      return node.options.flatMap(headsOf);
    case "opt":
    case "many":
    case "under":
      return headsOf(node.part);
    case "argument":
    case "cut":
      return [];
  }
  return node satisfies never;
}

export function modeAt<C>(top: Mode<C>, place: Place): AnyMode {
  return (place.at(-1)?.command.submode?.mode ?? top) as AnyMode;
}

/** The words that a place knows: its own commands, and those of every mode. What follows `do` is the caller's. */
export function helpIn<C>(top: Mode<C>, place: Place, text: string): Help {
  const formed = formOfPrefix(text);
  return helpAfter(knownAt(top, place, formed), text, formed.form, formed.from);
}

export function completionIn<C>(top: Mode<C>, place: Place, text: string): string | undefined {
  const formed = formOfPrefix(text);
  return completionOf(knownAt(top, place, formed), text, formed.form, formed.from);
}

/** The caret under the word that did not fit, and IOS's sentence. */
export function complaint(found: Failed, line: string, prompt: number): string[] {
  switch (found.kind) {
    case "ambiguous":
      return [`% Ambiguous command:  "${line.trim()}"`];
    case "incomplete":
      return ["% Incomplete command.", ""];
    case "too-long":
      return ["% Line too long"];
    case "invalid":
      return [`${" ".repeat(prompt + found.column)}^`, "% Invalid input detected at '^' marker.", ""];
  }
  return found satisfies never;
}

function knownAt<C>(top: Mode<C>, place: Place, { form }: Formed): readonly Known[] {
  const { commands } = modeAt(top, place);
  return form === "plain" ? [...commands, ...SESSION_WORDS] : commands;
}

/**
 * What the operator is told: the complaint of the mode that they are in, unless an outer mode got further with the
 * line.
 */
function worse(inner: Failed | undefined, outer: Failed): Failed {
  if (inner?.kind !== "invalid" || outer.kind !== "invalid") return outer;
  return outer.column > inner.column ? outer : inner;
}

function perform<C>(
  copy: () => C,
  place: Place,
  outer: Place,
  found: Extract<Match<Known>, { kind: "matched" }>,
  { form }: Formed,
): LineOutcome<C> {
  const { command, args, secret } = found;
  if (!("session" in command)) return edit(copy, outer, command, args, form === "negated", secret);
  switch (command.session) {
    case "end":
      return { kind: "left" };
    case "exit":
      return place.length === 0 ? { kind: "left" } : { kind: "moved", place: place.slice(0, -1) };
    case "do":
      return refused("% Invalid input: exec commands are not known here", secret);
    case "no":
    case "default":
      return refused("% Incomplete command.", secret);
  }
  return command.session satisfies never;
}

function edit<C>(
  copy: () => C,
  place: Place,
  command: AnyCommand,
  args: never,
  negated: boolean,
  secret: boolean,
): LineOutcome<C> {
  if (negated && command.no === undefined) return refused("% Invalid input: this command has no such form", secret);
  const candidate = copy();
  const scope = scopeAt(candidate, place);
  if (scope === undefined) return refused("% Invalid input: what this mode was about has been removed", secret);
  const refusal: Refusal | void = negated ? command.no?.(scope, args) : command.set(scope, args);
  if (typeof refusal === "string") return refused(refusal, secret);
  const entered = !negated && command.submode !== undefined;
  const warnings = !negated && command.inert ? [`% Accepted, but ${command.inert.because}`] : [];
  return { kind: "edited", candidate, place: entered ? [...place, { command, args }] : place, warnings, secret };
}

function refused(line: string, secret: boolean): Extract<LineOutcome<never>, { kind: "refused" }> {
  return { kind: "refused", lines: [line], secret };
}

/** The part of the model that a place is about; `undefined` when another session removed it. */
function scopeAt<C>(config: C, place: Place): unknown {
  let scope: unknown = config;
  for (const { command, args } of place) {
    if (scope === undefined) return undefined;
    scope = command.submode?.select(scope as never, args);
  }
  return scope;
}
