/** What the tests of this folder share: their namespace, and links in it that go away again. */
import { execFileSync } from "node:child_process";
import { afterEach, beforeEach, describe } from "vitest";
import { monotonicMs, waitUntil } from "../../src/linux/clock.ts";
import { linkIndexOf } from "../../src/linux/links.ts";
import { addAddress } from "../../src/linux/netlink/address.ts";
import { RouteTable } from "../../src/linux/netlink/constants.ts";
import { createLink, type Link, listLinks, removeLink, setLink } from "../../src/linux/netlink/link.ts";
import { listRoutes, type Route } from "../../src/linux/netlink/route.ts";
import { Rtnetlink } from "../../src/linux/netlink/rtnetlink.ts";
import { prefix } from "./values.ts";

const inNamespace = process.env.UNDERSTUDY_NATIVE_NAMESPACE === "1";

/** A group of tests that change the network: only in a namespace of their own. */
export function describeInNamespace(name: string, body: () => void): void {
  if (!inNamespace)
    console.log(`SKIPPED ${name}: needs a network namespace of its own; run scripts/test-native as root`);
  describe.skipIf(!inNamespace)(name, body);
}

export interface VethPair {
  rtnetlink: Rtnetlink;
  left: Link;
  right: Link;
}

/**
 * Before each test two links with a wire between them, up; after it they are gone. `left` and `right` are set by
 * then.
 */
export function withVethPair(): VethPair {
  const pair = {} as VethPair;
  beforeEach(() => {
    pair.rtnetlink = new Rtnetlink();
    pair.rtnetlink.request(setLink({ index: 1, up: true }));
    // What a test that crashed left behind.
    const left = linkIndexOf("us-left");
    if (left !== undefined) pair.rtnetlink.request(removeLink(left));
    pair.rtnetlink.request(createLink({ kind: "veth", name: "us-left", peer: "us-right" }));
    for (const name of ["us-left", "us-right"]) {
      const { index } = linkNamed(pair.rtnetlink, name);
      // No router solicitations between the frames that a test counts.
      pair.rtnetlink.request(setLink({ index, ipv6AddressGeneration: false }));
      pair.rtnetlink.request(setLink({ index, up: true }));
    }
    waitForWire(pair.rtnetlink);
    pair.left = linkNamed(pair.rtnetlink, "us-left");
    pair.right = linkNamed(pair.rtnetlink, "us-right");
  });
  afterEach(() => {
    pair.rtnetlink.request(removeLink(pair.left.index));
    pair.rtnetlink.close();
  });
  return pair;
}

/** The kernel lets go of what is sent until a moment after the carrier came. */
export function waitForWire(rtnetlink: Rtnetlink): void {
  while (["us-left", "us-right"].some(name => linkNamed(rtnetlink, name).operState !== "up")) {
    waitUntil(new Int32Array(0), monotonicMs() + 1);
  }
}

export function linkNamed(rtnetlink: Rtnetlink, name: string): Link {
  const link = rtnetlink.request(listLinks()).find(each => each.name === name);
  if (link === undefined) throw new Error(`${name} is not there`);
  return link;
}

export function addTo(rtnetlink: Rtnetlink, link: Link, ...prefixes: readonly string[]): void {
  for (const text of prefixes) {
    const wanted = prefix(text);
    rtnetlink.request(addAddress({ linkIndex: link.index, prefix: wanted, noDuplicateDetection: true }));
    // IPv6 puts the route of a new address in a moment later, from a work queue.
    const isLocal = (route: Route): boolean => route.prefix.address === wanted.address && route.kind === "local";
    while (!rtnetlink.request(listRoutes(RouteTable.local)).some(isLocal)) {
      waitUntil(new Int32Array(0), monotonicMs() + 1);
    }
  }
}

/** iproute2's opinion, which is not ours. */
export function ip(...args: readonly string[]): Record<string, unknown>[] {
  return JSON.parse(ipText("-d", "-j", ...args) || "[]");
}

/** The same as people read it. Without our sanitizers: iproute2 has findings of its own. */
export function ipText(...args: readonly string[]): string {
  return execFileSync("ip", args, { encoding: "utf8", env: { ...process.env, LD_PRELOAD: "" } });
}

/**
 * Blocks until there is something to take. The limit is no assertion: a blocked thread cannot be ended by the
 * runner's own.
 */
export function blockUntil<T>(fd: number, take: () => T | undefined): T {
  const giveUpAt = monotonicMs() + 10_000;
  for (;;) {
    const taken = take();
    if (taken !== undefined) return taken;
    if (waitUntil(Int32Array.of(fd), giveUpAt).length === 0) throw new Error("nothing came");
  }
}

/** Asks again until there is an answer; the test's own time limit is the only one. */
export async function eventually<T>(ask: () => T | undefined): Promise<T> {
  for (;;) {
    const answer = ask();
    if (answer !== undefined) return answer;
    await new Promise(resolve => setTimeout(resolve, 2));
  }
}
