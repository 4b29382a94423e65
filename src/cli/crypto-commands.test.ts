import { expect, test } from "vitest";
import type { IkeSaView } from "../core/ike/ike-port.ts";
import type { IpAddress } from "../core/wire/address.ts";
import { type Cleared, ikeSnapshot, MemoryGateway, typist } from "./memory-gateway.test-support.ts";

async function cleared(line: string, gateway = new MemoryGateway()): Promise<readonly Cleared[]> {
  const { type } = typist(gateway);
  for (const each of ["conf t", "crypto map M 10 ipsec-isakmp", "end"]) await type(each);
  await type(line);
  return gateway.cryptoCleared;
}

test.each<[string, Cleared]>([
  ["clear crypto sa", { kind: "all" }],
  ["clear crypto sa peer 10.0.0.15", { kind: "peer", remote: "10.0.0.15" as IpAddress }],
  ["clear crypto sa map M", { kind: "map", map: "M" }],
  ["clear crypto sa counters", "counters"],
  ["clear crypto session", { kind: "all" }],
  ["clear crypto session remote 10.0.0.15", { kind: "peer", remote: "10.0.0.15" as IpAddress }],
  ["clear crypto isakmp", { kind: "ike", id: undefined }],
  ["clear crypto isakmp active", { kind: "ike", id: undefined }],
  ["clear crypto sa active", { kind: "all" }],
  ["clear crypto session active", { kind: "all" }],
  ["clear crypto isakmp standby", "standby"],
  ["clear crypto sa standby", "standby"],
  ["clear crypto session standby", "standby"],
])("%s", async (line, what) => {
  expect(await cleared(line)).toEqual([what]);
});

test("one IKE SA by the number that is shown of it", async () => {
  const gateway = new MemoryGateway();
  gateway.ikeView = ikeSnapshot([{ id: "abc", connection: 1_002 } as IkeSaView]);
  expect(await cleared("clear crypto isakmp 1002", gateway)).toEqual([{ kind: "ike", id: "abc" }]);
  const { type } = typist(gateway);
  expect((await type("clear crypto isakmp 7")).shown).toEqual(["% There is no ISAKMP SA with conn-id 7"]);
  expect((await type("clear crypto sa map OTHER")).shown).toEqual(["% There is no crypto map OTHER"]);
  expect(gateway.cryptoCleared).toHaveLength(1);
});

test("debugging of IKE and IPsec is switched each by itself, and shown", async () => {
  const gateway = new MemoryGateway();
  const { type } = typist(gateway);
  expect((await type("debug crypto isakmp")).shown).toEqual(["Crypto ISAKMP debugging is on"]);
  await type("debug crypto ipsec");
  expect((await type("show debugging")).shown).toEqual([
    "Cryptographic Subsystem:",
    "  Crypto ISAKMP debugging is on",
    "  Crypto IPSEC debugging is on",
  ]);
  expect((await type("no debug crypto isakmp")).shown).toEqual(["Crypto ISAKMP debugging is off"]);
  expect([...gateway.flags]).toEqual(["ipsec"]);
});

test.each([
  "show crypto isakmp sa",
  "show crypto isakmp sa active detail",
  "show crypto isakmp policy",
  "show crypto isakmp key",
  "show crypto ipsec sa detail",
  "show crypto ipsec transform-set",
  "show crypto map",
  "show crypto map tag M",
  "show crypto session",
  "show crypto session brief",
  "show crypto engine connections active",
])("%s is known, and answers", async line => {
  const { shown } = await typist(new MemoryGateway()).type(line);
  expect(shown.join("\n")).not.toContain("% ");
  expect(shown.length).toBeGreaterThan(line.includes("transform-set") ? -1 : 0);
});
