import { describe, expect, test } from "vitest";
import { type IpAddress, parseIp } from "../wire/address.ts";
import { formatPrefix, parsePrefix } from "../wire/prefix.ts";
import { betweenPrefixes, type Selector } from "../wire/selector.ts";
import type { ProtectedTraffic } from "./crypto-policies.ts";
import { newMapEntry, type ReverseRoute } from "./ipsec-model.ts";
import { type ReverseRouteFacts, type UpChild, wantedReverseRoutes } from "./reverse-routes.ts";

const ip = (text: string): IpAddress => {
  const address = parseIp(text);
  if (address === undefined) throw new Error(text);
  return address;
};
const between = (a: string, b: string): Selector => {
  const [source, destination] = [parsePrefix(a), parsePrefix(b)];
  if (source === undefined || destination === undefined) throw new Error(`${a} ${b}`);
  return betweenPrefixes(source, destination);
};
const PLAIN: ReverseRoute = { static: false, tag: undefined, distance: undefined, remotePeer: undefined };
const SELECTOR = between("10.99.0.0/16", "172.16.5.0/24");

function permit(reverseRoute: ReverseRoute | undefined): ProtectedTraffic {
  const entry = { ...newMapEntry(10, undefined), peers: [ip("172.16.0.18")], reverseRoute };
  const where = { interface: "FastEthernet0/0", map: "M", sequence: 10, owner: "G", dynamic: false, part: false };
  return { key: "f0/0 M 10 10", entry, selector: SELECTOR, ...where };
}
const UP: UpChild = { traffic: "f0/0 M 10 10", owner: "G", remote: ip("172.16.0.18"), selector: SELECTOR };
const routes = (facts: Partial<ReverseRouteFacts>): string[] =>
  wantedReverseRoutes({ protected: [permit(PLAIN)], up: [UP], isActive: () => true, ...facts }).map(
    each => `${formatPrefix(each.prefix)} towards ${each.towards} metric ${each.metric}`,
  );

describe("a reverse route stands", () => {
  test("while there is a pair of SAs, towards its peer", () => {
    expect(routes({})).toEqual(["172.16.5.0/24 towards 172.16.0.18 metric 5"]);
    expect(routes({ up: [] })).toEqual([]);
  });

  test("only where this member is the active", () => {
    expect(routes({ isActive: () => false })).toEqual([]);
  });

  test("not without `reverse-route`", () => {
    expect(routes({ protected: [permit(undefined)] })).toEqual([]);
  });

  test("with `static`, though there is no SA", () => {
    expect(routes({ protected: [permit({ ...PLAIN, static: true })], up: [] })).toHaveLength(1);
  });

  test("once, when old and new SAs overlap", () => {
    expect(routes({ up: [UP, UP] })).toHaveLength(1);
  });

  test("for the part that the peer asked for", () => {
    const part = { ...UP, selector: between("10.99.0.0/16", "172.16.5.128/25") };
    expect(routes({ up: [part] })).toEqual(["172.16.5.128/25 towards 172.16.0.18 metric 5"]);
  });

  test("towards `remote-peer`, with the distance where FRR reads it", () => {
    const chosen = { ...PLAIN, remotePeer: ip("10.0.0.254"), distance: 20 };
    expect(routes({ protected: [permit(chosen)] })).toEqual(["172.16.5.0/24 towards 10.0.0.254 metric 335544325"]);
  });
});
