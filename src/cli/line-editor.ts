/**
 * The line editor of a vty: octets in, echo and keys out. It knows nothing of commands.
 *
 * Automation compares the echo with what it sent, so plain typing echoes exactly the characters typed, without
 * colours, bells or wrapping;
 * cursor movement is drawn only when the operator moved the cursor.
 */

/** A key that ends or interrupts the line; `text` is the line at that moment, `cursor` counts its characters. */
export type Key =
  | { readonly kind: "enter"; readonly text: string }
  | { readonly kind: "help"; readonly text: string; readonly tail: string }
  | { readonly kind: "tab"; readonly text: string; readonly tail: string }
  | { readonly kind: "interrupt" }
  | { readonly kind: "end" }
  | { readonly kind: "hangup" }
  | { readonly kind: "too-long" };

export const LINE_LIMIT = 4096;
const HISTORY_LIMIT = 100;

const CONTROL_KEYS: Readonly<Record<string, Edit>> = {
  "\x01": "home",
  "\x02": "left",
  "\x04": "delete-or-hangup",
  "\x05": "end",
  "\x06": "right",
  "\x08": "backspace",
  "\x0b": "kill-tail",
  "\x0e": "newer",
  "\x10": "older",
  "\x12": "redraw",
  "\x15": "kill-line",
  "\x17": "kill-word",
  "\x18": "kill-line",
  "\x7f": "backspace",
};
const ESCAPE_KEYS: Readonly<Record<string, Edit>> = {
  "[A": "older",
  "[B": "newer",
  "[C": "right",
  "[D": "left",
  "[H": "home",
  "[F": "end",
  "[1~": "home",
  "[4~": "end",
  "[3~": "delete",
  OA: "older",
  OB: "newer",
  OC: "right",
  OD: "left",
};

type Edit =
  | "home"
  | "end"
  | "left"
  | "right"
  | "backspace"
  | "delete"
  | "delete-or-hangup"
  | "kill-line"
  | "kill-tail"
  | "kill-word"
  | "older"
  | "newer"
  | "redraw";

export class LineEditor {
  readonly #write: (text: string) => void;
  readonly #history: string[] = [];
  #before: string[] = [];
  #after: string[] = [];
  #historyAt = 0;
  #escape: string | undefined;
  #literal = false;
  #lastWasReturn = false;
  /** Off while a password is typed. */
  echo = true;

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  get text(): string {
    return this.#before.join("") + this.#after.join("");
  }

  /** Puts `text` on the line as if it had been typed: what completion adds, or what a rejected `?` leaves. */
  type(text: string): void {
    for (const char of text) this.#insert(char);
  }

  /** Forgets the line; what was shown of it stays. */
  clear(): void {
    this.#before = [];
    this.#after = [];
  }

  /** Draws the line again after something else was printed; the caller has printed the prompt. */
  redraw(): void {
    if (!this.echo) return;
    this.#write(this.text + "\b".repeat(this.#after.length));
  }

  remember(line: string): void {
    if (line.trim() === "" || this.#history.at(-1) === line) return;
    this.#history.push(line);
    if (this.#history.length > HISTORY_LIMIT) this.#history.shift();
  }

  get history(): readonly string[] {
    return this.#history;
  }

  /** Feeds one character; a key is returned when it ends or interrupts the line. */
  feed(char: string): Key | undefined {
    if (this.#escape !== undefined) return this.#escapeSequence(char);
    const afterReturn = this.#lastWasReturn;
    this.#lastWasReturn = char === "\r";
    if (char === "\n" && afterReturn) return undefined;
    if (char === "\0") return undefined;
    if (this.#literal) {
      this.#literal = false;
      return this.#printableChar(char);
    }
    const edit = CONTROL_KEYS[char];
    if (edit !== undefined) return this.#edit(edit);
    switch (char) {
      case "\r":
      case "\n":
        return this.#enter();
      case "?":
        return { kind: "help", text: this.#before.join(""), tail: this.#after.join("") };
      case "\t":
        return { kind: "tab", text: this.#before.join(""), tail: this.#after.join("") };
      case "\x03":
        this.clear();
        return { kind: "interrupt" };
      case "\x1a":
        this.clear();
        return { kind: "end" };
      case "\x16":
        this.#literal = true;
        return undefined;
      case "\x1b":
        this.#escape = "";
        return undefined;
      default:
        return this.#printableChar(char);
    }
  }

  #printableChar(char: string): Key | undefined {
    const code = char.codePointAt(0) ?? 0;
    if (code < 0x20 || (code >= 0x7f && code < 0xa0)) return undefined;
    if (this.#before.length + this.#after.length >= LINE_LIMIT) {
      this.clear();
      return { kind: "too-long" };
    }
    this.#insert(char);
    return undefined;
  }

  #enter(): Key {
    const text = this.text;
    this.clear();
    this.#historyAt = this.#history.length;
    this.#write("\r\n");
    return { kind: "enter", text };
  }

  #insert(char: string): void {
    this.#before.push(char);
    if (!this.echo) return;
    this.#write(char + this.#after.join("") + "\b".repeat(this.#after.length));
  }

  #escapeSequence(char: string): Key | undefined {
    const sequence = (this.#escape ?? "") + char;
    this.#escape = undefined;
    const edit = ESCAPE_KEYS[sequence];
    if (edit !== undefined) return this.#edit(edit);
    const unfinished = sequence === "[" || sequence === "O" || /^\[[0-9;]{1,8}$/.test(sequence);
    if (unfinished) this.#escape = sequence;
    return undefined;
  }

  #edit(edit: Edit): Key | undefined {
    switch (edit) {
      case "home":
        this.#move(-this.#before.length);
        return undefined;
      case "end":
        this.#move(this.#after.length);
        return undefined;
      case "left":
        this.#move(-1);
        return undefined;
      case "right":
        this.#move(1);
        return undefined;
      case "backspace":
        this.#erase(1);
        return undefined;
      case "delete":
        this.#deleteForward();
        return undefined;
      case "delete-or-hangup":
        if (this.text === "") return { kind: "hangup" };
        this.#deleteForward();
        return undefined;
      case "kill-line":
        this.#move(this.#after.length);
        this.#erase(this.#before.length);
        return undefined;
      case "kill-tail":
        this.#killTail();
        return undefined;
      case "kill-word":
        this.#erase(/\S*\s*$/.exec(this.#before.join(""))?.[0].length ?? 0);
        return undefined;
      case "older":
        this.#recall(this.#historyAt - 1);
        return undefined;
      case "newer":
        this.#recall(this.#historyAt + 1);
        return undefined;
      case "redraw":
        this.redraw();
        return undefined;
    }
    return edit satisfies never;
  }

  #move(by: number): void {
    for (let left = Math.min(-by, this.#before.length); left > 0; left--) {
      const char = this.#before.pop();
      if (char !== undefined) this.#after.unshift(char);
      if (this.echo) this.#write("\b");
    }
    for (let right = Math.min(by, this.#after.length); right > 0; right--) {
      const char = this.#after.shift();
      if (char === undefined) continue;
      this.#before.push(char);
      if (this.echo) this.#write(char);
    }
  }

  #erase(count: number): void {
    for (let left = Math.min(count, this.#before.length); left > 0; left--) {
      this.#before.pop();
      if (this.echo) this.#write(`\b${this.#after.join("")} ${"\b".repeat(this.#after.length + 1)}`);
    }
  }

  #deleteForward(): void {
    if (this.#after.length === 0) return;
    this.#move(1);
    this.#erase(1);
  }

  #killTail(): void {
    const count = this.#after.length;
    this.#after = [];
    if (this.echo) this.#write(" ".repeat(count) + "\b".repeat(count));
  }

  #recall(at: number): void {
    if (at < 0 || at > this.#history.length) return;
    this.#historyAt = at;
    this.#edit("kill-line");
    this.type(this.#history[at] ?? "");
  }
}
