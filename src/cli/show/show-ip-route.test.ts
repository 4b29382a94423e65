import { expect, test } from "vitest";
import type { RouteStatus } from "../../core/net/net-status.ts";
import { parsePrefix } from "../../core/wire/prefix.ts";
import { showIpRoute } from "./show-ip-route.ts";

function route(prefix: string, source: RouteStatus["source"], over: Partial<RouteStatus> = {}): RouteStatus {
  const parsed = parsePrefix(prefix);
  if (parsed === undefined) throw new Error(`${prefix} is no prefix`);
  const plain = { via: undefined, interface: "FastEthernet0/0", distance: 0, metric: 0 };
  return { ...plain, prefix: parsed, source, ...over } as RouteStatus;
}

test("routes stand below their classful network; the host's loopback is not among them", () => {
  const shown = showIpRoute([
    route("127.0.0.1/32", "local", { interface: "lo" }),
    route("10.0.0.1/32", "local"),
    route("10.0.0.0/24", "connected"),
    route("::1/128", "local", { interface: "lo" }),
  ]);
  expect(shown.slice(4)).toEqual([
    "Gateway of last resort is not set",
    "",
    "      10.0.0.0/8 is variably subnetted, 2 subnets, 2 masks",
    "C        10.0.0.0/24 is directly connected, FastEthernet0/0",
    "L        10.0.0.1/32 is directly connected, FastEthernet0/0",
  ]);
});
