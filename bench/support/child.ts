/** Processes that a benchmark starts in a namespace and ends again: always by their own id. */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";

export interface Child {
  /** Of the program itself: `ip netns exec` becomes it. */
  readonly pid: number;
  /** What it has said so far, both streams together. */
  readonly said: () => string;
  /** Resolves with what it said once that matches; rejects when the child ends before. */
  readonly says: (pattern: RegExp) => Promise<string>;
  readonly ended: Promise<string>;
  /** Closes its standard input. */
  readonly end: () => void;
  readonly stop: (signal?: NodeJS.Signals) => Promise<string>;
}

type Spawned = ChildProcessByStdio<Writable, Readable, Readable>;

export function startIn(namespace: string, command: readonly string[], env: Record<string, string> = {}): Child {
  const child: Spawned = spawn("ip", ["netns", "exec", namespace, ...command], {
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...process.env, ...env },
  });
  let said = "";
  const hear = (octets: Buffer): void => {
    said += octets.toString();
  };
  child.stdout.on("data", hear);
  child.stderr.on("data", hear);
  child.stdin.on("error", () => {});
  const ended = once(child, "close").then(() => said);
  const name = command.join(" ");
  return {
    pid: child.pid ?? 0,
    said: () => said,
    says: async pattern => {
      let over = false;
      void ended.then(() => {
        over = true;
      });
      while (!pattern.test(said)) {
        if (over) throw new Error(`${name} ended without saying ${pattern}: ${said}`);
        await sleep(10);
      }
      return said;
    },
    ended,
    end: () => child.stdin.end(),
    stop: async (signal = "SIGTERM") => {
      child.kill(signal);
      return await ended;
    },
  };
}

/** Looks again every 20 ms, at most `seconds`. */
export async function waitFor(what: string, seconds: number, look: () => boolean): Promise<void> {
  const end = performance.now() + seconds * 1000;
  while (!look()) {
    if (performance.now() > end) throw new Error(`${what}: not within ${seconds} s`);
    await sleep(20);
  }
}
