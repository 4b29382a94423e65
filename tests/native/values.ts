/** Values from their texts, for tests: what does not parse is the test's own mistake. */
import { type IpAddress, type MacAddress, parseIp, parseMac } from "../../src/core/wire/address.ts";
import { type Prefix, parsePrefix } from "../../src/core/wire/prefix.ts";

export const prefix = (text: string): Prefix => present(parsePrefix(text), text);
export const address = (text: string): IpAddress => present(parseIp(text), text);
export const mac = (text: string): MacAddress => present(parseMac(text), text);
export const octets = (...values: readonly number[]): Uint8Array => Uint8Array.from(values);

function present<T>(value: T | undefined, text: string): T {
  if (value === undefined) throw new Error(`${text} does not parse`);
  return value;
}
