/** `show redundancy states` and `show redundancy inter-device`, in IOS's lines; what IOS has no line for follows. */
import type { Config } from "../../core/config/config.ts";
import { STATE_NAMES } from "../../core/hsrp/hsrp-names.ts";
import type { ReplicationSnapshot } from "../../core/redundancy/replication-port.ts";
import { RF_STATES, type RfState } from "../../core/redundancy/rf-table.ts";
import { REDUNDANCY_CLIENTS } from "./show-redundancy-clients.ts";
import { groupName, type ShownGroup } from "./standby-groups.ts";

/** As the MIB's clients are told of a change: the time that IOS gives each of them. */
const NOTIFICATION_MS = 30_000;

export function showRedundancyStates(schemes: readonly ReplicationSnapshot[], debugging: boolean): string[] {
  if (schemes.length === 0) return stateLines(undefined, debugging);
  return schemes.flatMap((scheme, at) => [
    ...(at > 0 ? [""] : []),
    ...(schemes.length > 1 ? [`Scheme standby ${scheme.scheme}`] : []),
    ...stateLines(scheme, debugging),
  ]);
}

function stateLines(scheme: ReplicationSnapshot | undefined, debugging: boolean): string[] {
  const { peer } = scheme ?? {};
  const alone = peer === undefined;
  const reason = scheme?.link.up === true ? "No peer" : "Simplex mode";
  return [
    `   my state = ${numbered(scheme?.state ?? "DISABLED")}`,
    ` peer state = ${numbered(peer?.state ?? "DISABLED")}`,
    `       Mode = ${alone ? "Simplex" : "Duplex"}`,
    "    Unit ID = 0",
    "",
    "Maintenance Mode = Disabled",
    `   Manual Swact = ${alone ? `Disabled  Reason: ${reason}` : "Enabled"}`,
    ` Communications = ${alone ? `Down      Reason: ${reason}` : "Up"}`,
    "",
    `client count = ${REDUNDANCY_CLIENTS.length}`,
    ` client_notification_TMR = ${NOTIFICATION_MS} milliseconds`,
    `       RF debug mask = ${debugging ? "0x3" : "0x0"}`,
  ];
}

function numbered(state: RfState): string {
  return `${String(RF_STATES[state]).padEnd(2)} -${state}`;
}

export function showInterDevice(
  config: Config,
  schemes: readonly ReplicationSnapshot[],
  groups: readonly ShownGroup[],
): string[] {
  const { redundancy } = config;
  if (redundancy.schemes.length === 0) return ["Redundancy inter-device is not configured"];
  return redundancy.schemes.flatMap(name => {
    const scheme = schemes.find(each => each.scheme === name);
    const group = groups.find(each => groupName(each) === name);
    return [
      `Redundancy inter-device state: RF_INTERDEV_STATE_${interDeviceState(scheme?.state)}`,
      "  Scheme: Standby",
      `  Groupname: ${name} Group State: ${STATE_NAMES[group?.running?.state ?? "initial"]}`,
      `  Peer present: ${scheme?.peer === undefined ? "RF_INTERDEV_PEER_NO_COMM" : "RF_INTERDEV_PEER_COMM"}`,
      `  Security: ${securityText(config)}`,
      ...(scheme === undefined ? ["  Association: none is complete and not shut down"] : whatHolds(scheme)),
    ];
  });
}

function interDeviceState(state: RfState | undefined): "INIT" | "STDBY" | "ACT" {
  const number = state === undefined ? 0 : RF_STATES[state];
  if (number >= RF_STATES["ACTIVE-FAST"]) return "ACT";
  return number >= RF_STATES["STANDBY COLD"] ? "STDBY" : "INIT";
}

function securityText({ redundancy: { security, ipsecProfile } }: Config): string {
  const words = [
    security.key === undefined ? [] : ["key"],
    security.fingerprint === undefined ? [] : [`fingerprint ${security.fingerprint}`],
    ipsecProfile === undefined ? [] : [`ipsec ${ipsecProfile} (not in effect)`],
  ].flat();
  return words.length === 0 ? "Not configured" : words.join(", ");
}

/** Past IOS's lines: the association is sealed whatever `Security` says. */
function whatHolds(scheme: ReplicationSnapshot): string[] {
  const { link, records, lag, role, synced, peer, peerHot } = scheme;
  const owns = role.role === "active" || role.role === "draining";
  return [
    `  Association: ${link.up ? "up, sealed" : `down, ${link.because}`}`,
    ...(peer === undefined ? [] : [`  Peer: ${peer.member}, ${peer.software}, epoch ${peer.epoch}`]),
    ...(peer?.incompatible === undefined ? [] : [`  Peer is refused: ${peer.incompatible}`]),
    ...(peer?.differs === undefined ? [] : [`  Configurations differ: ${peer.differs}`]),
    `  Epoch ${role.epoch}: ${records.ike} IKE SAs, ${records.child} Child SAs`,
    owns
      ? `  Standby: ${peerHot ? "hot" : "not hot"}, behind by ${lag.records} records, ${lag.ms} ms, ` +
        `${lag.sequenceNumbers} sequence numbers`
      : `  This member holds ${synced ? "everything" : "not everything"} that the active holds`,
  ];
}
