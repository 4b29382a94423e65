import { expect, test } from "vitest";
import { shortInterface } from "./interface-name.ts";

test.each([
  ["FastEthernet0/0", "Fa0/0"],
  ["GigabitEthernet0/1.2951", "Gi0/1.2951"],
  ["TenGigabitEthernet1/1/1", "Te1/1/1"],
  ["Ethernet0", "Et0"],
  ["Vlan703", "Vl703"],
  ["Port-channel12", "Po12"],
  ["Tunnel0", "Tu0"],
  ["Loopback0", "Lo0"],
  ["eth0", "eth0"],
  ["Ethernetwork0", "Ethernetwork0"],
])("%s is %s in a column", (name, short) => {
  expect(shortInterface(name)).toBe(short);
});
