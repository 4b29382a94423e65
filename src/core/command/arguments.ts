/** What the words of a command may be. Each type is total on any text and prints back what it parsed. */
import {
  type IpAddress,
  type Ipv4,
  type Ipv6,
  type MacAddress,
  parseIp,
  parseIpv4,
  parseIpv6,
  parseMac,
} from "../wire/address.ts";
import { formatPrefix, maskToLength, type Prefix, parsePrefix } from "../wire/prefix.ts";
import type { ArgumentType } from "./grammar.ts";
import { isInterfaceKind, isInterfaceNumber, parseInterfaceName, parseInterfacePair } from "./interface-name.ts";

/** Any one word without control characters; for keys and the like. */
export const word: ArgumentType<string> = {
  label: "WORD",
  parse: text => (text.length > 0 && text.length <= 254 && !/\p{Cc}/u.test(text) ? text : undefined),
  print: text => (/\s|^$/.test(text) ? `"${text}"` : text),
  loose: true,
};

/**
 * What the operator calls something: letters, digits and `_ . : / -`, so that it can stand in a file name, a log line
 * and a column.
 */
export const name: ArgumentType<string> = {
  label: "WORD",
  parse: text => (/^[A-Za-z0-9_.:/-]{1,64}$/.test(text) ? text : undefined),
  loose: true,
};

/** The rest of the line, as it stands. */
export const lineText: ArgumentType<string> = {
  label: "LINE",
  parse: text => (text.length > 0 && text.length <= 240 && !/\p{Cc}/u.test(text) ? text : undefined),
  rest: true,
  loose: true,
};

/** A decimal number within a range, both ends included. */
export function integer(min: number, max: number): ArgumentType<number> {
  return {
    label: `<${min}-${max}>`,
    parse: text => {
      if (!/^\d{1,15}$/.test(text)) return undefined;
      const value = Number(text);
      return value >= min && value <= max ? value : undefined;
    },
    begins: text => /^\d{1,15}$/.test(text) && Number(text) <= max,
  };
}

const beginsIpv4 = (text: string): boolean => /^\d[\d.]{0,14}$/.test(text);
const beginsIpv6 = (text: string): boolean => /^[0-9a-f:][0-9a-f:.]{0,44}$/i.test(text);

export const ipv4Address: ArgumentType<Ipv4> = { label: "A.B.C.D", parse: parseIpv4, begins: beginsIpv4 };
export const ipv6Address: ArgumentType<Ipv6> = { label: "X:X:X:X::X", parse: parseIpv6, begins: beginsIpv6 };
export const ipAddress: ArgumentType<IpAddress> = { label: "A.B.C.D or X:X::X", parse: parseIp, begins: beginsIpv6 };

/** `255.255.255.0`, as a prefix length; the ones must all be in front. */
export const ipv4Mask: ArgumentType<Ipv4> = {
  label: "A.B.C.D",
  parse: text => {
    const mask = parseIpv4(text);
    return mask !== undefined && maskToLength(mask) !== undefined ? mask : undefined;
  },
  begins: beginsIpv4,
};

/** `0.0.255.255`: ones where the address does not matter; they may stand anywhere. */
export const wildcardMask: ArgumentType<Ipv4> = ipv4Address;

/** `2001:db8::1/64`. */
export const ipv6Prefix: ArgumentType<Prefix> = {
  label: "X:X:X:X::X/<0-128>",
  parse: text => {
    const prefix = parsePrefix(text);
    return prefix?.address.includes(":") ? prefix : undefined;
  },
  print: formatPrefix,
  begins: text => beginsIpv6(text.replace(/\/\d{0,3}$/, "")),
};

export const macAddress: ArgumentType<MacAddress> = {
  label: "H.H.H",
  parse: parseMac,
  begins: text => /^[0-9a-f][0-9a-f.:-]{0,16}$/i.test(text),
};

/** Octets in hexadecimal, in lower case: a key that is no text. */
export function hexKey(octetsMin: number, octetsMax: number): ArgumentType<string> {
  return {
    label: "HEX-DATA",
    parse: text =>
      /^([0-9A-Fa-f]{2})+$/.test(text) && text.length >= octetsMin * 2 && text.length <= octetsMax * 2
        ? text.toLowerCase()
        : undefined,
  };
}

const interfaceNumber = {
  label: "<0-9999>[/<0-9999>]",
  parse: (text: string) => (isInterfaceNumber(text) ? text : undefined),
  begins: (text: string) => /^\d[\d/.]{0,24}$/.test(text),
};

/** An IOS interface name in its full form, or a Linux name as it stands. */
export const interfaceName: ArgumentType<string> = {
  label: "IFNAME",
  parse: parseInterfaceName,
  pair: parseInterfacePair,
  begins: text => isInterfaceKind(text.replace(/\d[\d/.]*$/, "")),
  second: first => (isInterfaceKind(first) ? interfaceNumber : undefined),
  loose: true,
};

/** The name of a Linux network device: at most 15 octets, no blank, no slash. */
export const deviceName: ArgumentType<string> = {
  label: "WORD",
  parse: text => (/^[A-Za-z0-9_.@-]{1,15}$/.test(text) && text !== "." && text !== ".." ? text : undefined),
  loose: true,
};
