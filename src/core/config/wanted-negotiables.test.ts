import { expect, test } from "vitest";
import { loadConfig } from "./config-document.ts";
import { wantedNegotiables } from "./wanted-negotiables.ts";
import { wantedProtection } from "./wanted-protection.ts";

const SETS = `
crypto ipsec transform-set ONE esp-aes esp-sha-hmac
crypto ipsec transform-set TWO esp-gcm 256
ip access-list extended ACL
 permit ip 10.99.0.0 0.0.255.255 172.16.5.0 0.0.0.255
 permit tcp any host 172.16.9.1
`;
const interfaceWith = (map: string): string => `
interface FastEthernet0/0
 linux-device outside
 ip address 10.0.0.1 255.255.255.0
 standby 1 ip 10.0.0.15
 standby 1 name TUNNEL
 ${map}
`;

function negotiables(entry: string, more = "", map = "crypto map MAP redundancy TUNNEL") {
  const { config } = loadConfig(`${SETS}${more}\ncrypto map MAP 10 ipsec-isakmp\n${entry}\n${interfaceWith(map)}`);
  return wantedNegotiables(config.ipsec, wantedProtection(config));
}

const FULL = " set peer 172.16.0.18\n set peer 172.16.0.19\n set transform-set TWO ONE\n match address ACL";

test("one for each permit, from the virtual address, with peers and sets in their order", () => {
  const [first, second, ...more] = negotiables(FULL);
  expect(more).toEqual([]);
  expect(first).toMatchObject({ owner: "FastEthernet0/0 1", map: "MAP", local: "10.0.0.15", pfsGroup: undefined });
  expect(first?.peers).toEqual(["172.16.0.18", "172.16.0.19"]);
  expect(first?.proposals.map(({ name }) => name)).toEqual(["TWO", "ONE"]);
  expect([first?.selector.protocol, second?.selector.protocol]).toEqual(["any", 6]);
  expect(first?.traffic).not.toBe(second?.traffic);
});

test("lifetimes and the window: the entry's, else the global ones, else IOS's", () => {
  const of = (entry: string, more = "") => {
    const [first] = negotiables(`${FULL}\n${entry}`, more);
    return [first?.lifetime.seconds, first?.lifetime.kilobytes, first?.replayWindow];
  };
  expect(of("")).toEqual([3_600, 4_608_000, 64]);
  const global = [
    "crypto ipsec security-association lifetime seconds 600",
    "crypto ipsec security-association lifetime kilobytes 5000",
    "crypto ipsec security-association replay window-size 1024",
  ].join("\n");
  expect(of("", global)).toEqual([600, 5_000, 1_024]);
  const own = [
    " set security-association lifetime seconds 300",
    " set security-association lifetime kilobytes 6000",
    " set security-association replay disable",
  ].join("\n");
  expect(of(own, global)).toEqual([300, 6_000, 0]);
});

test.each<[string, string]>([
  ["without a peer", " set transform-set ONE\n match address ACL"],
  ["without a transform set", " set peer 172.16.0.18\n match address ACL"],
  ["without an access list", " set peer 172.16.0.18\n set transform-set ONE"],
])("an entry %s leads nowhere", (_, entry) => {
  expect(negotiables(entry)).toEqual([]);
});

test("a map of a group without an address leads nowhere yet", () => {
  expect(negotiables(FULL, "", "crypto map MAP redundancy OTHER")).toEqual([]);
});

test("a template needs neither peer nor access list", () => {
  const { config } = loadConfig(`${SETS}
crypto dynamic-map T 5
 set transform-set ONE
crypto map MAP 20 ipsec-isakmp dynamic T
${interfaceWith("crypto map MAP")}`);
  const [only] = wantedNegotiables(config.ipsec, wantedProtection(config));
  expect(only).toMatchObject({ peers: [], owner: "plain", local: "10.0.0.1" });
  expect(only?.selector.source.addresses).toEqual({ first: "0.0.0.0", last: "255.255.255.255" });
});
