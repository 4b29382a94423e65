/**
 * The main thread's end of the liveness thread. Orders are sent and forgotten, so that nothing there can hold up the
 * main thread; what becomes of them comes back as notices. Only a snapshot is waited for, a moment.
 */
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from "node:worker_threads";
import type { LivenessSettings } from "../../core/gate/liveness-port.ts";
import { PLAIN_OWNER } from "../../core/ipsec/security-association.ts";
import { monotonicMs } from "../../linux/clock.ts";
import { Doorbell } from "../../linux/eventfd.ts";
import { RoleWords } from "../../linux/role-words.ts";
import { type LivenessData, type Notice, type Order, SharedWord, type Snapshot } from "./messages.ts";
import { allOwners } from "./owners.ts";

/** The thread answers within a turn; who waits longer waits for a thread that does not run. */
const ANSWER_TIMEOUT_MS = 500;
/** Enough for hundreds of groups; a small heap is collected in no time. */
const HEAP_MB = 64;
const YOUNG_HEAP_MB = 4;
const BEAT_MS = 100;
/** One for each scheme or group that was ever configured in this process's life. */
const LINES = 1024;
const PLAIN_LINE = 1;

export class LivenessThread {
  readonly roles = RoleWords.allocate(LINES);
  readonly #port: MessagePort;
  readonly #doorbell = new Doorbell();
  readonly #shared = new BigInt64Array(new SharedArrayBuffer(16));
  readonly #worker: Worker;
  readonly #beat: NodeJS.Timeout;
  /** Line 0 has no owner. */
  readonly #lines = new Map([[PLAIN_OWNER, PLAIN_LINE]]);
  #asked = 0n;
  #closed = false;
  #serial = 0;

  constructor(supervisorFd: number | undefined, notice: (notice: Notice) => void, died: (error: Error) => void) {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    const data: LivenessData & { readonly port: MessagePort } = {
      port: port2,
      doorbell: this.#doorbell.fd,
      shared: this.#shared.buffer as SharedArrayBuffer,
      roles: this.roles.shared,
      plain: { owner: PLAIN_OWNER, line: PLAIN_LINE },
      supervisorFd,
    };
    this.#showLife();
    this.#beat = setInterval(() => this.#showLife(), BEAT_MS).unref();
    this.#worker = new Worker(new URL("./liveness-worker.js", import.meta.url), {
      workerData: data,
      transferList: [port2],
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB, maxYoungGenerationSizeMb: YOUNG_HEAP_MB },
    });
    this.#worker.on("message", notice);
    this.#worker.on("error", died);
    this.#port.unref();
  }

  /** Returns the serial number that `holding` notices will name. */
  configure(settings: LivenessSettings): number {
    for (const owner of allOwners(settings)) this.lineOf(owner);
    this.#serial += 1;
    this.tell({ kind: "configure", serial: this.#serial, settings, owners: this.#lines });
    return this.#serial;
  }

  /** The line of role words of a scheme, or of a group without one by its key. It may be asked for before they are. */
  lineOf(owner: string): number {
    const line = this.#lines.get(owner) ?? this.#lines.size + 1;
    this.#lines.set(owner, line);
    return line;
  }

  /** Says nothing once it is closed: while the host is put back, what is tracked changes once more. */
  tell(order: Order): void {
    if (this.#closed) return;
    this.#port.postMessage(order);
    this.#doorbell.ring();
  }

  /** `undefined` when the thread does not answer. */
  snapshot(): Snapshot | undefined {
    if (this.#closed) return undefined;
    const before = this.#asked;
    this.#asked += 1n;
    this.tell({ kind: "snapshot" });
    const deadline = monotonicMs() + ANSWER_TIMEOUT_MS;
    for (let now = monotonicMs(); now < deadline; now = monotonicMs()) {
      const answered = Atomics.load(this.#shared, SharedWord.answered);
      if (answered > before) break;
      Atomics.wait(this.#shared, SharedWord.answered, answered, deadline - now);
    }
    this.#showLife();
    let answer: Snapshot | undefined;
    // An answer that came too late for the one who asked for it is not the answer to this question.
    for (let next = receiveMessageOnPort(this.#port); next; next = receiveMessageOnPort(this.#port)) {
      answer = next.message as Snapshot;
    }
    return answer;
  }

  /** After the thread has said that it stopped. */
  close(): void {
    this.#closed = true;
    clearInterval(this.#beat);
    this.#port.close();
    this.#doorbell.close();
  }

  #showLife(): void {
    Atomics.store(this.#shared, SharedWord.mainBeat, BigInt(Math.floor(monotonicMs())));
  }
}
