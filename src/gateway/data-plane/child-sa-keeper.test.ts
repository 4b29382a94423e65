import { expect, test } from "vitest";
import { emptyConfig } from "../../core/config/config.ts";
import { childKeys, childSa } from "../../core/ipsec/child-sa.test-support.ts";
import type { ChildSa } from "../../core/ipsec/child-sa.ts";
import type { PolicyLine } from "../../core/ipsec/crypto-policies.ts";
import type { DataPlane } from "../../core/ipsec/data-plane.ts";
import { newMapEntry } from "../../core/ipsec/ipsec-model.ts";
import { Sad } from "../../core/ipsec/sad.ts";
import { Spd } from "../../core/ipsec/spd.ts";
import type { IpAddress, Ipv4 } from "../../core/wire/address.ts";
import { betweenPrefixes } from "../../core/wire/selector.ts";
import { ChildSaKeeper } from "./child-sa-keeper.ts";

const { selector } = childSa();

function permit(part: boolean, of = selector): PolicyLine {
  const common = { interface: "f0/0", map: "M", sequence: 10, entry: newMapEntry(10, undefined), dynamic: false };
  const traffic = { ...common, key: "f0/0 M 10 10", owner: "plain", part, selector: of };
  return { action: "protect", traffic, selector: of };
}

const PART = betweenPrefixes(
  { address: "10.99.1.0" as Ipv4, length: 24 },
  { address: "172.16.5.0" as Ipv4, length: 24 },
);

/** Says in words what the data plane is told. */
function recording() {
  const told: string[] = [];
  const known: Partial<DataPlane> = {
    install: sas => void told.push(...sas.map(({ direction, spi }) => `install ${direction} ${spi.toString(16)}`)),
    remove: ids => void told.push(...ids.map(id => `remove ${id}`)),
    direct: bundles => void told.push(...bundles.map(({ bundle, outbound }) => `direct ${bundle} ${outbound}`)),
    update: changes => void told.push(...changes.map(({ id, change }) => `update ${id} ${change}`)),
  };
  const plane = known as DataPlane;
  const spd = new Spd();
  const doors = { plane: plane as DataPlane | undefined, lines: [permit(false)] };
  const keeper: ChildSaKeeper = new ChildSaKeeper({
    spd,
    sad: new Sad(),
    plane: () => doors.plane,
    config: emptyConfig,
    epochOf: () => 7,
    follow: () => {
      told.push("follow");
      const parts = keeper.parts.some(part => part.selector === PART);
      keeper.settle(spd.change(parts ? [permit(true, PART), ...doors.lines] : doors.lines).ended);
    },
  });
  spd.change(doors.lines);
  const since = (): string[] => told.splice(0);
  return { keeper, spd, doors, since };
}

const other = (changes: Partial<ChildSa> = {}): ChildSa => childSa({ spi: 0x1002, ...changes });

test("installs both SAs and lets packets leave when told to", () => {
  const { keeper, since } = recording();
  const child = childSa();
  keeper.install(child);
  expect(since()).toEqual(["install outbound 2000", "install inbound 1000"]);
  keeper.enable(child.spi);
  expect(since()).toEqual(["direct 0 0"]);
  const installed = { child, bundle: 0, outbound: 0, inbound: 1, edgeToldMs: 0 };
  expect([keeper.find(child.spi), keeper.ofSa(0), keeper.ofSa(1)]).toEqual([installed, installed, installed]);
  expect([keeper.ofSa(2), [...keeper]]).toEqual([undefined, [installed]]);
  expect([keeper.isEnabled(child.spi), keeper.isEnabled(1)]).toEqual([true, false]);
});

test("remembers when the active last told that packets had come in", () => {
  const { keeper } = recording();
  keeper.installAll([childSa(), other()]);
  keeper.edgesTold([0x1002, 0x9999], 5000);
  // A record that comes again is the same pair.
  keeper.install(other({ pathMtu: 1400 }));
  expect([...keeper].map(({ child, edgeToldMs }) => [child.spi, edgeToldMs])).toEqual([
    [childSa().spi, 0],
    [0x1002, 5000],
  ]);
});

test("a successor carries what leaves, and the end of its predecessor changes nothing of that", () => {
  const { keeper, since } = recording();
  const first = childSa();
  keeper.installAll([first, other()]);
  keeper.enable(first.spi);
  keeper.enable(0x1002);
  since();
  keeper.remove(first.spi);
  expect(since()).toEqual(["remove 0", "remove 1"]);
  expect(() => first.inbound.cipherKey.reveal()).toThrow("wiped");
  keeper.remove(0x1002);
  expect(since()).toEqual(["direct 0 undefined", "remove 2", "remove 3"]);
});

test("the same pair again is a change, another under its name replaces it", () => {
  const { keeper, since } = recording();
  const child = childSa();
  keeper.install(child);
  since();
  const lifetime = { ...child.lifetime, hardAtMs: 5 };
  keeper.install({ ...child, remote: "192.0.2.9" as IpAddress, lifetime, pathMtu: 1_400 });
  expect(since()).toEqual([0, 1].flatMap(id => [`update ${id} peer`, `update ${id} hard-at`, `update ${id} path-mtu`]));
  expect(keeper.find(child.spi)?.child.remote).toBe("192.0.2.9");
  keeper.install(childSa({ inbound: childKeys(0x1000, child.suite, 1) }));
  expect(since()).toEqual(["remove 0", "remove 1", "install outbound 2000", "install inbound 1000"]);
});

test("a part of a permit has a line of its own as long as it has SAs", () => {
  const { keeper, spd, since } = recording();
  keeper.install(childSa({ selector: PART }));
  expect(since()).toEqual(["follow", "install outbound 2000", "install inbound 1000"]);
  expect(spd.policies).toHaveLength(2);
  keeper.install(other({ selector: PART }));
  keeper.remove(0x1000);
  expect(spd.policies).toHaveLength(2);
  keeper.remove(0x1002);
  expect(spd.policies).toHaveLength(1);
});

test("what loses its permit leaves the data plane, and comes back with it as it was", () => {
  const { keeper, spd, since } = recording();
  const child = childSa();
  keeper.install(child);
  keeper.enable(child.spi);
  since();
  keeper.settle(spd.change([]).ended);
  expect(since()).toEqual(["direct 0 undefined", "remove 0", "remove 1"]);
  expect(keeper.find(child.spi)).toBeUndefined();
  keeper.settle(spd.change([permit(false)]).ended);
  expect(since()).toEqual(["install outbound 2000", "install inbound 1000", "direct 0 1"]);
});

test("without a data plane a pair waits for one", () => {
  const { keeper, doors, since } = recording();
  const { plane } = doors;
  doors.plane = undefined;
  expect(keeper.install(childSa())).toBe(false);
  keeper.enable(0x1000);
  expect(since()).toEqual(["follow"]);
  doors.plane = plane;
  keeper.settle([]);
  expect(since()).toEqual(["install outbound 2000", "install inbound 1000", "direct 0 0"]);
});

test("copies of the keys that a record brings are the keys from then on", () => {
  const { keeper } = recording();
  const [first, copy] = [childSa(), childSa()];
  keeper.install(first);
  keeper.install(copy);
  expect(() => first.outbound.cipherKey.reveal()).toThrow("wiped");
  expect(keeper.find(copy.spi)?.child).toBe(copy);
  expect(copy.outbound.cipherKey.reveal()).toHaveLength(16);
});
