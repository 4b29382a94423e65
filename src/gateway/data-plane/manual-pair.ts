/** The two SAs that one manually keyed tunnel is, as values. */
import type { Config } from "../../core/config/config.ts";
import { Secret } from "../../core/crypto/secret.ts";
import { invariant } from "../../core/errors.ts";
import type { ProtectedTraffic } from "../../core/ipsec/crypto-policies.ts";
import type { Member } from "../../core/ipsec/iv-layout.ts";
import type { NewSa } from "../../core/ipsec/sad.ts";
import { NO_LIMITS } from "../../core/ipsec/security-association.ts";
import { newReservation, SEQUENCE_JUMP } from "../../core/ipsec/sequence-reservation.ts";
import { suiteOf } from "../../core/ipsec/transform-suite.ts";
import type { IpAddress } from "../../core/wire/address.ts";
import { reversed } from "../../core/wire/selector.ts";
import type { ManualSa, ManualTunnel } from "./manual-keys.ts";

export interface ManualPair {
  readonly tunnel: ManualTunnel;
  readonly traffic: ProtectedTraffic;
  readonly config: Config;
  readonly local: IpAddress;
  /** Of the owner now. */
  readonly epoch: number;
  readonly member: Member;
}

const ESP_IN_UDP_PORT = 4_500;
const DEFAULT_MTU = 1_500;

/** Outbound, then inbound. The keys fit: `misfit` was asked. */
export function manualPair({ tunnel, traffic, config, local, epoch, member }: ManualPair): NewSa[] {
  const { entry, owner, selector } = traffic;
  const set = config.ipsec.transformSets.get(entry.transformSets[0] ?? "");
  const [remote] = entry.peers;
  invariant(set !== undefined && remote !== undefined, "manual keys without a transform set or a peer");
  const common = (of: ManualSa) => ({
    spi: of.spi,
    owner,
    mode: set.mode,
    suite: suiteOf(set),
    cipherKey: new Secret(of.key),
    integrityKey: new Secret(of.integrity),
    local,
    remote,
    encapsulation: tunnel.udp ? { localPort: ESP_IN_UDP_PORT, remotePort: ESP_IN_UDP_PORT } : undefined,
    esn: tunnel.esn,
    limits: NO_LIMITS,
  });
  const { acknowledged: held, step } = newReservation(tunnel.esn);
  // Nobody tells the second member what the first has used: it begins where the first cannot come.
  const acknowledged = held + member * 2 * SEQUENCE_JUMP;
  return [
    {
      ...common(tunnel.outbound),
      direction: "outbound",
      selectors: [selector],
      reservation: { acknowledged, step, jump: SEQUENCE_JUMP },
      nextSequence: 1,
      epoch,
      df: config.ipsec.dfBit,
      pathMtu: config.net.interfaces.get(traffic.interface)?.mtu ?? DEFAULT_MTU,
      fragmentation: config.ipsec.fragmentation,
      mss: config.net.interfaces.get(traffic.interface)?.adjustMss,
    },
    {
      ...common(tunnel.inbound),
      direction: "inbound",
      selectors: [reversed(selector)],
      replayWindow: tunnel.replayWindow,
      replayEdge: 0,
      edgePackets: 0,
      peerMayMove: false,
    },
  ];
}
