import { expect, test } from "vitest";
import { loadConfig } from "../../core/config/config-document.ts";
import { MemoryGateway, typist } from "../memory-gateway.test-support.ts";

const { config } = loadConfig(`
ip access-list extended BRANCH-5-ACL
 remark what the branch may reach
 permit ip 10.99.0.0 0.0.255.255 172.16.5.0 0.0.0.255
 deny tcp host 10.99.0.5 range 1024 2047 any eq 443 log
access-list 2001 permit udp any any eq 53
access-list 101 permit tcp any any established
ip access-list extended ANOTHER
 15 permit ip any host 10.1.1.1
`);

async function shown(line: string): Promise<string[]> {
  const gateway = new MemoryGateway();
  gateway.apply(config);
  return (await typist(gateway).type(line)).shown;
}

test.each(["show access-lists", "show ip access-lists"])("%s: numbered lists first, without remarks", async line => {
  expect(await shown(line)).toEqual([
    "Extended IP access list 101",
    "    10 permit tcp any any established",
    "Extended IP access list 2001",
    "    10 permit udp any any eq 53",
    "Extended IP access list ANOTHER",
    "    15 permit ip any host 10.1.1.1",
    "Extended IP access list BRANCH-5-ACL",
    "    20 permit ip 10.99.0.0 0.0.255.255 172.16.5.0 0.0.0.255",
    "    30 deny tcp host 10.99.0.5 range 1024 2047 any eq 443 log",
  ]);
});

test("one of them, by name or by number; of one that is not there nothing", async () => {
  expect(await shown("show ip access-lists ANOTHER")).toHaveLength(2);
  expect(await shown("show access-lists 101")).toHaveLength(2);
  expect(await shown("show access-lists OTHER")).toEqual([]);
});
