/**
 * Network namespaces, through iproute2. Every name begins with `us-LAB-`, so that a lab's own can be told from
 * everybody else's and removed from their names alone.
 */
import { execFileSync, type SpawnSyncReturns } from "node:child_process";
import { SystemError } from "../core/errors.ts";

const PREFIX = "us-";
export const FABRIC = "fabric";

export function namespaceOf(lab: string, host: string): string {
  return `${PREFIX}${lab}-${host}`;
}

/** The namespaces of one lab that exist. */
export function namespacesOf(lab: string): string[] {
  return allNamespaces().filter(
    name => name.startsWith(`${PREFIX}${lab}-`) && !name.substring(PREFIX.length + lab.length + 1).includes("-"),
  );
}

/** The names of labs that have a namespace. */
export function labsInNamespaces(): string[] {
  const fabric = new RegExp(`^${PREFIX}(.+)-${FABRIC}$`);
  return allNamespaces().flatMap(name => fabric.exec(name)?.[1] ?? []);
}

/** Runs `ip` with a script of commands, one a line; the first that fails ends it. Throws a `SystemError`. */
export function ipBatch(namespace: string | undefined, lines: readonly string[]): void {
  const args = [...(namespace === undefined ? [] : ["-netns", namespace]), "-batch", "-"];
  run("change the network", "ip", args, `${lines.join("\n")}\n`);
}

/** Processes that live in a namespace. */
export function processesIn(namespace: string): number[] {
  return run("list processes", "ip", ["netns", "pids", namespace]).split(/\s+/).filter(Boolean).map(Number);
}

export function execIn(namespace: string, command: readonly string[], input?: string): string {
  return run(`run ${command[0]}`, "ip", ["netns", "exec", namespace, ...command], input);
}

function allNamespaces(): string[] {
  return run("list namespaces", "ip", ["netns", "list"])
    .split("\n")
    .map(line => line.split(" ")[0] ?? "")
    .filter(Boolean);
}

function run(doing: string, command: string, args: readonly string[], input?: string): string {
  try {
    return execFileSync(command, args, { encoding: "utf8", input: input ?? "", stdio: ["pipe", "pipe", "pipe"] });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT")
      throw new SystemError(
        doing,
        { command },
        new Error(`${command} is not installed; scripts/install lab brings it`),
      );
    const said = (error as SpawnSyncReturns<string>).stderr?.trim();
    throw new SystemError(
      doing,
      { command: `${command} ${args.join(" ")}` },
      new Error(said || (error as Error).message),
    );
  }
}
