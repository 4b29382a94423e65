/**
 * The inner end of a lab program: requests and answers as lines of JSON over standard input and output.
 *
 * Such a program blocks in one wait for its sockets and its requests, never in the event loop, so that what it measures
 * is not its own delay. It ends when whoever started it is gone.
 */
import { writeSync } from "node:fs";
import { constants, setPriority } from "node:os";
import { loadAddon } from "../linux/addon.ts";
import { hurrySession } from "../linux/process-rights.ts";
import { errorCode } from "../linux/system-call.ts";

export const REQUESTS = 0;
const ANSWERS = 1;
const BUFFER_OCTETS = 65_536;

export class RequestLines {
  readonly #buffer = new Uint8Array(BUFFER_OCTETS);
  readonly #decoder = new TextDecoder();
  #rest = "";

  /** What has come in; call it when `REQUESTS` can be read. The program ends here when nobody can ask any more. */
  take(): unknown[] {
    const length = loadAddon().read(REQUESTS, this.#buffer);
    if (length === 0) process.exit(0);
    const lines = (this.#rest + this.#decoder.decode(this.#buffer.subarray(0, length), { stream: true })).split("\n");
    this.#rest = lines.pop() ?? "";
    return lines.map(line => JSON.parse(line) as unknown);
  }
}

export function answer(value: unknown): void {
  const octets = new TextEncoder().encode(`${JSON.stringify(value)}\n`);
  for (let at = 0; at < octets.length; ) at += writeSync(ANSWERS, octets, at);
}

/**
 * Ahead of the load that a fault or a test makes, as far as the host permits (CAP_SYS_NICE). Says how far it came.
 *
 * Never in real time: V8's threads spin while they wait for its ordinary helper threads, and a real-time thread that
 * spins keeps those from ever running. It would starve the machine that it is to measure.
 */
export function hurry(): "nice" | "ordinary" {
  try {
    setPriority(constants.priority.PRIORITY_HIGHEST);
    void hurrySession();
    return "nice";
  } catch {
    return "ordinary";
  }
}

/**
 * Room for what arrives while this process does not run, beyond the system's limit. In a user namespace the kernel
 * grants no more than its limit (CAP_NET_ADMIN counts there for nobody but the machine's own root), and the lab does
 * with that.
 */
export function makeRoom(fd: number, octets: number): void {
  try {
    loadAddon().setOption(fd, "receiveBufferForce", octets);
  } catch (error) {
    if (errorCode(error) !== "EPERM") throw error;
  }
}
