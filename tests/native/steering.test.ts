/** Steering against the kernel: its own route lookup is the second opinion of where packets go. */
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  GUARD_NEXTHOP,
  NO_STEERING,
  STEERING_MARK,
  type SteeringStep,
  type WantedSteering,
} from "../../src/core/net/steering.ts";
import { planSteering } from "../../src/core/net/steering-plan.ts";
import { ipv4FromNumber } from "../../src/core/wire/address.ts";
import { setLink } from "../../src/linux/netlink/link.ts";
import { addRoute, removeRoute, sourceTowards } from "../../src/linux/netlink/route.ts";
import { LinuxSteering, pointNexthop } from "../../src/linux/steering.ts";
import { writeSysctl } from "../../src/linux/sysctl.ts";
import { Tun } from "../../src/linux/tun.ts";
import { addTo, describeInNamespace, ip, ipText, linkNamed, withVethPair } from "./namespace.ts";
import { address, prefix } from "./values.ts";

const OWNER = GUARD_NEXTHOP + 1;
const CRYPTO_GROUP = 0x4950;

describeInNamespace("steering", () => {
  const pair = withVethPair();
  let steering: LinuxSteering;
  let tuns: readonly Tun[] = [];

  beforeEach(() => {
    const { rtnetlink, left, right } = pair;
    writeSysctl("ipv4/ip_forward", 1);
    steering = new LinuxSteering();
    tuns = ["us-out", "us-guard"].map(name => new Tun({ name }));
    for (const { name } of tuns) rtnetlink.request(setLink({ index: linkNamed(rtnetlink, name).index, up: true }));
    // Outside has a crypto map, inside has none.
    addTo(rtnetlink, left, "10.0.0.1/24");
    addTo(rtnetlink, right, "10.99.0.1/16");
    rtnetlink.request(setLink({ index: left.index, group: CRYPTO_GROUP }));
    rtnetlink.request(addRoute({ prefix: prefix("0.0.0.0/0"), via: address("10.0.0.254") }));
  });
  afterEach(() => {
    reach(NO_STEERING);
    steering.close();
    for (const tun of tuns) tun.close();
  });

  const wants = (changes: Partial<WantedSteering> = {}): WantedSteering => ({
    guarded: ["us-left"],
    outbound: [{ prefix: prefix("172.16.5.0/24"), nexthop: OWNER }],
    guard: [prefix("10.99.0.0/16")],
    outer: [],
    nexthops: [
      { id: GUARD_NEXTHOP, target: { linkIndex: linkNamed(pair.rtnetlink, "us-guard").index, via: undefined } },
      { id: OWNER, target: { linkIndex: linkNamed(pair.rtnetlink, "us-out").index, via: undefined } },
    ],
    ...changes,
  });

  function reach(wanted: WantedSteering): readonly SteeringStep[] {
    const { before, after } = planSteering(wanted, steering.view());
    for (const step of [...before, ...after]) steering.perform(step);
    return [...before, ...after];
  }

  /** The device that a packet leaves by, or why it does not. */
  function way(...lookup: readonly string[]): unknown {
    try {
      return ip("route", "get", ...lookup)[0]?.dev;
    } catch (error) {
      return String((error as { stderr?: unknown }).stderr)
        .replace(/.*answers: /s, "")
        .trim();
    }
  }

  test("protected destinations go to the device, the rest and what is marked by the main table", () => {
    expect(way("172.16.5.9")).toBe("us-left");
    reach(wants());
    expect(way("172.16.5.9")).toBe("us-out");
    expect(way("172.16.5.9", "mark", "0x5553")).toBe("us-left");
    expect(way("172.16.6.9")).toBe("us-left");
    expect(way("10.99.7.7")).toBe("us-right");
    expect(reach(wants())).toEqual([]);
  });

  test("where the host's own packets would be steered aside, their source is known all the same", () => {
    const { rtnetlink } = pair;
    const kernels = (to: string): unknown => ip("route", "get", to)[0]?.prefsrc;
    const towards = (to: string): unknown => rtnetlink.request(sourceTowards(address(to), STEERING_MARK));
    // Of a device without an address the kernel takes whichever of the host's it finds first; this one is sure.
    addTo(rtnetlink, linkNamed(rtnetlink, "us-out"), "192.0.2.7/32");
    reach(wants());
    expect(kernels("172.16.5.9")).toBe("192.0.2.7");
    expect(towards("172.16.5.9")).toBe("10.0.0.1");
    expect(towards("10.99.7.7")).toBe("10.99.0.1");
    expect(towards("10.99.0.1")).toBe("10.99.0.1");
    rtnetlink.request(removeRoute({ prefix: prefix("0.0.0.0/0") }));
    expect(towards("172.16.5.9")).toBe("192.0.2.7");
    expect(towards("198.51.100.1")).toBeUndefined();
  });

  test("with everything protected what stays inside is left alone", () => {
    reach(wants({ outbound: [{ prefix: prefix("0.0.0.0/0"), nexthop: OWNER }] }));
    expect(way("192.0.2.1")).toBe("us-out");
    expect(way("10.0.0.9")).toBe("us-out");
    expect(way("10.99.7.7")).toBe("us-right");
    expect(way("10.99.7.7", "from", "192.0.2.1", "iif", "us-left")).toBe("us-guard");
  });

  test("arrivals in clear for what is protected meet the guard, our own address included", () => {
    reach(wants());
    expect(way("10.99.7.7", "from", "172.16.5.9", "iif", "us-left")).toBe("us-guard");
    expect(way("10.99.0.1", "from", "172.16.5.9", "iif", "us-left")).toBe("us-guard");
    expect(way("10.0.0.1", "from", "172.16.5.9", "iif", "us-left")).toBe("lo");
    expect(way("10.99.0.1", "from", "10.99.7.7", "iif", "us-right")).toBe("lo");
  });

  test("our outer address is the host's own all the same: ARP, ESP and IKE arrive there", () => {
    reach(wants({ outer: [address("10.0.0.1")], guard: [prefix("0.0.0.0/0")] }));
    expect(way("10.0.0.1", "from", "192.0.2.1", "iif", "us-left")).toBe("lo");
    expect(way("10.99.0.1", "from", "192.0.2.1", "iif", "us-left")).toBe("us-guard");
  });

  test("when the devices die with their process nothing gets through, and all comes back", () => {
    reach(wants());
    for (const tun of tuns) tun.close();
    expect(way("172.16.5.9")).toBe("No route to host");
    expect(way("10.99.7.7", "from", "172.16.5.9", "iif", "us-left")).toBe("Invalid argument");
    expect(way("172.16.6.9")).toBe("us-left");
    tuns = ["us-out", "us-guard"].map(name => new Tun({ name }));
    for (const { name } of tuns)
      pair.rtnetlink.request(setLink({ index: linkNamed(pair.rtnetlink, name).index, up: true }));
    expect(steering.view()).toMatchObject({ nexthops: [], routes: [{ to: "unreachable" }, { to: "blackhole" }] });
    expect(reach(wants()).map(step => step.do)).toEqual(["add-nexthop", "add-nexthop", "set-routes"]);
    expect(way("172.16.5.9")).toBe("us-out");
  });

  test("another process finds what stands, and changes nothing", () => {
    reach(wants({ outer: [address("10.0.0.1")], guard: [prefix("0.0.0.0/0")] }));
    const next = new LinuxSteering();
    expect(planSteering(wants({ outer: [address("10.0.0.1")], guard: [prefix("0.0.0.0/0")] }), next.view())).toEqual({
      before: [],
      after: [],
    });
    next.close();
  });

  test("a takeover with 10,000 prefixes is one request, which moves them all", () => {
    const outbound = Array.from({ length: 10_000 }, (_, at) => ({
      prefix: { address: ipv4FromNumber(0x1400_0000 + at * 256), length: 24 },
      nexthop: OWNER,
    }));
    reach(wants({ outbound }));
    expect(ip("rule").filter(each => each.protocol === "251")).toHaveLength(4);
    expect([way("20.0.0.1"), way("20.39.15.1")]).toEqual(["us-out", "us-out"]);
    pair.rtnetlink.request(pointNexthop(OWNER, { linkIndex: pair.right.index, via: address("10.99.0.2") }));
    expect([way("20.0.0.1"), way("20.39.15.1")]).toEqual(["us-right", "us-right"]);
    expect(planSteering(wants({ outbound }), steering.view())).toEqual({ before: [], after: [] });
    // The main table is read without ours.
    expect(steering.view().routes).toHaveLength(20_002);
  });

  test("everything goes again, the host's own rules stay", () => {
    const before = ipText("rule");
    reach(wants({ outer: [address("10.0.0.1")], guard: [prefix("0.0.0.0/0")] }));
    reach(NO_STEERING);
    expect(ipText("rule")).toBe(before);
    expect(ip("nexthop")).toEqual([]);
    expect(ipText("route", "show", "table", "all")).not.toMatch(/2184[34]/);
  });
});
