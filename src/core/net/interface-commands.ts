/** The commands of interface mode that are about the interface itself. */
import { deviceName, integer, ipv4Address, ipv4Mask, ipv6Prefix, lineText } from "../command/arguments.ts";
import { type Command, command, type Refusal } from "../command/command.ts";
import { argument, cut, flag, keyword, opt, seq } from "../command/grammar.ts";
import type { Ipv4 } from "../wire/address.ts";
import { formatPrefix, lengthToMask, maskToLength, networkOf, type Prefix } from "../wire/prefix.ts";
import type { InterfaceModel } from "./net-model.ts";

const MTU = { least: 68, most: 65_535 } as const;

const linuxDevice = command({
  grammar: seq(
    keyword("linux-device", "The Linux network device behind this interface"),
    cut,
    argument("device", deviceName, "Device name"),
  ),
  doc: {
    summary: "Maps an IOS interface name to a Linux device.",
    example: "linux-device eth0",
    fallback: "An interface with a Linux name is that device.",
  },
  set: (model: InterfaceModel, { device }) => {
    model.linuxDevice = device;
  },
  no: model => {
    model.linuxDevice = undefined;
  },
  write: ({ linuxDevice: device }) => (device === undefined ? [] : [`linux-device ${device}`]),
});

const description = command({
  grammar: seq(
    keyword("description", "Interface specific description"),
    cut,
    argument("text", lineText, "Up to 240 characters"),
  ),
  doc: { summary: "A note for people.", example: "description to the provider" },
  set: (model: InterfaceModel, { text }) => {
    model.description = text;
  },
  no: model => {
    model.description = undefined;
  },
  write: model => (model.description === undefined ? [] : [`description ${model.description}`]),
});

const ip = keyword("ip", "Interface Internet Protocol config commands");

const ipAddress = command({
  grammar: seq(
    ip,
    keyword("address", "Set the IP address of an interface"),
    cut,
    argument("address", ipv4Address, "IP address"),
    argument("mask", ipv4Mask, "IP subnet mask"),
    opt(flag("secondary", "secondary", "Make this IP address a secondary address")),
  ),
  doc: {
    summary: "The IPv4 address of the interface, and further ones with `secondary`.",
    example: "ip address 10.0.0.1 255.255.255.0",
    no: "Without an address removes them all; the primary can go only after the secondary ones.",
  },
  set: (model: InterfaceModel, { address, mask, secondary }) =>
    setAddress(model, prefixOf(address, mask), secondary ?? false),
  no: (model, { address, mask, secondary }) => {
    if (address === undefined || mask === undefined) return clearAddresses(model);
    return removeAddress(model, prefixOf(address, mask), secondary ?? false);
  },
  write: model => [
    ...model.secondaries.map(prefix => `ip address ${printAddress(prefix)} secondary`),
    model.address === undefined ? "no ip address" : `ip address ${printAddress(model.address)}`,
  ],
});

const noIpv6Needed = keyword("ipv6", "IPv6 interface subcommands");

const ipv6Address = command({
  grammar: seq(
    noIpv6Needed,
    keyword("address", "Configure IPv6 address on interface"),
    cut,
    argument("prefix", ipv6Prefix, "IPv6 prefix"),
  ),
  doc: {
    summary: "An IPv6 address of the interface; there may be several.",
    example: "ipv6 address 2001:db8::1/64",
    no: "Without a prefix removes them all.",
  },
  set: (model: InterfaceModel, { prefix }) => {
    if (!model.ipv6.some(each => same(each, prefix))) model.ipv6.push(prefix);
  },
  no: (model, { prefix }) => {
    const kept = prefix === undefined ? [] : model.ipv6.filter(each => !same(each, prefix));
    model.ipv6.splice(0, model.ipv6.length, ...kept);
  },
  write: model => model.ipv6.map(prefix => `ipv6 address ${formatPrefix(prefix)}`),
});

const mtu = command({
  grammar: seq(
    keyword("mtu", "Set the interface Maximum Transmission Unit"),
    cut,
    argument("octets", integer(MTU.least, MTU.most), "MTU size in bytes"),
  ),
  doc: { summary: "The largest packet of the interface, octets.", example: "mtu 1400", fallback: "The device's own." },
  set: (model: InterfaceModel, { octets }) => {
    model.mtu = octets;
  },
  no: model => {
    model.mtu = undefined;
  },
  write: model => (model.mtu === undefined ? [] : [`mtu ${model.mtu}`]),
});

const adjustMss = command({
  grammar: seq(
    ip,
    keyword("tcp", "TCP interface commands"),
    keyword("adjust-mss", "Adjust the MSS of transit packets"),
    cut,
    argument("octets", integer(500, 1460), "Maximum segment size in bytes"),
  ),
  doc: {
    summary:
      "The largest TCP segment that connections through this interface and a tunnel may agree on. The lowest value of " +
      "the interface with the crypto map and of those without one holds, both ways, from an SA's next rekey on.",
    example: "ip tcp adjust-mss 1452",
  },
  set: (model: InterfaceModel, { octets }) => {
    model.adjustMss = octets;
  },
  no: model => {
    model.adjustMss = undefined;
  },
  write: model => (model.adjustMss === undefined ? [] : [`ip tcp adjust-mss ${model.adjustMss}`]),
  inert: { because: "segment sizes are adjusted in tunnels only" },
});

const shutdown = command({
  grammar: seq(keyword("shutdown", "Shutdown the selected interface")),
  doc: { summary: "Takes the interface down.", example: "shutdown", fallback: "The interface is up." },
  set: (model: InterfaceModel) => {
    model.shutdown = true;
  },
  no: model => {
    model.shutdown = false;
  },
  write: model => (model.shutdown ? ["shutdown"] : []),
});

const accessGroup = command({
  grammar: seq(
    ip,
    keyword("access-group", "Specify access control for packets"),
    argument("list", lineText, "Access list and direction"),
  ),
  doc: { summary: "Refused: packets are not filtered by this gateway yet.", example: "ip access-group 101 in" },
  set: (_: InterfaceModel, { list }): Refusal =>
    `% ip access-group ${list}: packets are not filtered yet, so this line would promise what does not happen`,
  no: () => {},
  write: () => [],
});

const cdp = command({
  grammar: seq(keyword("cdp", "CDP interface subcommands"), keyword("enable", "Enable CDP on interface")),
  doc: { summary: "Refused: there is no CDP here; `no cdp enable` is accepted.", example: "cdp enable" },
  set: (_: InterfaceModel): Refusal => "% cdp enable: there is no CDP here",
  no: () => {},
  write: () => [],
});

/** Before the lines of other rooms, in the order of `show running-config`. */
export const interfaceCommandsFirst: readonly Command<InterfaceModel>[] = [
  linuxDevice,
  description,
  mtu,
  ipAddress,
  accessGroup,
  adjustMss,
  ipv6Address,
];

/** After them. */
export const interfaceCommandsLast: readonly Command<InterfaceModel>[] = [cdp, shutdown];

function prefixOf(address: Ipv4, mask: Ipv4): Prefix {
  return { address, length: maskToLength(mask) ?? 32 };
}

function printAddress(prefix: Prefix): string {
  return `${prefix.address} ${lengthToMask(prefix.length)}`;
}

function same(a: Prefix, b: Prefix): boolean {
  return formatPrefix(a) === formatPrefix(b);
}

function setAddress(model: InterfaceModel, prefix: Prefix, secondary: boolean): Refusal {
  const network = networkOf(prefix).address;
  if (prefix.length < 31 && network === prefix.address)
    return `% Bad mask /${prefix.length} for address ${prefix.address}`;
  const others = model.secondaries.filter(each => each.address !== prefix.address);
  if (secondary && model.address === undefined) return "% Secondary addresses need a primary one first";
  if (secondary && model.address?.address === prefix.address)
    return `% ${prefix.address} is the primary address of ${model.name}`;
  model.secondaries.splice(0, model.secondaries.length, ...others, ...(secondary ? [prefix] : []));
  if (!secondary) model.address = prefix;
  return undefined;
}

function removeAddress(model: InterfaceModel, prefix: Prefix, secondary: boolean): Refusal {
  if (!secondary) {
    if (model.address === undefined || !same(model.address, prefix)) return "% Invalid address";
    if (model.secondaries.length > 0) return "% Must delete secondary before deleting primary";
    model.address = undefined;
    return undefined;
  }
  const kept = model.secondaries.filter(each => !same(each, prefix));
  if (kept.length === model.secondaries.length) return "% Invalid address";
  model.secondaries.splice(0, model.secondaries.length, ...kept);
  return undefined;
}

function clearAddresses(model: InterfaceModel): Refusal {
  model.address = undefined;
  model.secondaries.splice(0, model.secondaries.length);
  return undefined;
}
