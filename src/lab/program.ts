/** The outer end of a lab program: a process in a host's namespace, asked by lines of JSON, one answer each. */
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { SystemError } from "../core/errors.ts";
import { namespaceOf } from "./namespaces.ts";

/** In `dist/`, wherever this file runs from: Node cannot run TypeScript. */
const FOLDER = fileURLToPath(new URL("../../dist/lab/", import.meta.url));

export class LabProgram {
  readonly #child: ChildProcess;
  readonly #name: string;
  readonly #waiting: { resolve: (answer: unknown) => void; reject: (error: Error) => void }[] = [];
  #said = "";
  #ended: Error | undefined;

  private constructor(name: string, child: ChildProcess) {
    this.#name = name;
    this.#child = child;
    child.stderr?.on("data", chunk => {
      this.#said += String(chunk);
    });
    child.on("error", error => this.#end(error.message));
    child.on("close", (code, signal) => this.#end(`it ended (${signal ?? `exit code ${code}`})`));
    child.stdin?.on("error", () => {});
    if (child.stdout === null) return;
    createInterface({ input: child.stdout }).on("line", line => this.#waiting.shift()?.resolve(JSON.parse(line)));
  }

  /** Resolves when the program says that it is ready. Throws a `SystemError`. */
  static async start(lab: string, host: string, file: string, settings: object): Promise<LabProgram> {
    const command = [process.execPath, join(FOLDER, file), JSON.stringify(settings)];
    const child = spawn("ip", ["netns", "exec", namespaceOf(lab, host), ...command], {
      stdio: ["pipe", "pipe", "pipe"],
      // ^C is for us alone; a program ends when its input does.
      detached: true,
    });
    const program = new LabProgram(`${file} in ${host}`, child);
    await program.#answer();
    return program;
  }

  /** Throws a `SystemError` when the program is gone. */
  ask<T>(request: object): Promise<T> {
    this.#child.stdin?.write(`${JSON.stringify(request)}\n`);
    return this.#answer() as Promise<T>;
  }

  /** Safe to call twice. */
  close(): void {
    this.#child.stdin?.end();
  }

  #answer(): Promise<unknown> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  #end(how: string): void {
    const because = this.#said.trim().split("\n").at(-1) || how;
    this.#ended ??= new SystemError("run a program of the lab", { program: this.#name }, new Error(because));
    for (const { reject } of this.#waiting.splice(0)) reject(this.#ended);
  }
}
