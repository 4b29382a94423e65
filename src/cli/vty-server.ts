/**
 * The unix socket that `understudy cli` attaches to. One connection is one session; a stray client or a reader that
 * stops costs a bounded amount of memory
 * and nobody else's time.
 */
import { chmodSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { SystemError } from "../core/errors.ts";
import { encodeFrame, FrameError, FrameReader, type Hello, outputFrames } from "./frames.ts";
import type { GatewayPort, SessionInfo } from "./gateway-port.ts";
import { runScript, Vty } from "./vty.ts";

const SESSIONS_LIMIT = 16;
/** A reader that stopped: past this the session ends, so that nothing else waits. */
const BACKLOG_LIMIT = 256 * 1024;

export class VtyServer {
  readonly #gateway: GatewayPort;
  readonly #server: Server;
  readonly #sessions = new Map<Socket, SessionInfo>();

  constructor(gateway: GatewayPort) {
    this.#gateway = gateway;
    this.#server = createServer(connection => this.#accept(connection));
  }

  get sessions(): readonly SessionInfo[] {
    return [...this.#sessions.values()];
  }

  /** Throws a `SystemError`. A socket file that a dead gateway left is replaced. */
  async listen(path: string): Promise<void> {
    rmSync(path, { force: true });
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", cause =>
        reject(new SystemError("listen for the command line", { socket: path }, cause)),
      );
      this.#server.listen(path, resolve);
    });
    chmodSync(path, 0o660);
  }

  close(): void {
    this.#server.close();
    for (const connection of this.#sessions.keys()) connection.destroy();
  }

  #accept(connection: Socket): void {
    connection.on("error", () => connection.destroy());
    if (this.#sessions.size >= SESSIONS_LIMIT) {
      for (const frame of outputFrames(`% All ${SESSIONS_LIMIT} lines are in use\r\n`)) connection.write(frame);
      connection.end(encodeFrame({ kind: "exit", code: 2 }));
      return;
    }
    const reader = new FrameReader();
    let vty: Vty | undefined;
    this.#sessions.set(connection, { line: this.#freeLine(), user: "unknown", since: this.#gateway.now() });
    connection.once("close", () => {
      vty?.hangup();
      this.#sessions.delete(connection);
    });
    connection.on("data", chunk => {
      try {
        for (const frame of reader.push(chunk)) {
          if (frame.kind === "hello" && vty === undefined) vty = this.#begin(connection, frame.hello);
          else if (frame.kind === "input") vty?.input(frame.octets);
          else if (frame.kind === "window") vty?.resize(frame.window);
        }
      } catch (error) {
        if (!(error instanceof FrameError)) throw error;
        connection.destroy();
      }
    });
  }

  #begin(connection: Socket, hello: Hello): Vty | undefined {
    const info = this.#sessions.get(connection);
    const line = info?.line ?? "vty";
    this.#sessions.set(connection, { line, user: hello.user, since: this.#gateway.now() });
    const write = (text: string): void => {
      if (connection.destroyed) return;
      if (connection.writableLength > BACKLOG_LIMIT) {
        connection.destroy();
        return;
      }
      for (const frame of outputFrames(text)) connection.write(frame);
    };
    const exit = (code: number): void => void connection.end(encodeFrame({ kind: "exit", code }));
    const who = { line, user: hello.user };
    if (hello.commands !== undefined) {
      void runScript(this.#gateway, who, hello.commands, write).then(exit);
      return undefined;
    }
    return new Vty({ gateway: this.#gateway, who, window: hello, write, close: () => exit(0) });
  }

  #freeLine(): string {
    const taken = new Set(this.sessions.map(each => each.line));
    for (let n = 0; ; n++) if (!taken.has(`vty ${n}`)) return `vty ${n}`;
  }
}
