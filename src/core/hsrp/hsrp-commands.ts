/** `standby …`: the commands of HSRP in interface mode. Lines of one group stand together, in IOS's order. */
import {
  integer,
  interfaceName,
  ipv4Address,
  ipv6Address,
  ipv6Prefix,
  macAddress,
  name,
  word,
} from "../command/arguments.ts";
import { type Command, command, type Refusal } from "../command/command.ts";
import { argument, cut, flag, type Grammar, keyword, oneOf, opt, seq } from "../command/grammar.ts";
import { type Ipv6, isLinkLocal } from "../wire/address.ts";
import { type Prefix, widthOf } from "../wire/prefix.ts";
import { groupLines } from "./hsrp-group-lines.ts";
import { HSRP_DEFAULTS, type HsrpGroupModel, type HsrpInterfaceModel, newHsrpGroup } from "./hsrp-model.ts";
import { hsrpPortCommands, standby } from "./hsrp-port-commands.ts";
import { virtualIpv6Refusal } from "./virtual-ipv6.ts";

const SECONDS = integer(0, 3600);

const group = opt(argument("group", integer(0, 4095), "Group number"));

/**
 * A command about one group: `set` and `no` get the group, made when it is new and dropped when nothing is left of
 * it.
 */
function groupCommand<T extends object>(definition: {
  readonly grammar: Grammar<T>;
  readonly summary: string;
  readonly example: string;
  readonly fallback?: string;
  readonly set: (group: HsrpGroupModel, args: T) => Refusal | void;
  readonly no: (group: HsrpGroupModel, args: Partial<T>) => Refusal | void;
}): Command<HsrpInterfaceModel> {
  const { grammar, summary, example, fallback } = definition;
  return command({
    grammar: seq(standby, group, grammar),
    doc: { summary, example, ...(fallback !== undefined && { fallback }) },
    set: (model: HsrpInterfaceModel, args: { group?: number } & T) => {
      const number = args.group ?? 0;
      const found = model.groups.get(number) ?? newHsrpGroup(number);
      const refusal = definition.set(found, args);
      if (typeof refusal !== "string") model.groups.set(number, found);
      return refusal;
    },
    no: (model, args: Partial<{ group?: number } & T>) => {
      const found = model.groups.get(args.group ?? 0);
      if (found === undefined) return undefined;
      const refusal = definition.no(found, args as Partial<T>);
      if (groupLines(found).length === 0) model.groups.delete(found.number);
      return refusal;
    },
    write: () => [],
  });
}

const ip = groupCommand({
  grammar: seq(
    keyword("ip", "Enable HSRP IPv4 and set the virtual IP address"),
    cut,
    opt(
      seq(
        argument("address", ipv4Address, "Virtual IP address"),
        opt(flag("secondary", "secondary", "Secondary virtual IP address")),
      ),
    ),
  ),
  summary: "The virtual address of the group; without one it is learned from the active.",
  example: "standby 1 ip 10.0.0.15",
  set: (model, { address, secondary }): Refusal => {
    if (!secondary) model.address = address ?? "learn";
    else if (address !== undefined && !model.secondaries.includes(address)) model.secondaries.push(address);
    return undefined;
  },
  no: (model, { address, secondary }) => {
    if (!secondary) model.address = undefined;
    const kept = model.secondaries.filter(each => secondary && each !== address);
    model.secondaries.splice(0, model.secondaries.length, ...kept);
  },
});

const ipv6 = groupCommand({
  grammar: seq(
    keyword("ipv6", "Enable HSRP IPv6"),
    cut,
    oneOf(
      argument("address", ipv6Address, "Virtual IPv6 address, link-local or global"),
      argument("prefix", ipv6Prefix, "Global virtual IPv6 address, or its network"),
      flag("autoconfig", "autoconfig", "Derive a link-local address from the virtual MAC"),
    ),
  ),
  summary:
    "The virtual IPv6 addresses of the group (version 2 only): one link-local, and any number of global ones. Of a " +
    "network alone the address is derived as by `autoconfig`.",
  example: "standby 6 ipv6 autoconfig",
  set: (model, { address, prefix }): Refusal => {
    const given = prefix ?? (address && { address, length: widthOf(address) });
    const refusal = given && virtualIpv6Refusal(given);
    if (refusal !== undefined) return refusal;
    if (given === undefined) model.ipv6LinkLocal = "autoconfig";
    else if (isLinkLocal(given.address)) model.ipv6LinkLocal = given.address as Ipv6;
    else replaceGlobals(model, [...model.ipv6Globals.filter(each => each.address !== given.address), given]);
    return undefined;
  },
  no: (model, { address, prefix, autoconfig }) => {
    const gone = prefix?.address ?? address ?? (autoconfig ? "autoconfig" : undefined);
    if (gone === undefined || gone === model.ipv6LinkLocal) model.ipv6LinkLocal = undefined;
    replaceGlobals(model, gone === undefined ? [] : model.ipv6Globals.filter(each => each.address !== gone));
  },
});

const timers = groupCommand({
  grammar: seq(
    keyword("timers", "Hello and hold timers"),
    cut,
    oneOf(
      argument("helloSeconds", integer(1, 254), "Hello interval in seconds"),
      seq(
        keyword("msec", "Hello interval in milliseconds"),
        argument("helloMs", integer(15, 999), "Hello interval in milliseconds"),
      ),
    ),
    oneOf(
      argument("holdSeconds", integer(1, 255), "Hold time in seconds"),
      seq(
        keyword("msec", "Hold time in milliseconds"),
        argument("holdMs", integer(50, 3000), "Hold time in milliseconds"),
      ),
    ),
  ),
  summary: "How often a hello is sent, and after how long a silence the active is taken for dead.",
  example: "standby 1 timers msec 250 msec 750",
  fallback: "3 s and 10 s.",
  set: (model, { helloSeconds, helloMs, holdSeconds, holdMs }): Refusal => {
    const hello = helloMs ?? (helloSeconds ?? 0) * 1000;
    const hold = holdMs ?? (holdSeconds ?? 0) * 1000;
    if (hold <= hello) return `% Holdtime ${hold} ms must be greater than hello time ${hello} ms`;
    model.timers = { helloMs: hello, holdMs: hold };
    return undefined;
  },
  no: model => {
    model.timers = { helloMs: HSRP_DEFAULTS.helloMs, holdMs: HSRP_DEFAULTS.holdMs };
  },
});

const priority = groupCommand({
  grammar: seq(keyword("priority", "Priority level"), cut, argument("value", integer(0, 255), "Priority value")),
  summary: "Who should be active: the higher priority, and of equal ones the higher address.",
  example: "standby 1 priority 110",
  fallback: `${HSRP_DEFAULTS.priority}.`,
  set: (model, { value }) => {
    model.priority = value;
  },
  no: model => {
    model.priority = HSRP_DEFAULTS.priority;
  },
});

const preempt = groupCommand({
  grammar: seq(
    keyword("preempt", "Overthrow lower priority Active routers"),
    cut,
    opt(
      seq(
        keyword("delay", "Wait before preempting"),
        opt(seq(keyword("minimum", "Delay at least this long"), argument("minimum", SECONDS, "Seconds"))),
        opt(seq(keyword("reload", "Delay after reload"), argument("reload", SECONDS, "Seconds"))),
        opt(seq(keyword("sync", "Wait for IP redundancy clients"), argument("sync", SECONDS, "Seconds"))),
      ),
    ),
  ),
  summary:
    "Takes over from an active of lower priority, after the delays and never before all that it holds is held here.",
  example: "standby 1 preempt delay reload 120",
  fallback: "An active of lower priority is left alone.",
  set: (model, { minimum, reload, sync }) => {
    model.preempt = { minimumSeconds: minimum ?? 0, reloadSeconds: reload ?? 0, syncSeconds: sync ?? 0 };
  },
  no: model => {
    model.preempt = undefined;
  },
});

const nameCommand = groupCommand({
  grammar: seq(keyword("name", "Redundancy name string"), cut, argument("name", name, "Name")),
  summary: "What other commands call the group: `scheme standby`, `crypto map … redundancy`, `standby follow`.",
  example: "standby 1 name BRANCH-5-TUNNEL",
  set: (model, args) => {
    model.name = args.name;
  },
  no: model => {
    model.name = undefined;
  },
});

const authentication = groupCommand({
  grammar: seq(
    keyword("authentication", "Authentication"),
    cut,
    oneOf(
      seq(
        keyword("md5", "Use MD5 authentication"),
        oneOf(
          seq(
            keyword("key-string", "Set key string"),
            opt(argument("encryption", integer(0, 0), "The key is given in clear")),
            argument("key", word, "Key string", { secret: true }),
            opt(
              seq(
                keyword("timeout", "How long the previous key is accepted"),
                argument("timeout", integer(0, 32_767), "Seconds"),
              ),
            ),
          ),
          seq(keyword("key-chain", "Set key chain"), argument("chain", name, "Name of the key chain")),
        ),
      ),
      seq(
        keyword("text", "Plain text authentication"),
        argument("text", word, "At most 8 characters", { secret: true }),
      ),
    ),
  ),
  summary:
    "What other members must know. MD5 cannot stop replayed packets; who may take over is not decided by HSRP alone.",
  example: "standby 1 authentication md5 key-string SharedByBoth",
  fallback: 'Text "cisco", RFC 2281.',
  set: (model, { key, timeout, chain, text }): Refusal => {
    if (text !== undefined && text.length > 8)
      return `% Authentication text of ${text.length} characters, at most 8 fit`;
    if (text !== undefined) model.authentication = { kind: "text", text };
    else if (chain !== undefined) model.authentication = { kind: "md5-chain", chain };
    else if (key !== undefined) model.authentication = { kind: "md5-string", key, timeoutSeconds: timeout };
    return undefined;
  },
  no: model => {
    model.authentication = undefined;
  },
});

const track = groupCommand({
  grammar: seq(
    keyword("track", "Priority tracking"),
    argument("object", integer(1, 1000), "Tracked object number"),
    cut,
    opt(
      oneOf(
        seq(keyword("decrement", "Priority decrement"), argument("decrement", integer(1, 255), "Decrement value")),
        flag("shutdown", "shutdown", "Shutdown group"),
      ),
    ),
  ),
  summary: "While the tracked object is down the priority is lower, or the group gives up.",
  example: "standby 1 track 1 decrement 20",
  fallback: `A decrement of ${HSRP_DEFAULTS.decrement}.`,
  set: (model, { object, decrement, shutdown }) => {
    model.tracks.set(object, shutdown ? "shutdown" : { decrement: decrement ?? HSRP_DEFAULTS.decrement });
  },
  no: (model, { object }) => {
    if (object !== undefined) model.tracks.delete(object);
  },
});

/** What came before tracked objects; its one object would have no number to show. */
const trackInterface = groupCommand({
  grammar: seq(
    keyword("track", "Priority tracking"),
    argument("interface", interfaceName, "Interface name"),
    cut,
    opt(argument("decrement", integer(1, 255), "Decrement value")),
  ),
  summary: "Refused: an interface is tracked by an object, and the refusal says by which lines.",
  example: "standby 1 track FastEthernet0/1 20",
  set: (model, { interface: name, decrement }): Refusal => {
    const much = decrement === undefined ? "" : ` decrement ${decrement}`;
    const lines = [`track 1 interface ${name} line-protocol`, `standby ${model.number} track 1${much}`];
    return `% Track an object: '${lines.join("', then '")}'`;
  },
  no: () => {},
});

const mac = groupCommand({
  grammar: seq(keyword("mac-address", "Virtual MAC address"), cut, argument("mac", macAddress, "MAC address")),
  summary: "A virtual MAC address of your own.",
  example: "standby 1 mac-address 0000.0c07.ac0f",
  fallback: "0000.0c07.acXX in version 1, 0000.0c9f.fXXX in version 2, 0005.73a0.0XXX for IPv6.",
  set: (model, args) => {
    model.macAddress = args.mac;
  },
  no: model => {
    model.macAddress = undefined;
  },
});

const follow = groupCommand({
  grammar: seq(keyword("follow", "Name of HSRP group to follow"), cut, argument("leader", name, "Group name")),
  summary: "Takes the state of the named group, on whatever interface: inside and outside move together.",
  example: "standby 2 follow BRANCH-5-TUNNEL",
  set: (model, { leader }) => {
    model.follow = leader;
  },
  no: model => {
    model.follow = undefined;
  },
});

function replaceGlobals({ ipv6Globals }: HsrpGroupModel, kept: readonly Prefix[]): void {
  ipv6Globals.splice(0, ipv6Globals.length, ...kept);
}

/** All groups, each with its lines together; it hangs on `ip`, which every group has. */
const groups: Command<HsrpInterfaceModel> = {
  ...ip,
  write: model => [...model.groups.values()].sort((a, b) => a.number - b.number).flatMap(groupLines),
};

export const hsrpInterfaceCommands: readonly Command<HsrpInterfaceModel>[] = [
  ...hsrpPortCommands,
  groups,
  ipv6,
  timers,
  priority,
  preempt,
  nameCommand,
  authentication,
  track,
  trackInterface,
  mac,
  follow,
];
