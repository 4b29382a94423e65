/**
 * Configuration lines without what their grammar calls secret, for what leaves the house: each such word becomes
 * `<removed>`, as in IOS's `show tech-support`. The grammars decide, so a new command with a key needs nothing here.
 *
 * A line is held against the commands of every mode, since it does not say which one it stands in. It is for lines that
 * a model wrote; what no command knows is left as it is.
 */
import type { Mode } from "./command.ts";
import type { Node } from "./grammar.ts";
import { match } from "./match.ts";
import { modesOf } from "./reference.ts";

const REMOVED = "<removed>";
/** A shorter one may be an ordinary word, which a text is full of. */
const TELLING_LENGTH = 8;

/** The lines, and what was taken out of them. */
export interface Redacted {
  readonly lines: readonly string[];
  readonly secrets: ReadonlySet<string>;
}

export function redactLines<C>(top: Mode<C>, lines: readonly string[]): Redacted {
  const keyed = modesOf(top).flatMap(({ mode }) =>
    mode.commands.flatMap(command => {
      const keys = new Set(secretKeys(command.grammar.node));
      return keys.size === 0 ? [] : [{ command, keys }];
    }),
  );
  const secrets = new Set<string>();
  const redacted = lines.map(line => {
    const [first = ""] = line.trim().split(" ");
    const found = keyed.flatMap(({ command, keys }) => {
      // What a model wrote is not abbreviated: `key 1` is no `key-string`.
      if (!keywordsOf(command.grammar.node).includes(first)) return [];
      const matched = match([command], line.trim());
      return matched.kind === "matched" && matched.secret ? valuesOf(matched.args, keys) : [];
    });
    for (const each of found) secrets.add(each);
    return found.reduce(without, line);
  });
  return { lines: redacted, secrets };
}

/** Other text that may name one of them: in quotation marks, or anywhere if it is long enough to be no other word. */
export function redactText(text: string, secrets: ReadonlySet<string>): string {
  return [...secrets].reduce((redacted, secret) => {
    const quoted = redacted.replaceAll(`"${secret}"`, `"${REMOVED}"`);
    return secret.length < TELLING_LENGTH ? quoted : quoted.replaceAll(secret, REMOVED);
  }, text);
}

function secretKeys(node: Node): string[] {
  return leavesOf(node).flatMap(each => (each.kind === "argument" && each.secret ? [each.key] : []));
}

function keywordsOf(node: Node): string[] {
  return leavesOf(node).flatMap(each => (each.kind === "keyword" ? [each.word] : []));
}

function leavesOf(node: Node): Node[] {
  switch (node.kind) {
    case "seq":
      return node.parts.flatMap(leavesOf);
    case "oneOf":
      return node.options.flatMap(leavesOf);
    case "opt":
    case "many":
    case "under":
      return leavesOf(node.part);
    case "argument":
    case "keyword":
    case "cut":
      return [node];
  }
  return node satisfies never;
}

/** Wherever `under` and `many` have put them. */
function valuesOf(args: unknown, keys: ReadonlySet<string>): string[] {
  if (typeof args !== "object" || args === null) return [];
  return Object.entries(args).flatMap(([key, value]) => (keys.has(key) ? [String(value)] : valuesOf(value, keys)));
}

/** Keys come last on a line, and may be the same word as one before them. */
function without(line: string, secret: string): string {
  const words = line.split(" ");
  const at = words.lastIndexOf(secret);
  return at < 0 ? line : words.with(at, REMOVED).join(" ");
}
