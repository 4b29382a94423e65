/** The article's topology, with a link between the two members that no switch shares: a cut is told from a death. */
import { article } from "./article.ts";
import type { Host, Topology } from "./topology.ts";

/** The association's second address is there instead of inside. */
const members: readonly Host[] = article.hosts.map(host => {
  if (host.kind !== "gateway" || !article.pair.includes(host.name)) return host;
  const address = `192.168.99.${host.name.slice(1)}/30`;
  const sync = { segment: "sync", device: "sync", address, interface: "FastEthernet1/0" };
  return { ...host, besides: [`article-second-path/${host.name}.cfg`], links: [...host.links, sync] };
});

export const articleSecondPath: Topology = {
  ...article,
  name: "article-second-path",
  summary: "the same, with a link of their own between R1 and R2 as the association's second path",
  segments: [...article.segments, { name: "sync", prefix: "192.168.99.0/30" }],
  hosts: members,
};
