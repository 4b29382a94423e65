import { expect, test } from "vitest";
import { article } from "./article.ts";
import { articleTwoGroups } from "./article-two-groups.ts";
import { saProblems, withStrongSwan } from "./strongswan-branch.ts";

test("the far end's gateway becomes a router that sends nothing protected in clear", () => {
  const { hosts } = withStrongSwan(article);
  expect(hosts.find(each => each.name === "R4")).toEqual({
    kind: "router",
    name: "R4",
    links: [
      { segment: "transit", device: "outside", address: "172.16.0.18/30" },
      { segment: "branch", device: "inside", address: "172.16.5.1/24" },
    ],
    routes: [{ to: "default", via: "172.16.0.17" }, { to: "10.99.0.0/16" }],
  });
  expect(hosts.filter(each => each.name !== "R4")).toEqual(article.hosts.filter(each => each.name !== "R4"));
});

test("every tunnel has a far end of its own", () => {
  const { hosts } = withStrongSwan(articleTwoGroups);
  const routers = hosts.filter(each => each.kind === "router" && each.name !== "R3");
  expect(routers.map(each => each.name)).toEqual(["R4", "R5"]);
  expect(routers.map(each => ("routes" in each ? each.routes[0] : undefined))).toEqual([
    { to: "default", via: "172.16.0.17" },
    { to: "default", via: "172.16.0.21" },
  ]);
});

const IKE = "headquarters: #1, ESTABLISHED, IKEv1, 0123456789abcdef_i* 0123456789abcdef_r\n";
const CHILD = "  net: #1, reqid 1, INSTALLED, TUNNEL-in-UDP, ESP:AES_CBC-128/HMAC_SHA1_96\n";

test("one IKE SA with one pair of SAs is right, and nothing else is", () => {
  expect(saProblems("R4", IKE + CHILD)).toEqual([]);
  expect(saProblems("R4", IKE + CHILD + CHILD)).toEqual(["R4: 2 pairs of SAs"]);
  expect(saProblems("R4", IKE + IKE + CHILD)).toEqual(["R4: 2 IKE SAs"]);
  expect(saProblems("R4", "")).toEqual(["R4: 0 IKE SAs", "R4: 0 pairs of SAs"]);
});
