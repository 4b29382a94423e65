/**
 * `understudy cli`: attaches a terminal, or the commands of a script, to a running gateway over its unix socket.
 *
 * All editing, help and paging happen in the gateway; this end only puts the terminal into raw mode and carries octets.
 */
import { connect, type Socket } from "node:net";
import { userInfo } from "node:os";
import { encodeFrame, FrameError, FrameReader, type Window } from "./frames.ts";

export interface ClientOptions {
  readonly socket: string;
  /** Run these and leave, instead of a session. */
  readonly commands?: readonly string[];
}

/** What the shell gets when the gateway could not be reached or went away. */
export const EXIT_UNREACHABLE = 2;

/** Resolves to the exit code: 0 all commands were taken, 1 one was refused, 2 no gateway. */
export function attach(options: ClientOptions): Promise<number> {
  return new Promise(resolve => {
    const connection = connect(options.socket);
    const terminal = new Terminal(connection, options.commands === undefined && process.stdin.isTTY === true);
    const reader = new FrameReader();
    let open = false;
    const finish = (code: number): void => {
      open = false;
      terminal.restore();
      connection.destroy();
      resolve(code);
    };
    connection.once("connect", () => {
      open = true;
      const hello = { ...terminal.window(), user: userInfo().username };
      const commands = options.commands ?? (process.stdin.isTTY ? undefined : null);
      if (commands === null)
        readCommands(lines => connection.write(encodeFrame({ kind: "hello", hello: { ...hello, commands: lines } })));
      else connection.write(encodeFrame({ kind: "hello", hello: commands ? { ...hello, commands } : hello }));
      terminal.begin();
    });
    connection.on("data", chunk => {
      try {
        for (const frame of reader.push(chunk)) {
          if (frame.kind === "output") process.stdout.write(frame.octets);
          else if (frame.kind === "exit") finish(frame.code);
        }
      } catch (error) {
        if (!(error instanceof FrameError)) throw error;
        fail(`${options.socket} is not the socket of a gateway: ${error.message}`);
        finish(EXIT_UNREACHABLE);
      }
    });
    connection.once("error", error => {
      fail(whyUnreachable(options.socket, error as NodeJS.ErrnoException));
      finish(EXIT_UNREACHABLE);
    });
    connection.once("close", () => {
      if (open) fail("the gateway closed the session");
      finish(EXIT_UNREACHABLE);
    });
  });
}

function whyUnreachable(socket: string, error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case "ENOENT":
      return `no gateway listens at ${socket}; start one with 'understudy run CONFIG', or give its --socket`;
    case "ECONNREFUSED":
      return `the gateway of ${socket} is not running (its socket file is a left-over)`;
    case "EACCES":
      return `no permission to use ${socket}; ask as root or as the gateway's user`;
    default:
      return `cannot attach to ${socket}: ${error.message}`;
  }
}

function fail(sentence: string): void {
  process.stderr.write(`understudy: ${sentence}\n`);
}

/** A script on standard input is a list of commands. */
function readCommands(then: (lines: string[]) => void): void {
  let text = "";
  process.stdin.setEncoding("utf8");
  process.stdin.on("data", chunk => {
    text += chunk;
  });
  process.stdin.once("end", () => then(text.split(/\r?\n/).filter(line => line.trim() !== "")));
}

class Terminal {
  readonly #connection: Socket;
  readonly #interactive: boolean;

  constructor(connection: Socket, interactive: boolean) {
    this.#connection = connection;
    this.#interactive = interactive;
  }

  window(): Window {
    return this.#interactive
      ? { width: process.stdout.columns ?? 80, height: process.stdout.rows ?? 24 }
      : { width: 0, height: 0 };
  }

  begin(): void {
    if (!this.#interactive) return;
    process.stdin.setRawMode(true);
    process.stdin.on("data", octets => this.#connection.write(encodeFrame({ kind: "input", octets })));
    process.stdout.on("resize", () => this.#connection.write(encodeFrame({ kind: "window", window: this.window() })));
  }

  restore(): void {
    if (this.#interactive) process.stdin.setRawMode(false);
    process.stdin.destroy();
  }
}
