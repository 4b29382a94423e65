import { expect, test } from "vitest";
import { loadConfig } from "../../core/config/config-document.ts";
import { showCryptoMap, showCryptoTransformSets } from "./show-crypto-map.ts";

const { config } = loadConfig(`
crypto ipsec transform-set MyTransformSet esp-aes esp-sha-hmac
crypto ipsec transform-set OTHER esp-gcm 256
 mode transport
ip access-list extended BRANCH-5-ACL
 permit ip 10.99.0.0 0.0.255.255 172.16.5.0 0.0.0.255
crypto dynamic-map SPOKES 5
 set transform-set OTHER
crypto map BRANCH-5-MAP 10 ipsec-isakmp
 description branch 5
 set peer 172.16.0.18
 set transform-set MyTransformSet MISSING
 set pfs group14
 set security-association lifetime seconds 600
 set security-association replay disable
 match address BRANCH-5-ACL
 reverse-route static tag 7 distance 200
crypto map BRANCH-5-MAP 20 ipsec-isakmp dynamic SPOKES
crypto map UNUSED 10 ipsec-isakmp
interface FastEthernet0/0
 linux-device outside
 standby 1 ip 10.0.0.15
 standby 1 name TUNNEL
 crypto map BRANCH-5-MAP redundancy TUNNEL
`);

// The form is from memory of IOS 15 and from what Genie asks for.
test("a map, entry by entry, and where it is used", () => {
  expect(showCryptoMap(config, [], { tag: "BRANCH-5-MAP" })).toEqual([
    'Crypto Map IPv4 "BRANCH-5-MAP" 10 ipsec-isakmp',
    "\tDescription: branch 5",
    "\tPeer = 172.16.0.18",
    "\tExtended IP access list BRANCH-5-ACL",
    "\t    access-list BRANCH-5-ACL permit ip 10.99.0.0 0.0.255.255 172.16.5.0 0.0.0.255",
    "\tAccess-List SS dynamic: False",
    "\tCurrent peer: 172.16.0.18",
    "\tSecurity association lifetime: 4608000 kilobytes/600 seconds",
    "\tReplay window: disabled",
    "\tResponder-Only (Y/N): N",
    "\tPFS (Y/N): Y",
    "\tDH group:  group14",
    "\tMixed-mode : Disabled",
    "\tTransform sets={ ",
    "\t\tMyTransformSet:  { esp-aes esp-sha-hmac  } , ",
    "\t\tMISSING:  { not configured  } , ",
    "\t}",
    "\tReverse Route Injection Enabled",
    "\t\tstatic",
    "\t\ttag 7",
    "\t\tdistance 200",
    "",
    'Crypto Map IPv4 "BRANCH-5-MAP" 20 ipsec-isakmp',
    "\tDynamic map template tag: SPOKES",
    "",
    'Crypto Map Template"SPOKES" 5',
    "\tNo matching address list set.",
    "\tAccess-List SS dynamic: False",
    "\tSecurity association lifetime: 4608000 kilobytes/3600 seconds",
    "\tReplay window: 64",
    "\tResponder-Only (Y/N): N",
    "\tPFS (Y/N): N",
    "\tMixed-mode : Disabled",
    "\tTransform sets={ ",
    "\t\tOTHER:  { esp-gcm 256  } , ",
    "\t}",
    "",
    "\tInterfaces using crypto map BRANCH-5-MAP:",
    "\t\tFastEthernet0/0",
    "\tRedundancy group TUNNEL",
    "",
  ]);
});

test("only what was asked for", () => {
  const heads = (choice: object): number =>
    showCryptoMap(config, [], choice).filter(line => line.startsWith("Crypto Map IPv4")).length;
  expect([heads({}), heads({ interface: "FastEthernet0/0" }), heads({ tag: "UNUSED" })]).toEqual([3, 2, 1]);
  expect(showCryptoMap(config, [], { tag: "OTHER" })).toEqual(["No crypto maps found."]);
});

test("transform sets and their modes", () => {
  const sets = [...config.ipsec.transformSets.values()];
  expect(showCryptoTransformSets(sets)).toEqual([
    "Transform set MyTransformSet: { esp-aes esp-sha-hmac  } ",
    "   will negotiate = { Tunnel,  }, ",
    "",
    "Transform set OTHER: { esp-gcm 256  } ",
    "   will negotiate = { Transport,  }, ",
    "",
  ]);
  expect(showCryptoTransformSets(sets, "OTHER")).toHaveLength(3);
});
