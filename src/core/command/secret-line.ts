/**
 * Whether a line holds a secret, wherever it was typed: a key in the wrong mode, or in exec mode, is refused there, and
 * still must not stay in the history.
 */
import type { Mode } from "./command.ts";
import { match } from "./match.ts";
import { modesOf } from "./reference.ts";
import { formOf } from "./session-words.ts";

/** Whether any mode reads a secret in it, if only in the part that can be read. What is too long may hold one. */
export function holdsSecret<C>(top: Mode<C>, line: string): boolean {
  const { form, from } = formOf(line);
  return modesOf(top).some(({ mode }) => {
    const found = match(mode.commands, line, form, from);
    return found.kind === "too-long" || found.secret;
  });
}
