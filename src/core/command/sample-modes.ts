/** A small configuration language in the shape of the real one, for the tests of this room; imported only by tests. */
import { integer, interfaceName, ipv4Address, ipv4Mask, lineText, name, wildcardMask, word } from "./arguments.ts";
import { command, type Mode, modeCommand } from "./command.ts";
import { argument, choice, cut, flag, keyword, many, oneOf, opt, seq, under } from "./grammar.ts";

export interface SampleInterface {
  description?: string | undefined;
  address?: string | undefined;
  shutdown: boolean;
  priorities: Map<number, number>;
}

export interface Sctp {
  local?: { port: number; ips: string[] } | undefined;
  remote?: { port: number; ips: string[] } | undefined;
}

export interface SampleModel {
  hostname: string;
  interfaces: Map<string, SampleInterface>;
  keys: Map<string, string>;
  zones: Map<string, Map<number, { shutdown: boolean; sctp?: Sctp | undefined }>>;
  lists: Map<string, string[]>;
  routes: string[];
}

export function sampleModel(): SampleModel {
  return {
    hostname: "Router",
    interfaces: new Map(),
    keys: new Map(),
    zones: new Map(),
    lists: new Map(),
    routes: [],
  };
}

const ip = keyword("ip", "IP commands");
const crypto = keyword("crypto", "Encryption module");

/** One end of an access list entry: whom it is about, and which ports. */
export const endpoint = (key: string) =>
  under(
    key,
    seq(
      oneOf(
        flag("any", "any", "Any host"),
        seq(keyword("host", "A single host"), argument("host", ipv4Address, "Address")),
        seq(argument("address", ipv4Address, "Address"), argument("wildcard", wildcardMask, "Wildcard bits")),
      ),
      opt(
        oneOf(
          seq(keyword("eq", "Match only this port"), argument("eq", integer(0, 65_535), "Port number")),
          seq(
            keyword("range", "Match only ports in the range"),
            argument("from", integer(0, 65_535), "First port"),
            argument("to", integer(0, 65_535), "Last port"),
          ),
        ),
      ),
    ),
  );

export const aclEntry = seq(
  choice("action", { permit: "Specify packets to forward", deny: "Specify packets to reject" }),
  oneOf(
    choice("protocol", { ip: "Any Internet Protocol", tcp: "TCP", udp: "UDP", esp: "ESP" }),
    argument("number", integer(0, 255), "An IP protocol number"),
  ),
  endpoint("source"),
  endpoint("destination"),
  opt(flag("log", "log", "Log matches against this entry")),
);

export const standbyTimers = seq(
  keyword("standby", "HSRP interface configuration commands"),
  opt(argument("group", integer(0, 255), "group number")),
  keyword("timers", "Hello and hold timers"),
  cut,
  opt(flag("helloMsec", "msec", "Specify hello interval in milliseconds")),
  argument("hello", integer(1, 32_767), "Hello interval"),
  opt(flag("holdMsec", "msec", "Specify hold time in milliseconds")),
  argument("hold", integer(1, 32_767), "Hold time"),
);

export const isakmpKey = seq(
  crypto,
  keyword("isakmp", "Configure ISAKMP policy"),
  keyword("key", "Long term key operations"),
  argument("key", word, "The UNENCRYPTED (cleartext) user password", { secret: true }),
  keyword("address", "Define shared key with IP address"),
  argument("address", ipv4Address, "Peer IP address"),
  opt(argument("mask", ipv4Mask, "Peer IP subnet mask")),
  opt(flag("noXauth", "no-xauth", "Bypasses XAuth for this peer")),
);

const interfaceMode: Mode<SampleInterface> = {
  prompt: "config-if",
  commands: [
    command({
      grammar: seq(keyword("description", "Interface specific description"), cut, argument("text", lineText, "Text")),
      doc: { summary: "A note for people.", example: "description to the provider" },
      set: (model: SampleInterface, { text }) => {
        model.description = text;
      },
      no: model => {
        model.description = undefined;
      },
      write: model => (model.description === undefined ? [] : [`description ${model.description}`]),
    }),
    command({
      grammar: seq(
        ip,
        keyword("address", "Set the IP address of an interface"),
        cut,
        argument("address", ipv4Address, "IP address"),
        argument("mask", ipv4Mask, "IP subnet mask"),
      ),
      doc: { summary: "The address.", example: "ip address 10.0.0.1 255.255.255.0", fallback: "No address." },
      set: (model: SampleInterface, { address, mask }) => {
        if (address === "0.0.0.0") return "% Invalid address";
        model.address = `${address} ${mask}`;
        return undefined;
      },
      no: model => {
        model.address = undefined;
      },
      write: model => (model.address === undefined ? [] : [`ip address ${model.address}`]),
    }),
    command({
      grammar: seq(
        keyword("standby", "HSRP interface configuration commands"),
        opt(argument("group", integer(0, 255), "group number")),
        keyword("priority", "Priority level"),
        cut,
        argument("priority", integer(0, 255), "Priority value"),
      ),
      doc: { summary: "Higher wins.", example: "standby 1 priority 110", fallback: "100.", no: "Returns to 100." },
      set: (model: SampleInterface, { group = 0, priority }) => {
        model.priorities.set(group, priority);
      },
      no: (model, { group = 0 }) => {
        model.priorities.delete(group);
      },
      write: model => [...model.priorities].map(([group, value]) => `standby ${group} priority ${value}`),
    }),
    command({
      grammar: standbyTimers,
      doc: { summary: "Hello and hold time.", example: "standby 1 timers msec 250 msec 750" },
      inert: { because: "timers do not act yet" },
      set: () => undefined,
      no: () => undefined,
      write: () => [],
    }),
    command({
      grammar: keyword("shutdown", "Shutdown the selected interface"),
      doc: { summary: "Takes the interface down.", example: "shutdown" },
      set: (model: SampleInterface) => {
        model.shutdown = true;
      },
      no: model => {
        model.shutdown = false;
      },
      write: model => (model.shutdown ? ["shutdown"] : []),
    }),
  ],
};

type End = NonNullable<Sctp["local"]>;

const endMode = (side: "local" | "remote"): Mode<End> => ({
  prompt: `config-ipc-${side}-sctp`,
  commands: [
    command({
      grammar: seq(keyword(`${side}-ip`, "Set an IP address"), argument("address", ipv4Address, "IP address")),
      doc: { summary: "An address of the association.", example: `${side}-ip 10.0.0.1` },
      set: (end: End, { address }) => {
        if (!end.ips.includes(address)) end.ips.push(address);
      },
      no: (end, { address }) => {
        end.ips = end.ips.filter(each => each !== address);
      },
      write: end => end.ips.map(each => `${side}-ip ${each}`),
    }),
  ],
});

const endCommand = (side: "local" | "remote") =>
  modeCommand({
    grammar: seq(keyword(`${side}-port`, "Set the port"), cut, argument("port", integer(1, 65_535), "Port number")),
    doc: { summary: "The port.", example: `${side}-port 5005` },
    mode: endMode(side),
    set: (sctp: Sctp, { port }) => {
      sctp[side] = { ips: sctp[side]?.ips ?? [], port };
    },
    no: sctp => {
      sctp[side] = undefined;
    },
    select: sctp => sctp[side],
    instances: sctp => (sctp[side] ? [{ line: `${side}-port ${sctp[side].port}`, inner: sctp[side] }] : []),
  });

interface Association {
  shutdown: boolean;
  sctp?: Sctp | undefined;
}

const associationMode: Mode<Association> = {
  prompt: "config-ipczone-assoc",
  commands: [
    command({
      grammar: keyword("shutdown", "Shut the association"),
      doc: { summary: "Closes the association.", example: "shutdown" },
      set: (association: Association) => {
        association.shutdown = true;
      },
      no: association => {
        association.shutdown = false;
      },
      write: association => [association.shutdown ? "shutdown" : "no shutdown"],
    }),
    modeCommand({
      grammar: seq(keyword("protocol", "Transport protocol"), keyword("sctp", "SCTP transport configuration")),
      doc: { summary: "SCTP.", example: "protocol sctp" },
      mode: { prompt: "config-ipc-protocol-sctp", commands: [endCommand("local"), endCommand("remote")] },
      set: (association: Association) => {
        association.sctp ??= {};
      },
      no: association => {
        association.sctp = undefined;
      },
      select: association => association.sctp,
      instances: ({ sctp }) => (sctp ? [{ line: "protocol sctp", inner: sctp }] : []),
    }),
  ],
};

const zoneCommand = modeCommand({
  grammar: seq(
    keyword("ipc", "Interprocess communication"),
    keyword("zone", "IPC zone"),
    argument("zone", name, "Zone name"),
  ),
  doc: { summary: "A zone.", example: "ipc zone default" },
  mode: {
    prompt: "config-ipczone",
    commands: [
      modeCommand({
        grammar: seq(keyword("association", "Associate"), argument("id", integer(1, 255), "Association ID")),
        doc: { summary: "An association.", example: "association 1" },
        mode: associationMode,
        set: (zone: Map<number, Association>, { id }) => {
          if (!zone.has(id)) zone.set(id, { shutdown: true });
        },
        no: (zone, { id }) => {
          if (id !== undefined) zone.delete(id);
        },
        select: (zone, { id }) => zone.get(id),
        instances: zone => [...zone].map(([id, inner]) => ({ line: `association ${id}`, inner })),
      }),
    ],
  },
  set: (model: SampleModel, { zone }) => {
    if (!model.zones.has(zone)) model.zones.set(zone, new Map());
  },
  no: (model, { zone }) => {
    if (zone !== undefined) model.zones.delete(zone);
  },
  select: (model, { zone }) => model.zones.get(zone),
  instances: model => [...model.zones].map(([zone, inner]) => ({ line: `ipc zone ${zone}`, inner })),
});

export const sampleMode: Mode<SampleModel> = {
  prompt: "config",
  commands: [
    command({
      grammar: seq(keyword("hostname", "Set system's network name"), cut, argument("name", name, "This name")),
      doc: { summary: "The name in the prompt.", example: "hostname R1", fallback: "`Router`." },
      set: (model: SampleModel, args) => {
        model.hostname = args.name;
      },
      no: model => {
        model.hostname = "Router";
      },
      write: model => (model.hostname === "Router" ? [] : [`hostname ${model.hostname}`]),
    }),
    zoneCommand,
    command({
      grammar: isakmpKey,
      doc: { summary: "A shared key.", example: "crypto isakmp key DontUsePresharedKeys address 172.16.0.18" },
      set: (model: SampleModel, { key, address }) => {
        model.keys.set(address, key);
      },
      no: (model, { address }) => {
        if (address !== undefined) model.keys.delete(address);
      },
      write: model =>
        [...model.keys].map(([address, key]) => `crypto isakmp key ${word.print?.(key)} address ${address}`),
    }),
    modeCommand({
      grammar: seq(
        keyword("interface", "Select an interface to configure"),
        argument("interface", interfaceName, "Interface"),
      ),
      doc: { summary: "An interface.", example: "interface FastEthernet0/0" },
      mode: interfaceMode,
      set: (model: SampleModel, args) => {
        if (!model.interfaces.has(args.interface))
          model.interfaces.set(args.interface, { shutdown: false, priorities: new Map() });
      },
      no: (model, args) => {
        if (args.interface !== undefined) model.interfaces.delete(args.interface);
      },
      select: (model, args) => model.interfaces.get(args.interface),
      instances: model => [...model.interfaces].map(([id, inner]) => ({ line: `interface ${id}`, inner })),
    }),
    command({
      grammar: seq(
        ip,
        keyword("route", "Establish static routes"),
        argument("destination", ipv4Address, "Destination prefix"),
        argument("mask", ipv4Mask, "Destination prefix mask"),
        oneOf(argument("via", ipv4Address, "Forwarding router"), argument("out", interfaceName, "Interface")),
        opt(argument("distance", integer(1, 255), "Distance metric for this route")),
        opt(seq(keyword("name", "Specify name of the next hop"), argument("label", word, "Name of the next hop"))),
      ),
      doc: { summary: "A static route.", example: 'ip route 0.0.0.0 0.0.0.0 10.0.0.254 name "The Internet"' },
      set: (model: SampleModel, { destination, mask, via, out, distance, label }) => {
        const metric = distance === undefined ? "" : ` ${distance}`;
        const called = label === undefined ? "" : ` name ${word.print?.(label)}`;
        model.routes.push(`ip route ${destination} ${mask} ${via ?? out}${metric}${called}`);
      },
      write: model => model.routes,
    }),
    modeCommand({
      grammar: seq(
        ip,
        keyword("access-list", "Named access-list"),
        keyword("extended", "Extended access-list"),
        argument("list", name, "Access-list name"),
      ),
      doc: { summary: "A list.", example: "ip access-list extended BRANCH-5-ACL" },
      mode: {
        prompt: "config-ext-nacl",
        commands: [
          command({
            grammar: aclEntry,
            doc: { summary: "An entry.", example: "permit ip 10.99.0.0 0.0.255.255 any" },
            set: (list: string[], entry) => {
              list.push(JSON.stringify(entry));
            },
            write: () => [],
          }),
        ],
      },
      set: (model: SampleModel, { list }) => {
        if (!model.lists.has(list)) model.lists.set(list, []);
      },
      select: (model, { list }) => model.lists.get(list),
      instances: model => [...model.lists].map(([list, inner]) => ({ line: `ip access-list extended ${list}`, inner })),
    }),
    command({
      grammar: seq(keyword("tags", "Words in a row"), many("tags", argument("tag", name, "A word"), 4)),
      doc: { summary: "Words.", example: "tags a b c" },
      set: () => undefined,
      write: () => [],
    }),
  ],
};
