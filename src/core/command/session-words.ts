/**
 * The words that every configuration mode knows besides its commands. They are matched together with them, so that
 * `ex` is `exit` only where nothing else is.
 */
import { lineText } from "./arguments.ts";
import { argument, type Grammar, keyword, seq } from "./grammar.ts";
import type { Form } from "./match.ts";
import { tokenize } from "./tokens.ts";

export interface SessionWord {
  readonly grammar: Grammar<object>;
  readonly session: "exit" | "end" | "do" | "no" | "default";
}

export const SESSION_WORDS: readonly SessionWord[] = [
  { session: "exit", grammar: keyword("exit", "Exit from the current mode") },
  { session: "exit", grammar: keyword("quit", "Exit from the current mode") },
  { session: "end", grammar: keyword("end", "Exit from configure mode") },
  {
    session: "do",
    grammar: seq(keyword("do", "To run exec commands in config mode"), argument("line", lineText, "Exec command")),
  },
  { session: "no", grammar: keyword("no", "Negate a command or set its defaults") },
  { session: "default", grammar: keyword("default", "Set a command to its defaults") },
];

export interface Formed {
  readonly form: Form;
  /** The column at which the command begins. */
  readonly from: number;
}

/** Whether a line is a plain one or begins with `no` or `default`. */
export function formOf(line: string): Formed {
  const [first, second] = tokenize(line);
  const word = first?.text.toLowerCase() ?? "";
  const negated = word === "no" || (word.length >= 3 && "default".startsWith(word));
  return negated ? { form: "negated", from: second?.column ?? line.length } : { form: "plain", from: 0 };
}

/**
 * The same for a line that is still being typed: help on `no` itself is about that word, after a blank about what
 * follows.
 */
export function formOfPrefix(text: string): Formed {
  const formed = formOf(text);
  return /^\s*\S+$/.test(text) ? { form: "plain", from: 0 } : formed;
}
