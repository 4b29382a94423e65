/** The Child SA that one manually keyed tunnel is. */
import { Secret } from "../../core/crypto/secret.ts";
import { invariant } from "../../core/errors.ts";
import { type ChildKeys, type ChildSa, NO_LIFETIME } from "../../core/ipsec/child-sa.ts";
import type { ProtectedTraffic } from "../../core/ipsec/crypto-policies.ts";
import type { IpsecModel } from "../../core/ipsec/ipsec-model.ts";
import { suiteOf } from "../../core/ipsec/transform-suite.ts";
import type { IpAddress } from "../../core/wire/address.ts";
import type { ManualSa, ManualTunnel } from "./manual-keys.ts";

const ESP_IN_UDP_PORT = 4_500;

/** The keys fit: `misfit` was asked. */
export function manualChild(
  tunnel: ManualTunnel,
  traffic: ProtectedTraffic,
  ipsec: IpsecModel,
  local: IpAddress,
): ChildSa {
  const { entry, owner, selector, key } = traffic;
  const set = ipsec.transformSets.get(entry.transformSets[0] ?? "");
  const [remote] = entry.peers;
  invariant(set !== undefined && remote !== undefined, "manual keys without a transform set or a peer");
  return {
    spi: tunnel.inbound.spi,
    owner,
    traffic: key,
    selector,
    ike: undefined,
    stage: "current",
    initiated: true,
    peerId: remote,
    mode: set.mode,
    suite: suiteOf(set),
    esn: tunnel.esn,
    local,
    remote,
    encapsulation: tunnel.udp ? { localPort: ESP_IN_UDP_PORT, remotePort: ESP_IN_UDP_PORT } : undefined,
    inbound: keysOf(tunnel.inbound),
    outbound: keysOf(tunnel.outbound),
    lifetime: NO_LIFETIME,
    replayWindow: tunnel.replayWindow,
    pfsGroup: undefined,
    peerMayMove: false,
    pathMtu: undefined,
  };
}

function keysOf({ spi, key, integrity }: ManualSa): ChildKeys {
  return { spi, cipherKey: new Secret(key), integrityKey: new Secret(integrity) };
}
