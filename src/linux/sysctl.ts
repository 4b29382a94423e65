/**
 * Settings under /proc/sys/net, recorded before the first change so that they can be put back.
 *
 * A key is a path below it, "ipv4/conf/eth0/rp_filter": interface names may hold dots. CAP_NET_ADMIN in the
 * namespace; the files' owner is root, so an
 * unprivileged user writes them by that capability alone.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { SystemError } from "../core/errors.ts";
import { attempt, errorCode } from "./system-call.ts";

const ROOT = "/proc/sys/net";

export interface SysctlRecord {
  readonly key: string;
  readonly value: string;
}

export class Sysctls {
  readonly #before: Map<string, string>;

  /** `recorded` comes from a run that could not put things back. */
  constructor(recorded: readonly SysctlRecord[] = []) {
    this.#before = new Map(recorded.map(({ key, value }) => [key, value]));
  }

  /** What things were like before us: to be on disk before `set` returns to somebody who may be killed. */
  get recorded(): readonly SysctlRecord[] {
    return [...this.#before].map(([key, value]) => ({ key, value }));
  }

  /** Changes a setting unless it is so already; says whether it did. Throws a `SystemError`. */
  set(key: string, value: string | number): boolean {
    const now = readSysctl(key);
    if (now === String(value)) return false;
    if (!this.#before.has(key)) this.#before.set(key, now);
    writeSysctl(key, value);
    return true;
  }

  /**
   * Puts everything back; the settings of an interface that is gone are gone with it. Answers what could not be put
   * back.
   */
  restore(): SystemError[] {
    const failures: SystemError[] = [];
    for (const [key, value] of [...this.#before].reverse()) {
      try {
        writeSysctl(key, value);
        this.#before.delete(key);
      } catch (error) {
        if (!(error instanceof SystemError)) throw error;
        if (errorCode(error) === "ENOENT") this.#before.delete(key);
        else failures.push(error);
      }
    }
    return failures;
  }
}

export function readSysctl(key: string): string {
  return attempt("read the sysctl", { key }, () => readFileSync(pathOf(key), "utf8").trim());
}

/** CAP_NET_ADMIN */
export function writeSysctl(key: string, value: string | number): void {
  attempt("write the sysctl", { key, value }, () => writeFileSync(pathOf(key), `${value}\n`, { flag: "r+" }));
}

function pathOf(key: string): string {
  const parts = key.split("/");
  if (parts.some(part => part === "" || part === "." || part === "..")) throw new RangeError(`${key} is no sysctl`);
  return `${ROOT}/${key}`;
}
