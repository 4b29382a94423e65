/**
 * The article's topology with a pair at the branch as well: R4 and R5 share the address that the article's R4 has, so
 * that the headquarters are configured as the article has them.
 */
import { article } from "./article.ts";
import type { Host, Topology } from "./topology.ts";

const MEMBERS = [
  { name: "R4", outside: "172.16.0.19/29", inside: "172.16.5.2/24" },
  { name: "R5", outside: "172.16.0.20/29", inside: "172.16.5.3/24" },
];

const branch: readonly Host[] = MEMBERS.map(({ name, outside, inside }) => ({
  kind: "gateway",
  name,
  config: `article-both-ends/${name}.cfg`,
  links: [
    { segment: "transit", device: "outside", address: outside, interface: "FastEthernet0/0" },
    { segment: "branch", device: "inside", address: inside, interface: "FastEthernet0/1" },
  ],
}));

const between: Host = {
  kind: "router",
  name: "R3",
  links: [
    { segment: "outside", device: "eth0", address: "10.0.0.254/24" },
    { segment: "transit", device: "eth1", address: "172.16.0.17/29" },
  ],
  routes: [],
};

export const articleBothEnds: Topology = {
  ...article,
  name: "article-both-ends",
  summary: "a pair at either end: R1 and R2 share 10.0.0.15, R4 and R5 share 172.16.0.18",
  segments: [
    { name: "inside", prefix: "10.99.0.0/16", virtual: ["10.99.0.15"] },
    { name: "outside", prefix: "10.0.0.0/24", virtual: ["10.0.0.15"] },
    { name: "transit", prefix: "172.16.0.16/29", virtual: ["172.16.0.18"] },
    { name: "branch", prefix: "172.16.5.0/24", virtual: ["172.16.5.1"] },
  ],
  hosts: [...article.hosts.filter(each => !["R3", "R4", "B1"].includes(each.name)), between, ...branch, ...host("B1")],
  farPair: ["R4", "R5"],
  tunnels: [
    {
      ends: [
        { hosts: ["R1", "R2"], map: "BRANCH-5-MAP", entry: 10 },
        { hosts: ["R4", "R5"], map: "CORPORATE-MAP", entry: 10 },
      ],
    },
  ],
};

function host(name: string): readonly Host[] {
  return article.hosts.filter(each => each.name === name);
}
