/** `ip access-list extended` and `access-list N`: one grammar of an entry for both. */
import { integer, ipv4Address, lineText, name, wildcardMask } from "../command/arguments.ts";
import { type Command, command, type Mode, modeCommand, type Refusal } from "../command/command.ts";
import {
  type ArgumentType,
  argument,
  choice,
  cut,
  flag,
  type Grammar,
  keyword,
  many,
  oneOf,
  opt,
  seq,
  under,
} from "../command/grammar.ts";
import { type Ipv4, ipv4FromNumber, ipv4ToNumber } from "../wire/address.ts";
import {
  type AccessList,
  type AclAddress,
  type AclEndpoint,
  type AclEntry,
  type AclPort,
  isExtendedNumber,
  nextSequence,
  PORT_NAMES,
} from "./acl-model.ts";

const INERT = {
  because: "IKE does not act yet: what the list permits has no tunnel, and is unreachable behind a crypto map",
};

const portNumber: ArgumentType<number> = {
  label: "<0-65535>",
  parse: text => PORT_NAMES[text.toLowerCase()] ?? integer(0, 65_535).parse(text),
};
const port = under(
  "port",
  oneOf(
    seq(
      choice("operator", {
        eq: "Match only packets on a given port",
        neq: "Match packets not on a given port",
        gt: "Match greater port numbers",
        lt: "Match lower port numbers",
      }),
      argument("port", portNumber, "Port number"),
    ),
    seq(
      flag("operator", "range", "Match only packets in the range of port numbers", "range"),
      argument("port", portNumber, "First port"),
      argument("last", portNumber, "Last port"),
    ),
  ),
);
const address = oneOf(
  flag("kind", "any", "Any host", "any"),
  seq(flag("kind", "host", "A single host", "host"), argument("address", ipv4Address, "Address")),
  seq(argument("address", ipv4Address, "Address"), argument("wildcard", wildcardMask, "Wildcard bits")),
);
const endpoint = seq(address, opt(port));

const protocol = oneOf(
  choice("protocol", {
    ip: "Any Internet Protocol",
    tcp: "Transmission Control Protocol",
    udp: "User Datagram Protocol",
    icmp: "Internet Control Message Protocol",
    esp: "Encapsulation Security Payload",
    ahp: "Authentication Header Protocol",
    gre: "Generic Routing Encapsulation",
  }),
  argument("protocol", integer(0, 255), "An IP protocol number"),
);

const rule = seq(
  choice("action", { permit: "Specify packets to forward", deny: "Specify packets to reject" }),
  protocol,
  under("source", endpoint),
  under("destination", endpoint),
  opt(
    many(
      "options",
      oneOf(
        flag("established", "established", "Match established connections"),
        flag("log", "log", "Log matches against this entry"),
      ),
      2,
    ),
  ),
);
const entry = oneOf(
  rule,
  seq(keyword("remark", "Access list entry comment"), argument("remark", lineText, "Comment up to 100 characters")),
);

interface EndpointArguments {
  readonly kind?: "any" | "host";
  readonly address?: Ipv4;
  readonly wildcard?: Ipv4;
  readonly port?: { readonly operator: string; readonly port: number; readonly last?: number };
}
interface EntryArguments {
  readonly action?: "permit" | "deny";
  readonly protocol?: Extract<AclEntry, { kind: "permit" | "deny" }>["protocol"];
  readonly source?: EndpointArguments;
  readonly destination?: EndpointArguments;
  readonly options?: readonly { readonly established?: true; readonly log?: true }[];
  readonly remark?: string;
}

const entryCommand = command({
  grammar: seq(
    opt(argument("sequence", integer(1, 2_147_483_647), "Sequence number")),
    entry as Grammar<EntryArguments>,
  ),
  doc: {
    summary:
      "One entry of the list; the first that matches decides. A crypto map that names the list protects its permits.",
    example: "permit ip 10.99.0.0 0.0.255.255 172.16.5.0 0.0.0.255",
    no: "Removes the same entry.",
  },
  set: (list: AccessList, args) => add(list, args, args.sequence),
  no: (list, args) => remove(list, args, args.sequence),
  write: list =>
    list.entries.map((each, at) => (usualSequence(list, at) ? "" : `${each.sequence} `) + aclEntryLine(each)),
  inert: INERT,
});

const bySequence = command({
  grammar: seq(argument("sequence", integer(1, 2_147_483_647), "Sequence number of the entry to remove")),
  doc: { summary: "Only as `no N`: removes the entry with that sequence number.", example: "10" },
  set: (_: AccessList, { sequence }): Refusal => `% ${sequence}: an entry is missing after the sequence number`,
  no: (list, { sequence }): Refusal => {
    const at = list.entries.findIndex(each => each.sequence === sequence);
    if (at === -1) return `% No entry ${sequence} in access list ${list.name}`;
    list.entries.splice(at, 1);
    return undefined;
  },
  write: () => [],
});

export const aclMode: Mode<AccessList> = { prompt: "config-ext-nacl", commands: [entryCommand, bySequence] };

type Lists = Map<string, AccessList>;

const named = modeCommand({
  grammar: seq(
    keyword("ip", "Global IP configuration subcommands"),
    keyword("access-list", "Named access-list"),
    keyword("extended", "Extended Access List"),
    argument("name", name, "Access-list name or number"),
  ),
  doc: { summary: "Enters the mode for one access list.", example: "ip access-list extended BRANCH-5-ACL" },
  mode: aclMode,
  set: (lists: Lists, args): Refusal => {
    if (/^\d+$/.test(args.name) && !isExtendedNumber(Number(args.name)))
      return `% Access list ${args.name}: extended lists are 100-199, 2000-2699 or named`;
    if (!lists.has(args.name)) lists.set(args.name, { name: args.name, entries: [] });
    return undefined;
  },
  no: (lists, args) => {
    if (args.name !== undefined) lists.delete(args.name);
  },
  select: (lists, args) => lists.get(args.name),
  instances: lists =>
    [...lists.values()]
      .filter(
        each =>
          !isNumbered(each) || each.entries.length === 0 || !each.entries.every((_, at) => usualSequence(each, at)),
      )
      .map(inner => ({ line: `ip access-list extended ${inner.name}`, inner })),
  inert: INERT,
});

const numbered = command({
  grammar: seq(
    keyword("access-list", "Add an access list entry"),
    argument("number", integer(100, 2699), "IP extended access list: 100-199, 2000-2699"),
    cut,
    entry as Grammar<EntryArguments>,
  ),
  doc: {
    summary: "One entry of a numbered list.",
    example: "access-list 101 permit ip host 10.99.0.5 any",
    no: "Removes the whole list.",
  },
  set: (lists: Lists, { number, ...args }): Refusal => {
    if (!isExtendedNumber(number)) return `% Access list ${number}: extended lists are 100-199 and 2000-2699`;
    const list = lists.get(String(number)) ?? { name: String(number), entries: [] };
    const refusal = add(list, args, undefined);
    if (refusal === undefined) lists.set(list.name, list);
    return refusal;
  },
  no: (lists, { number }) => {
    lists.delete(String(number));
  },
  write: lists =>
    [...lists.values()]
      .filter(list => isNumbered(list) && list.entries.every((_, at) => usualSequence(list, at)))
      .sort((a, b) => Number(a.name) - Number(b.name))
      .flatMap(list => list.entries.map(each => `access-list ${list.name} ${aclEntryLine(each)}`)),
  inert: INERT,
});

export const aclCommands: readonly Command<Lists>[] = [named, numbered];

function isNumbered(list: AccessList): boolean {
  return /^\d+$/.test(list.name);
}

/**
 * Whether the entry stands where it would if no sequence number were said; one that does not is printed with its
 * number.
 */
function usualSequence(list: AccessList, at: number): boolean {
  return list.entries[at]?.sequence === nextSequence({ ...list, entries: list.entries.filter((_, n) => n < at) });
}

function add(list: AccessList, args: EntryArguments, sequence: number | undefined): Refusal {
  const made = entryOf(args, sequence ?? nextSequence(list));
  if (typeof made === "string") return made;
  if (made.kind !== "remark" && list.entries.some(each => aclEntryLine(each) === aclEntryLine(made))) return undefined;
  if (list.entries.some(each => each.sequence === made.sequence)) return `% Duplicate sequence number ${made.sequence}`;
  list.entries.push(made);
  list.entries.sort((a, b) => a.sequence - b.sequence);
  return undefined;
}

function remove(list: AccessList, args: EntryArguments, sequence: number | undefined): Refusal {
  const wanted = entryOf(args, 0);
  if (typeof wanted === "string") return wanted;
  const at = list.entries.findIndex(
    each => (sequence === undefined || each.sequence === sequence) && aclEntryLine(each) === aclEntryLine(wanted),
  );
  if (at === -1) return `% No such entry in access list ${list.name}`;
  list.entries.splice(at, 1);
  return undefined;
}

function entryOf(args: EntryArguments, sequence: number): AclEntry | string {
  if (args.remark !== undefined) return { sequence, kind: "remark", text: args.remark };
  const { action = "permit", protocol: of = "ip" } = args;
  const [source, destination] = [endpointOf(args.source), endpointOf(args.destination)];
  const ported = source.port !== undefined || destination.port !== undefined;
  if (ported && of !== "tcp" && of !== "udp") return `% Ports belong to tcp and udp, not to ${of}`;
  for (const each of [source.port, destination.port]) {
    if (each?.operator === "range" && each.port > each.last)
      return `% Port range ${each.port} ${each.last} ends before it begins`;
  }
  const options = args.options ?? [];
  return {
    sequence,
    kind: action,
    protocol: of,
    source,
    destination,
    established: options.some(each => each.established),
    log: options.some(each => each.log),
  };
}

function endpointOf(args: EndpointArguments = {}): AclEndpoint {
  return { address: addressOf(args), port: args.port as AclPort | undefined };
}

/** IOS keeps what the wildcard leaves of the address, and calls a single address `host`. */
function addressOf({ kind, address: text, wildcard }: EndpointArguments): AclAddress {
  if (text === undefined || kind === "any") return { kind: "any" };
  if (kind === "host" || wildcard === undefined || wildcard === "0.0.0.0") return { kind: "host", address: text };
  if (wildcard === "255.255.255.255") return { kind: "any" };
  const [bits, mask] = [ipv4ToNumber(text), ipv4ToNumber(wildcard)];
  const kept = Number(BigInt(bits) & ~BigInt(mask) & 0xffff_ffffn);
  return { kind: "network", address: ipv4FromNumber(kept), wildcard };
}

export function aclEntryLine(each: AclEntry): string {
  if (each.kind === "remark") return `remark ${each.text}`;
  const options = `${each.established ? " established" : ""}${each.log ? " log" : ""}`;
  return `${each.kind} ${each.protocol} ${endpointWords(each.source)} ${endpointWords(each.destination)}${options}`;
}

function endpointWords({ address: where, port: at }: AclEndpoint): string {
  const place =
    where.kind === "any"
      ? "any"
      : where.kind === "host"
        ? `host ${where.address}`
        : `${where.address} ${where.wildcard}`;
  if (at === undefined) return place;
  return `${place} ${at.operator} ${at.port}${at.operator === "range" ? ` ${at.last}` : ""}`;
}
