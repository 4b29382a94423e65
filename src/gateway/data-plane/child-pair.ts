/** The two SAs that a Child SA is in the data plane, with what this member's own configuration adds to each. */
import type { Config } from "../../core/config/config.ts";
import { tunnelSegmentSize } from "../../core/config/segment-size.ts";
import type { ChildKeys, ChildSa } from "../../core/ipsec/child-sa.ts";
import type { ProtectedTraffic } from "../../core/ipsec/crypto-policies.ts";
import { REPLAY_INTERVAL } from "../../core/ipsec/ipsec-model.ts";
import type { NewSa } from "../../core/ipsec/sad.ts";
import { PLAIN_OWNER, type SaLimits } from "../../core/ipsec/security-association.ts";
import { newReservation, SEQUENCE_JUMP } from "../../core/ipsec/sequence-reservation.ts";
import { reversed } from "../../core/wire/selector.ts";

export interface PairFrom {
  readonly child: ChildSa;
  readonly traffic: ProtectedTraffic;
  readonly config: Config;
  /** Of the owner now. */
  readonly epoch: number;
  /** What the standby holds already; a new SA's first step by default. */
  readonly acknowledged: number | undefined;
}

const DEFAULT_MTU = 1_500;

export interface NewPair {
  readonly outbound: NewSa;
  readonly inbound: NewSa;
}

export function childPair({ child, traffic, config, epoch, acknowledged }: PairFrom): NewPair {
  const { owner, mode, suite, local, remote, encapsulation, esn, selector } = child;
  const limits = limitsOf(child);
  const common = ({ spi, cipherKey, integrityKey }: ChildKeys) => ({
    ...{ spi, cipherKey, integrityKey },
    ...{ owner, mode, suite, local, remote, encapsulation, esn, limits },
  });
  const at = config.net.interfaces.get(traffic.interface);
  const mss = tunnelSegmentSize(config, traffic.interface);
  const reservation = newReservation(esn);
  return {
    outbound: {
      ...common(child.outbound),
      direction: "outbound",
      selectors: [selector],
      reservation: {
        acknowledged: acknowledged ?? reservation.acknowledged,
        step: reservation.step,
        jump: SEQUENCE_JUMP,
      },
      nextSequence: 1,
      epoch,
      df: config.ipsec.dfBit,
      pathMtu: child.pathMtu ?? at?.mtu ?? DEFAULT_MTU,
      fragmentation: config.ipsec.fragmentation,
      mss,
    },
    inbound: {
      ...common(child.inbound),
      direction: "inbound",
      selectors: [reversed(selector)],
      replayWindow: child.replayWindow,
      replayEdge: 0,
      edgePackets: edgePacketsOf(config, traffic),
      peerMayMove: child.peerMayMove,
      mss,
    },
  };
}

/** Nobody wants to hear of edges where no HSRP group decides. */
function edgePacketsOf({ ipsec }: Config, { owner, map }: ProtectedTraffic): number {
  if (owner === PLAIN_OWNER) return 0;
  return (ipsec.maps.get(map)?.replayInterval ?? REPLAY_INTERVAL).inbound;
}

function limitsOf({ lifetime: { softOctets, hardOctets, hardAtMs } }: ChildSa): SaLimits {
  return { softOctets, hardOctets, softPackets: undefined, hardPackets: undefined, hardAtMs };
}
