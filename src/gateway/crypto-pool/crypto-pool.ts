/**
 * The crypto pool: Diffie-Hellman on threads of its own, so that a thousand negotiations hold up nothing that the main
 * thread does.
 *
 * Jobs wait in one bounded queue, and each gets exactly one answer: its result, or why there is none. A job that finds
 * the queue full is refused at once, for a peer that waits longer would ask again anyway. A worker that dies takes only
 * what it had in hand with it, and another is started.
 */
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import type { ComputeFailure, ComputeJob, ComputeResult } from "../../core/ike/compute-job.ts";
import { bare, clothed, type WorkerAnswer, type WorkerOrder } from "./crypto-messages.ts";

export type Computed = ComputeResult | ComputeFailure;

export interface CryptoPoolOptions {
  /** By default all cores but one, and at least one. */
  readonly threads?: number;
  readonly queueJobs?: number;
  /** The worker's program. */
  readonly program?: URL;
  /** A worker died; it is replaced. For the log. */
  readonly died?: (error: Error) => void;
}

/** A second's work of a core at group 14. */
const QUEUE_JOBS = 1_024;
/** What a worker has in hand: one that it computes, and one more so that it need not wait for us. */
const IN_HAND = 2;
/** Diffie-Hellman needs hardly any. */
const HEAP_MB = 32;
const YOUNG_HEAP_MB = 2;

interface Task {
  readonly order: WorkerOrder;
  /** Memory that goes with it. */
  readonly moved: ArrayBuffer[];
  readonly done: (result: Computed) => void;
}

interface Hand {
  readonly worker: Worker;
  readonly tasks: Map<number, Task>;
}

export class CryptoPool {
  readonly #options: Required<CryptoPoolOptions>;
  readonly #hands = new Set<Hand>();
  readonly #queue: Task[] = [];
  #serial = 0;
  #closed = false;

  constructor(options: CryptoPoolOptions = {}) {
    this.#options = {
      threads: Math.max(1, availableParallelism() - 1),
      queueJobs: QUEUE_JOBS,
      program: new URL("./crypto-worker.js", import.meta.url),
      died: () => {},
      ...options,
    };
  }

  get threads(): number {
    return this.#options.threads;
  }

  /** Jobs that no worker has in hand yet. */
  get waiting(): number {
    return this.#queue.length;
  }

  /** `done` is called once, never before this returns. The secrets in `job` may be wiped from then on. */
  compute(job: ComputeJob, done: (result: Computed) => void): void {
    const refusal = this.#refusal();
    if (refusal !== undefined) {
      setImmediate(done, { kind: "failed", because: refusal });
      return;
    }
    this.#serial += 1;
    const { value, moved } = bare(job);
    const task = { order: { serial: this.#serial, job: value }, moved, done };
    const hand = this.#freeHand();
    if (hand === undefined) this.#queue.push(task);
    else give(hand, task);
  }

  /** Ends the workers. What they had in hand, and what waits, fails. */
  async close(): Promise<void> {
    this.#closed = true;
    const hands = [...this.#hands];
    this.#hands.clear();
    const tasks = [...hands.flatMap(({ tasks }) => [...tasks.values()]), ...this.#queue.splice(0)];
    await Promise.all(hands.map(({ worker }) => worker.terminate()));
    for (const { done } of tasks) done({ kind: "failed", because: "the crypto pool is closed" });
  }

  #refusal(): string | undefined {
    if (this.#closed) return "the crypto pool is closed";
    return this.#queue.length < this.#options.queueJobs ? undefined : `${this.#queue.length} jobs wait already`;
  }

  /** The one with the least in hand; workers are started when they are first needed. */
  #freeHand(): Hand | undefined {
    const idle = [...this.#hands].find(({ tasks }) => tasks.size === 0);
    if (idle !== undefined) return idle;
    if (this.#hands.size < this.#options.threads) return this.#start();
    return [...this.#hands].find(({ tasks }) => tasks.size < IN_HAND);
  }

  #start(): Hand {
    const worker = new Worker(this.#options.program, {
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB, maxYoungGenerationSizeMb: YOUNG_HEAP_MB },
    });
    const hand = { worker, tasks: new Map<number, Task>() };
    worker.unref();
    worker.on("message", (answer: WorkerAnswer) => this.#answered(hand, answer));
    worker.on("error", error => this.#lost(hand, error));
    worker.on("exit", code => this.#lost(hand, new Error(`a crypto worker exited with ${code}`)));
    this.#hands.add(hand);
    return hand;
  }

  #answered(hand: Hand, { serial, result }: WorkerAnswer): void {
    const task = hand.tasks.get(serial);
    hand.tasks.delete(serial);
    this.#refill(hand);
    task?.done(clothed<Computed>(result));
  }

  #refill(hand: Hand): void {
    while (hand.tasks.size < IN_HAND) {
      const next = this.#queue.shift();
      if (next === undefined) return;
      give(hand, next);
    }
  }

  /** What waited goes to another worker; what was in hand may be what killed this one, and is not tried again. */
  #lost(hand: Hand, error: Error): void {
    if (!this.#hands.delete(hand)) return;
    this.#options.died(error);
    if (this.#queue.length > 0) this.#refill(this.#start());
    for (const { done } of hand.tasks.values()) done({ kind: "failed", because: error.message });
  }
}

function give({ worker, tasks }: Hand, task: Task): void {
  tasks.set(task.order.serial, task);
  worker.postMessage(task.order, task.moved);
}
