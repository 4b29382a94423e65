/**
 * The article's topology twice over the same two members: R1 is active for the first branch, R2 for the second. A fault
 * of one group's active touches no packet of the other group.
 */
import { article } from "./article.ts";
import type { Host, Topology } from "./topology.ts";

const hosts: readonly Host[] = article.hosts.map(host => {
  if (host.kind === "router") {
    const link = { segment: "transit6", device: "eth2", address: "172.16.0.21/30" };
    return { ...host, links: [...host.links, link] };
  }
  if (host.kind !== "gateway" || !article.pair.includes(host.name)) return host;
  return { ...host, besides: [`article-two-groups/${host.name}.cfg`] };
});

const second: readonly Host[] = [
  {
    kind: "host",
    name: "H2",
    links: [{ segment: "inside", device: "eth0", address: "10.99.0.102/16" }],
    routes: [{ to: "default", via: "10.99.0.16" }],
  },
  {
    kind: "gateway",
    name: "R5",
    config: "article-two-groups/R5.cfg",
    links: [
      { segment: "transit6", device: "outside", address: "172.16.0.22/30" },
      { segment: "branch6", device: "inside", address: "172.16.6.1/24" },
    ],
  },
  {
    kind: "host",
    name: "B2",
    links: [{ segment: "branch6", device: "eth0", address: "172.16.6.101/24" }],
    routes: [{ to: "default", via: "172.16.6.1" }],
  },
];

export const articleTwoGroups: Topology = {
  ...article,
  name: "article-two-groups",
  summary:
    "R1 is active for the branch behind R4, R2 for another behind R5; faults are done to the first group's active",
  segments: [
    { name: "inside", prefix: "10.99.0.0/16", virtual: ["10.99.0.15", "10.99.0.16"] },
    { name: "outside", prefix: "10.0.0.0/24", virtual: ["10.0.0.15", "10.0.0.16"] },
    { name: "transit", prefix: "172.16.0.16/30" },
    { name: "branch", prefix: "172.16.5.0/24" },
    { name: "transit6", prefix: "172.16.0.20/30" },
    { name: "branch6", prefix: "172.16.6.0/24" },
  ],
  hosts: [...hosts, ...second],
  acted: ["Fa0/0 1", "Fa0/1 2"],
  untouched: ["tunnel6", "tunnel6-back"],
  probes: [
    ...article.probes,
    {
      kind: "datagram",
      tunnel: true,
      name: "tunnel6",
      from: "H2",
      to: "172.16.6.101",
      peer: "B2",
      back: "10.99.0.102",
    },
  ],
  tunnels: [
    ...(article.tunnels ?? []),
    {
      ends: [
        { hosts: ["R1", "R2"], map: "BRANCH-6-MAP", entry: 10 },
        { hosts: ["R5"], map: "CORPORATE-MAP", entry: 10 },
      ],
    },
  ],
  recorder: {
    host: "R3",
    devices: ["eth0", "eth1", "eth2"],
    between: [...(article.recorder?.between ?? []), ["10.99.0.0/16", "172.16.6.0/24"]],
  },
};
