/**
 * One configuration line: which mode it belongs to, what it does to a candidate, and what the operator is told.
 *
 * A session's place is a path of the lines that led into its modes. Each line edits a copy of the model; the caller verifies that and takes it or leaves it.
 * A line that the current mode does not know is tried in the modes around it, as IOS does, so that pasted text need not say `exit`.
 */
import { cloneModel } from "./clone.ts";
import type { Command, Mode, Refusal } from "./command.ts";
import { completionOf, type Help, helpAfter } from "./help.ts";
import { type Form, type Match, match } from "./match.ts";
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
  | { readonly kind: "refused"; readonly lines: readonly string[] };

// biome-ignore lint/suspicious/noExplicitAny: a mode on the path knows the type of its scope, the path as a whole does not
type AnyMode = Mode<any>;
type AnyCommand = AnyMode["commands"][number];

const LEAVING: ReadonlySet<string> = new Set(["exit", "quit"]);

/** `prompt` counts the columns before the line, for the caret. */
export function executeLine<C>(top: Mode<C>, config: C, place: Place, line: string, prompt: number): LineOutcome<C> {
  if (isComment(line)) return { kind: "nothing" };
  const [first] = tokenize(line);
  const word = first?.text.toLowerCase() ?? "";
  if (LEAVING.has(word)) return place.length === 0 ? { kind: "left" } : { kind: "moved", place: place.slice(0, -1) };
  if (word === "end") return { kind: "left" };
  const { form, from } = formOf(line);
  for (let depth = place.length; depth >= 0; depth--) {
    const found = match(modeAt(top, place.slice(0, depth)).commands as readonly AnyCommand[], line, form, from);
    if (found.kind === "matched") return edit(config, place.slice(0, depth), found, form, line);
    const last = depth === 0 || found.kind === "ambiguous" || found.kind === "incomplete";
    if (last)
      return { kind: "refused", lines: complaint(outermost(top, place, line, form, from, found), line, prompt) };
  }
  return { kind: "nothing" };
}

export function modeAt<C>(top: Mode<C>, place: Place): AnyMode {
  return (place.at(-1)?.command.submode?.mode ?? top) as AnyMode;
}

/** The words that a place knows: its own commands, and the leaving words of every mode. */
export function helpIn<C>(top: Mode<C>, place: Place, text: string): Help {
  const { form, from } = formOf(text);
  return helpAfter(modeAt(top, place).commands as readonly AnyCommand[], text, form, from);
}

export function completionIn<C>(top: Mode<C>, place: Place, text: string): string | undefined {
  const { form, from } = formOf(text);
  return completionOf(modeAt(top, place).commands as readonly AnyCommand[], text, form, from);
}

/** The caret under the word that did not fit, and IOS's sentence. */
export function complaint(found: Exclude<Match<never>, { kind: "matched" }>, line: string, prompt: number): string[] {
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

/** Whether the line is a plain one or begins with `no` or `default`, and where the command begins. */
function formOf(line: string): { form: Form; from: number } {
  const [first, second] = tokenize(line);
  const word = first?.text.toLowerCase() ?? "";
  const negated = word === "no" || word === "default";
  // Help right after `no` is about the words that may follow it.
  if (negated && (second !== undefined || first?.end !== line.length))
    return { form: "negated", from: second?.column ?? line.length };
  return { form: "plain", from: 0 };
}

/** The complaint that the operator needs is about the mode that they are in, unless an outer mode got further with the line. */
function outermost<C>(
  top: Mode<C>,
  place: Place,
  line: string,
  form: Form,
  from: number,
  found: Exclude<Match<AnyCommand>, { kind: "matched" }>,
): Exclude<Match<never>, { kind: "matched" }> {
  if (found.kind !== "invalid") return found;
  let best = found;
  for (let depth = 0; depth <= place.length; depth++) {
    const other = match(modeAt(top, place.slice(0, depth)).commands as readonly AnyCommand[], line, form, from);
    if (other.kind === "invalid" && other.column >= best.column) best = other;
  }
  return best;
}

function edit<C>(
  config: C,
  place: Place,
  found: Extract<Match<AnyCommand>, { kind: "matched" }>,
  form: Form,
  line: string,
): LineOutcome<C> {
  const { command, args, secret } = found;
  const candidate = cloneModel(config);
  const scope = scopeAt(candidate, place);
  if (scope === undefined) return { kind: "refused", lines: ["% What this mode was about has been removed"] };
  if (form === "negated" && command.no === undefined)
    return { kind: "refused", lines: [`% "${line.trim()}": this command has no such form`] };
  const refusal: Refusal | void =
    form === "negated" ? command.no?.(scope as never, args) : command.set(scope as never, args);
  if (typeof refusal === "string") return { kind: "refused", lines: [refusal] };
  const entered = form === "plain" && command.submode !== undefined;
  const warnings = form === "plain" && command.inert ? [`% Accepted, but ${command.inert.because}`] : [];
  return { kind: "edited", candidate, place: entered ? [...place, { command, args }] : place, warnings, secret };
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
