/**
 * FRR in the hosts of a lab that have a configuration for it: zebra and ospfd, as Debian's user `frr`, with a folder
 * for each host. They end with everything else that runs in the lab's namespaces.
 */
import { copyFileSync, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { SystemError } from "../core/errors.ts";
import { routingFolder } from "./lab-state.ts";
import { execIn, namespaceOf } from "./namespaces.ts";
import type { Host } from "./topology.ts";

const DAEMONS = "/usr/lib/frr";
const CONFIG_FOLDER = fileURLToPath(new URL("../../lab", import.meta.url));

/**
 * A command that leaves a daemon behind, and what both say in a file: from version 10 on FRR's daemons keep the output
 * that they were started with, and whoever reads it to its end would wait for them.
 */
export function leavingDaemon(logFile: string, command: readonly string[]): string[] {
  return ["sh", "-c", 'log=$0; "$@" >"$log" 2>&1 </dev/null || { cat "$log" >&2; exit 1; }', logFile, ...command];
}

/** Nothing where the host has no routing. Throws a `SystemError`. */
export function startRouting(lab: string, host: Host): void {
  if (host.routing === undefined) return;
  if (!existsSync(join(DAEMONS, "ospfd")))
    throw new SystemError("start routing", { host: host.name }, new Error("it needs FRR: scripts/install interop"));
  const folder = routingFolder(lab, host.name);
  mkdirSync(folder, { recursive: true });
  const config = join(folder, "frr.conf");
  copyFileSync(join(CONFIG_FOLDER, host.routing), config);
  execIn(namespaceOf(lab, host.name), ["chown", "-R", "frr:frr", folder]);
  for (const daemon of ["zebra", "ospfd"]) {
    const common = ["-d", "-u", "frr", "-g", "frr", "-f", config, "-A", "127.0.0.1", "-P", "0"];
    const own = ["-z", join(folder, "zserv.api"), "-i", join(folder, `${daemon}.pid`), "--vty_socket", folder];
    const command = [join(DAEMONS, daemon), ...common, ...own];
    execIn(namespaceOf(lab, host.name), leavingDaemon(join(folder, `${daemon}.log`), command));
  }
}
