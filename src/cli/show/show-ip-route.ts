/** `show ip route`: the kernel's IPv4 routes in IOS's form, grouped by classful network as IOS groups them. */
import type { RouteStatus } from "../../core/net/net-status.ts";
import { compareIp, type Ipv4, ipv4FromNumber, ipv4ToNumber } from "../../core/wire/address.ts";
import { formatPrefix } from "../../core/wire/prefix.ts";

const LEGEND = [
  "Codes: L - local, C - connected, S - static, R - RIP, M - mobile, B - BGP",
  "       D - EIGRP, EX - EIGRP external, O - OSPF, IA - OSPF inter area",
  "       i - IS-IS, * - candidate default, K - installed by another program of this host",
  "",
];

export function showIpRoute(routes: readonly RouteStatus[]): string[] {
  // A router has no loopback network of its own, and no script expects one.
  const ipv4 = routes.filter(({ prefix: { address } }) => !address.includes(":") && !address.startsWith("127."));
  const standard = ipv4.find(route => route.prefix.length === 0);
  const gateway =
    standard?.via === undefined
      ? "Gateway of last resort is not set"
      : `Gateway of last resort is ${standard.via} to network 0.0.0.0`;
  const groups = new Map<string, RouteStatus[]>();
  for (const route of ipv4.filter(each => each.prefix.length > 0).sort(byPrefix)) {
    const key = classful(route.prefix.address as Ipv4);
    groups.set(key, [...(groups.get(key) ?? []), route]);
  }
  const blocks = [...groups].flatMap(([network, members]) => [heading(network, members), ...members.map(routeLine)]);
  return [...LEGEND, gateway, "", ...(standard ? [defaultLine(standard)] : []), ...blocks];
}

function byPrefix(a: RouteStatus, b: RouteStatus): number {
  return compareIp(a.prefix.address, b.prefix.address) || a.prefix.length - b.prefix.length;
}

/** The class A, B or C network of an address, RFC 791 section 3.2, as `10.0.0.0/8`. */
function classful(address: Ipv4): string {
  const value = ipv4ToNumber(address);
  const first = Math.floor(value / 2 ** 24);
  const length = first < 128 ? 8 : first < 192 ? 16 : 24;
  return `${ipv4FromNumber(value - (value % 2 ** (32 - length)))}/${length}`;
}

function heading(network: string, members: readonly RouteStatus[]): string {
  const masks = new Set(members.map(each => each.prefix.length));
  const [only] = masks;
  if (masks.size > 1) return `      ${network} is variably subnetted, ${members.length} subnets, ${masks.size} masks`;
  return `      ${network.replace(/\/\d+$/, `/${only}`)} is subnetted, ${members.length} subnets`;
}

function defaultLine(route: RouteStatus): string {
  return `${`${code(route)}*`.padEnd(6)}${formatPrefix(route.prefix)} ${where(route)}`;
}

function routeLine(route: RouteStatus): string {
  return `${code(route).padEnd(9)}${formatPrefix(route.prefix)} ${where(route)}`;
}

function where(route: RouteStatus): string {
  if (route.source === "connected" || route.source === "local")
    return `is directly connected, ${route.interface ?? "?"}`;
  const measure = `[${route.distance}/${route.metric}]`;
  if (route.via === undefined) return `${measure} is directly connected, ${route.interface ?? "Null0"}`;
  return `${measure} via ${route.via}${route.interface === undefined ? "" : `, ${route.interface}`}`;
}

function code(route: RouteStatus): string {
  switch (route.source) {
    case "connected":
      return "C";
    case "local":
      return "L";
    case "static":
    case "reverse":
      return "S";
    case "other":
      return "K";
  }
  return route.source satisfies never;
}
