/** Virtual addresses live on because another thread asks for them, and only under the lease that they are held by. */
import { execFileSync } from "node:child_process";
import { afterEach, beforeEach, expect, test } from "vitest";
import { loadConfig } from "../../src/core/config/config-document.ts";
import { wantedGroups } from "../../src/core/config/wanted-groups.ts";
import { SystemError } from "../../src/core/errors.ts";
import { AddressKeeper } from "../../src/gateway/liveness/address-keeper.ts";
import { VirtualAddress } from "../../src/gateway/liveness/virtual-address.ts";
import { monotonicMs } from "../../src/linux/clock.ts";
import { RoleWords } from "../../src/linux/role-words.ts";
import { addTo, describeInNamespace, eventually, ip, withVethPair } from "./namespace.ts";
import { address, mac } from "./values.ts";

const FOREVER_MS = 3_600_000;
const CONFIG =
  "interface us-left\n ip address 10.0.0.1 255.255.255.0\n standby 1 ip 10.0.0.15\n standby 2 ip 10.0.0.16\n";

describeInNamespace("addresses that are kept", () => {
  const pair = withVethPair();
  let words: RoleWords;
  let keeper: AddressKeeper;
  let held: VirtualAddress[];
  let now: number;

  beforeEach(() => {
    addTo(pair.rtnetlink, pair.left, "10.0.0.1/24");
    words = RoleWords.allocate(4);
    keeper = new AddressKeeper(words);
    now = monotonicMs();
    const groups = wantedGroups(loadConfig(CONFIG).config, { tracks: new Map(), linkLocals: new Map() });
    const parent = { index: pair.left.index, mac: mac(String(pair.left.macAddress)) };
    held = groups.map((group, slot) => {
      const keep = (changes: Parameters<AddressKeeper["keep"]>[1], at: number): void =>
        changes.length === 0 ? keeper.drop(slot) : keeper.keep(slot, changes, slot, at);
      return new VirtualAddress(group, parent, pair.rtnetlink, {
        sendAsActive: () => {},
        retireLink: () => {},
        keep,
      });
    });
  });
  afterEach(() => {
    for (const each of held) each.close();
    keeper.close();
  });

  const first = (): VirtualAddress => held[0] as VirtualAddress;
  const second = (): VirtualAddress => held[1] as VirtualAddress;
  const lease = (line: number, leaseMs: number): void =>
    words.write(line, { role: "active", epoch: 1, leaseUntilMs: now + leaseMs });
  const take = (of: VirtualAddress): void => of.take([address(of === first() ? "10.0.0.15" : "10.0.0.16")], now);
  const on = ({ virtualLink }: VirtualAddress): unknown[] => {
    const links = ip("address", "show") as { ifindex: number; addr_info: { local: string }[] }[];
    return links.filter(each => each.ifindex === virtualLink).flatMap(each => each.addr_info.map(({ local }) => local));
  };
  const nameOf = (of: VirtualAddress): string => `${of === first() ? "hsrp1" : "hsrp2"}.${pair.left.index}`;
  const lose = (of: VirtualAddress): void =>
    void execFileSync("ip", ["address", "flush", "dev", nameOf(of)], { stdio: "ignore" });
  /** The next look of each, which is when renewals begin. */
  const look = (): void => {
    now += 1_000;
    for (const each of held) each.handleTimeouts(now);
  };

  test("while the lease is fresh they are renewed by another thread, and not without", async () => {
    lease(0, -1_000);
    lease(1, FOREVER_MS);
    for (const each of held) take(each);
    for (const each of held) lose(each);
    look();
    // The first's would have been sent before it.
    await eventually(() => on(second()).length > 0 || undefined);
    expect(on(first())).toEqual([]);
    lease(0, FOREVER_MS);
    await eventually(() => on(first()).length > 0 || undefined);
  });

  test("what was given up is not put back", async () => {
    for (const line of [0, 1]) lease(line, FOREVER_MS);
    for (const each of held) take(each);
    look();
    first().release(0, now);
    lose(second());
    await eventually(() => on(second()).length > 0 || undefined);
    expect(on(first())).toEqual([]);
  });

  test("what is held is not asked for again, but after a stop of one's own", () => {
    take(first());
    look();
    lose(first());
    take(first());
    expect(on(first())).toEqual([]);
    now += 5_000;
    first().handleTimeouts(now);
    take(first());
    expect(on(first())).toEqual(["10.0.0.15"]);
  });

  test("a refusal is told", async () => {
    lease(0, FOREVER_MS);
    take(first());
    execFileSync("ip", ["link", "delete", nameOf(first())]);
    const refusal = await eventually(() => {
      try {
        look();
        return undefined;
      } catch (error) {
        return error;
      }
    });
    expect(refusal).toBeInstanceOf(SystemError);
    expect(String(refusal)).toContain("ENODEV");
    held.shift();
  });
});
