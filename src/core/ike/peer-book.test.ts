import { expect, test } from "vitest";
import { HERE, ip, negotiable, OWNER, settings, THERE } from "./ike-pair.test-support.ts";
import { PeerBook } from "./peer-book.ts";

const key = (text: string, address: string, mask?: string) => ({
  key: text,
  address: ip(address),
  mask: mask === undefined ? undefined : (ip(mask) as never),
  noXauth: false,
});

test("of several keys the one for the smallest network holds", () => {
  const keys = [key("all", "0.0.0.0", "0.0.0.0"), key("host", "172.16.0.18"), key("net", "172.16.0.0", "255.255.0.0")];
  const book = new PeerBook(settings({ keys }));
  expect(["172.16.0.18", "172.16.9.9", "192.0.2.1"].map(each => book.keyFor(ip(each))?.key)).toEqual([
    "host",
    "net",
    "all",
  ]);
  expect(new PeerBook(settings({ keys: [key("host", "172.16.0.18")] })).keyFor(ip("172.16.0.19"))).toBeUndefined();
});

test("a peer is named by a host's key or by a crypto map, not by a network's key", () => {
  const keys = [key("host", "192.0.2.1"), key("net", "198.51.100.0", "255.255.255.0")];
  const book = new PeerBook(settings({ keys }));
  expect([ip("192.0.2.1"), THERE, ip("198.51.100.7")].map(each => book.isNamed(each))).toEqual([true, true, false]);
});

test("the address decides whose role counts, and what may be negotiated", () => {
  const dynamic = negotiable({ traffic: "dynamic 1", local: ip("10.99.0.2"), peers: [], owner: "GROUP" });
  const book = new PeerBook(settings({ negotiables: [negotiable(), dynamic] }));
  expect(book.ownerOf(HERE, THERE)).toBe(OWNER);
  expect(book.ownerOf(HERE, ip("192.0.2.1"))).toBeUndefined();
  expect(book.ownerOf(ip("10.99.0.2"), ip("192.0.2.1"))).toBe("GROUP");
  expect(book.with(ip("10.99.0.2"), THERE).map(each => each.traffic)).toEqual(["dynamic 1"]);
});
