import { expect, test } from "vitest";
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
import { suiteOf } from "../../core/ipsec/transform-suite.ts";
import type { Ipv4 } from "../../core/wire/address.ts";
import { reversed } from "../../core/wire/selector.ts";
import { showCryptoIpsecSa } from "./show-crypto-ipsec-sa.ts";

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

function flows(limits = NO_LIMITS): FlowView[] {
  const sad = new Sad();
  return protectedTraffic(wantedProtection(config).policies).map((traffic, at) => {
    const set = config.ipsec.transformSets.get("SET");
    if (set === undefined) throw new Error("the transform set is missing");
    const common = {
      owner: traffic.owner,
      mode: "tunnel" as const,
      suite: suiteOf(set),
      cipherKey: new Secret(new Uint8Array(16)),
      integrityKey: new Secret(new Uint8Array(20)),
      local: "172.16.0.18" as Ipv4,
      remote: "10.0.0.15" as Ipv4,
      encapsulation: undefined,
      esn: false,
      limits,
    };
    const path = { df: "copy", pathMtu: 1_500, fragmentation: "before-encryption", mss: undefined } as const;
    const { acknowledged, step } = newReservation(false);
    const reservation = { acknowledged, step, jump: SEQUENCE_JUMP };
    const inbound = { ...common, direction: "inbound", spi: 0x1001, selectors: [reversed(traffic.selector)] } as const;
    const outbound = { ...common, direction: "outbound", spi: 0x1002, selectors: [traffic.selector] } as const;
    const first = sad.add({ ...inbound, replayWindow: 64, replayEdge: 0, edgePackets: 0, peerMayMove: false }, at);
    const second = sad.add({ ...outbound, ...path, reservation, nextSequence: 1, epoch: 1 }, at);
    const errors = { replayed: 3, notAuthentic: 2 };
    const sas = at > 0 ? [] : [first, second].flatMap(sa => (sa ? [viewOf(sa, sa === first ? errors : {})] : []));
    return { traffic, localAddress: common.local, active: true, mtu: 1_500, sas };
  });
}

function viewOf(sa: SecurityAssociation, errors: SaCounters["errors"]): SaView {
  const counters = { id: sa.id, packets: 4 + sa.id, octets: 2_048, errors, sequence: 4, lastUsedMs: 1 };
  return { sa, counters, remaining: remaining(sa.limits, counters.octets, 1_000) };
}

const LIMITS = { ...NO_LIMITS, hardOctets: 4_608_000 * 1_024, hardAtMs: 3_600_900 };

test("in IOS's form, line by line", () => {
  expect(showCryptoIpsecSa(flows(LIMITS), config, { detail: false }).slice(0, 42)).toEqual([
    "",
    "interface: FastEthernet0/0",
    "    Crypto map tag: MAP, local addr 172.16.0.18",
    "",
    "   protected vrf: (none)",
    "   local  ident (addr/mask/prot/port): (172.16.5.0/255.255.255.0/0/0)",
    "   remote ident (addr/mask/prot/port): (10.99.0.0/255.255.0.0/0/0)",
    "   current_peer 10.0.0.15 port 500",
    "     PERMIT, flags={origin_is_acl,}",
    "    #pkts encaps: 5, #pkts encrypt: 5, #pkts digest: 5",
    "    #pkts decaps: 4, #pkts decrypt: 4, #pkts verify: 4",
    "    #pkts compressed: 0, #pkts decompressed: 0",
    "    #pkts not compressed: 0, #pkts compr. failed: 0",
    "    #pkts not decompressed: 0, #pkts decompress failed: 0",
    "    #send errors 0, #recv errors 5",
    "",
    "     local crypto endpt.: 172.16.0.18, remote crypto endpt.: 10.0.0.15",
    "     plaintext mtu 1438, path mtu 1500, ip mtu 1500, ip mtu idb FastEthernet0/0",
    "     current outbound spi: 0x1002(4098)",
    "     PFS (Y/N): N, DH group: none",
    "",
    "     inbound esp sas:",
    "      spi: 0x1001(4097)",
    "        transform: esp-aes esp-sha-hmac ,",
    "        in use settings ={Tunnel, }",
    "        conn id: 1, flow_id: SW:1, sibling_flags 80000040, crypto map: MAP",
    "        sa timing: remaining key lifetime (k/sec): (4607998/3599)",
    "        IV size: 16 bytes",
    "        replay detection support: Y",
    "        Status: ACTIVE(ACTIVE)",
    "",
    "     inbound ah sas:",
    "",
    "     inbound pcp sas:",
    "",
    "     outbound esp sas:",
    "      spi: 0x1002(4098)",
    "        transform: esp-aes esp-sha-hmac ,",
    "        in use settings ={Tunnel, }",
    "        conn id: 2, flow_id: SW:2, sibling_flags 80000040, crypto map: MAP",
    "        sa timing: remaining key lifetime (k/sec): (4607998/3599)",
    "        IV size: 16 bytes",
  ]);
});

test("detail has errors by reason and the window", () => {
  const text = showCryptoIpsecSa(flows(LIMITS), config, { detail: true }).join("\n");
  expect(text).toContain("    #pkts invalid prot (recv) 0, #pkts verify failed: 2\n");
  expect(text).toContain("    ##pkts replay failed (rcv): 3\n");
  expect(text).toContain("        replay detection support: Y  replay window size: 64\n");
  expect(text).not.toContain("#recv errors");
});

test("a flow without SAs, with a protocol and a port", () => {
  const text = showCryptoIpsecSa(flows(), config, { detail: false }).join("\n");
  expect(text).toContain("   local  ident (addr/mask/prot/port): (172.16.5.9/255.255.255.255/6/80)\n");
  expect(text).toContain("   remote ident (addr/mask/prot/port): (0.0.0.0/0.0.0.0/6/0)\n");
  expect(text).toContain("     current outbound spi: 0x0(0)\n");
  expect(text).toContain("        no sa timing\n");
});

test("only what was asked for, each map under its interface once", () => {
  const heads = (choice: object): number =>
    showCryptoIpsecSa(flows(), config, { detail: false, ...choice }).filter(line => line.includes("tag:")).length;
  expect(heads({})).toBe(1);
  expect(heads({ map: "MAP", interface: "FastEthernet0/0", peer: "10.0.0.15" })).toBe(1);
  for (const other of [{ map: "OTHER" }, { interface: "FastEthernet0/1" }, { peer: "10.0.0.16" }]) {
    expect(showCryptoIpsecSa(flows(), config, { detail: false, ...other })).toEqual(["", "No SAs found"]);
  }
});

test("what a standby holds says so", () => {
  const standby = flows().map(flow => ({ ...flow, active: false }));
  expect(showCryptoIpsecSa(standby, config, { detail: false })).toContain("        Status: STANDBY");
});
