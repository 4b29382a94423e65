/**
 * The undo record on disk: what the host was like before this gateway, kept across a crash of its process but not
 * across a boot or a move to another network
 * namespace, where it would describe another host.
 */
import { readFileSync, readlinkSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { NOTHING_TO_UNDO, type UndoRecord } from "../core/net/net-steps.ts";

interface Stored {
  readonly host: string;
  readonly undo: UndoRecord;
}

export class UndoStore {
  readonly #file: string;
  readonly #host: string;
  #written = "";

  constructor(stateDir: string) {
    this.#file = join(stateDir, "undo.json");
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    this.#host = `${boot} ${readlinkSync("/proc/self/ns/net")}`;
  }

  read(): UndoRecord {
    try {
      const stored = JSON.parse(readFileSync(this.#file, "utf8")) as Stored;
      const whole =
        stored.host === this.#host && Array.isArray(stored.undo?.links) && Array.isArray(stored.undo?.addresses);
      return whole ? { ...NOTHING_TO_UNDO, ...stored.undo } : NOTHING_TO_UNDO;
    } catch {
      return NOTHING_TO_UNDO;
    }
  }

  /** Written before the steps that it undoes are tried. */
  write(undo: UndoRecord): void {
    const text = JSON.stringify({ host: this.#host, undo } satisfies Stored);
    if (text === this.#written) return;
    writeFileSync(`${this.#file}.new`, text, { mode: 0o600 });
    renameSync(`${this.#file}.new`, this.#file);
    this.#written = text;
  }

  forget(): void {
    rmSync(this.#file, { force: true });
    this.#written = "";
  }
}
