/**
 * `show redundancy` alone: the pair as one system, in the blocks that IOS prints of two processors. The slot that IOS
 * names is a member here, by its name or address. The first to be active has taken over from nobody, and counts as
 * no switchover.
 */
import type { ReplicationSnapshot } from "../../core/redundancy/replication-port.ts";
import { RF_STATES } from "../../core/redundancy/rf-table.ts";
import type { GatewayPort } from "../gateway-port.ts";
import { reasonOf } from "./show-redundancy-history.ts";
import { imageLine } from "./show-version.ts";
import { duration } from "./times.ts";

export function showRedundancySystem(gateway: GatewayPort, schemes: readonly ReplicationSnapshot[]): string[] {
  if (schemes.length === 0) return systemLines(gateway, undefined);
  return schemes.flatMap((scheme, at) => [
    ...(at > 0 ? [""] : []),
    ...(schemes.length > 1 ? [`Scheme standby ${scheme.scheme}`] : []),
    ...systemLines(gateway, scheme),
  ]);
}

function systemLines(gateway: GatewayPort, scheme: ReplicationSnapshot | undefined): string[] {
  const { peer, switchovers = [], counters, history = [] } = scheme ?? {};
  const last = switchovers.at(-1);
  const state = scheme?.state ?? "DISABLED";
  const sinceMs = scheme === undefined ? gateway.uptimeMs() : scheme.now - (history.at(-1)?.at ?? 0);
  return [
    "Redundant System Information :",
    "------------------------------",
    line("Available system uptime", duration(gateway.uptimeMs())),
    line("Switchovers system experienced", String(switchovers.length)),
    line("Standby failures", String(counters?.["not-hot"] ?? 0)),
    line("Last switchover reason", last === undefined ? "none" : reasonOf(last)),
    "",
    line("Hardware Mode", peer === undefined ? "Simplex" : "Duplex"),
    line("Configured Redundancy Mode", scheme === undefined ? NONE : STATEFUL),
    line("Operating Redundancy Mode", holds(scheme) ? STATEFUL : NONE),
    line("Maintenance Mode", "Disabled"),
    line("Communications", peer === undefined ? `Down      Reason: ${scheme?.link.because || "Simplex mode"}` : "Up"),
    "",
    "Current Processor Information :",
    "-------------------------------",
    line(locationOf(state), `slot ${gateway.config().net.hostname}`),
    line("Current Software state", state),
    line("Uptime in current state", duration(Math.min(sinceMs, gateway.uptimeMs()))),
    line("Image Version", imageLine()),
    line("Configuration register", "0x2102"),
    "",
    ...(peer === undefined
      ? ["Peer (slot: unavailable) information is not available because it is in 'DISABLED' state"]
      : [
          "Peer Processor Information :",
          "----------------------------",
          line(locationOf(peer.state), `slot ${peer.member}`),
          line("Current Software state", peer.state),
          ...(peer.stateSince === undefined || scheme === undefined
            ? []
            : [line("Uptime in current state", duration(scheme.now - peer.stateSince))]),
          line("Image Version", peer.software),
        ]),
  ];
}

const STATEFUL = "Stateful Switchover";
const NONE = "Non-redundant";
const WIDTH = 30;

function line(words: string, value: string): string {
  return `${words.padStart(WIDTH)} = ${value}`;
}

/** A failover now would keep the tunnels. */
function holds(scheme: ReplicationSnapshot | undefined): boolean {
  if (scheme?.peer === undefined) return false;
  return RF_STATES[scheme.state] >= RF_STATES["ACTIVE-FAST"] ? scheme.peerHot : scheme.synced;
}

/** Who stands by for nobody carries what there is. */
function locationOf(state: ReplicationSnapshot["state"]): string {
  return state.startsWith("STANDBY") ? "Standby Location" : "Active Location";
}
