/**
 * What a crypto map can say besides the article's: several entries, several peers in one, transport mode between the
 * gateways themselves, a tag. Two gateways of ours, a host behind each.
 */
import { afterEach, describe, expect, test } from "vitest";
import { Gateway, type Side } from "../interop/near-end.ts";
import { INSIDE, Site } from "../interop/site.ts";
import { ROOT, until } from "./harness.ts";

const OTHER = { a: "10.3.0.0", b: "10.4.0.0" } as const;

interface Given {
  readonly transform?: string;
  readonly map: readonly string[];
  readonly lists: readonly string[];
}

function configOf(site: Site, side: Side, { transform = "esp-aes esp-sha256-hmac", map, lists }: Given): string {
  const [own, peer] = side === "a" ? [site.outsideA, site.outsideB] : [site.outsideB, site.outsideA];
  return [
    `hostname ${side.toUpperCase()}`,
    "crypto isakmp policy 10",
    " hash sha256",
    " authentication pre-share",
    " group 19",
    `crypto isakmp key of-a-lab address ${peer}`,
    "crypto isakmp key of-a-lab address 192.0.2.77",
    `crypto ipsec transform-set T ${transform}`,
    ...lists,
    ...map,
    "interface lan",
    ` ip address ${INSIDE[side]} 255.255.255.0`,
    "interface wan",
    ` ip address ${own} 255.255.255.0`,
    " crypto map M",
    "end",
    "",
  ].join("\n");
}

const list = (name: string, permit: string): string[] => [`ip access-list extended ${name}`, ` permit ${permit}`];
const nets = (from: string, to: string): string => `ip ${from} 0.0.0.255 ${to} 0.0.0.255`;

describe.skipIf(!ROOT)("crypto maps between two gateways", () => {
  let site: Site;
  const gateways: Gateway[] = [];
  const up = async (a: Given, b: Given, policies: number): Promise<readonly [Gateway, Gateway]> => {
    site = new Site("ikemaps");
    site.up();
    const pair = [
      await Gateway.run(site, "a", configOf(site, "a", a), policies),
      await Gateway.run(site, "b", configOf(site, "b", b), policies),
    ] as const;
    gateways.push(...pair);
    return pair;
  };
  afterEach(async () => {
    for (const each of gateways.splice(0)) await each.stop();
    site.down();
  });
  const received = async (host: "ha" | "a", ...ping: string[]): Promise<number> => {
    const { out } = await site.inside(host, "ping", "-c", "3", "-i", "0.2", "-W", "10", ...ping);
    return Number(/(\d+) received/.exec(out)?.[1] ?? 0);
  };

  test("two entries: each has its own pair under one IKE SA, and goes alone", async () => {
    const entry = (number: number, peer: string, name: string): string[] => [
      `crypto map M ${number} ipsec-isakmp`,
      ` set peer ${peer}`,
      " set transform-set T",
      ` match address ${name}`,
    ];
    const given = (peer: string, own: string, far: string, otherFar: string): Given => ({
      lists: [...list("L1", nets(own, far)), ...list("L2", nets(own, otherFar))],
      map: [...entry(10, peer, "L1"), ...entry(20, peer, "L2")],
    });
    const b = given("192.0.2.1", "10.2.0.0", "10.1.0.0", OTHER.a);
    const [near, far] = await up(
      given("192.0.2.2", "10.1.0.0", "10.2.0.0", OTHER.b),
      {
        ...b,
        lists: [...list("L1", nets("10.2.0.0", "10.1.0.0")), ...list("L2", nets(OTHER.b, "10.1.0.0"))],
      },
      2,
    );
    await site.inside("hb", "ip", "address", "add", "10.4.0.2/24", "dev", "lan");
    await site.inside("b", "ip", "route", "add", "10.4.0.0/24", "dev", "lan");
    expect(await received("ha", "10.2.0.2")).toBe(3);
    expect(await received("ha", "10.4.0.2")).toBe(3);
    const sas = (await near.cli("show crypto ipsec sa")).out;
    expect(sas.match(/current_peer 192\.0\.2\.2/g)).toHaveLength(2);
    expect((await far.cli("show crypto isakmp sa")).out.match(/QM_IDLE/g)).toHaveLength(1);
    await near.cli("conf t", "no crypto map M 20", "end");
    await until(async () => (await far.cli("show crypto ipsec sa")).out.match(/ {6}spi: 0x/g)?.length === 2);
    expect(await received("ha", "10.2.0.2")).toBe(3);
  });

  test("several peers: the one after the silent one is taken, and stays", async () => {
    const map = (...peers: string[]): string[] => [
      "crypto map M 10 ipsec-isakmp",
      ...peers.map(peer => ` set peer ${peer}`),
      " set transform-set T",
      " match address L",
    ];
    const [near] = await up(
      { lists: list("L", nets("10.1.0.0", "10.2.0.0")), map: map("192.0.2.77", "192.0.2.2") },
      { lists: list("L", nets("10.2.0.0", "10.1.0.0")), map: map("192.0.2.1") },
      1,
    );
    await until(async () => (await received("ha", "10.2.0.2")) === 3);
    expect(near.log()).toMatch(/%CRYPTO-\d-\w+: .*192\.0\.2\.77.*no answer/);
    await near.cli("clear crypto sa");
    expect(await received("ha", "10.2.0.2")).toBe(3);
  });

  test("transport mode between the gateways themselves, and a tag on what is behind the peer", async () => {
    const given = (own: string, peer: string): Given => ({
      lists: list("L", `icmp host ${own} host ${peer}`),
      map: ["crypto map M 10 ipsec-isakmp", ` set peer ${peer}`, " set transform-set T", " match address L"],
      transform: "esp-aes esp-sha256-hmac\n mode transport",
    });
    const [near, far] = await up(given("192.0.2.1", "192.0.2.2"), given("192.0.2.2", "192.0.2.1"), 1);
    expect(await received("a", "-I", "192.0.2.1", "192.0.2.2")).toBe(3);
    for (const each of [near, far])
      expect((await each.cli("show crypto ipsec sa")).out).toContain("Transport UDP-Encaps");
    await near.cli("conf t", "crypto map M 10", "reverse-route tag 77", "end");
    await until(async () => / realm 77/.test((await site.inside("a", "ip", "route", "show", "proto", "250")).out));
  });
});
