/** The `show crypto` commands as they are typed, on a gateway with two interfaces and three peers. */
import { describe, expect, test } from "vitest";
import { loadConfig } from "../core/config/config-document.ts";
import type { IkeSaView } from "../core/ike/ike-port.ts";
import { POLICY_DEFAULTS } from "../core/ike/isakmp-model.ts";
import type { FlowView } from "../core/ipsec/data-plane-view.ts";
import type { IpAddress } from "../core/wire/address.ts";
import { ikeSnapshot, MemoryGateway, typist } from "./memory-gateway.test-support.ts";
import { flowsOf, LIMITS } from "./show/crypto-flows.test-support.ts";

const { config } = loadConfig(`
crypto isakmp key VerySecret address 10.0.0.15
crypto ipsec transform-set SET esp-aes esp-sha-hmac
crypto ipsec transform-set BETTER esp-aes 256 esp-sha256-hmac
crypto ipsec transform-set GCM esp-gcm 256
ip access-list extended ACL
 permit ip 172.16.5.0 0.0.0.255 10.99.0.0 0.0.255.255
 permit tcp host 172.16.5.9 eq 80 any
ip access-list extended ELSEWHERE
 permit ip 172.16.5.0 0.0.0.255 10.77.0.0 0.0.255.255
crypto map MAP 10 ipsec-isakmp
 set peer 10.0.0.15
 set transform-set SET BETTER
 match address ACL
crypto map SPARE 20 ipsec-isakmp
 set peer 10.7.0.1
 set peer 10.7.0.2
 set transform-set GCM
 match address ELSEWHERE
crypto map UNFINISHED 5 ipsec-isakmp
 set transform-set GCM
interface FastEthernet0/0
 linux-device outside
 ip address 172.16.0.18 255.255.255.252
 crypto map MAP
interface FastEthernet0/1
 linux-device other
 ip address 10.7.0.9 255.255.255.0
 crypto map SPARE
`);

const ikeSa = (connection: number, remote: string, said: Partial<IkeSaView> = {}): IkeSaView => ({
  ...{ id: String(connection), connection, owner: "plain", role: "initiator", version: 1 },
  ...{ local: "172.16.0.18" as IpAddress, remote: remote as IpAddress, localPort: 500, remotePort: 500 },
  ...{ state: "QM_IDLE", status: "active", peerIdentity: remote, policy: POLICY_DEFAULTS, remainingSeconds: 60 },
  ...{ nat: { here: false, there: false }, dpd: false, cookies: { initiator: "00", responder: "11" } },
  ...said,
});

/** What belongs to the map SPARE is held for another member. */
function gateway(): MemoryGateway {
  const made = new MemoryGateway();
  made.apply(config);
  made.flows = flowsOf(config, LIMITS).map(
    (flow): FlowView => ({ ...flow, active: flow.traffic.map !== "SPARE", localAddress: "172.16.0.18" as IpAddress }),
  );
  made.ikeView = ikeSnapshot([ikeSa(1_001, "10.0.0.15"), ikeSa(1_002, "10.7.0.2", { status: "standby" })]);
  return made;
}

const shown = async (line: string): Promise<string[]> => (await typist(gateway()).type(line)).shown;
const counted = (lines: readonly string[], words: string): number => lines.filter(each => each.includes(words)).length;

describe("show crypto ipsec sa", () => {
  // Flows of the two maps that are shown: MAP has two, SPARE has one.
  test.each<[string, number, number]>([
    ["", 2, 1],
    ["map MAP", 2, 0],
    ["map SPARE", 0, 1],
    ["map OTHER", 0, 0],
    ["interface FastEthernet0/0", 2, 0],
    ["interface Fa0/1", 0, 1],
    ["peer 10.0.0.15", 2, 0],
    ["peer 10.7.0.2", 0, 1],
    // Configured, though the SAs are with another.
    ["peer 10.7.0.1", 0, 1],
    ["peer 10.7.0.3", 0, 0],
    ["active", 2, 0],
    ["standby", 0, 1],
  ])("%s: %i of one map, %i of the other, with and without detail", async (which, first, second) => {
    for (const form of ["", "detail"]) {
      const lines = await shown(`show crypto ipsec sa ${which} ${form}`.trimEnd());
      expect(counted(lines, "remote ident (addr/mask/prot/port): (10.77.")).toBe(second);
      expect(counted(lines, "remote ident")).toBe(first + second);
      expect(counted(lines, "Crypto map tag: MAP, local addr 172.16.0.18")).toBe(first === 0 ? 0 : 1);
      expect(counted(lines, "interface: FastEthernet0/1")).toBe(second);
      expect(counted(lines, "##pkts replay failed (rcv): ")).toBe(form === "" ? 0 : first + second);
      if (first + second === 0) expect(lines).toEqual(["", "No SAs found"]);
    }
  });

  test("names the transforms that were negotiated, not those that come first in the map", async () => {
    expect((await shown("show crypto ipsec sa map MAP")).filter(each => each.includes("transform:"))).toEqual([
      "        transform: esp-aes 256 esp-sha256-hmac ,",
      "        transform: esp-aes 256 esp-sha256-hmac ,",
    ]);
    expect(await shown("show crypto ipsec sa map SPARE")).toContain("        transform: esp-gcm 256 ,");
  });

  test("finds a peer that the map does not name, by its SAs", async () => {
    const open = gateway();
    open.flows = open.flows.map(({ traffic, ...flow }) => ({
      ...flow,
      traffic: { ...traffic, entry: { ...traffic.entry, peers: [] } },
    }));
    const { type } = typist(open);
    expect(counted((await type("show crypto ipsec sa peer 10.7.0.2")).shown, "remote ident")).toBe(1);
    expect((await type("show crypto ipsec sa peer 10.7.0.1")).shown).toEqual(["", "No SAs found"]);
  });

  test("names the peer that SAs are with", async () => {
    const lines = await shown("show crypto ipsec sa map SPARE detail");
    expect(lines).toContain("   current_peer 10.7.0.2 port 500");
    expect(lines).toContain("     local crypto endpt.: 172.16.0.18, remote crypto endpt.: 10.7.0.2");
  });
});

describe("show crypto session", () => {
  // With 10.0.0.15 two flows, with 10.7.0.2 one.
  test.each<[string, readonly string[], number]>([
    ["", ["10.0.0.15", "10.7.0.2"], 3],
    ["remote 10.7.0.2", ["10.7.0.2"], 1],
    ["remote 10.7.0.9", [], 0],
    ["interface FastEthernet0/0", ["10.0.0.15"], 2],
    ["active", ["10.0.0.15"], 2],
    ["standby", ["10.7.0.2"], 1],
  ])("%s", async (which, peers, flows) => {
    for (const form of ["", "detail"]) {
      const lines = await shown(`show crypto session ${which} ${form}`.trimEnd());
      expect(lines.filter(each => each.startsWith("Peer: ")).map(each => each.split(" ")[1])).toEqual(peers);
      expect(counted(lines, "IPSEC FLOW: permit")).toBe(flows);
      expect(counted(lines, "Inbound:  #pkts dec'ed")).toBe(form === "" ? 0 : flows);
    }
    const brief = (await shown(`show crypto session ${which} brief`)).slice(4);
    expect(brief.map(each => each.trim().split(" ")[0])).toEqual(peers);
  });
});

test("show crypto isakmp sa: both, or those of one kind; detail has a suite each", async () => {
  expect(counted(await shown("show crypto isakmp sa"), "QM_IDLE")).toBe(2);
  expect(counted(await shown("show crypto isakmp sa active"), "10.0.0.15       172.16.0.18     QM_IDLE")).toBe(1);
  expect(counted(await shown("show crypto isakmp sa standby"), "STDBY")).toBe(1);
  expect(counted(await shown("show crypto isakmp sa standby"), "QM_IDLE")).toBe(1);
  expect(counted(await shown("show crypto isakmp sa detail"), "Engine-id:Conn-id")).toBe(2);
  expect(counted(await shown("show crypto isakmp sa active detail"), "Engine-id:Conn-id")).toBe(1);
});

test("show crypto isakmp key and policy: whose, never which", async () => {
  expect((await shown("show crypto isakmp key")).join("\n")).toMatch(/default +10\.0\.0\.15 +\(hidden\)/);
  expect((await shown("show crypto isakmp key")).join("\n")).not.toContain("VerySecret");
  expect(await shown("show crypto isakmp policy")).toContain("No policy is configured: no IKE SA comes up");
});

test("show crypto map: the peer in use, what is not finished, and where each is applied", async () => {
  const lines = await shown("show crypto map tag SPARE");
  expect(lines).toContain("\tCurrent peer: 10.7.0.2");
  expect(lines.slice(-3)).toEqual(["\tInterfaces using crypto map SPARE:", "\t\tFastEthernet0/1", ""]);
  expect(counted(lines, "WARNING")).toBe(0);
  expect((await shown("show crypto map tag UNFINISHED")).slice(0, 3)).toEqual([
    'Crypto Map IPv4 "UNFINISHED" 5 ipsec-isakmp',
    "\tWARNING: This crypto map is in an incomplete state!",
    "\t\t(missing peer or access-list definitions)",
  ]);
  expect(counted(await shown("show crypto map interface FastEthernet0/0"), "Crypto Map IPv4")).toBe(1);
});

test("show crypto engine connections active: a row each SA, by its own suite", async () => {
  const rows = (await shown("show crypto engine connections active")).slice(3, -1);
  expect(rows.map(each => each.trim().split(/ {2,}/).slice(1, 3).join(" "))).toEqual([
    "IPsec AES256+SHA256",
    "IPsec AES256+SHA256",
    "IPsec AES-GCM256",
    "IPsec AES-GCM256",
    "IKE SHA256+AES256",
    "IKE SHA256+AES256",
  ]);
});

test("show crypto ipsec transform-set: all of them, or one", async () => {
  expect(counted(await shown("show crypto ipsec transform-set"), "Transform set ")).toBe(3);
  expect(await shown("show crypto ipsec transform-set tag GCM")).toEqual([
    "Transform set GCM: { esp-gcm 256  } ",
    "   will negotiate = { Tunnel,  }, ",
    "",
  ]);
});
