import { expect, test } from "vitest";
import { utf8 } from "../wire/utf8.ts";
import { FormerKeys } from "./former-keys.ts";
import { type HsrpAuthentication, type HsrpInterfaceModel, newHsrpGroup, newHsrpInterface } from "./hsrp-model.ts";

function with1(authentication: HsrpAuthentication | undefined): Map<string, HsrpInterfaceModel> {
  const model = newHsrpInterface();
  model.groups.set(1, { ...newHsrpGroup(1), authentication });
  return new Map([["eth0", model]]);
}
const string = (key: string, timeoutSeconds?: number): HsrpAuthentication => ({
  kind: "md5-string",
  key,
  timeoutSeconds,
});
const key = (text: string) => ({ id: 0, octets: utf8(text) });

test("the key before counts for the time that the new line says, and no longer", () => {
  const keys = new FormerKeys();
  keys.see(with1(string("OLD")), 0);
  expect(keys.of("eth0", 1, 0)).toEqual([]);
  keys.see(with1(string("NEW", 30)), 1000);
  expect(keys.of("eth0", 1, 30_999)).toEqual([key("OLD")]);
  expect(keys.of("eth0", 2, 1000)).toEqual([]);
  expect(keys.nextMs(1000)).toBe(31_000);
  expect(keys.of("eth0", 1, 31_000)).toEqual([]);
  expect(keys.nextMs(31_000)).toBeUndefined();
});

test("without a time the key before is void at once", () => {
  const keys = new FormerKeys();
  keys.see(with1(string("OLD")), 0);
  keys.see(with1(string("NEW")), 0);
  expect(keys.of("eth0", 1, 0)).toEqual([]);
});

test("a configuration that says the same again prolongs nothing", () => {
  const keys = new FormerKeys();
  keys.see(with1(string("OLD", 30)), 0);
  keys.see(with1(string("NEW", 30)), 0);
  keys.see(with1(string("NEW", 30)), 20_000);
  expect(keys.nextMs(20_000)).toBe(30_000);
});

test("two changes within the time: both keys before count, each for its own", () => {
  const keys = new FormerKeys();
  keys.see(with1(string("A")), 0);
  keys.see(with1(string("B", 30)), 0);
  keys.see(with1(string("C", 60)), 10_000);
  expect(keys.of("eth0", 1, 10_000)).toEqual([key("A"), key("B")]);
  expect(keys.of("eth0", 1, 30_000)).toEqual([key("B")]);
});

test("a group that gives authentication up, or goes, takes its former keys with it", () => {
  const keys = new FormerKeys();
  keys.see(with1(string("OLD")), 0);
  keys.see(with1(string("NEW", 30)), 0);
  keys.see(with1(undefined), 1000);
  expect(keys.of("eth0", 1, 1000)).toEqual([]);
  keys.see(with1(string("NEWER", 30)), 2000);
  expect(keys.of("eth0", 1, 2000)).toEqual([]);
});
