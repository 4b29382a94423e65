/**
 * The article's topology with OSPF inside: C1 knows the branch only from FRR on whichever member has the reverse route.
 * At a takeover the new active adds before the old one withdraws, so that C1's route moves and never goes.
 */
import { article } from "./article.ts";
import type { Host, Topology } from "./topology.ts";

const inside: Host = {
  kind: "router",
  name: "C1",
  links: [{ segment: "inside", device: "eth0", address: "10.99.0.101/16" }],
  routes: [],
  routing: "article-frr/C1.frr",
};

export const articleFrr: Topology = {
  ...article,
  name: "article-frr",
  summary: "OSPF inside: C1 hears from FRR on R1 and R2 by whom the branch is reached",
  hosts: [inside, ...article.hosts.filter(each => each.name !== "H1").map(spoken)],
  probes: article.probes.map(each => ({ ...each, ...(each.from === "H1" && { from: "C1" }) })),
  watched: { host: "C1", route: "172.16.5.0/24", mostMs: 150 },
};

function spoken(host: Host): Host {
  if (host.kind !== "gateway" || !article.pair.includes(host.name)) return host;
  return { ...host, besides: ["article-frr/gateway.cfg"], routing: `article-frr/${host.name}.frr` };
}
