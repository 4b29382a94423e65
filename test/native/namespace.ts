/** What the tests of this folder share: their namespace, and links in it that go away again. */
import { execFileSync } from "node:child_process";
import { afterEach, beforeEach, describe } from "vitest";
import { type MacAddress, parseIp, parseMac } from "../../src/core/wire/address.ts";
import { type Prefix, parsePrefix } from "../../src/core/wire/prefix.ts";
import { addAddress } from "../../src/linux/netlink/address.ts";
import { createLink, type Link, listLinks, removeLink, setLink } from "../../src/linux/netlink/link.ts";
import { Rtnetlink } from "../../src/linux/netlink/rtnetlink.ts";

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

/** Before each test two links with a wire between them, up; after it they are gone. `left` and `right` are set by then. */
export function withVethPair(): VethPair {
  const pair = {} as VethPair;
  beforeEach(() => {
    pair.rtnetlink = new Rtnetlink();
    pair.rtnetlink.request(setLink({ index: 1, up: true }));
    pair.rtnetlink.request(createLink({ kind: "veth", name: "us-left", peer: "us-right" }));
    for (const name of ["us-left", "us-right"]) {
      const { index } = linkNamed(pair.rtnetlink, name);
      // No router solicitations between the frames that a test counts.
      pair.rtnetlink.request(setLink({ index, ipv6AddressGeneration: false }));
      pair.rtnetlink.request(setLink({ index, up: true }));
    }
    pair.left = linkNamed(pair.rtnetlink, "us-left");
    pair.right = linkNamed(pair.rtnetlink, "us-right");
  });
  afterEach(() => {
    pair.rtnetlink.request(removeLink(pair.left.index));
    pair.rtnetlink.close();
  });
  return pair;
}

export function linkNamed(rtnetlink: Rtnetlink, name: string): Link {
  const link = rtnetlink.request(listLinks()).find(each => each.name === name);
  if (link === undefined) throw new Error(`${name} is not there`);
  return link;
}

export function addTo(rtnetlink: Rtnetlink, link: Link, ...prefixes: readonly string[]): void {
  for (const text of prefixes) {
    rtnetlink.request(addAddress({ linkIndex: link.index, prefix: prefix(text), noDuplicateDetection: true }));
  }
}

/** iproute2's opinion, which is not ours. */
export function ip(...args: readonly string[]): Record<string, unknown>[] {
  return JSON.parse(execFileSync("ip", ["-d", "-j", ...args], { encoding: "utf8" }) || "[]");
}

export const prefix = (text: string): Prefix => present(parsePrefix(text), text);
export const address = (text: string): NonNullable<ReturnType<typeof parseIp>> => present(parseIp(text), text);
export const mac = (text: string): MacAddress => present(parseMac(text), text);
export const octets = (...values: readonly number[]): Uint8Array => Uint8Array.from(values);

/** Asks again until there is an answer; the test's own time limit is the only one. */
export async function eventually<T>(ask: () => T | undefined): Promise<T> {
  for (;;) {
    const answer = ask();
    if (answer !== undefined) return answer;
    await new Promise(resolve => setTimeout(resolve, 2));
  }
}

function present<T>(value: T | undefined, text: string): T {
  if (value === undefined) throw new Error(`${text} does not parse`);
  return value;
}
