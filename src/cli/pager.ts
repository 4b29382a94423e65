/**
 * `--More--`: stops output at the end of each screen and asks how to go on, as IOS does.
 *
 * It is told lines and answers whether to go on; the vty gives it the keys.
 */

const PROMPT = " --More-- ";
const ERASE = `${"\b".repeat(PROMPT.length)}${" ".repeat(PROMPT.length)}${"\b".repeat(PROMPT.length)}`;

export class Pager {
  readonly #write: (text: string) => void;
  readonly #height: () => number;
  #left: number;
  #waiting: ((go: boolean) => void) | undefined;

  /** `height` in rows; 0 never stops. */
  constructor(write: (text: string) => void, height: () => number) {
    this.#write = write;
    this.#height = height;
    this.#left = height() - 1;
  }

  get waiting(): boolean {
    return this.#waiting !== undefined;
  }

  /** Shows one line; resolves to `false` when the operator wants no more. */
  async line(text: string): Promise<boolean> {
    if (this.#height() > 0 && this.#left <= 0 && !(await this.#ask())) return false;
    this.#left -= 1;
    this.#write(`${text}\r\n`);
    return true;
  }

  /** The operator's answer: space for a page, Enter for a line, anything else to stop. */
  key(char: string): void {
    const answer = this.#waiting;
    if (answer === undefined) return;
    this.#waiting = undefined;
    this.#write(ERASE);
    this.#left = char === " " ? this.#height() - 1 : 1;
    answer(char === " " || char === "\r" || char === "\n");
  }

  #ask(): Promise<boolean> {
    this.#write(PROMPT);
    return new Promise(resolve => {
      this.#waiting = resolve;
    });
  }
}
