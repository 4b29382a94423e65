import { expect, test } from "vitest";
import { loadConfig } from "../../core/config/config-document.ts";
import type { IkeSaView } from "../../core/ike/ike-port.ts";
import { POLICY_DEFAULTS } from "../../core/ike/isakmp-model.ts";
import type { IpAddress } from "../../core/wire/address.ts";
import { showCryptoIsakmpKey, showCryptoIsakmpPolicy, showCryptoIsakmpSa } from "./show-crypto-isakmp.ts";

// The forms are from memory of IOS 15 and from what ntc-templates and Genie ask for.

const { isakmp } = loadConfig(`
crypto isakmp policy 10
 encr aes
 hash sha
 authentication pre-share
 group 2
crypto isakmp policy 1
 authentication pre-share
crypto isakmp key VerySecret1 address 172.16.0.18
crypto isakmp key VerySecret2 address 192.0.2.0 255.255.255.0
`).config;

const SA: IkeSaView = {
  id: "a",
  connection: 1_001,
  owner: "plain",
  role: "responder",
  version: 1,
  local: "10.0.0.15" as IpAddress,
  remote: "172.16.0.18" as IpAddress,
  localPort: 500,
  remotePort: 500,
  state: "QM_IDLE",
  status: "active",
  peerIdentity: "172.16.0.18",
  policy: { ...POLICY_DEFAULTS, hash: "sha", authentication: "pre-share", group: 2 },
  remainingSeconds: 86_380,
  nat: { here: false, there: false },
  dpd: true,
  cookies: { initiator: "00", responder: "11" },
};

test("each SA in one row, from who began to who answered", () => {
  const standby: IkeSaView = { ...SA, connection: 1_002, role: "initiator", status: "standby" };
  const failed: IkeSaView = { ...SA, connection: 1_003, state: "MM_NO_STATE", status: "deleted" };
  expect(showCryptoIsakmpSa([SA, standby, failed], { detail: false })).toEqual([
    "IPv4 Crypto ISAKMP SA",
    "dst             src             state          conn-id status",
    "10.0.0.15       172.16.0.18     QM_IDLE          1001 ACTIVE",
    "172.16.0.18     10.0.0.15       QM_IDLE          1002 STDBY",
    "10.0.0.15       172.16.0.18     MM_NO_STATE      1003 ACTIVE (deleted)",
    "",
    "IPv6 Crypto ISAKMP SA",
    "",
  ]);
});

test("detail has the suite, what is left of it and what it can do", () => {
  const behindNat: IkeSaView = { ...SA, connection: 1_002, nat: { here: false, there: true }, policy: undefined };
  expect(showCryptoIsakmpSa([SA, behindNat], { detail: true }).slice(5, 15)).toEqual([
    "IPv4 Crypto ISAKMP SA",
    "",
    "C-id  Local           Remote          I-VRF  Status Encr Hash   Auth DH Lifetime Cap.",
    "",
    "1001  10.0.0.15       172.16.0.18            ACTIVE aes  sha    psk  2  23:59:40 D",
    "       Engine-id:Conn-id =  SW:1",
    "",
    "1002  10.0.0.15       172.16.0.18            ACTIVE                     23:59:40 DN",
    "       Engine-id:Conn-id =  SW:2",
    "",
  ]);
});

test("IPv6 under its own heading, and only the kind asked for", () => {
  const six: IkeSaView = { ...SA, local: "2001:db8::1" as IpAddress, remote: "2001:db8::2" as IpAddress };
  const shown = showCryptoIsakmpSa([SA, six], { detail: false, status: "active" });
  expect(shown.slice(shown.indexOf("IPv6 Crypto ISAKMP SA"))).toEqual([
    "IPv6 Crypto ISAKMP SA",
    "",
    " dst: 2001:db8::1",
    " src: 2001:db8::2",
    " state: QM_IDLE        conn-id:   1001 status: ACTIVE",
    "",
  ]);
  expect(showCryptoIsakmpSa([SA], { detail: false, status: "standby" })).toHaveLength(5);
});

test("policies in the order in which they are tried, defaults said in full", () => {
  expect(showCryptoIsakmpPolicy(isakmp).slice(0, 9)).toEqual([
    "",
    "Global IKE policy",
    "Protection suite of priority 1",
    "\tencryption algorithm:\tAES - Advanced Encryption Standard (256 bit keys).",
    "\thash algorithm:\t\tSecure Hash Standard 2 (256 bit)",
    "\tauthentication method:\tPre-Shared Key",
    "\tDiffie-Hellman group:\t#14 (2048 bit)",
    "\tlifetime:\t\t86400 seconds, no volume limit",
    "Protection suite of priority 10",
  ]);
  expect(showCryptoIsakmpPolicy({ ...isakmp, policies: new Map() }).at(-1)).toContain("No policy");
});

test("keys are named and never shown", () => {
  const shown = showCryptoIsakmpKey(isakmp);
  expect(shown.slice(2)).toEqual([
    "default      172.16.0.18                                 (hidden)",
    "default      192.0.2.0 [255.255.255.0]                   (hidden)",
  ]);
  expect(shown.join("\n")).not.toContain("VerySecret");
});
