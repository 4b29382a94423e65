/**
 * Taking turns with other measurements on one machine: two at once measure each other. `BENCH_LOCK` names a file that
 * all of them lock, as flock(1) does; without it nobody is waited for.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";

export async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const file = process.env.BENCH_LOCK;
  if (file === undefined) return await work();
  // It holds the lock until its standard input closes, which it does however we end.
  const holder = spawn("flock", [file, "sh", "-c", "echo held; exec cat"], { stdio: ["pipe", "pipe", "inherit"] });
  await once(holder.stdout, "data");
  try {
    return await work();
  } finally {
    holder.stdin.end();
    await once(holder, "close");
  }
}
