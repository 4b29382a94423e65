/**
 * The command line of `understudy run`, as a value. Both the supervisor and the gateway that it starts read it.
 */
import { mkdirSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { parseArgs } from "node:util";
import { SystemError } from "../core/errors.ts";

export const DEFAULT_SOCKET = "/run/understudy/cli.sock";
const DEFAULT_STATE = "/var/lib/understudy";

export interface RunOptions {
  /** The startup configuration. */
  readonly configFile: string;
  /** What must survive a restart: what to undo at exit, epochs. */
  readonly stateDir: string;
  /** Where `understudy cli` attaches. */
  readonly socket: string;
  /** Keys of SAs that nobody negotiates. */
  readonly manualKeysFile: string | undefined;
  /** Where the keys of negotiated SAs are written. */
  readonly keyLogFile: string | undefined;
}

/** A command line that cannot be taken; the message is for the operator. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

export const RUN_USAGE = `usage: understudy run CONFIG [--state DIR] [--socket PATH] [--manual-keys FILE]
                      [--key-log FILE]

Runs a gateway with the IOS-style configuration in CONFIG, under a supervisor that starts it again when it dies.

  --state DIR     what must survive a restart (default ${DEFAULT_STATE})
  --socket PATH   where 'understudy cli' attaches (default ${DEFAULT_SOCKET})
  --manual-keys FILE  keys of SAs instead of IKE; for tests, never in earnest: a restart uses them again
  --key-log FILE  writes the keys of SAs there, for Wireshark; for tests, never in earnest

SIGTERM and SIGINT stop it in an orderly way: what it changed on this host is undone.`;

/** Throws a `UsageError`. */
export function parseRunOptions(args: readonly string[]): RunOptions {
  const { values, positionals } = parseOptions(args);
  const [configFile, extra] = positionals;
  if (configFile === undefined) throw new UsageError(`which configuration?\n\n${RUN_USAGE}`);
  if (extra !== undefined) throw new UsageError(`one CONFIG only, found "${basename(configFile)}" and "${extra}"`);
  return {
    configFile: resolve(configFile),
    stateDir: resolve(values.state ?? process.env.STATE_DIRECTORY ?? DEFAULT_STATE),
    socket: resolve(values.socket ?? DEFAULT_SOCKET),
    manualKeysFile: values["manual-keys"] === undefined ? undefined : resolve(values["manual-keys"]),
    keyLogFile: values["key-log"] === undefined ? undefined : resolve(values["key-log"]),
  };
}

/** The folders that a gateway writes to, made for its owner alone. Throws a `SystemError`. */
export function makeFolders(options: RunOptions): void {
  for (const [folder, mode] of [
    [options.stateDir, 0o700],
    [dirname(options.socket), 0o755],
  ] as const) {
    try {
      mkdirSync(folder, { recursive: true, mode });
    } catch (cause) {
      throw new SystemError("make a folder", { folder }, cause);
    }
  }
}

interface ParsedOptions {
  readonly values: { state?: string; socket?: string; "manual-keys"?: string; "key-log"?: string };
  readonly positionals: string[];
}

function parseOptions(args: readonly string[]): ParsedOptions {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        state: { type: "string" },
        socket: { type: "string" },
        "manual-keys": { type: "string" },
        "key-log": { type: "string" },
      },
    });
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n\n${RUN_USAGE}`);
  }
}
