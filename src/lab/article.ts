/** The article's topology: two gateways at the headquarters, a network in between, one branch. */
import type { Topology } from "./topology.ts";

export const article: Topology = {
  name: "article",
  summary: "R1 and R2 share 10.0.0.15; R4 is the branch; R3 is the network in between",
  segments: [
    { name: "inside", prefix: "10.99.0.0/16", virtual: ["10.99.0.15"] },
    { name: "outside", prefix: "10.0.0.0/24", virtual: ["10.0.0.15"] },
    { name: "transit", prefix: "172.16.0.16/30" },
    { name: "branch", prefix: "172.16.5.0/24" },
  ],
  hosts: [
    {
      kind: "host",
      name: "H1",
      links: [{ segment: "inside", device: "eth0", address: "10.99.0.101/16" }],
      routes: [{ to: "default", via: "10.99.0.15" }],
    },
    {
      kind: "gateway",
      name: "R1",
      config: "article/R1.cfg",
      links: [
        { segment: "inside", device: "inside", address: "10.99.0.1/16", interface: "FastEthernet0/1" },
        { segment: "outside", device: "outside", address: "10.0.0.1/24", interface: "FastEthernet0/0" },
      ],
    },
    {
      kind: "gateway",
      name: "R2",
      config: "article/R2.cfg",
      links: [
        { segment: "inside", device: "inside", address: "10.99.0.2/16", interface: "FastEthernet0/1" },
        { segment: "outside", device: "outside", address: "10.0.0.2/24", interface: "FastEthernet0/0" },
      ],
    },
    {
      kind: "router",
      name: "R3",
      links: [
        { segment: "outside", device: "eth0", address: "10.0.0.254/24" },
        { segment: "transit", device: "eth1", address: "172.16.0.17/30" },
      ],
      routes: [],
    },
    {
      kind: "gateway",
      name: "R4",
      config: "article/R4.cfg",
      links: [
        { segment: "transit", device: "outside", address: "172.16.0.18/30" },
        { segment: "branch", device: "inside", address: "172.16.5.1/24" },
      ],
    },
    {
      kind: "host",
      name: "B1",
      links: [{ segment: "branch", device: "eth0", address: "172.16.5.101/24" }],
      routes: [{ to: "default", via: "172.16.5.1" }],
    },
  ],
  pair: ["R1", "R2"],
  probes: [
    { kind: "echo", name: "inside", from: "H1", to: "10.99.0.15" },
    { kind: "echo", name: "outside", from: "R3", to: "10.0.0.15" },
    {
      kind: "datagram",
      tunnel: true,
      name: "tunnel",
      from: "H1",
      to: "172.16.5.101",
      peer: "B1",
      back: "10.99.0.101",
    },
  ],
  tunnels: [
    {
      ends: [
        { hosts: ["R1", "R2"], map: "BRANCH-5-MAP", entry: 10 },
        { hosts: ["R4"], map: "CORPORATE-MAP", entry: 10 },
      ],
    },
  ],
  recorder: { host: "R3", devices: ["eth0", "eth1"], between: [["10.99.0.0/16", "172.16.5.0/24"]] },
  demonstration: { from: "R1", destination: "172.16.0.18", source: "10.0.0.1" },
};
