/** Where log messages go: the ring that `show logging` prints, the console, and the sessions that asked for them. */
import type { LogRecord, LogView } from "../cli/gateway-port.ts";
import { logLine } from "../cli/show/show-logging.ts";
import type { LogEvent } from "../core/log/message.ts";

const CAPACITY = 1000;

export class LogBuffer implements LogView {
  readonly capacity = CAPACITY;
  readonly #console: (line: string) => void;
  readonly #now: () => number;
  readonly #listeners = new Set<(record: LogRecord) => void>();
  #records: LogRecord[] = [];
  #total = 0;

  constructor(console: (line: string) => void, now: () => number) {
    this.#console = console;
    this.#now = now;
  }

  get records(): readonly LogRecord[] {
    return this.#records;
  }

  get total(): number {
    return this.#total;
  }

  add(event: LogEvent): void {
    const record = { at: this.#now(), event };
    this.#total += 1;
    this.#records.push(record);
    if (this.#records.length > CAPACITY) this.#records.shift();
    this.#console(logLine(record));
    for (const listener of this.#listeners) listener(record);
  }

  clear(): void {
    this.#records = [];
  }

  subscribe(listener: (record: LogRecord) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
