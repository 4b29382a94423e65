/**
 * A configuration command and a mode, as objects.
 *
 * A command edits a candidate of its room's model and nothing else; `write` prints it back, so parsing and rendering
 * stand side by side. A mode is
 * an ordered list of commands, and that order is the order of `show running-config`. A room writes its commands
 * against its own part of the model;
 * `mount` puts them into a larger one.
 */
import type { Grammar } from "./grammar.ts";

/** A sentence for the operator, `%` included, when a line cannot be taken; `undefined` when it was. */
export type Refusal = string | undefined;

export interface CommandDoc {
  /** One sentence: what it decides. */
  readonly summary: string;
  readonly example: string;
  /** What holds without it. */
  readonly fallback?: string;
  /** What `no` does, when it is more than a return to the fallback. */
  readonly no?: string;
}

/** A line that is taken and kept but does less than on IOS. */
export interface Inert {
  /** Completes "accepted, but …": `segment sizes are adjusted in tunnels only`. */
  readonly because: string;
}

export interface Command<Scope> {
  readonly grammar: Grammar<object>;
  readonly doc: CommandDoc;
  readonly set: (scope: Scope, args: never) => Refusal | void;
  /** Given what the line after `no` yielded; keys after the `cut` may be absent. Without it there is no `no` form. */
  readonly no?: (scope: Scope, args: never) => Refusal | void;
  /** Its own lines of `show running-config`, without indentation; none when the model holds the fallback. */
  readonly write: (scope: Scope) => readonly string[];
  readonly inert?: Inert;
  readonly submode?: Submode<Scope>;
}

/** What a line such as `interface X` leads into. */
export interface Submode<Scope> {
  readonly mode: Mode<never>;
  /** The part of the model that the line selects; made by `set` when it was new. */
  readonly select: (scope: Scope, args: never) => unknown;
  /** Every instance in the order of `show running-config`, with the line that enters it. */
  readonly instances: (scope: Scope) => readonly { readonly line: string; readonly inner: unknown }[];
}

export interface Mode<Scope> {
  /** Between the parentheses of the prompt: `config-if`. The top mode is `config`. */
  readonly prompt: string;
  /** In the order of `show running-config`. */
  readonly commands: readonly Command<Scope>[];
}

interface Definition<Scope, T extends object> {
  readonly grammar: Grammar<T>;
  readonly doc: CommandDoc;
  readonly set: (scope: Scope, args: T) => Refusal | void;
  readonly no?: (scope: Scope, args: Partial<T>) => Refusal | void;
  readonly write: (scope: Scope) => readonly string[];
  readonly inert?: Inert;
}

/** Checks that `set`, `no` and `write` agree with the grammar, then forgets its type. */
export function command<Scope, T extends object>(definition: Definition<Scope, T>): Command<Scope> {
  return definition;
}

interface ModeDefinition<Scope, Inner, T extends object> extends Omit<Definition<Scope, T>, "write"> {
  readonly mode: Mode<Inner>;
  readonly select: (scope: Scope, args: T) => Inner | undefined;
  readonly instances: (scope: Scope) => readonly { readonly line: string; readonly inner: Inner }[];
}

/** A command that enters a mode: `set` makes what is missing, `select` finds it again on every later line. */
export function modeCommand<Scope, Inner, T extends object>(
  definition: ModeDefinition<Scope, Inner, T>,
): Command<Scope> {
  const { mode, select, instances, ...rest } = definition;
  return { ...rest, write: () => [], submode: { mode: mode as Mode<never>, select, instances } };
}

/** A room's commands, for a larger model: `lens` finds the room's part in it. */
export function mount<Outer, Inner>(
  commands: readonly Command<Inner>[],
  lens: (outer: Outer) => Inner,
): Command<Outer>[] {
  return commands.map(inner => ({
    grammar: inner.grammar,
    doc: inner.doc,
    set: (outer, args) => inner.set(lens(outer), args),
    ...(inner.no && { no: (outer: Outer, args: never) => inner.no?.(lens(outer), args) }),
    write: outer => inner.write(lens(outer)),
    ...(inner.inert && { inert: inner.inert }),
    ...(inner.submode && { submode: mountSubmode(inner.submode, lens) }),
  }));
}

function mountSubmode<Outer, Inner>(inner: Submode<Inner>, lens: (outer: Outer) => Inner): Submode<Outer> {
  return {
    mode: inner.mode,
    select: (outer, args) => inner.select(lens(outer), args),
    instances: outer => inner.instances(lens(outer)),
  };
}
