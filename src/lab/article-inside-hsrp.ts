/**
 * The article's topology as IOS has it without `standby follow`: the inside has an HSRP group of its own, and tracking
 * ties the two. Hosts inside use its address; where it is not with the outside's, the member hands over what comes.
 */
import { article } from "./article.ts";
import type { Host, Topology } from "./topology.ts";

const hosts: readonly Host[] = article.hosts.map(host => {
  if (host.kind !== "gateway" || !article.pair.includes(host.name)) return host;
  return { ...host, besides: [`article-inside-hsrp/${host.name}.cfg`] };
});

export const articleInsideHsrp: Topology = {
  ...article,
  name: "article-inside-hsrp",
  summary: "the inside's group is one of its own, tied to the outside's by tracking: a priority falls with a line",
  hosts,
  /** Faults are done to whoever carries the tunnel. */
  acted: ["Fa0/0 1"],
};
