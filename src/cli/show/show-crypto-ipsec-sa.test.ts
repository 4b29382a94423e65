import { expect, test } from "vitest";
import { flows, LIMITS } from "./crypto-flows.test-support.ts";
import { showCryptoIpsecSa } from "./show-crypto-ipsec-sa.ts";

test("in IOS's form, line by line", () => {
  expect(showCryptoIpsecSa(flows(LIMITS), { detail: false }).slice(0, 42)).toEqual([
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
  const text = showCryptoIpsecSa(flows(LIMITS), { detail: true }).join("\n");
  expect(text).toContain("    #pkts invalid prot (recv) 0, #pkts verify failed: 2\n");
  expect(text).toContain("    ##pkts replay failed (rcv): 3\n");
  expect(text).toContain("        replay detection support: Y  replay window size: 64\n");
  expect(text).not.toContain("#recv errors");
});

test("a flow without SAs, with a protocol and a port", () => {
  const text = showCryptoIpsecSa(flows(), { detail: false }).join("\n");
  expect(text).toContain("   local  ident (addr/mask/prot/port): (172.16.5.9/255.255.255.255/6/80)\n");
  expect(text).toContain("   remote ident (addr/mask/prot/port): (0.0.0.0/0.0.0.0/6/0)\n");
  expect(text).toContain("     current outbound spi: 0x0(0)\n");
  expect(text).toContain("        no sa timing\n");
});

test("only what was asked for, each map under its interface once", () => {
  const heads = (choice: object): number =>
    showCryptoIpsecSa(flows(), { detail: false, ...choice }).filter(line => line.includes("tag:")).length;
  expect(heads({})).toBe(1);
  expect(heads({ map: "MAP", interface: "FastEthernet0/0", peer: "10.0.0.15" })).toBe(1);
  for (const other of [{ map: "OTHER" }, { interface: "FastEthernet0/1" }, { peer: "10.0.0.16" }]) {
    expect(showCryptoIpsecSa(flows(), { detail: false, ...other })).toEqual(["", "No SAs found"]);
  }
});

test("what a standby holds says so", () => {
  const standby = flows().map(flow => ({ ...flow, active: false }));
  expect(showCryptoIpsecSa(standby, { detail: false })).toContain("        Status: STANDBY");
});
