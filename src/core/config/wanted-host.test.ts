import { expect, test } from "vitest";
import { type Config, type InterfaceScope, interfaceScope } from "./config.ts";
import { loadConfig } from "./config-document.ts";
import { type HeldInterfaces, wantedHost } from "./wanted-host.ts";

const WITH = "interface eth0\n ip address 10.0.0.1 255.255.255.0\n standby 1 ip 10.0.0.15\n";
const before = config(WITH);
const held: HeldInterfaces = { names: new Set(["eth0"]), former: new Map([["eth0", scopeOf(before)]]) };
const released: HeldInterfaces = { ...held, names: new Set() };

function config(text: string): Config {
  return loadConfig(text).config;
}

function scopeOf(of: Config): InterfaceScope {
  const scope = interfaceScope(of, "eth0");
  if (scope === undefined) throw new Error("eth0 is configured");
  return scope;
}

test.each([
  ["it is shut", `${WITH} shutdown\n`],
  ["it is removed", ""],
  ["its only group is removed", "interface eth0\n ip address 10.0.0.1 255.255.255.0\n"],
])("an interface that carries an active group stays as the group needs it, although %s", (_, text) => {
  expect(wantedHost(config(text), held)).toEqual(wantedHost(before, released));
});

test("what was released is as the configuration has it", () => {
  expect(wantedHost(config(`${WITH} shutdown\n`), released).interfaces).toMatchObject([{ device: "eth0", up: false }]);
  expect(wantedHost(config(""), released)).toMatchObject({ interfaces: [], settings: [] });
  const without = wantedHost(config("interface eth0\n ip address 10.0.0.1 255.255.255.0\n"), released);
  expect(without).toMatchObject({ interfaces: [{ device: "eth0", up: true }], settings: [] });
});

test("what else changes on a held interface is followed", () => {
  const changed = config("interface eth0\n ip address 10.0.0.1 255.255.255.0\n mtu 1400\n");
  expect(wantedHost(changed, held).interfaces).toMatchObject([{ mtu: 1400 }]);
});
