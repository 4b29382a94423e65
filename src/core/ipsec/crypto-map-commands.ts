/** `crypto map` and `crypto dynamic-map`, and the crypto map of an interface. */
import { integer, ipAddress, lineText, name } from "../command/arguments.ts";
import { type Command, command, type Mode, modeCommand, type Refusal } from "../command/command.ts";
import { argument, cut, flag, type Grammar, keyword, many, oneOf, opt, seq } from "../command/grammar.ts";
import { badWindow, replayWords } from "./ipsec-commands.ts";
import {
  type AppliedMap,
  type CryptoMap,
  type CryptoMapEntry,
  type IpsecModel,
  newMapEntry,
  REPLAY_INTERVAL,
  type ReverseRoute,
} from "./ipsec-model.ts";
import { isReplayWindow } from "./replay-window.ts";

const PFS_GROUPS = [2, 5, 14, 15, 16, 19, 20, 21, 31] as const;
const SEQUENCE = integer(1, 65_535);

const crypto = keyword("crypto", "Encryption module");
const set = keyword("set", "Set values for encryption/decryption");

function entryCommand<T extends object>(definition: {
  readonly grammar: Grammar<T>;
  readonly summary: string;
  readonly example: string;
  readonly fallback?: string;
  readonly set: (entry: CryptoMapEntry, args: T) => Refusal | void;
  readonly no: (entry: CryptoMapEntry, args: Partial<T>) => Refusal | void;
  readonly write: (entry: CryptoMapEntry) => readonly string[];
}): Command<CryptoMapEntry> {
  const { summary, example, fallback, ...rest } = definition;
  return command({ ...rest, doc: { summary, example, ...(fallback !== undefined && { fallback }) } });
}

const description = entryCommand({
  grammar: seq(
    keyword("description", "Description of the crypto map statement policy"),
    cut,
    argument("text", lineText, "Up to 240 characters"),
  ),
  summary: "A note for people.",
  example: "description branch 5",
  set: (entry, { text }) => {
    entry.description = text;
  },
  no: entry => {
    entry.description = undefined;
  },
  write: entry => (entry.description === undefined ? [] : [`description ${entry.description}`]),
});

const peer = entryCommand({
  grammar: seq(
    set,
    keyword("peer", "Allowed Encryption/Decryption peer"),
    cut,
    argument("peer", ipAddress, "IP address of peer"),
  ),
  summary: "A peer of the tunnel; several are tried in order.",
  example: "set peer 172.16.0.18",
  set: (entry, args) => {
    if (!entry.peers.includes(args.peer)) entry.peers.push(args.peer);
  },
  no: (entry, args) => {
    const kept = entry.peers.filter(each => args.peer !== undefined && each !== args.peer);
    entry.peers.splice(0, entry.peers.length, ...kept);
  },
  write: entry => entry.peers.map(each => `set peer ${each}`),
});

const lifetime = entryCommand({
  grammar: seq(
    set,
    keyword("security-association", "Security association parameters"),
    keyword("lifetime", "Security association lifetime"),
    oneOf(
      seq(
        flag("unit", "seconds", "Time-based key duration in seconds", "seconds"),
        cut,
        argument("amount", integer(120, 2_592_000), "Seconds"),
      ),
      seq(
        flag("unit", "kilobytes", "Volume-based key duration", "kilobytes"),
        cut,
        argument("amount", integer(2_560, 4_294_967_295), "Kilobytes"),
      ),
    ),
  ),
  summary: "How long an SA of this entry may live, or how much it may carry.",
  example: "set security-association lifetime seconds 28800",
  fallback: "What `crypto ipsec security-association lifetime` says.",
  set: (entry, { unit, amount }) => {
    if (unit === "seconds") entry.lifetimeSeconds = amount;
    else entry.lifetimeKilobytes = amount;
  },
  no: (entry, { unit }) => {
    if (unit === "seconds") entry.lifetimeSeconds = undefined;
    else entry.lifetimeKilobytes = undefined;
  },
  write: entry => [
    ...(entry.lifetimeKilobytes === undefined
      ? []
      : [`set security-association lifetime kilobytes ${entry.lifetimeKilobytes}`]),
    ...(entry.lifetimeSeconds === undefined
      ? []
      : [`set security-association lifetime seconds ${entry.lifetimeSeconds}`]),
  ],
});

const replay = entryCommand({
  grammar: seq(
    set,
    keyword("security-association", "Security association parameters"),
    keyword("replay", "Set replay checking"),
    cut,
    oneOf(
      seq(
        keyword("window-size", "Set replay window size"),
        argument("packets", integer(32, 4096), "Packets: a power of two"),
      ),
      flag("disabled", "disable", "Disable replay checking"),
    ),
  ),
  summary: "How far packets of this entry may arrive out of order.",
  example: "set security-association replay window-size 1024",
  fallback: "What `crypto ipsec security-association replay` says.",
  set: (entry, { packets, disabled }): Refusal => {
    if (packets !== undefined && !isReplayWindow(packets)) return badWindow(packets);
    entry.replayWindow = disabled ? "disabled" : packets;
    return undefined;
  },
  no: entry => {
    entry.replayWindow = undefined;
  },
  write: entry =>
    entry.replayWindow === undefined ? [] : [`set security-association replay ${replayWords(entry.replayWindow)}`],
});

const transformSets = entryCommand({
  grammar: seq(
    set,
    keyword("transform-set", "Specify list of transform sets in priority order"),
    cut,
    many("names", argument("name", name, "Proposal tag"), 6),
  ),
  summary: "The transform sets that may be used, the preferred first.",
  example: "set transform-set MyTransformSet",
  set: (entry, { names }) => {
    entry.transformSets.splice(0, entry.transformSets.length, ...new Set(names.map(each => each.name)));
  },
  no: entry => {
    entry.transformSets.splice(0, entry.transformSets.length);
  },
  write: entry => (entry.transformSets.length === 0 ? [] : [`set transform-set ${entry.transformSets.join(" ")}`]),
});

const pfs = entryCommand({
  grammar: seq(
    set,
    keyword("pfs", "Specify pfs settings"),
    cut,
    opt(oneOf(...PFS_GROUPS.map(group => flag("group", `group${group}`, `D-H Group ${group}`, group)))),
  ),
  summary: "A Diffie-Hellman exchange of its own for each SA.",
  example: "set pfs group14",
  fallback: "None; `set pfs` alone is group14.",
  set: (entry, { group }) => {
    entry.pfsGroup = group ?? 14;
  },
  no: entry => {
    entry.pfsGroup = undefined;
  },
  write: entry => (entry.pfsGroup === undefined ? [] : [`set pfs group${entry.pfsGroup}`]),
});

const matchAddress = entryCommand({
  grammar: seq(
    keyword("match", "Match values"),
    keyword("address", "Match address of packets to encrypt"),
    cut,
    argument("list", name, "Access-list name or number"),
  ),
  summary: "The access list whose permitted packets are protected.",
  example: "match address BRANCH-5-ACL",
  set: (entry, { list }) => {
    entry.accessList = list;
  },
  no: entry => {
    entry.accessList = undefined;
  },
  write: entry => (entry.accessList === undefined ? [] : [`match address ${entry.accessList}`]),
});

const reverseRoute = entryCommand({
  grammar: seq(
    keyword("reverse-route", "Reverse Route Injection"),
    cut,
    opt(
      many(
        "options",
        oneOf(
          flag("static", "static", "Create routes based on static ACLs permanently"),
          seq(
            keyword("tag", "Set tag"),
            argument("tag", integer(1, 4_294_967_295), "Tag value: the realm of the route"),
          ),
          seq(keyword("distance", "Set distance metric"), argument("distance", integer(1, 255), "Distance")),
          seq(
            keyword("remote-peer", "Create route to the remote peer"),
            argument("remotePeer", ipAddress, "Next hop to the peer"),
          ),
        ),
        4,
      ),
    ),
  ),
  summary:
    "A route to what is behind the peer, while there is an SA (with `static`: while the map is applied). A tag is " +
    "the route's realm in the kernel: `ip route` shows it, BIRD has it as `krt_realm`, FRR as its tag where it was " +
    "built with `--enable-realms`. Debian's was not: there a route map matches the metric or a prefix list.",
  example: "reverse-route static tag 5",
  set: (entry, { options }) => {
    const said: Partial<ReverseRoute> = Object.assign({}, ...(options ?? []));
    entry.reverseRoute = {
      static: said.static ?? false,
      tag: said.tag,
      distance: said.distance,
      remotePeer: said.remotePeer,
    };
  },
  no: entry => {
    entry.reverseRoute = undefined;
  },
  write: ({ reverseRoute: route }) => {
    if (route === undefined) return [];
    const { tag, distance, remotePeer } = route;
    const parts = [
      "reverse-route",
      route.static && "static",
      tag && `tag ${tag}`,
      distance && `distance ${distance}`,
      remotePeer && `remote-peer ${remotePeer}`,
    ];
    return [parts.filter(Boolean).join(" ")];
  },
});

const entryMode: Mode<CryptoMapEntry> = {
  prompt: "config-crypto-map",
  commands: [description, peer, lifetime, replay, transformSets, pfs, matchAddress, reverseRoute],
};

function entriesOf(maps: Map<string, CryptoMap>, called: string): CryptoMap {
  const found = maps.get(called) ?? { name: called, entries: new Map(), replayInterval: undefined };
  maps.set(called, found);
  return found;
}

function removeEntry(maps: Map<string, CryptoMap>, called: string | undefined, sequence: number | undefined): void {
  const found = called === undefined ? undefined : maps.get(called);
  if (found === undefined || called === undefined) return;
  if (sequence !== undefined) found.entries.delete(sequence);
  if (sequence === undefined || (found.entries.size === 0 && found.replayInterval === undefined)) maps.delete(called);
}

function instancesOf(
  maps: Map<string, CryptoMap>,
  line: (map: CryptoMap, entry: CryptoMapEntry) => string,
): { line: string; inner: CryptoMapEntry }[] {
  return [...maps.values()].flatMap(map =>
    [...map.entries.values()].sort((a, b) => a.sequence - b.sequence).map(inner => ({ line: line(map, inner), inner })),
  );
}

const staticMap = modeCommand({
  grammar: seq(
    crypto,
    keyword("map", "Enter a crypto map"),
    argument("name", name, "Crypto map tag"),
    argument("sequence", SEQUENCE, "Sequence to insert into crypto map entry"),
    cut,
    opt(
      seq(
        keyword("ipsec-isakmp", "IPSEC w/ISAKMP"),
        opt(
          seq(
            keyword("dynamic", "Enable dynamic crypto map support"),
            argument("dynamic", name, "Name of dynamic-map template"),
          ),
        ),
      ),
    ),
  ),
  doc: {
    summary: "Enters the mode for one entry of a crypto map; the smallest sequence number is tried first.",
    example: "crypto map BRANCH-5-MAP 10 ipsec-isakmp",
    no: "Without a sequence number removes the whole map.",
  },
  mode: entryMode,
  set: (model: IpsecModel, { name: called, sequence, dynamic }) => {
    const { entries } = entriesOf(model.maps, called);
    const found = entries.get(sequence);
    if (found === undefined || (dynamic !== undefined && found.dynamic !== dynamic))
      entries.set(sequence, newMapEntry(sequence, dynamic));
  },
  no: (model, { name: called, sequence }) => removeEntry(model.maps, called, sequence),
  select: (model, { name: called, sequence }) => model.maps.get(called)?.entries.get(sequence),
  instances: model =>
    instancesOf(
      model.maps,
      (map, entry) =>
        `crypto map ${map.name} ${entry.sequence} ipsec-isakmp` +
        `${entry.dynamic === undefined ? "" : ` dynamic ${entry.dynamic}`}`,
    ),
});

const wholeMap = command({
  grammar: seq(crypto, keyword("map", "Enter a crypto map"), argument("name", name, "Crypto map tag")),
  doc: { summary: "Only as `no crypto map NAME`: removes the whole map.", example: "crypto map BRANCH-5-MAP" },
  set: (_: IpsecModel): Refusal => "% Incomplete command: which sequence number?",
  no: (model, { name: called }) => removeEntry(model.maps, called, undefined),
  write: () => [],
});

const replayInterval = command({
  grammar: seq(
    crypto,
    keyword("map", "Enter a crypto map"),
    argument("name", name, "Crypto map tag"),
    keyword("redundancy", "High availability options for this map"),
    keyword("replay-interval", "How often anti-replay numbers are told to the standby"),
    cut,
    keyword("inbound", "Inbound sequence numbers"),
    argument("inbound", integer(0, 1_000_000), "Packets"),
    keyword("outbound", "Outbound sequence numbers"),
    argument("outbound", integer(1_000, 1_000_000), "Packets"),
  ),
  doc: {
    summary:
      "After how many packets the standby is told of sequence numbers; inbound it bounds what can be replayed later.",
    example: "crypto map BRANCH-5-MAP redundancy replay-interval inbound 1000 outbound 100000",
    fallback: `inbound ${REPLAY_INTERVAL.inbound}, outbound ${REPLAY_INTERVAL.outbound}.`,
  },
  set: (model: IpsecModel, { name: called, inbound, outbound }) => {
    entriesOf(model.maps, called).replayInterval = { inbound, outbound };
  },
  no: (model, { name: called }) => {
    const found = called === undefined ? undefined : model.maps.get(called);
    if (found !== undefined) found.replayInterval = undefined;
    if (found?.entries.size === 0) model.maps.delete(found.name);
  },
  write: model =>
    [...model.maps.values()].flatMap(({ name: called, replayInterval: each }) =>
      each === undefined
        ? []
        : [`crypto map ${called} redundancy replay-interval inbound ${each.inbound} outbound ${each.outbound}`],
    ),
});

const dynamicMap = modeCommand({
  grammar: seq(
    crypto,
    keyword("dynamic-map", "Specify a dynamic crypto map template"),
    argument("name", name, "Dynamic crypto map template tag"),
    argument("sequence", SEQUENCE, "Sequence to insert into dynamic crypto map entry"),
  ),
  doc: {
    summary: "Enters the mode for one entry of a template for peers that are not known beforehand.",
    example: "crypto dynamic-map SPOKES 10",
  },
  mode: entryMode,
  set: (model: IpsecModel, { name: called, sequence }) => {
    const { entries } = entriesOf(model.dynamicMaps, called);
    if (!entries.has(sequence)) entries.set(sequence, newMapEntry(sequence, undefined));
  },
  no: (model, { name: called, sequence }) => removeEntry(model.dynamicMaps, called, sequence),
  select: (model, { name: called, sequence }) => model.dynamicMaps.get(called)?.entries.get(sequence),
  instances: model =>
    instancesOf(model.dynamicMaps, (map, entry) => `crypto dynamic-map ${map.name} ${entry.sequence}`),
});

/** Templates before the maps that name them. */
export const cryptoMapCommands: readonly Command<IpsecModel>[] = [dynamicMap, replayInterval, wholeMap, staticMap];

/** The crypto maps of one interface. */
const applied = command({
  grammar: seq(
    crypto,
    keyword("map", "Assign a crypto map"),
    argument("map", name, "Crypto map tag"),
    opt(
      seq(
        keyword("redundancy", "Assign a redundancy group"),
        argument("group", name, "Name of the HSRP group"),
        opt(flag("stateful", "stateful", "Tunnels outlive a failover")),
      ),
    ),
  ),
  doc: {
    summary:
      "Protects what leaves here as the map says; `redundancy` from the virtual address, `stateful` across a failover.",
    example: "crypto map BRANCH-5-MAP redundancy BRANCH-5-TUNNEL stateful",
  },
  set: (maps: AppliedMap[], { map, group, stateful }) => {
    const kept = maps.filter(
      each => each.map !== map && (group === undefined ? each.redundancy !== undefined : each.redundancy !== group),
    );
    maps.splice(0, maps.length, ...kept, { map, redundancy: group, stateful: stateful ?? false });
  },
  no: (maps, { map }) => {
    const kept = maps.filter(each => each.map !== map);
    maps.splice(0, maps.length, ...kept);
  },
  write: maps =>
    maps.map(
      ({ map, redundancy, stateful }) =>
        `crypto map ${map}${redundancy === undefined ? "" : ` redundancy ${redundancy}`}${stateful ? " stateful" : ""}`,
    ),
});

export const appliedMapCommands: readonly Command<AppliedMap[]>[] = [applied];
