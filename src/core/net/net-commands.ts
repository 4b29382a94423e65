/** Commands of the top mode that are about this host: its name, static routes, tracking objects. */
import {
  integer,
  interfaceName,
  ipv4Address,
  ipv4Mask,
  ipv6Address,
  ipv6Prefix,
  name as nameType,
  word,
} from "../command/arguments.ts";
import { type Command, command, type Refusal } from "../command/command.ts";
import { argument, choice, cut, keyword, oneOf, opt, seq } from "../command/grammar.ts";
import { familyOf, type IpAddress, type Ipv4 } from "../wire/address.ts";
import { formatPrefix, lengthToMask, maskToLength, networkOf, type Prefix } from "../wire/prefix.ts";
import { DEFAULT_HOSTNAME, type NetModel, type StaticRoute, type Track } from "./net-model.ts";

const hostname = command({
  grammar: seq(
    keyword("hostname", "Set system's network name"),
    cut,
    argument("name", nameType, "This system's network name"),
  ),
  doc: { summary: "The name in the prompt and in messages.", example: "hostname R1", fallback: `${DEFAULT_HOSTNAME}.` },
  set: (net: NetModel, { name }): Refusal => {
    if (!/^[A-Za-z][A-Za-z0-9.-]*$/.test(name))
      return `% Hostname "${name}": letters, digits, "." and "-", and a letter first`;
    net.hostname = name;
    return undefined;
  },
  no: net => {
    net.hostname = DEFAULT_HOSTNAME;
  },
  write: net => [`hostname ${net.hostname}`],
});

const attributes = opt(argument("distance", integer(1, 255), "Distance metric for this route"));
const tail = seq(
  attributes,
  opt(seq(keyword("name", "Specify name of the next hop"), argument("name", word, "Name of the next hop"))),
  opt(seq(keyword("tag", "Set tag for this route"), argument("tag", integer(1, 4_294_967_295), "Tag value"))),
);

interface RouteArguments {
  readonly via?: IpAddress;
  readonly interface?: string;
  readonly distance?: number;
  readonly name?: string;
  readonly tag?: number;
}

const ipRoute = command({
  grammar: seq(
    keyword("ip", "Global IP configuration subcommands"),
    keyword("route", "Establish static routes"),
    argument("network", ipv4Address, "Destination prefix"),
    argument("mask", ipv4Mask, "Destination prefix mask"),
    cut,
    oneOf(
      seq(argument("via", ipv4Address, "Forwarding router's address"), tail),
      seq(
        argument("interface", interfaceName, "Output interface, or Null0"),
        opt(argument("via", ipv4Address, "Forwarding router's address")),
        tail,
      ),
    ),
  ),
  doc: {
    summary: "A static route, installed while its next hop can be reached; of several to one prefix, the nearest.",
    example: 'ip route 0.0.0.0 0.0.0.0 10.0.0.254 name "Internet"',
    no: "Without a next hop removes every route to the prefix.",
  },
  set: (net: NetModel, { network, mask, ...rest }) => addRoute(net, prefixOf(network, mask), rest),
  no: (net, { network, mask, ...rest }) =>
    network && mask ? removeRoute(net, prefixOf(network, mask), rest) : undefined,
  write: net =>
    net.routes
      .filter(route => !route.prefix.address.includes(":"))
      .map(route => `ip route ${ipv4Prefix(route.prefix)} ${routeTail(route)}`),
});

const ipv6Routing = command({
  grammar: seq(
    keyword("ipv6", "Global IPv6 configuration commands"),
    keyword("unicast-routing", "Enable unicast routing"),
  ),
  doc: {
    summary: "Passes IPv6 packets on. As a router the host no longer takes its own default route from advertisements.",
    example: "ipv6 unicast-routing",
    fallback: "IPv6 packets are passed on only if the host does so anyway.",
  },
  set: (net: NetModel) => {
    net.ipv6Routing = true;
  },
  no: net => {
    net.ipv6Routing = false;
  },
  write: net => (net.ipv6Routing ? ["ipv6 unicast-routing"] : []),
});

const ipv6Route = command({
  grammar: seq(
    keyword("ipv6", "Global IPv6 configuration commands"),
    keyword("route", "Configure static routes"),
    argument("prefix", ipv6Prefix, "IPv6 prefix"),
    cut,
    oneOf(
      seq(argument("via", ipv6Address, "IPv6 address of next-hop"), tail),
      seq(
        argument("interface", interfaceName, "Output interface, or Null0"),
        opt(argument("via", ipv6Address, "IPv6 address of next-hop")),
        tail,
      ),
    ),
  ),
  doc: {
    summary: "A static IPv6 route.",
    example: "ipv6 route 2001:db8:5::/48 2001:db8::1",
    no: "Without a next hop removes every route to the prefix.",
  },
  set: (net: NetModel, { prefix, ...rest }) => addRoute(net, networkOf(prefix), rest),
  no: (net, { prefix, ...rest }) => (prefix ? removeRoute(net, networkOf(prefix), rest) : undefined),
  write: net =>
    net.routes
      .filter(route => route.prefix.address.includes(":"))
      .map(route => `ipv6 route ${formatPrefix(route.prefix)} ${routeTail(route)}`),
});

const track = command({
  grammar: seq(
    keyword("track", "Object tracking configuration commands"),
    argument("number", integer(1, 1000), "Tracked object"),
    cut,
    oneOf(
      seq(
        keyword("interface", "Select an interface to track"),
        argument("interface", interfaceName, "Interface name"),
        choice("what", { "line-protocol": "Track interface line-protocol", ip: "Track interface IP" }),
        opt(keyword("routing", "Track interface IP routing capability")),
      ),
      seq(
        keyword("ip", "IP protocol"),
        keyword("route", "IP route"),
        oneOf(
          seq(argument("network", ipv4Address, "IP prefix"), argument("mask", ipv4Mask, "IP subnet mask")),
          argument("prefix", slashPrefix(), "IP prefix with its length"),
        ),
        keyword("reachability", "Reachability"),
      ),
    ),
  ),
  doc: {
    summary: "Watches an interface or a route, for HSRP to lower a priority or give up a group.",
    example: "track 1 interface FastEthernet0/1 line-protocol",
  },
  set: (net: NetModel, { number, interface: name, what, network, mask, prefix }) => {
    const route = prefix ?? (network && mask ? prefixOf(network, mask) : undefined);
    const object: Track | undefined =
      name !== undefined
        ? { kind: "interface", interface: name, what: what === "ip" ? "ip routing" : "line-protocol" }
        : route && { kind: "route", prefix: route };
    if (object) net.tracks.set(number, object);
  },
  no: (net, { number }) => {
    if (number !== undefined) net.tracks.delete(number);
  },
  write: net =>
    [...net.tracks].sort(([a], [b]) => a - b).map(([number, object]) => `track ${number} ${trackWords(object)}`),
});

export const hostCommands: readonly Command<NetModel>[] = [hostname];
export const trackCommands: readonly Command<NetModel>[] = [track];
export const routeCommands: readonly Command<NetModel>[] = [ipv6Routing, ipRoute, ipv6Route];

function slashPrefix(): {
  label: string;
  parse: (text: string) => Prefix | undefined;
  print: (prefix: Prefix) => string;
} {
  return {
    label: "A.B.C.D/nn",
    parse: text => {
      const [address, length] = text.split("/");
      if (length === undefined || !/^\d{1,2}$/.test(length) || Number(length) > 32) return undefined;
      const parsed = ipv4Address.parse(address ?? "");
      return parsed && networkOf({ address: parsed, length: Number(length) });
    },
    print: formatPrefix,
  };
}

function prefixOf(network: Ipv4, mask: Ipv4): Prefix {
  return networkOf({ address: network, length: maskToLength(mask) ?? 32 });
}

function addRoute(
  net: NetModel,
  prefix: Prefix,
  { via, interface: out, distance, name, tag }: RouteArguments,
): Refusal {
  const route: StaticRoute = { prefix, via, interface: out, distance: distance ?? 1, tag, name };
  const at = net.routes.findIndex(
    each => formatPrefix(each.prefix) === formatPrefix(prefix) && each.via === via && each.interface === out,
  );
  if (at === -1) net.routes.push(route);
  else net.routes[at] = route;
  // In the order in which they are printed: by family, and in each as they were entered.
  net.routes.sort((a, b) => familyOf(a.prefix.address) - familyOf(b.prefix.address));
  return undefined;
}

function removeRoute(net: NetModel, prefix: Prefix, { via, interface: out }: RouteArguments): Refusal {
  const wanted = (route: StaticRoute): boolean =>
    formatPrefix(route.prefix) === formatPrefix(prefix) &&
    (via === undefined || route.via === via) &&
    (out === undefined || route.interface === out);
  const kept = net.routes.filter(route => !wanted(route));
  if (kept.length === net.routes.length) return "% No matching route to delete";
  net.routes.splice(0, net.routes.length, ...kept);
  return undefined;
}

function ipv4Prefix(prefix: Prefix): string {
  return `${prefix.address} ${lengthToMask(prefix.length)}`;
}

function routeTail({ interface: out, via, distance, name, tag }: StaticRoute): string {
  const parts = [
    out,
    via,
    distance === 1 ? undefined : distance,
    name && `name ${word.print?.(name)}`,
    tag && `tag ${tag}`,
  ];
  return parts.filter(part => part !== undefined && part !== "").join(" ");
}

function trackWords(object: Track): string {
  if (object.kind === "interface") return `interface ${object.interface} ${object.what}`;
  return `ip route ${ipv4Prefix(object.prefix)} reachability`;
}
