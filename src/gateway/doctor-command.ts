/**
 * `understudy doctor`: what this host has and lacks, in plain words, with the remedy. It only looks; it loads no
 * module and changes nothing.
 */
import { accessSync, constants, existsSync, readFileSync } from "node:fs";
import { release } from "node:os";
import { SystemError } from "../core/errors.ts";
import { loadAddon } from "../linux/addon.ts";
import { loadFastPathAddon } from "../linux/fastpath-addon.ts";
import { hasCapability, realtimePriorityLimit } from "../linux/process-rights.ts";
import { loadSctpAddon } from "../linux/sctp-addon.ts";
import { isPresent, moduleState } from "./kernel-modules.ts";

type Finding =
  | { readonly state: "ok"; readonly found: string }
  | { readonly state: "note" | "lacks"; readonly found: string; readonly remedy: string };

const DOCTOR_USAGE = `usage: understudy doctor

Says what this host has and lacks.
Exit code: 0 a gateway can run here, 1 something that it needs is missing.`;

interface Check {
  readonly name: string;
  readonly look: () => Finding;
}

const NODE_LEAST = [20, 19] as const;
const CAPABILITIES = ["CAP_NET_ADMIN", "CAP_NET_RAW", "CAP_NET_BIND_SERVICE"] as const;

const checks: readonly Check[] = [
  { name: "Node", look: node },
  { name: "native addon", look: addon },
  { name: "fast path", look: fastPath },
  { name: "association", look: association },
  { name: "capabilities", look: capabilities },
  { name: "TUN device", look: tun },
  {
    name: "kernel ESP",
    look: () => optional("esp4", "the userspace data plane is used, which needs nothing of the kernel"),
  },
  { name: "XFRM interfaces", look: () => optional("xfrm_interface", "VTIs use the userspace data plane") },
  { name: "macvlan", look: () => needed("macvlan", "HSRP puts the virtual MAC address on a macvlan") },
  { name: "kernel SCTP", look: sctp },
  { name: "reverse path filter", look: reversePathFilter },
  { name: "real-time priority", look: realTime },
];

export function runDoctor(args: readonly string[]): number {
  if (args.length > 0) {
    process.stdout.write(`${DOCTOR_USAGE}\n`);
    return args.includes("--help") || args.includes("-h") ? 0 : 2;
  }
  process.stdout.write(`Linux ${release()}\n\n`);
  let lacking = 0;
  for (const { name, look } of checks) {
    const finding = lookAt(look);
    if (finding.state === "lacks") lacking += 1;
    process.stdout.write(`${finding.state.padEnd(5)}  ${name}: ${finding.found}\n`);
    if (finding.state !== "ok") process.stdout.write(`       ${finding.remedy}\n`);
  }
  process.stdout.write(
    lacking === 0 ? "\nA gateway can run here.\n" : `\n${lacking} thing(s) that a gateway needs are missing.\n`,
  );
  return lacking === 0 ? 0 : 1;
}

/** Without the addon some things cannot be asked. */
function lookAt(look: Check["look"]): Finding {
  try {
    return look();
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    return { state: "note", found: "unknown", remedy: `${error.message}.` };
  }
}

function node(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const enough = major > NODE_LEAST[0] || (major === NODE_LEAST[0] && minor >= NODE_LEAST[1]);
  if (enough) return { state: "ok", found: process.version };
  return { state: "lacks", found: process.version, remedy: `Install Node ${NODE_LEAST.join(".")} or newer.` };
}

function addon(): Finding {
  try {
    loadAddon();
    return { state: "ok", found: "loads" };
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    return { state: "lacks", found: error.message, remedy: "Run 'npm run build'; it needs Debian's package g++." };
  }
}

/** It links libraries of the release that it was built on, so that there are hosts where it does not load. */
function fastPath(): Finding {
  try {
    return { state: "ok", found: `loads; ciphers by ${loadFastPathAddon().cryptoProviders.join(" or ")}` };
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    const remedy = "Tunnels carry nothing without it: install the library that it names, or build it on this release.";
    return { state: "lacks", found: error.message, remedy };
  }
}

function association(): Finding {
  try {
    loadSctpAddon();
    return { state: "ok", found: "SCTP loads" };
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    return { state: "note", found: error.message, remedy: "Needed by 'ipc zone': without it no state is replicated." };
  }
}

function capabilities(): Finding {
  const missing = CAPABILITIES.filter(name => !hasCapability(name));
  if (missing.length === 0) return { state: "ok", found: `${CAPABILITIES.join(", ")} are there` };
  return {
    state: "lacks",
    found: `${missing.join(", ")} missing`,
    remedy: "Run as root, or give the service these capabilities (AmbientCapabilities= in its unit).",
  };
}

function tun(): Finding {
  try {
    accessSync("/dev/net/tun", constants.R_OK | constants.W_OK);
    return { state: "ok", found: "/dev/net/tun can be opened" };
  } catch (error) {
    return {
      state: "lacks",
      found: (error as Error).message,
      remedy: "Load the module: modprobe tun. In a container, pass the device /dev/net/tun in.",
    };
  }
}

function optional(module: string, without: string): Finding {
  const state = moduleState(module);
  if (isPresent(state)) return { state: "ok", found: state };
  return { state: "note", found: state, remedy: `Not needed: ${without}.` };
}

function needed(module: string, why: string): Finding {
  const state = moduleState(module);
  if (isPresent(state)) return { state: "ok", found: state };
  return { state: "lacks", found: state, remedy: `Needed: ${why}. Use a kernel that has ${module}.` };
}

/** A kernel with SCTP of its own answers every packet of an association that is not its own with ABORT. */
function sctp(): Finding {
  if (!existsSync("/proc/net/sctp")) return { state: "ok", found: "not loaded, so the association can use raw SCTP" };
  return {
    state: "note",
    found: "loaded; it would abort associations over raw SCTP",
    remedy: "Say 'encapsulation udp' under 'protocol sctp', or unload and blacklist the module sctp.",
  };
}

function reversePathFilter(): Finding {
  const mode = readFileSync("/proc/sys/net/ipv4/conf/all/rp_filter", "utf8").trim();
  if (mode !== "1") return { state: "ok", found: `net.ipv4.conf.all.rp_filter is ${mode}` };
  return {
    state: "lacks",
    found: "net.ipv4.conf.all.rp_filter is 1: answers of a virtual address would be dropped",
    remedy: "Set it to 2 or 0: sysctl net.ipv4.conf.all.rp_filter=2",
  };
}

function realTime(): Finding {
  const limit = realtimePriorityLimit();
  if (limit > 0) return { state: "ok", found: `SCHED_FIFO may be asked for, up to priority ${limit}` };
  return {
    state: "note",
    found: "SCHED_FIFO is not permitted",
    remedy: "HSRP hold times under 150 ms need it: LimitRTPRIO=50 in the unit.",
  };
}
