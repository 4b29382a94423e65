/**
 * HSRP and nothing else: two gateways share an address on either side, without a scheme; a third has room for groups of
 * its own; a stranger sits on the outside.
 */
import type { Host, Topology } from "./topology.ts";

function gateway(name: string, number: number): Host {
  return {
    kind: "gateway",
    name,
    config: `hsrp/${name}.cfg`,
    links: [
      { segment: "inside", device: "inside", address: `10.99.0.${number}/16`, interface: "FastEthernet0/1" },
      { segment: "outside", device: "outside", address: `10.0.0.${number}/24`, interface: "FastEthernet0/0" },
    ],
  };
}

export const hsrp: Topology = {
  name: "hsrp",
  summary: "A and B share 10.0.0.15 and 10.99.0.15 by plain HSRP; C shares nothing yet; X is a stranger",
  segments: [
    { name: "inside", prefix: "10.99.0.0/16", virtual: ["10.99.0.15"] },
    { name: "outside", prefix: "10.0.0.0/24", virtual: ["10.0.0.15"] },
  ],
  hosts: [
    {
      kind: "host",
      name: "H",
      links: [{ segment: "inside", device: "eth0", address: "10.99.0.101/16" }],
      routes: [{ to: "default", via: "10.99.0.15" }],
    },
    gateway("A", 1),
    gateway("B", 2),
    gateway("C", 3),
    {
      kind: "host",
      name: "X",
      links: [{ segment: "outside", device: "eth0", address: "10.0.0.101/24" }],
      routes: [{ to: "10.99.0.0/16", via: "10.0.0.15" }],
    },
  ],
  pair: ["A", "B"],
  probes: [
    { kind: "echo", name: "inside", from: "H", to: "10.99.0.15" },
    { kind: "echo", name: "outside", from: "X", to: "10.0.0.15" },
    { kind: "datagram", name: "through", from: "H", to: "10.0.0.101", peer: "X", back: "10.99.0.101" },
  ],
  demonstration: { from: "A", destination: "10.0.0.2", source: "10.0.0.1" },
};
