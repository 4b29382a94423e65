/**
 * What the running kernel has of a module: built in, loaded, there to be loaded, or not at all. It looks and loads
 * nothing.
 */
import { existsSync, readFileSync } from "node:fs";
import { release } from "node:os";
import { gunzipSync } from "node:zlib";

export type ModuleState = "loaded" | "built in" | "can be loaded" | "not there";

/** Kernel configuration symbols, for kernels that were built without modules. */
const SYMBOLS: Readonly<Record<string, string>> = {
  esp4: "CONFIG_INET_ESP",
  xfrm_interface: "CONFIG_XFRM_INTERFACE",
  macvlan: "CONFIG_MACVLAN",
  sctp: "CONFIG_IP_SCTP",
};

export function isPresent(state: ModuleState): boolean {
  return state !== "not there";
}

export function moduleState(module: string): ModuleState {
  if (existsSync(`/sys/module/${module}`)) return "loaded";
  const folder = `/lib/modules/${release()}`;
  const listed = new RegExp(`/${module}\\.ko`, "m");
  if (listed.test(textOf(`${folder}/modules.builtin`)) || builtInBySymbol(module)) return "built in";
  if (listed.test(textOf(`${folder}/modules.dep`))) return "can be loaded";
  return "not there";
}

function builtInBySymbol(module: string): boolean {
  const symbol = SYMBOLS[module];
  if (symbol === undefined || !existsSync("/proc/config.gz")) return false;
  return new RegExp(`^${symbol}=y$`, "m").test(gunzipSync(readFileSync("/proc/config.gz")).toString());
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
