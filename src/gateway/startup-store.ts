/**
 * The startup configuration on disk: read, and written so that a crash or a full disk at any moment leaves a whole
 * file, old or new.
 *
 * The version before the last write is kept beside it. A file that we wrote says so in its first line and ends with
 * `end`; one that says the
 * first and lacks the second was cut, and the kept version is used instead.
 */
import { linkSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { SystemError } from "../core/errors.ts";
import { syncFolder, writeDurably } from "./durable-file.ts";

export const SAVED_MARK = "! Written by Understudy";

export interface StartupText {
  readonly text: string;
  /** The file that it came from: the configured one, or the version kept before the last write. */
  readonly file: string;
  /** Why the configured file was not used, if it was not. */
  readonly fallback?: string;
  /** The file holds keys and others may read it. */
  readonly exposed: boolean;
}

export class StartupStore {
  readonly file: string;
  readonly previous: string;

  constructor(file: string) {
    this.file = file;
    this.previous = `${file}.previous`;
  }

  /** Throws a `SystemError` when neither the file nor the version kept before it can be read. */
  read(): StartupText {
    const exposed = this.#exposed();
    const reason = this.#unusable();
    if (typeof reason !== "string") return { text: reason.text, file: this.file, exposed };
    try {
      return { text: readFileSync(this.previous, "utf8"), file: this.previous, fallback: reason, exposed };
    } catch {
      throw new SystemError("read the configuration", { file: this.file }, new Error(reason));
    }
  }

  /** Replaces the file and keeps its predecessor. Throws a `SystemError`; the old file is then whole and in place. */
  write(text: string): void {
    const fresh = `${this.file}.new`;
    try {
      writeDurably(fresh, `${SAVED_MARK}\n${text}`);
      this.#keepPrevious();
      renameSync(fresh, this.file);
      syncFolder(dirname(this.file));
    } catch (cause) {
      rmSync(fresh, { force: true });
      throw new SystemError("write the configuration", { file: this.file }, cause);
    }
  }

  /** A cut file is no predecessor worth keeping: the one kept before it is. */
  #keepPrevious(): void {
    if (typeof this.#unusable() === "string") return;
    const link = `${this.previous}.new`;
    rmSync(link, { force: true });
    linkSync(this.file, link);
    renameSync(link, this.previous);
  }

  #unusable(): string | { text: string } {
    try {
      const text = readFileSync(this.file, "utf8");
      if (text.startsWith(SAVED_MARK) && !/^end\s*$/m.test(text)) return "it was cut before its end";
      return { text };
    } catch (error) {
      return (error as Error).message;
    }
  }

  #exposed(): boolean {
    try {
      return (statSync(this.file).mode & 0o077) !== 0;
    } catch {
      return false;
    }
  }
}
