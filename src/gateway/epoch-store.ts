/**
 * The highest epoch of each scheme, on disk: a member that would take over under an epoch that it has already used
 * could use a nonce twice. One small file a scheme, written so that a crash at any moment leaves the old number or the
 * new.
 */
import { mkdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { SystemError } from "../core/errors.ts";
import { syncFolder, writeDurably } from "./durable-file.ts";

interface Stored {
  readonly scheme: string;
  readonly epoch: number;
}

export class EpochStore {
  readonly #folder: string;
  readonly #known = new Map<string, number>();

  constructor(stateDir: string) {
    this.#folder = join(stateDir, "epochs");
  }

  /** 0 for a scheme that never had one. What cannot be read is 0, too: the peer's beacons know better. */
  read(scheme: string): number {
    const known = this.#known.get(scheme) ?? readEpoch(join(this.#folder, fileName(scheme)), scheme);
    this.#known.set(scheme, known);
    return known;
  }

  /** Returns when it is on disk. Throws a `SystemError`; the old number then stands. */
  write(scheme: string, epoch: number): void {
    if (epoch <= this.read(scheme)) return;
    const file = join(this.#folder, fileName(scheme));
    try {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      writeDurably(`${file}.new`, JSON.stringify({ scheme, epoch } satisfies Stored));
      renameSync(`${file}.new`, file);
      syncFolder(this.#folder);
    } catch (cause) {
      throw new SystemError("write the epoch", { scheme, epoch, file }, cause);
    }
    this.#known.set(scheme, epoch);
  }
}

/** A name may hold anything that a file's must not. */
function fileName(scheme: string): string {
  return encodeURIComponent(scheme).replaceAll(".", "%2E");
}

function readEpoch(file: string, scheme: string): number {
  try {
    const stored = JSON.parse(readFileSync(file, "utf8")) as Partial<Stored>;
    return stored.scheme === scheme && Number.isSafeInteger(stored.epoch) ? (stored.epoch ?? 0) : 0;
  } catch {
    return 0;
  }
}
