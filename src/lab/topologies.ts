/** Every topology by name. */
import { UsageError } from "../gateway/run-options.ts";
import { article } from "./article.ts";
import { articleBothEnds } from "./article-both-ends.ts";
import { articleFrr } from "./article-frr.ts";
import { articleInsideHsrp } from "./article-inside-hsrp.ts";
import { articleSecondPath } from "./article-second-path.ts";
import { articleSpokes } from "./article-spokes.ts";
import { articleTwoGroups } from "./article-two-groups.ts";
import { hsrp } from "./hsrp.ts";
import type { Topology } from "./topology.ts";

export const topologies: readonly Topology[] = [
  article,
  articleSecondPath,
  articleTwoGroups,
  articleBothEnds,
  articleSpokes,
  articleFrr,
  articleInsideHsrp,
  hsrp,
];

/** Throws a `UsageError`. */
export function topologyNamed(name: string): Topology {
  const found = topologies.find(each => each.name === name);
  if (found === undefined)
    throw new UsageError(`no topology "${name}"; there are ${topologies.map(each => each.name).join(", ")}`);
  return found;
}
