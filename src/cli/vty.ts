/**
 * One session: what is typed goes through the editor to the interpreter, what that says goes through the pager to the
 * terminal.
 *
 * While a command runs, keys wait; ^C ends it. Log messages are shown between lines only, and only where `terminal
 * monitor` asked for them.
 */
import { holdsSecret } from "../core/command/secret-line.ts";
import { configMode } from "../core/config/modes.ts";
import type { TerminalSettings } from "./exec-command.ts";
import type { Window } from "./frames.ts";
import type { GatewayPort } from "./gateway-port.ts";
import { Interpreter, type Output, type Who } from "./interpreter.ts";
import { type Key, LineEditor } from "./line-editor.ts";
import { Pager } from "./pager.ts";
import { logLine } from "./show/show-logging.ts";

/** Keys typed ahead of a slow command; more are dropped. */
const TYPE_AHEAD_LIMIT = 64 * 1024;

export interface VtyOptions {
  readonly gateway: GatewayPort;
  readonly who: Who;
  readonly window: Window;
  readonly write: (text: string) => void;
  readonly close: () => void;
}

export class Vty {
  readonly #options: VtyOptions;
  readonly #editor: LineEditor;
  readonly #interpreter: Interpreter;
  readonly #terminal: TerminalSettings;
  readonly #decoder = new TextDecoder();
  readonly #unsubscribe: () => void;
  #pager: Pager | undefined;
  #running: AbortController | undefined;
  #answer: ((line: string) => void) | undefined;
  #question = "";
  #ahead: string[] = [];
  #closed = false;

  constructor(options: VtyOptions) {
    const { gateway, who, window, write } = options;
    this.#options = options;
    this.#terminal = { length: window.height, width: window.width, monitor: false };
    this.#editor = new LineEditor(write);
    this.#interpreter = new Interpreter({ gateway, who, terminal: this.#terminal, history: this.#editor.history });
    this.#unsubscribe = gateway.log.subscribe(record => this.#showLog(logLine(record)));
    this.#prompt();
  }

  input(octets: Uint8Array): void {
    for (const char of this.#decoder.decode(octets, { stream: true })) this.#key(char);
  }

  resize({ width, height }: Window): void {
    this.#terminal.width = width;
    this.#terminal.length = height;
  }

  /** The other end is gone. */
  hangup(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#unsubscribe();
    this.#running?.abort();
    this.#pager?.key("q");
    this.#answer?.("");
    this.#interpreter.leaveConfig();
  }

  #key(char: string): void {
    if (this.#closed) return;
    if (this.#pager?.waiting) this.#pager.key(char);
    else if (this.#answer) this.#answerKey(char);
    else if (this.#running === undefined) this.#editorKey(char);
    else if (char === "\x03") this.#running.abort();
    else if (this.#ahead.length < TYPE_AHEAD_LIMIT) this.#ahead.push(char);
  }

  #answerKey(char: string): void {
    const key = this.#editor.feed(char);
    if (key?.kind === "enter") this.#settle(key.text);
    else if (key?.kind === "interrupt") {
      this.#options.write("\r\n");
      this.#running?.abort();
      this.#settle("");
    } else if (key?.kind === "help" || key?.kind === "tab") this.#editor.type("?");
  }

  #settle(line: string): void {
    const answer = this.#answer;
    this.#answer = undefined;
    answer?.(line);
  }

  #editorKey(char: string): void {
    const key = this.#editor.feed(char);
    if (key !== undefined) this.#act(key);
  }

  #act(key: Key): void {
    const { write } = this.#options;
    switch (key.kind) {
      case "enter":
        void this.#run(key.text);
        return;
      case "help":
        this.#help(key.text);
        return;
      case "tab": {
        const added = key.tail === "" ? this.#interpreter.complete(key.text) : undefined;
        if (added !== undefined) this.#editor.type(added);
        return;
      }
      case "interrupt":
        write("^C\r\n");
        this.#prompt();
        return;
      case "end":
        write("^Z\r\n");
        this.#interpreter.leaveConfig();
        this.#prompt();
        return;
      case "hangup":
        this.#close();
        return;
      case "too-long":
        write("\r\n% Line too long\r\n");
        this.#prompt();
        return;
    }
    key satisfies never;
  }

  /** Help comes at once, and the line stands again below it. */
  #help(text: string): void {
    const { write } = this.#options;
    write("?\r\n");
    for (const line of this.#interpreter.help(text)) write(`${line}\r\n`);
    write("\r\n");
    this.#prompt();
    this.#editor.redraw();
  }

  async #run(line: string): Promise<void> {
    const running = new AbortController();
    this.#running = running;
    const pager = new Pager(this.#options.write, () => this.#terminal.length);
    this.#pager = pager;
    let midLine = false;
    const output: Output = {
      line: async text => {
        if (midLine) this.#options.write("\r\n");
        midLine = false;
        return running.signal.aborted ? false : pager.line(text);
      },
      write: text => {
        midLine = true;
        this.#options.write(text);
      },
      ask: question => this.#ask(question),
      signal: running.signal,
    };
    const { secret, close } = await this.#interpreter.run(line, output);
    if (midLine) this.#options.write("\r\n");
    if (!secret && !holdsSecret(configMode, line)) this.#editor.remember(line);
    this.#running = undefined;
    this.#pager = undefined;
    if (close) this.#close();
    if (this.#closed) return;
    this.#prompt();
    const ahead = this.#ahead;
    this.#ahead = [];
    for (const char of ahead) this.#key(char);
  }

  #ask(question: string): Promise<string> {
    this.#question = question;
    this.#options.write(question);
    return new Promise(resolve => {
      this.#answer = resolve;
      const ahead = this.#ahead;
      this.#ahead = [];
      for (const char of ahead) this.#key(char);
    });
  }

  #prompt(): void {
    this.#options.write(this.#interpreter.prompt());
  }

  #showLog(line: string): void {
    if (!this.#terminal.monitor || this.#closed || this.#pager?.waiting) return;
    this.#options.write(`\r\n${line}\r\n`);
    if (this.#answer) this.#options.write(this.#question);
    else if (this.#running === undefined) this.#prompt();
    this.#editor.redraw();
  }

  #close(): void {
    if (this.#closed) return;
    this.hangup();
    this.#options.close();
  }
}

/** The commands of a script, one after the other; resolves to its exit code: 1 when one was refused. */
export async function runScript(
  gateway: GatewayPort,
  who: Who,
  commands: readonly string[],
  write: (text: string) => void,
): Promise<number> {
  const terminal: TerminalSettings = { length: 0, width: 0, monitor: false };
  const interpreter = new Interpreter({ gateway, who, terminal, history: [] });
  let refused = false;
  for (const command of commands) {
    let midLine = false;
    const output: Output = {
      line: async text => {
        write(midLine ? `\n${text}\n` : `${text}\n`);
        midLine = false;
        return true;
      },
      write: text => {
        midLine = true;
        write(text);
      },
      ask: async () => "",
      signal: new AbortController().signal,
    };
    const outcome = await interpreter.run(command, output);
    refused ||= outcome.refused;
    if (outcome.close) break;
  }
  interpreter.leaveConfig();
  return refused ? 1 : 0;
}
