/** A line as words with their columns. Quotes hold a word with blanks together; nothing else is special. */

export interface Token {
  /** Without its quotes. */
  readonly text: string;
  /** Where it begins in the line, from 0. */
  readonly column: number;
  /** Where it ends. */
  readonly end: number;
}

export const LINE_LIMIT = 4096;

/** `typing`: a quote that is still open holds the rest of the line. */
export function tokenize(line: string, typing = false): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < line.length; ) {
    if (isBlank(line[at])) {
      at++;
      continue;
    }
    const end = line[at] === '"' ? quotedEnd(line, at, typing) : wordEnd(line, at);
    const quoted = line[at] === '"' && end - at >= 2 && line[end - 1] === '"';
    tokens.push({ text: quoted ? line.substring(at + 1, end - 1) : line.substring(at, end), column: at, end });
    at = end;
  }
  return tokens;
}

/** A line that says nothing: blank, or a comment. */
export function isComment(line: string): boolean {
  const first = line.trimStart()[0];
  return first === undefined || first === "!";
}

function isBlank(char: string | undefined): boolean {
  return char === " " || char === "\t" || char === "\r" || char === "\n";
}

function wordEnd(line: string, start: number): number {
  let end = start;
  while (end < line.length && !isBlank(line[end])) end++;
  return end;
}

function quotedEnd(line: string, start: number, typing: boolean): number {
  const close = line.indexOf('"', start + 1);
  if (close !== -1) return close + 1;
  return typing ? line.length : wordEnd(line, start);
}
