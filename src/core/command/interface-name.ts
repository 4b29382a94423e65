/**
 * Interface names as IOS writes them. A kind may be abbreviated to any prefix that is unique, may stand apart from
 * its number, and is kept in full:
 * `f0/0` is `FastEthernet0/0`. What is no IOS name is a Linux device, as it stands.
 */

/** In the order that decides what a short prefix means: `f0/0` is a FastEthernet, `e0/0` an Ethernet. */
const KINDS = [
  "FastEthernet",
  "GigabitEthernet",
  "TenGigabitEthernet",
  "Ethernet",
  "Loopback",
  "Tunnel",
  "Vlan",
  "Port-channel",
  "Serial",
  "Null",
] as const;
const NUMBER = /^\d{1,4}(\/\d{1,4}){0,3}(\.\d{1,4})?$/;
const DEVICE = /^[A-Za-z][A-Za-z0-9_.-]{0,14}$/;

/** One word: `f0/0`, `FastEthernet0/0`, `eth0`. */
export function parseInterfaceName(text: string): string | undefined {
  const match = /^([A-Za-z-]+)(\d.*)$/.exec(text);
  const [, prefix = "", number = ""] = match ?? [];
  const kind = kindOf(prefix, number);
  if (kind && NUMBER.test(number)) return `${kind}${number}`;
  return DEVICE.test(text) && !wholeKind(text) && !wholeKind(prefix) ? text : undefined;
}

/** Two words: `FastEthernet 0/0`. */
export function parseInterfacePair(first: string, second: string): string | undefined {
  const kind = kindOf(first, second);
  return kind && NUMBER.test(second) ? `${kind}${second}` : undefined;
}

/** Whether a number may follow as a word of its own. */
export function isInterfaceKind(text: string): boolean {
  return kindOf(text, "0") !== undefined;
}

export function isInterfaceNumber(text: string): boolean {
  return NUMBER.test(text);
}

/** `FastEthernet0/0`, but not `eth0`: it needs a `linux-device` to exist on this host. */
export function isIosName(name: string): boolean {
  return KINDS.some(kind => name.startsWith(kind) && NUMBER.test(name.substring(kind.length)));
}

/** `Fa0/0` for `FastEthernet0/0`, as IOS has it in columns and names of its own; a Linux name as it stands. */
export function shortInterface(name: string): string {
  const kind = KINDS.find(each => name.startsWith(each) && NUMBER.test(name.substring(each.length)));
  return kind === undefined ? name : `${kind.substring(0, 2)}${name.substring(kind.length)}`;
}

/** The order of `show running-config`: by kind as IOS lists them, then by number; Linux names last. */
export function compareInterfaces(a: string, b: string): number {
  const [left, right] = [orderOf(a), orderOf(b)];
  for (const [at, value] of left.entries()) {
    const other = right[at] ?? -1;
    if (value !== other) return value - other;
  }
  return left.length - right.length || (a < b ? -1 : a > b ? 1 : 0);
}

/** `eth0` is a Linux device, not an abbreviation; `eth0/0` can only be one. */
function kindOf(prefix: string, number: string): string | undefined {
  const lower = prefix.toLowerCase();
  if (lower === "" || (lower === "eth" && !number.includes("/"))) return undefined;
  return KINDS.find(kind => kind.toLowerCase().startsWith(lower));
}

function wholeKind(text: string): boolean {
  return KINDS.some(kind => kind.toLowerCase() === text.toLowerCase());
}

const PRINT_ORDER: readonly string[] = [
  "Loopback",
  "Tunnel",
  "Port-channel",
  "Ethernet",
  "FastEthernet",
  "GigabitEthernet",
  "TenGigabitEthernet",
];

function orderOf(name: string): number[] {
  const kind = KINDS.find(each => name.startsWith(each) && isIosName(name));
  if (kind === undefined) return [1000];
  const rank = PRINT_ORDER.indexOf(kind);
  return [rank === -1 ? 500 + KINDS.indexOf(kind) : rank, ...name.substring(kind.length).split(/[/.]/).map(Number)];
}
