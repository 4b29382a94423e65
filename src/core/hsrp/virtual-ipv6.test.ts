import { expect, test } from "vitest";
import { type Ipv6, type MacAddress, parseIpv6 } from "../wire/address.ts";
import { parsePrefix } from "../wire/prefix.ts";
import { type HsrpGroupModel, newHsrpGroup } from "./hsrp-model.ts";
import { globalsOf, isOfIpv6, linkLocalOf, macOfModel, virtualIpv6Refusal } from "./virtual-ipv6.ts";

function group(number: number, changes: Partial<HsrpGroupModel>): HsrpGroupModel {
  return { ...newHsrpGroup(number), ...changes };
}

const prefix = (text: string) => parsePrefix(text) ?? { address: "::" as Ipv6, length: 0 };

test("a group is of IPv6 by a link-local address or by a global one", () => {
  expect(isOfIpv6(group(6, {}))).toBe(false);
  expect(isOfIpv6(group(6, { ipv6LinkLocal: "autoconfig" }))).toBe(true);
  expect(isOfIpv6(group(6, { ipv6Globals: [prefix("2001:db8::15/64")] }))).toBe(true);
});

test("the virtual MAC address is the family's, the version's, or the operator's", () => {
  const autoconfig = { ipv6LinkLocal: "autoconfig" } as const;
  expect(macOfModel(2, group(4095, autoconfig))).toBe("0005.73a0.0fff");
  expect(macOfModel(2, group(6, {}))).toBe("0000.0c9f.f006");
  expect(macOfModel(1, group(6, {}))).toBe("0000.0c07.ac06");
  expect(macOfModel(2, group(6, { ...autoconfig, macAddress: "0200.0000.0001" as MacAddress }))).toBe("0200.0000.0001");
});

test("the link-local address is the one given, or made from the virtual MAC address", () => {
  expect(linkLocalOf(group(6, {}))).toBeUndefined();
  expect(linkLocalOf(group(106, { ipv6LinkLocal: "autoconfig" }))).toBe("fe80::5:73ff:fea0:6a");
  expect(linkLocalOf(group(6, { ipv6Globals: [prefix("2001:db8::15/64")] }))).toBe("fe80::5:73ff:fea0:6");
  expect(linkLocalOf(group(6, { ipv6LinkLocal: parseIpv6("fe80::15") as Ipv6 }))).toBe("fe80::15");
});

test("of a network alone the address is made, and one that is given stays as it is", () => {
  const ipv6Globals = ["2001:db8:1::/64", "2001:db8:2::15/64", "2001:db8:3::/128"].map(prefix);
  expect(globalsOf(group(6, { ipv6Globals }))).toEqual([
    prefix("2001:db8:1::5:73ff:fea0:6/64"),
    prefix("2001:db8:2::15/64"),
    prefix("2001:db8:3::/128"),
  ]);
});

test("what is no host's address is none of a group", () => {
  for (const text of ["ff02::1/128", "::/0", "::1/128", "fe80::15/64"])
    expect(virtualIpv6Refusal(prefix(text)), text).toMatch(/^% /);
  for (const text of ["fe80::15/128", "2001:db8::15/64", "2001:db8::15/128"])
    expect(virtualIpv6Refusal(prefix(text)), text).toBeUndefined();
});
