/**
 * The schemes that `redundancy inter-device` names, with what their beacons need: ways to the other member from
 * `ipc zone`, a key from `security key` or the one that the members have agreed on. Without either a scheme's group is
 * plain HSRP, and the gate says so.
 */
import type { BeaconPath, SchemeSettings } from "../gate/liveness-port.ts";
import { ipv4Prefixes } from "../net/net-model.ts";
import type { AssociationModel } from "../redundancy/redundancy-model.ts";
import type { Config } from "./config.ts";

/** What an orderly handover waits for the standby at most. Traffic goes on meanwhile, so patience costs nothing. */
const DRAIN_MS = 1_000;
/** Preemption waits this long after a takeover, so that a flapping link does not take the tunnels along. */
const HOLD_DOWN_MS = 1_000;

/** What the outside world keeps for a scheme. */
export interface SchemeMemory {
  /** Of the beacons' HMAC, derived from the configured secret. */
  readonly keyFrom: (secret: string) => Uint8Array;
  /** What both members took from their last association; `undefined` before the first. */
  readonly agreedKey: Uint8Array | undefined;
  readonly storedEpoch: (scheme: string) => number;
}

export function wantedSchemes(config: Config, memory: SchemeMemory): SchemeSettings[] {
  const { present, schemes, security } = config.redundancy;
  if (!present) return [];
  const paths = [...config.ipc.associations.values()].flatMap(each => pathsOf(each, config));
  const key = security.key === undefined ? memory.agreedKey : memory.keyFrom(security.key);
  return schemes.map(name => ({
    name,
    paths,
    key,
    storedEpoch: memory.storedEpoch(name),
    drainMs: DRAIN_MS,
    holdDownMs: HOLD_DOWN_MS,
  }));
}

/** The first local address speaks to the first remote one, the second to the second, as the association's paths do. */
function pathsOf({ shutdown, sctp }: AssociationModel, config: Config): BeaconPath[] {
  const { local, remote } = sctp ?? {};
  if (shutdown || local === undefined || remote === undefined) return [];
  return local.addresses.flatMap((address, at) => {
    const far = remote.addresses[at];
    if (far === undefined) return [];
    const ports = { localPort: local.port, remotePort: remote.port };
    const owner = [...config.net.interfaces.values()].find(each =>
      ipv4Prefixes(each).some(prefix => prefix.address === address),
    );
    return [{ local: address, remote: far, ...ports, interface: owner?.name }];
  });
}
