/** Policy routing rules over rtnetlink: which table answers for which packets. struct fib_rule_hdr, FRA_*. */
import { ipToOctets } from "../../core/wire/address.ts";
import type { Prefix } from "../../core/wire/prefix.ts";
import { AddressFamily, Flag, MessageType } from "./constants.ts";
import { familyNumber, ipAttribute } from "./ip-octets.ts";
import type { Message } from "./message.ts";
import { Attributes, OctetWriter, Structure } from "./octets.ts";
import { change, dump, type Request, removal } from "./request.ts";

const HEADER = 12;
const Fra = {
  destination: 1,
  source: 2,
  inInterface: 3,
  priority: 6,
  mark: 10,
  suppressGroup: 13,
  suppressLength: 14,
  table: 15,
  markMask: 16,
  outInterface: 17,
  protocol: 21,
} as const;
const RuleAction = { table: 1, nop: 3, blackhole: 6, unreachable: 7, prohibit: 8 } as const;
const INVERT = 0x2;
const NOT_SUPPRESSED = 0xffffffff;

export interface Rule {
  readonly family: 4 | 6;
  /** The lowest is asked first. */
  readonly priority: number;
  readonly action: keyof typeof RuleAction;
  readonly table?: number;
  readonly source?: Prefix;
  readonly destination?: Prefix;
  readonly inInterface?: string;
  readonly outInterface?: string;
  readonly mark?: number;
  readonly markMask?: number;
  /** Routes out of links of this group count as not found. */
  readonly suppressGroup?: number;
  /** Routes with a prefix no longer than this count as not found. */
  readonly suppressLength?: number;
  /** Everything that does not match. */
  readonly invert?: boolean;
  /** Who put it there, FRA_PROTOCOL. */
  readonly protocol?: number;
}

export function listRules(family: 4 | 6): Request<Rule[]> {
  const body = new OctetWriter()
    .u8(numberOf(family))
    .octets(new Uint8Array(HEADER - 1))
    .finish();
  return dump("list the rules", MessageType.getRule, body, decodeRule);
}

/** `undefined` for a message about something else. Throws a `WireError`. */
export function decodeRule(message: Message): Rule | undefined {
  if (message.type !== MessageType.newRule && message.type !== MessageType.delRule) return undefined;
  const fixed = new Structure(message.body, HEADER, "rule");
  const family = fixed.u8(0);
  const action = ACTION_OF.get(fixed.u8(7));
  if ((family !== AddressFamily.ipv4 && family !== AddressFamily.ipv6) || action === undefined) return undefined;
  const attributes = new Attributes(message.body.subarray(HEADER), "rule");
  const destination = prefix(attributes, Fra.destination, fixed.u8(1));
  const source = prefix(attributes, Fra.source, fixed.u8(2));
  const suppressGroup = attributes.u32(Fra.suppressGroup);
  const suppressLength = attributes.u32(Fra.suppressLength);
  return defined({
    family: family === AddressFamily.ipv4 ? (4 as const) : (6 as const),
    priority: attributes.u32(Fra.priority) ?? 0,
    action,
    table: action === "table" ? (attributes.u32(Fra.table) ?? fixed.u8(4)) : undefined,
    source,
    destination,
    inInterface: attributes.text(Fra.inInterface),
    outInterface: attributes.text(Fra.outInterface),
    mark: attributes.u32(Fra.mark),
    markMask: attributes.u32(Fra.markMask),
    suppressGroup: suppressGroup === NOT_SUPPRESSED ? undefined : suppressGroup,
    suppressLength: suppressLength === NOT_SUPPRESSED ? undefined : suppressLength,
    invert: (fixed.u32(8) & INVERT) !== 0 ? true : undefined,
    protocol: attributes.u8(Fra.protocol),
  });
}

/** Refused with EEXIST when the very same rule is there. */
export function addRule(rule: Rule): Request<void> {
  return change("add the rule", context(rule), MessageType.newRule, Flag.create | Flag.exclusive, encode(rule));
}

/** Adds it behind the others of its priority, even when one like it is there. */
export function appendRule(rule: Rule): Request<void> {
  return change("add the rule", context(rule), MessageType.newRule, Flag.create, encode(rule));
}

/** Of several that are alike the first. Content when it is gone already. */
export function removeRule(rule: Rule): Request<void> {
  return removal("remove the rule", context(rule), MessageType.delRule, encode(rule));
}

function encode(rule: Rule): Uint8Array {
  const { table = 0, source, destination } = rule;
  const body = new OctetWriter().u8(numberOf(rule.family));
  body
    .u8(destination?.length ?? 0)
    .u8(source?.length ?? 0)
    .u8(0);
  body
    .u8(table > 255 ? 0 : table)
    .u8(0)
    .u8(0)
    .u8(RuleAction[rule.action])
    .u32(rule.invert ? INVERT : 0);
  body.u32Attribute(Fra.priority, rule.priority);
  if (destination) body.attribute(Fra.destination, ipToOctets(destination.address));
  if (source) body.attribute(Fra.source, ipToOctets(source.address));
  if (rule.table !== undefined) body.u32Attribute(Fra.table, rule.table);
  if (rule.inInterface !== undefined) body.textAttribute(Fra.inInterface, rule.inInterface);
  if (rule.outInterface !== undefined) body.textAttribute(Fra.outInterface, rule.outInterface);
  if (rule.mark !== undefined) body.u32Attribute(Fra.mark, rule.mark);
  if (rule.markMask !== undefined) body.u32Attribute(Fra.markMask, rule.markMask);
  if (rule.suppressGroup !== undefined) body.u32Attribute(Fra.suppressGroup, rule.suppressGroup);
  if (rule.suppressLength !== undefined) body.u32Attribute(Fra.suppressLength, rule.suppressLength);
  if (rule.protocol !== undefined) body.u8Attribute(Fra.protocol, rule.protocol);
  return body.finish();
}

function prefix(attributes: Attributes, type: number, length: number): Prefix | undefined {
  const address = ipAttribute(attributes.octets(type), "rule.prefix");
  if (address === undefined || length > (familyNumber(address) === AddressFamily.ipv4 ? 32 : 128)) return undefined;
  return { address, length };
}

function numberOf(family: 4 | 6): number {
  return family === 4 ? AddressFamily.ipv4 : AddressFamily.ipv6;
}

const ACTION_OF: ReadonlyMap<number, keyof typeof RuleAction> = new Map(
  Object.entries(RuleAction).map(([action, number]) => [number, action as keyof typeof RuleAction]),
);

function context(rule: Rule): Record<string, string | number> {
  return { family: rule.family, priority: rule.priority, action: rule.action };
}

type Defined<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** Leaves out what is undefined, so that a rule read back equals the rule that was added. */
function defined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as Defined<T>;
}
