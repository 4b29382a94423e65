import { expect, test } from "vitest";
import { MemoryGateway, typist } from "./memory-gateway.test-support.ts";
import { TECH_SUPPORT } from "./tech-support.ts";

const KEYED = `hostname R1
key chain HSRP
 key 1
  key-string CANARY-CHAIN
redundancy inter-device
 scheme standby T
 security key CANARY-PAIR
crypto isakmp policy 1
 authentication pre-share
crypto isakmp key CANARY-PSK address 172.16.0.18
crypto isakmp key key address 172.16.0.19
interface FastEthernet0/0
 ip address 10.0.0.1 255.255.255.0
 standby 1 ip 10.0.0.15
 standby 1 authentication md5 key-string CANARY-MD5
 standby 1 name T
interface FastEthernet0/1
 ip address 10.99.0.1 255.255.0.0
 standby 2 ip 10.99.0.15
 standby 2 authentication text CANARY-T`;

test("show tech-support has every show, and no key", async () => {
  const { type } = typist(new MemoryGateway());
  await type("configure terminal");
  for (const line of KEYED.split("\n")) expect({ line, ...(await type(line)) }).toMatchObject({ line, refused: false });
  await type("end");
  expect((await type("show running-config")).shown.join("\n").match(/CANARY/g)).toHaveLength(5);
  const { shown, refused } = await type("show tech-support");
  expect(refused).toBe(false);
  const headings = shown.filter(each => each.startsWith("---"));
  expect(headings).toEqual(
    ["show running-config", ...TECH_SUPPORT].map(each => `------------------ ${each} ------------------`),
  );
  expect(shown.filter(each => /CANARY/.test(each))).toEqual([]);
  expect(shown.filter(each => each.includes("<removed>"))).toEqual([
    " security key <removed>",
    "  key-string <removed>",
    "crypto isakmp key <removed> address 172.16.0.18",
    "crypto isakmp key <removed> address 172.16.0.19",
    " standby 1 authentication md5 key-string <removed>",
    " standby 2 authentication text <removed>",
    '  Authentication text, string "<removed>"',
  ]);
});
