/** rtnetlink against the kernel, with iproute2 as the second opinion. */
import { expect, test } from "vitest";
import { createVirtualMacLink, linkIndexOf, linkNameOf } from "../../src/linux/links.ts";
import { addAddress, listAddresses, removeAddress, replaceAddress } from "../../src/linux/netlink/address.ts";
import { createLink, listLinks, removeLink, setLink } from "../../src/linux/netlink/link.ts";
import { type Change, RtnetlinkMonitor } from "../../src/linux/netlink/monitor.ts";
import { listNeighbours, removeNeighbour, replaceNeighbour } from "../../src/linux/netlink/neighbour.ts";
import { listNexthops, removeNexthop, replaceNexthop } from "../../src/linux/netlink/nexthop.ts";
import { addRoute, listRoutes, removeRoute, replaceRoute } from "../../src/linux/netlink/route.ts";
import { addRule, listRules, type Rule, removeRule } from "../../src/linux/netlink/rule.ts";
import { addTo, describeInNamespace, eventually, ip, linkNamed, withVethPair } from "./namespace.ts";
import { address, mac, prefix } from "./values.ts";

describeInNamespace("rtnetlink", () => {
  const pair = withVethPair();

  test("lists links as iproute2 does", () => {
    const links = pair.rtnetlink.request(listLinks());
    const theirs = ip("link").map(each => [each.ifindex, each.ifname, each.mtu]);
    expect(links.map(each => [each.index, each.name, each.mtu])).toEqual(theirs);
    expect(pair.left).toMatchObject({ kind: "veth", up: true, parent: pair.right.index, loopback: false });
    expect(linkIndexOf("us-left")).toBe(pair.left.index);
    expect(linkNameOf(pair.left.index)).toBe("us-left");
    expect(linkIndexOf("us-nobody")).toBeUndefined();
    expect(linkNameOf(999_999)).toBeUndefined();
  });

  test("changes a link and counts what went through", () => {
    const { rtnetlink, left } = pair;
    rtnetlink.request(setLink({ index: left.index, mtu: 1300, group: 77, macAddress: mac("0200.0000.0001") }));
    expect(ip("link", "show", "us-left")[0]).toMatchObject({ mtu: 1300, group: "77", address: "02:00:00:00:00:01" });
    rtnetlink.request(setLink({ index: left.index, up: false }));
    expect(linkNamed(rtnetlink, "us-left")).toMatchObject({ up: false, carrier: false, mtu: 1300, group: 77 });
    expect(linkNamed(rtnetlink, "us-left").counters?.receivedPackets).toBeTypeOf("number");
  });

  test("makes the macvlan of a virtual MAC address, and again over what a killed run left", () => {
    const { rtnetlink, left } = pair;
    const wanted = { name: "us-vmac", parent: left.index, macAddress: mac("0000.0c07.ac01") };
    const first = createVirtualMacLink(rtnetlink, wanted);
    const second = createVirtualMacLink(rtnetlink, wanted);
    expect(second).not.toBe(first);
    expect(ip("link", "show", "us-vmac")[0]).toMatchObject({
      ifindex: second,
      link: "us-left",
      address: "00:00:0c:07:ac:01",
      flags: expect.not.arrayContaining(["UP"]),
      linkinfo: { info_kind: "macvlan", info_data: { mode: "bridge" } },
      inet6_addr_gen_mode: "none",
    });
    expect(ip("link", "show", "us-vmac")[0]?.flags).toContain("NOARP");
    rtnetlink.request(removeLink(second));
    rtnetlink.request(removeLink(second));
    expect(linkIndexOf("us-vmac")).toBeUndefined();
  });

  test("adds, renews and removes addresses", () => {
    const { rtnetlink, left } = pair;
    const virtual = { linkIndex: left.index, prefix: prefix("10.0.0.9/32"), validSeconds: 30, protocol: 77 };
    rtnetlink.request(addAddress({ linkIndex: left.index, prefix: prefix("10.0.0.1/24"), label: "us-left:1" }));
    rtnetlink.request(replaceAddress(virtual));
    rtnetlink.request(replaceAddress({ ...virtual, validSeconds: 300 }));
    addTo(rtnetlink, left, "2001:db8::1/64");
    const ours = rtnetlink.request(listAddresses()).filter(each => each.linkIndex === left.index);
    expect(ours.map(each => each.prefix)).toEqual([
      prefix("10.0.0.1/24"),
      prefix("10.0.0.9/32"),
      prefix("2001:db8::1/64"),
    ]);
    expect(ours[0]).toMatchObject({ label: "us-left:1", validSeconds: undefined, protocol: 0, tentative: false });
    expect(ours[1]).toMatchObject({ protocol: 77 });
    expect(ours[1]?.validSeconds).toBeGreaterThan(30);
    const theirs = ip("addr", "show", "dev", "us-left")[0]?.addr_info as Record<string, unknown>[];
    expect(theirs.map(each => `${each.local}/${each.prefixlen}`)).toEqual([
      "10.0.0.1/24",
      "10.0.0.9/32",
      "2001:db8::1/64",
    ]);
    expect(() => rtnetlink.request(addAddress(virtual))).toThrow(
      /cannot add the address \(address=10.0.0.9\/32 .*EEXIST/,
    );
    rtnetlink.request(removeAddress(left.index, virtual.prefix));
    rtnetlink.request(removeAddress(left.index, virtual.prefix));
    expect(rtnetlink.request(listAddresses()).some(each => each.protocol === 77)).toBe(false);
  });

  test("adds, replaces and removes routes of every kind", () => {
    const { rtnetlink, left } = pair;
    addTo(rtnetlink, left, "10.0.0.1/24", "2001:db8::1/64");
    const table = 1000;
    const common = { protocol: 251, table };
    rtnetlink.request(
      addRoute({ ...common, prefix: prefix("10.1.0.0/16"), via: address("10.0.0.2"), metric: 5, mtu: 1400 }),
    );
    rtnetlink.request(addRoute({ ...common, prefix: prefix("10.2.0.0/16"), linkIndex: left.index }));
    rtnetlink.request(addRoute({ ...common, prefix: prefix("10.1.0.0/16"), kind: "unreachable", metric: 4000 }));
    rtnetlink.request(addRoute({ ...common, prefix: prefix("0.0.0.0/0"), kind: "blackhole" }));
    rtnetlink.request(
      addRoute({ ...common, prefix: prefix("2001:db8:1::/48"), via: address("2001:db8::2"), metric: 7 }),
    );
    rtnetlink.request(replaceRoute({ ...common, prefix: prefix("10.1.0.0/16"), via: address("10.0.0.3"), metric: 5 }));
    const listed = rtnetlink
      .request(listRoutes(table))
      .map(each => [each.prefix, each.kind, each.metric, each.protocol, each.paths]);
    expect(listed).toEqual([
      [prefix("0.0.0.0/0"), "blackhole", 0, 251, []],
      [prefix("10.1.0.0/16"), "unicast", 5, 251, [{ via: "10.0.0.3", linkIndex: left.index }]],
      [prefix("10.1.0.0/16"), "unreachable", 4000, 251, []],
      [prefix("10.2.0.0/16"), "unicast", 0, 251, [{ via: undefined, linkIndex: left.index }]],
      [prefix("2001:db8:1::/48"), "unicast", 7, 251, [{ via: "2001:db8::2", linkIndex: left.index }]],
    ]);
    expect(ip("route", "show", "table", "1000", "10.1.0.0/16")).toMatchObject([
      { gateway: "10.0.0.3", dev: "us-left", protocol: "251", metric: 5 },
      { type: "unreachable", metric: 4000 },
    ]);
    for (const { prefix, metric } of rtnetlink.request(listRoutes(table))) {
      rtnetlink.request(removeRoute({ prefix, metric, table }));
      rtnetlink.request(removeRoute({ prefix, metric, table }));
    }
    expect(rtnetlink.request(listRoutes(table))).toEqual([]);
  });

  test("reads a multipath route that somebody else made", () => {
    const { rtnetlink, left, right } = pair;
    addTo(rtnetlink, left, "10.0.0.1/24");
    addTo(rtnetlink, right, "10.0.1.1/24");
    ip("route", "add", "10.9.0.0/16", "nexthop", "via", "10.0.0.2", "nexthop", "via", "10.0.1.2");
    const found = rtnetlink.request(listRoutes()).find(each => each.prefix.address === "10.9.0.0");
    expect(found?.paths).toEqual([
      { via: "10.0.0.2", linkIndex: left.index },
      { via: "10.0.1.2", linkIndex: right.index },
    ]);
  });

  test("moves every route that points at a nexthop object in one request", () => {
    const { rtnetlink, left, right } = pair;
    addTo(rtnetlink, left, "10.0.0.1/24");
    rtnetlink.request(replaceNexthop({ id: 7, family: 4, to: { linkIndex: left.index, via: address("10.0.0.2") } }));
    for (const net of ["10.1.0.0/16", "10.2.0.0/16"]) {
      rtnetlink.request(addRoute({ prefix: prefix(net), nexthop: 7, protocol: 250 }));
    }
    const pointing = (): unknown[] =>
      rtnetlink.request(listRoutes()).flatMap(each => (each.nexthop === 7 ? [each.paths[0]?.linkIndex] : []));
    expect(pointing()).toEqual([left.index, left.index]);
    rtnetlink.request(replaceNexthop({ id: 7, family: 4, to: { linkIndex: right.index } }));
    expect(pointing()).toEqual([right.index, right.index]);
    expect(rtnetlink.request(listNexthops())).toEqual([
      { id: 7, family: 4, blackhole: false, linkIndex: right.index, via: undefined, protocol: 0 },
    ]);
    rtnetlink.request(replaceNexthop({ id: 8, family: 4, to: { blackhole: true } }));
    expect(rtnetlink.request(listNexthops())[1]).toMatchObject({ id: 8, blackhole: true });
    for (const id of [7, 7, 8]) rtnetlink.request(removeNexthop(id));
    expect(pointing()).toEqual([]);
  });

  test("reads back the rules that it adds", () => {
    const { rtnetlink } = pair;
    const rules: Rule[] = [
      { family: 4, priority: 100, action: "table", table: 1000, inInterface: "us-left", protocol: 77 },
      { family: 4, priority: 101, action: "table", table: 254, suppressGroup: 5, suppressLength: 0, protocol: 77 },
      { family: 4, priority: 102, action: "unreachable", mark: 1, markMask: 255, invert: true, protocol: 77 },
      { family: 6, priority: 103, action: "table", table: 70_000, source: prefix("2001:db8::/32"), protocol: 77 },
      { family: 4, priority: 104, action: "table", table: 9, destination: prefix("10.0.0.0/8"), protocol: 77 },
    ];
    for (const rule of rules) rtnetlink.request(addRule(rule));
    const listed = [4 as const, 6 as const].flatMap(family => rtnetlink.request(listRules(family)));
    expect(listed.filter(each => each.protocol === 77).sort((a, b) => a.priority - b.priority)).toEqual(rules);
    expect(ip("rule", "show").find(each => each.priority === 102)).toMatchObject({
      not: null,
      fwmark: "0x1",
      fwmask: "0xff",
      action: "unreachable",
    });
    expect(() => rtnetlink.request(addRule(rules[0] as Rule))).toThrow(/EEXIST/);
    for (const rule of [...rules, ...rules]) rtnetlink.request(removeRule(rule));
    expect(rtnetlink.request(listRules(4)).some(each => each.protocol === 77)).toBe(false);
  });

  test("adds, lists and removes neighbours", () => {
    const { rtnetlink, left } = pair;
    const them = address("10.0.0.2");
    rtnetlink.request(replaceNeighbour(left.index, them, mac("0000.0000.0002"), "permanent"));
    rtnetlink.request(replaceNeighbour(left.index, them, mac("0000.0000.0003"), "permanent"));
    expect(rtnetlink.request(listNeighbours()).filter(each => each.address === them)).toEqual([
      { linkIndex: left.index, address: them, macAddress: "0000.0000.0003", state: "permanent" },
    ]);
    rtnetlink.request(removeNeighbour(left.index, them));
    rtnetlink.request(removeNeighbour(left.index, them));
    expect(rtnetlink.request(listNeighbours()).filter(each => each.address === them)).toEqual([]);
  });

  test("gives the kernel's own words for a refusal, at once and later", async () => {
    const wanted = addRoute({ prefix: prefix("10.1.0.0/16"), via: address("192.0.2.1") });
    const words =
      /cannot add the route \(prefix=10.1.0.0\/16 via=192.0.2.1\): ENETUNREACH: Nexthop has invalid gateway/;
    expect(() => pair.rtnetlink.request(wanted)).toThrow(words);
    await expect(pair.rtnetlink.requestLater(wanted)).rejects.toThrow(words);
  });

  test("answers later requests in order, while others are made at once", async () => {
    const { rtnetlink, left } = pair;
    const index = left.index;
    const later = [
      rtnetlink.requestLater(setLink({ index, mtu: 1280 })),
      rtnetlink.requestLater(listLinks()),
      rtnetlink.requestLater(removeLink(999_999)),
      rtnetlink.requestLater(setLink({ index, mtu: 1290 })),
      rtnetlink.requestLater(listLinks()),
    ] as const;
    expect(linkNamed(rtnetlink, "us-left").index).toBe(index);
    const [, before, , , after] = await Promise.all(later);
    expect([before, after].map(links => links.find(each => each.index === index)?.mtu)).toEqual([1280, 1290]);
  });

  test("closing refuses what has not been answered", async () => {
    const { Rtnetlink } = await import("../../src/linux/netlink/rtnetlink.ts");
    const rtnetlink = new Rtnetlink();
    const answers = Promise.allSettled([rtnetlink.requestLater(listLinks()), rtnetlink.requestLater(listLinks())]);
    rtnetlink.close();
    expect((await answers).map(each => each.status)).toEqual(["rejected", "rejected"]);
  });

  test("reads a table of thousands of routes whole, at once and later", async () => {
    const { rtnetlink, left } = pair;
    const table = 2000;
    for (let at = 0; at < 3000; at++) {
      rtnetlink.request(addRoute({ prefix: prefix(`10.${at >> 8}.${at & 255}.0/24`), linkIndex: left.index, table }));
    }
    expect(rtnetlink.request(listRoutes(table))).toHaveLength(3000);
    expect(await rtnetlink.requestLater(listRoutes(table))).toHaveLength(3000);
  });

  test("tells of changes that somebody else makes", async () => {
    const heard: Change[] = [];
    const subjects = ["link", "ipv4Address", "ipv6Address", "ipv4Route", "neighbour", "ipv4Rule", "nexthop"] as const;
    const monitor = new RtnetlinkMonitor(subjects, change => heard.push(change));
    ip("link", "set", "us-left", "mtu", "1234");
    ip("addr", "add", "10.0.0.1/24", "dev", "us-left");
    ip("nexthop", "add", "id", "9", "dev", "us-left");
    ip("rule", "add", "priority", "99", "table", "99");
    ip("neigh", "add", "10.0.0.7", "lladdr", "02:00:00:00:00:07", "dev", "us-left");
    ip("rule", "del", "priority", "99");
    ip("addr", "del", "10.0.0.1/24", "dev", "us-left");
    const has = (wanted: object): (() => true | undefined) => {
      return () => heard.some(each => expect.objectContaining(wanted).asymmetricMatch(each)) || undefined;
    };
    await eventually(has({ kind: "link", link: expect.objectContaining({ name: "us-left", mtu: 1234 }) }));
    await eventually(
      has({ kind: "address", removed: false, address: expect.objectContaining({ prefix: prefix("10.0.0.1/24") }) }),
    );
    await eventually(
      has({ kind: "route", removed: false, route: expect.objectContaining({ prefix: prefix("10.0.0.0/24") }) }),
    );
    await eventually(has({ kind: "nexthop", removed: false, nexthop: expect.objectContaining({ id: 9 }) }));
    await eventually(has({ kind: "neighbour", neighbour: expect.objectContaining({ macAddress: "0200.0000.0007" }) }));
    await eventually(has({ kind: "rule", removed: true, rule: expect.objectContaining({ priority: 99 }) }));
    await eventually(has({ kind: "address", removed: true }));
    monitor.close();
    ip("nexthop", "del", "id", "9");
  });

  test("says that changes were lost when they come faster than they are read", () => {
    const { rtnetlink, left } = pair;
    const monitor = new RtnetlinkMonitor(["link"]);
    // Nobody reads meanwhile: the queue of the socket is what fills.
    for (let at = 0; at < 4000; at++) rtnetlink.request(setLink({ index: left.index, mtu: 1300 + (at % 2) }));
    const kinds = new Set([...monitor.read()].map(each => each.kind));
    expect(kinds).toEqual(new Set(["link", "overrun"]));
    expect([...monitor.read()]).toEqual([]);
    rtnetlink.request(setLink({ index: left.index, mtu: 1400 }));
    expect([...monitor.read()].map(each => each.kind)).toContain("link");
    monitor.close();
  });

  test("creates a dummy or says that this kernel has none", () => {
    const wanted = createLink({ kind: "dummy", name: "us-dummy" });
    try {
      pair.rtnetlink.request(wanted);
      pair.rtnetlink.request(removeLink(linkNamed(pair.rtnetlink, "us-dummy").index));
    } catch (error) {
      expect(String(error)).toMatch(/cannot create the link \(kind=dummy name=us-dummy\): EOPNOTSUPP/);
    }
  });
});
