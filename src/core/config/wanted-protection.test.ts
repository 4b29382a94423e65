import { expect, test } from "vitest";
import { formatPrefix } from "../wire/prefix.ts";
import { loadConfig } from "./config-document.ts";
import { wantedProtection } from "./wanted-protection.ts";
import { wantedSchemes } from "./wanted-schemes.ts";

const MEMBER = `
ip access-list extended ACL
 permit ip 10.99.0.0 0.0.255.255 172.16.5.0 0.0.0.255
crypto map MAP 10 ipsec-isakmp
 set peer 172.16.0.18
 match address ACL
interface FastEthernet0/0
 linux-device outside
 ip address 10.0.0.1 255.255.255.0
 standby 1 ip 10.0.0.15
 standby 1 name TUNNEL
 crypto map MAP redundancy TUNNEL stateful
interface FastEthernet0/1
 linux-device inside
 ip address 10.99.0.1 255.255.0.0
`;
const SCHEME = "redundancy inter-device\n scheme standby TUNNEL\n";
const WAYS = `ipc zone default
 association 1
  no shutdown
  protocol sctp
   local-port 5005
    local-ip 10.0.0.1 10.99.0.1
   remote-port 5005
    remote-ip 10.0.0.2 10.99.0.2
`;

const wanted = (text: string) => wantedProtection(loadConfig(text).config);

test("a member of a pair", () => {
  const { applied, outbound, guard, guardedDevices, outer, peer } = wanted(
    `${SCHEME} security key Secret123\n${WAYS}${MEMBER}`,
  );
  expect(applied).toEqual([{ interface: "FastEthernet0/0", map: "MAP", owner: "TUNNEL", localAddress: "10.0.0.15" }]);
  expect(outbound.map(({ prefix, owner }) => [formatPrefix(prefix), owner])).toEqual([["172.16.5.0/24", "TUNNEL"]]);
  expect(guard.map(formatPrefix)).toEqual(["10.99.0.0/16"]);
  expect([guardedDevices, outer]).toEqual([["outside"], ["10.0.0.1", "10.0.0.15"]]);
  expect(peer).toEqual({ device: "inside", address: "10.99.0.2" });
});

test.each<[string, string]>([
  ["without a scheme", MEMBER],
  ["without a key", `${SCHEME}${WAYS}${MEMBER}`],
  ["without a way to the peer", `${SCHEME} security key Secret123\n${MEMBER}`],
])("%s the group's own word decides", (_, text) => {
  expect(wanted(text).applied[0]?.owner).toBe("FastEthernet0/0 1");
});

test("with a key that the members have agreed on the scheme's word decides, as with a configured one", () => {
  const { config } = loadConfig(`${SCHEME}${WAYS}${MEMBER}`);
  expect(wantedProtection(config, [], true).applied[0]?.owner).toBe("TUNNEL");
  // It is the key that the gate takes too.
  const memory = { keyFrom: () => new Uint8Array(32), agreedKey: new Uint8Array(32), storedEpoch: () => 0 };
  expect(wantedSchemes(config, memory)[0]?.key).toBe(memory.agreedKey);
});

test("without a group the map is active as long as the gateway is, from the interface's address", () => {
  const { applied, peer } = wanted(MEMBER.replace(" redundancy TUNNEL stateful", ""));
  expect(applied).toMatchObject([{ owner: "plain", localAddress: "10.0.0.1" }]);
  expect(peer).toBeUndefined();
});

test("without a crypto map nothing is wanted", () => {
  expect(wanted(MEMBER.replace(/ crypto map MAP redundancy.*/, ""))).toEqual({
    applied: [],
    lines: [],
    policies: [],
    outbound: [],
    guard: [],
    guardedDevices: [],
    outer: [],
    peer: undefined,
  });
});
