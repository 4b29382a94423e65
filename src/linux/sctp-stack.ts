/**
 * The SCTP stack of this process: started with the first association and guarded by what the associations together
 * allow. usrsctp reads the host's addresses once, at its start; an association whose address came later has it started
 * anew, which it can be while nobody else uses it.
 */

import { existsSync } from "node:fs";
import { SystemError } from "../core/errors.ts";
import { STEERING_MARK } from "../core/net/steering.ts";
import { ipToOctets } from "../core/wire/address.ts";
import { loadAddon, type Watch } from "./addon.ts";
import { loadSctpAddon, type SctpAddon } from "./sctp-addon.ts";
import { rawFilter, type SctpFlow, udpFilter } from "./sctp-filter.ts";

export interface SctpUser extends SctpFlow {
  readonly udpPort: number | undefined;
  /** Something happened to some endpoint. */
  rung(): void;
}

const users = new Set<SctpUser>();
let watch: Watch | undefined;
/** The UDP port that the stack was started with. */
let startedWith: number | undefined;
let stale = false;

/** Throws a `SystemError` where there is no SCTP here, or none of the kind that is asked for. */
export function joinStack(user: SctpUser): SctpAddon {
  const addon = loadSctpAddon();
  if (user.udpPort === undefined && existsSync("/proc/net/sctp")) {
    const because =
      "the kernel has SCTP of its own, which would abort it: configure 'encapsulation udp' on both members";
    throw new SystemError("carry SCTP over IP", {}, new Error(because));
  }
  const udpPort = user.udpPort ?? 0;
  if (startedWith !== undefined && (stale || startedWith !== udpPort)) stopStack(addon);
  users.add(user);
  try {
    if (startedWith === undefined) startStack(addon, udpPort);
    guardStack(addon);
  } catch (error) {
    leaveStack(user);
    throw error;
  }
  return addon;
}

export function leaveStack(user: SctpUser): void {
  users.delete(user);
  if (startedWith !== undefined) guardStack(loadSctpAddon());
  if (users.size > 0) return;
  watch?.close();
  watch = undefined;
}

/** The host has other addresses now. */
export function stackIsStale(): void {
  stale = true;
}

function startStack(addon: SctpAddon, udpPort: number): void {
  addon.start(udpPort);
  startedWith = udpPort;
  stale = false;
}

function stopStack(addon: SctpAddon): void {
  if (users.size > 0 || !addon.stop()) {
    throw new SystemError("start SCTP anew", {}, new Error("an association is still closing"));
  }
  startedWith = undefined;
}

/** Each address of the peer's has its own of this end; where there is one only, both share it. */
function pairsOf({ local, remote }: SctpFlow): number[] {
  return remote.addresses.flatMap((to, at) => {
    const from = local.addresses[at] ?? local.addresses[0];
    return from === undefined ? [] : [...ipToOctets(to), ...ipToOctets(from)];
  });
}

function guardStack(addon: SctpAddon): void {
  const flows = [...users];
  addon.sources(Uint8Array.from(flows.flatMap(pairsOf)));
  const [raw, udp] = addon.guard(STEERING_MARK, rawFilter(flows), udpFilter(flows));
  if (raw === 0) throw new SystemError("open a raw socket for SCTP", {}, new Error("CAP_NET_RAW is missing"));
  if (startedWith !== 0 && udp === 0) {
    throw new SystemError("open the UDP port of SCTP", { port: startedWith ?? 0 }, new Error("it is in use"));
  }
  watch ??= new (loadAddon().Watch)(addon.bell, () => {
    loadAddon().eventfdDrain(addon.bell);
    for (const user of [...users]) user.rung();
  });
}
