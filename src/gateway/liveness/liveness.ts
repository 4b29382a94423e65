/**
 * The main thread's end of the liveness thread: asks are answered before they return, because what follows them (an
 * interface that goes down, a process that ends) must not overtake them.
 */
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from "node:worker_threads";
import type { HsrpGroup } from "../../core/hsrp/hsrp-group.ts";
import { Doorbell } from "../../linux/eventfd.ts";
import type { Answer, Ask, GroupSnapshot, Notice } from "./messages.ts";

export interface LivenessData {
  readonly port: MessagePort;
  readonly doorbell: number;
  /** One word: how many asks were answered. */
  readonly answered: SharedArrayBuffer;
}

/** The thread blocks for at most this long, so an answer that has not come by then will not come. */
const ANSWER_TIMEOUT_MS = 2_000;
/** Enough for dozens of groups; a small heap is collected in no time. */
const HEAP_MB = 64;

export class LivenessThread {
  readonly #port: MessagePort;
  readonly #doorbell = new Doorbell();
  readonly #answered = new Int32Array(new SharedArrayBuffer(4));
  readonly #worker: Worker;
  #asked = 0;

  constructor(notice: (notice: Notice) => void, died: (error: Error) => void) {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    const buffer = this.#answered.buffer as SharedArrayBuffer;
    const data: LivenessData = { port: port2, doorbell: this.#doorbell.fd, answered: buffer };
    this.#worker = new Worker(new URL("./liveness-worker.js", import.meta.url), {
      workerData: data,
      transferList: [port2],
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
    });
    this.#worker.on("message", notice);
    this.#worker.on("error", died);
  }

  /** Returns when the groups are as wanted: an interface may be shut after it was left out. */
  configure(groups: readonly HsrpGroup[], up: readonly string[]): void {
    this.#ask({ kind: "configure", groups, up });
  }

  snapshot(): readonly GroupSnapshot[] {
    const answer = this.#ask({ kind: "snapshot" });
    return answer?.kind === "snapshot" ? answer.groups : [];
  }

  /** Every group resigns and gives its address up. */
  stop(): void {
    this.#ask({ kind: "stop" });
    this.#port.close();
  }

  #ask(ask: Ask): Answer | undefined {
    const before = this.#asked;
    this.#asked += 1;
    this.#port.postMessage(ask);
    this.#doorbell.ring();
    const deadline = performance.now() + ANSWER_TIMEOUT_MS;
    while (Atomics.load(this.#answered, 0) === before && performance.now() < deadline) {
      Atomics.wait(this.#answered, 0, before, deadline - performance.now());
    }
    return receiveMessageOnPort(this.#port)?.message as Answer | undefined;
  }
}
