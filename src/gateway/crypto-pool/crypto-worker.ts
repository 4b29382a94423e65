/**
 * One worker of the crypto pool: computes what it is asked, one job after the other. A job that throws is a bug, and
 * kills the worker alone: the pool says that the job failed and starts another.
 */
import { parentPort } from "node:worker_threads";
import { Secret } from "../../core/crypto/secret.ts";
import type { ComputeFailure, ComputeJob, ComputeResult } from "../../core/ike/compute-job.ts";
import { computeDiffieHellman } from "../../linux/diffie-hellman.ts";
import { bare, clothed, type WorkerAnswer, type WorkerOrder } from "./crypto-messages.ts";

parentPort?.on("message", ({ serial, job }: WorkerOrder) => {
  const asked = clothed<ComputeJob>(job);
  const result = computeDiffieHellman(asked);
  wipe(asked);
  const { value, moved } = bare<ComputeResult | ComputeFailure>(result);
  parentPort?.postMessage({ serial, result: value } satisfies WorkerAnswer, moved);
  wipe(result);
});

function wipe(value: object): void {
  for (const field of Object.values(value)) if (field instanceof Secret) field.wipe();
}
