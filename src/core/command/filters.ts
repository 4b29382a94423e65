/**
 * Output filters: `show … | include PATTERN`. A filter sees lines as they come and keeps no more than it must, so
 * that it also serves a command that never ends.
 *
 * `section` keeps a line that fits and the lines below it that are indented deeper; `count` says how many lines fit.
 */
import { parsePattern } from "./pattern.ts";

const FILTERS = {
  begin: "Begin with the line that matches",
  count: "Count number of lines which match regexp",
  exclude: "Exclude lines that match",
  include: "Include lines that match",
  section: "Filter a section of output",
} as const;

type FilterName = keyof typeof FILTERS;

/** For `show … | ?`. */
export const FILTER_WORDS: readonly { readonly word: string; readonly help: string }[] = Object.entries(FILTERS).map(
  ([word, help]) => ({ word, help }),
);

export interface OutputFilter {
  /** What remains of one line: none or one. */
  readonly line: (text: string) => readonly string[];
  /** What is said after the last line. */
  readonly end: () => readonly string[];
}

export type Piped =
  | { readonly kind: "plain"; readonly command: string }
  | { readonly kind: "filtered"; readonly command: string; readonly filter: OutputFilter }
  /** `column` is where the caret belongs, from the start of the line. */
  | { readonly kind: "invalid"; readonly column: number }
  | { readonly kind: "incomplete" };

/**
 * Splits a line at its first `|` that stands as a word of its own. Only what is a filter's place is looked at: the
 * caller asks this for commands that show
 * something, and not for those whose text may hold a bar.
 */
export function splitFilter(line: string): Piped {
  const bar = barOf(line);
  if (bar === -1) return { kind: "plain", command: line };
  const command = line.substring(0, bar).trimEnd();
  const tail = line.substring(bar + 1).trim();
  const word = tail.split(/\s/, 1)[0] ?? "";
  const text = tail.substring(word.length).trim();
  if (word === "") return { kind: "incomplete" };
  const name = filterNamed(word);
  if (name === undefined) return { kind: "invalid", column: line.indexOf(word, bar) };
  if (text === "") return { kind: "incomplete" };
  const filter = outputFilter(name, text);
  return filter === undefined
    ? { kind: "invalid", column: line.lastIndexOf(text) }
    : { kind: "filtered", command, filter };
}

export function filterLines(filter: OutputFilter, lines: Iterable<string>): string[] {
  const kept: string[] = [];
  for (const line of lines) kept.push(...filter.line(line));
  return [...kept, ...filter.end()];
}

/** `undefined` when the text is no regular expression. */
export function outputFilter(name: FilterName, text: string): OutputFilter | undefined {
  const pattern = parsePattern(text);
  if (pattern === undefined) return undefined;
  const nothing = (): string[] => [];
  switch (name) {
    case "include":
      return { line: line => (pattern.test(line) ? [line] : []), end: nothing };
    case "exclude":
      return { line: line => (pattern.test(line) ? [] : [line]), end: nothing };
    case "begin":
      return begin(pattern.test);
    case "section":
      return section(pattern.test);
    case "count":
      return count(pattern.test, text);
  }
  return name satisfies never;
}

function begin(fits: (line: string) => boolean): OutputFilter {
  let begun = false;
  return {
    line: line => {
      begun ||= fits(line);
      return begun ? [line] : [];
    },
    end: () => [],
  };
}

function section(fits: (line: string) => boolean): OutputFilter {
  let indent: number | undefined;
  return {
    line: line => {
      const own = line.length - line.trimStart().length;
      if (indent !== undefined && own <= indent) indent = undefined;
      if (indent === undefined && fits(line)) {
        indent = own;
        return [line];
      }
      return indent === undefined ? [] : [line];
    },
    end: () => [],
  };
}

function count(fits: (line: string) => boolean, text: string): OutputFilter {
  let fitting = 0;
  return {
    line: line => {
      if (fits(line)) fitting++;
      return [];
    },
    end: () => [`Number of lines which match regexp = ${fitting} (${text})`],
  };
}

/** The bar must follow a blank: `a|b` is a word. */
function barOf(line: string): number {
  for (let at = line.indexOf("|"); at !== -1; at = line.indexOf("|", at + 1))
    if (at > 0 && /\s/.test(line[at - 1] ?? "") && line.substring(0, at).trim() !== "") return at;
  return -1;
}

/** No two begin alike, so one letter will do. */
function filterNamed(word: string): FilterName | undefined {
  const lower = word.toLowerCase();
  return (Object.keys(FILTERS) as FilterName[]).find(name => name.startsWith(lower));
}
