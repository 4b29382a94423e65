/** What the data plane of one router shows, for tests: of each crypto map the first flow has a pair of SAs. */
import type { Config } from "../../core/config/config.ts";
import { loadConfig } from "../../core/config/config-document.ts";
import { wantedProtection } from "../../core/config/wanted-protection.ts";
import { Secret } from "../../core/crypto/secret.ts";
import { protectedTraffic } from "../../core/ipsec/crypto-policies.ts";
import type { SaCounters } from "../../core/ipsec/data-plane.ts";
import type { FlowView, SaView } from "../../core/ipsec/data-plane-view.ts";
import { remaining } from "../../core/ipsec/lifetimes.ts";
import { Sad } from "../../core/ipsec/sad.ts";
import { NO_LIMITS, type SecurityAssociation } from "../../core/ipsec/security-association.ts";
import { newReservation, SEQUENCE_JUMP } from "../../core/ipsec/sequence-reservation.ts";
import { keyLengths, suiteOf } from "../../core/ipsec/transform-suite.ts";
import type { Ipv4 } from "../../core/wire/address.ts";
import { reversed } from "../../core/wire/selector.ts";

const { config } = loadConfig(`
crypto ipsec transform-set SET esp-aes esp-sha-hmac
ip access-list extended ACL
 permit ip 172.16.5.0 0.0.0.255 10.99.0.0 0.0.255.255
 permit tcp host 172.16.5.9 eq 80 any
crypto map MAP 10 ipsec-isakmp
 set peer 10.0.0.15
 set transform-set SET
 match address ACL
interface FastEthernet0/0
 linux-device outside
 ip address 172.16.0.18 255.255.255.252
 crypto map MAP
`);

export function flows(limits = NO_LIMITS): FlowView[] {
  return flowsOf(config, limits);
}

/** The pairs are with the last peer of an entry, by its last transform set. */
export function flowsOf(of: Config, limits = NO_LIMITS): FlowView[] {
  const sad = new Sad();
  const seen = new Set<string>();
  return protectedTraffic(wantedProtection(of).policies).map((traffic, at) => {
    const up = !seen.has(traffic.map);
    seen.add(traffic.map);
    const set = of.ipsec.transformSets.get(traffic.entry.transformSets.at(-1) ?? "");
    if (set === undefined) throw new Error("the transform set is missing");
    const common = {
      owner: traffic.owner,
      mode: "tunnel" as const,
      suite: suiteOf(set),
      cipherKey: new Secret(new Uint8Array(keyLengths(suiteOf(set)).cipher)),
      integrityKey: new Secret(new Uint8Array(keyLengths(suiteOf(set)).integrity)),
      local: "172.16.0.18" as Ipv4,
      remote: traffic.entry.peers.at(-1) as Ipv4,
      encapsulation: undefined,
      esn: false,
      limits,
    };
    const path = { df: "copy", pathMtu: 1_500, fragmentation: "before-encryption", mss: undefined } as const;
    const { acknowledged, step } = newReservation(false);
    const reservation = { acknowledged, step, jump: SEQUENCE_JUMP };
    const inbound = {
      ...common,
      direction: "inbound",
      spi: 0x1001 + 2 * at,
      selectors: [reversed(traffic.selector)],
    } as const;
    const outbound = { ...common, direction: "outbound", spi: 0x1002 + 2 * at, selectors: [traffic.selector] } as const;
    const first = sad.add(
      { ...inbound, replayWindow: 64, replayEdge: 0, edgePackets: 0, peerMayMove: false, mss: undefined },
      at,
    );
    const second = sad.add({ ...outbound, ...path, reservation, nextSequence: 1, epoch: 1 }, at);
    const errors = { replayed: 3, notAuthentic: 2 };
    const sas = !up ? [] : [first, second].flatMap(sa => (sa ? [viewOf(sa, sa === first ? errors : {})] : []));
    return { traffic, localAddress: common.local, active: true, mtu: 1_500, sas };
  });
}

function viewOf(sa: SecurityAssociation, errors: SaCounters["errors"]): SaView {
  const counters = { id: sa.id, packets: 4 + sa.id, octets: 2_048, errors, sequence: 4, lastUsedMs: 1 };
  return { sa, counters, remaining: remaining(sa.limits, counters.octets, 1_000) };
}

export const LIMITS = { ...NO_LIMITS, hardOctets: 4_608_000 * 1_024, hardAtMs: 3_600_900 };
