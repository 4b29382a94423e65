/**
 * What `?` and Tab say, derived from the same states as a match.
 *
 * `show ?` lists the words that could come next; `sh?` the words that begin like this one; `<cr>` means that the line
 * may end here.
 */
import type { Form, Frontier, HasGrammar, Stopped } from "./match.ts";
import { walk } from "./match.ts";
import { LINE_LIMIT, type Token, tokenize } from "./tokens.ts";

export type Help =
  | { readonly kind: "words"; readonly words: readonly HelpWord[] }
  | { readonly kind: "names"; readonly names: readonly string[] }
  | Stopped;

export interface HelpWord {
  readonly word: string;
  readonly help: string;
}

const END = "<cr>";

/** Help after `text`, the line up to the cursor. */
export function helpAfter(commands: readonly HasGrammar[], text: string, form: Form = "plain", from = 0): Help {
  const open = openAfter(commands, text, form, from);
  if (open.kind !== "open") return open;
  const { front, partial } = open;
  if (partial === "") return { kind: "words", words: wordsOf(front) };
  const names = keywordsOf(front).filter(word => word.toLowerCase().startsWith(partial.toLowerCase()));
  if (names.length > 0) return { kind: "names", names: [...new Set(names)].sort() };
  const fitting = front.waiting.filter(
    ({ terminal }) =>
      terminal.kind === "argument" &&
      (terminal.type.parse(partial) !== undefined || terminal.type.begins?.(partial) === true),
  );
  if (fitting.length === 0) return { kind: "invalid", column: text.length - partial.length, secret: false };
  return { kind: "words", words: wordsOf({ waiting: fitting, accepted: [] }) };
}

/** What Tab adds to `text`: the rest of a word that is unique, and a blank; `undefined` when there is no such word. */
export function completionOf(
  commands: readonly HasGrammar[],
  text: string,
  form: Form = "plain",
  from = 0,
): string | undefined {
  const open = openAfter(commands, text, form, from);
  if (open.kind !== "open" || open.partial === "") return undefined;
  const words = new Set(
    keywordsOf(open.front).filter(word => word.toLowerCase().startsWith(open.partial.toLowerCase())),
  );
  const [only] = words;
  return words.size === 1 && only !== undefined ? `${only.substring(open.partial.length)} ` : undefined;
}

/** IOS's layout: the words in one column, what they mean in another. */
export function helpLines(words: readonly HelpWord[]): string[] {
  const width = Math.max(0, ...words.map(({ word }) => word.length));
  return words.map(({ word, help }) => `  ${word.padEnd(width)}  ${help}`.trimEnd());
}

type Open<C> = { readonly kind: "open"; readonly front: Frontier<C>; readonly partial: string } | Stopped;

function openAfter<C extends HasGrammar>(commands: readonly C[], text: string, form: Form, from: number): Open<C> {
  if (text.length > LINE_LIMIT) return { kind: "invalid", column: LINE_LIMIT, secret: false };
  const tokens = tokenize(text, true).filter(token => token.column >= from);
  const last = tokens.at(-1);
  const partial = last !== undefined && last.end === text.length ? last.text : "";
  const whole = partial === "" ? tokens : tokens.slice(0, -1);
  const walked = walk(commands, whole, text, form);
  if (walked.kind === "open" && walked.text.length > 0)
    return {
      kind: "open",
      front: { waiting: walked.text, accepted: partial === "" ? walked.front.accepted : [] },
      partial,
    };
  if (walked.kind === "open") return { ...walked, partial };
  return halfPair(commands, whole, partial, text, form) ?? walked;
}

/** After `interface FastEthernet ` the number is still to come. */
function halfPair<C extends HasGrammar>(
  commands: readonly C[],
  whole: readonly Token[],
  partial: string,
  text: string,
  form: Form,
): Open<C> | undefined {
  const first = whole.at(-1)?.text ?? "";
  const walked = walk(commands, whole.slice(0, -1), text, form);
  if (walked.kind !== "open") return undefined;
  const waiting = walked.front.waiting.flatMap(state => {
    const type = state.terminal.kind === "argument" ? state.terminal.type.second?.(first) : undefined;
    return state.terminal.kind === "argument" && type ? [{ ...state, terminal: { ...state.terminal, type } }] : [];
  });
  return waiting.length === 0 ? undefined : { kind: "open", front: { waiting, accepted: [] }, partial };
}

function keywordsOf<C>(front: Frontier<C>): string[] {
  return front.waiting.flatMap(({ terminal }) => (terminal.kind === "keyword" ? [terminal.word] : []));
}

function wordsOf<C>(front: Frontier<C>): HelpWord[] {
  const words = new Map<string, string>();
  for (const { terminal } of front.waiting) {
    const word = terminal.kind === "keyword" ? terminal.word : terminal.type.label;
    if (!words.has(word)) words.set(word, terminal.help);
  }
  const sorted = [...words].map(([word, help]) => ({ word, help })).sort((a, b) => (a.word < b.word ? -1 : 1));
  return front.accepted.length > 0 ? [...sorted, { word: END, help: "" }] : sorted;
}
