/**
 * The fast path's threads, sockets and TUN devices against the kernel: two of them in one namespace, on two ports, over
 * the loopback. Packets are put into one TUN device and heard on the other through packet sockets, so that no route
 * short-circuits them.
 */
import { afterEach, beforeEach, expect, test } from "vitest";
import { internetChecksum } from "../../src/core/wire/checksum.ts";
import { monotonicMs, waitUntil } from "../../src/linux/clock.ts";
import { loadFastPathAddon } from "../../src/linux/fastpath-addon.ts";
import { encodeSas, type SaRecord } from "../../src/linux/fastpath-records.ts";
import { decodeDatagrams, decodeEvents, EVENT_OCTETS } from "../../src/linux/fastpath-reports.ts";
import { linkIndexOf } from "../../src/linux/links.ts";
import { setLink } from "../../src/linux/netlink/link.ts";
import { Rtnetlink } from "../../src/linux/netlink/rtnetlink.ts";
import { EtherType, PacketSocket } from "../../src/linux/packet-socket.ts";
import { RawSocket } from "../../src/linux/raw-socket.ts";
import { type Member, openMember, otherEnd, packet4, protect, saRecord, udp } from "./fastpath-kit.ts";
import { describeInNamespace } from "./namespace.ts";
import { address } from "./values.ts";

interface Side {
  readonly member: Member;
  readonly clear: PacketSocket;
}

let rtnetlink: Rtnetlink;
const opened: Side[] = [];

function openSide(tun: string, port: number, member: 0 | 1, threads: 1 | 2): Side {
  const opening = openMember({ member, doors: { tun, port, mark: 0, rawEsp: true, threads } });
  opening.role("active", 1);
  const index = linkIndexOf(tun) ?? 0;
  rtnetlink.request(setLink({ index, ipv6AddressGeneration: false }));
  rtnetlink.request(setLink({ index, up: true }));
  const side = {
    member: opening,
    clear: new PacketSocket({ linkIndex: index, etherType: EtherType.ipv4, kind: "payloads" }),
  };
  opened.push(side);
  return side;
}

/** Waits until the other side's kernel has taken in so many packets, and answers them. */
function heard(side: Side, count: number): Uint8Array[] {
  const packets: Uint8Array[] = [];
  const giveUpMs = monotonicMs() + 20_000;
  while (packets.length < count && monotonicMs() < giveUpMs) {
    waitUntil(Int32Array.of(side.clear.fd), monotonicMs() + 100);
    for (let packet = side.clear.receive(); packet !== undefined; packet = side.clear.receive()) {
      packets.push(packet.octets);
    }
  }
  return packets;
}

function dropped(member: Member, reason: string): number {
  const { dropReasons } = loadFastPathAddon();
  const words = new BigUint64Array(dropReasons.length);
  member.path.readDrops(words);
  return Number(words[dropReasons.indexOf(reason)]);
}

function gauge(member: Member, name: string): number {
  const { gauges } = loadFastPathAddon();
  const words = new BigUint64Array(gauges.length);
  member.path.readGauges(words);
  return Number(words[gauges.indexOf(name)]);
}

function waitFor(holds: () => boolean): void {
  const giveUpMs = monotonicMs() + 20_000;
  while (!holds() && monotonicMs() < giveUpMs) waitUntil(new Int32Array(0), monotonicMs() + 5);
  expect(holds()).toBe(true);
}

/** "Fragmentation needed", quoting a packet that left from port 4500 to 4501 with this SPI. */
function tooBig(spi: number, mtu: number): Uint8Array {
  const esp = new Uint8Array(16);
  new DataView(esp.buffer).setUint32(0, spi);
  const quoted = packet4({ source: "127.0.0.1", destination: "127.0.0.1", df: true, payload: udp(esp, 4500, 4501) });
  const octets = new Uint8Array(8 + quoted.length);
  const view = new DataView(octets.buffer);
  octets[0] = 3;
  octets[1] = 4;
  view.setUint16(6, mtu);
  octets.set(quoted, 8);
  view.setUint16(2, internetChecksum(octets));
  return octets;
}

const numbered = (value: number) => packet4({ payload: udp(Uint8Array.of(value >> 8, value & 0xff)) });

function pairOf(threads: 1 | 2, over: Partial<SaRecord> = {}) {
  const left = openSide("us-fp-left", 4500, 0, threads);
  const right = openSide("us-fp-right", 4501, 1, threads);
  const ends = { local: address("127.0.0.1"), remote: address("127.0.0.1"), remotePort: 4501, replayWindow: 4096 };
  const sa = saRecord("aes-128-gcm", { ...ends, ...over });
  protect(left.member, sa);
  right.member.path.installSas(encodeSas([otherEnd(sa)]));
  return { left, right, sa };
}

describeInNamespace("the fast path's doors", () => {
  beforeEach(() => {
    rtnetlink = new Rtnetlink();
    rtnetlink.request(setLink({ index: 1, up: true }));
  });
  afterEach(() => {
    for (const { member, clear } of opened.splice(0)) {
      clear.close();
      member.path.close();
    }
    rtnetlink.close();
  });

  const ways = [
    ["UDP, one thread", 1, {}],
    ["UDP, two threads", 2, {}],
    ["plain ESP", 1, { remotePort: undefined }],
    ["UDP over IPv6", 1, { local: address("::1"), remote: address("::1") }],
    ["plain ESP over IPv6", 1, { remotePort: undefined, local: address("::1"), remote: address("::1") }],
    ["UDP without DF", 1, { df: "clear" }],
  ] as const;
  test.each(ways)("%s: every packet arrives once and in order", (_, threads, over) => {
    const { left, right } = pairOf(threads, over);
    // As many at a time as a packet socket's buffer holds.
    for (let burst = 0; burst < 5; burst++) {
      const sent = Array.from({ length: 100 }, (_, at) => numbered(burst * 100 + at));
      for (const packet of sent) left.clear.send(packet);
      expect(heard(right, sent.length)).toEqual(sent);
    }
  });

  test.each([1, 2] as const)("%d threads: what was queued inside goes before the numbers are concluded", threads => {
    const { left, right } = pairOf(threads);
    const sent = Array.from({ length: 100 }, (_, at) => numbered(at));
    for (const packet of sent) left.clear.send(packet);
    left.member.role("draining", 1);
    left.member.path.conclude(0, 1);
    const words = new BigUint64Array(1);
    left.member.path.readNumbers(Uint32Array.of(0), words);
    expect(words[0]).toBe(101n);
    expect(heard(right, 100)).toEqual(sent);
    left.clear.send(numbered(100));
    waitFor(() => dropped(left.member, "group not active") === 1);
  });

  test("what waits for a role goes when the word changes, though nobody rings", () => {
    const { left, right } = pairOf(1);
    left.member.role("standby", 1);
    left.member.path.expect(0, Math.floor(monotonicMs()) + 60_000);
    const sent = [numbered(1), numbered(2)];
    for (const packet of sent) left.clear.send(packet);
    waitFor(() => gauge(left.member, "packets held for a role") === 2);
    left.member.role("active", 2);
    expect(heard(right, 2)).toEqual(sent);
  });

  test("a role that is lowered stops packets, and settle says when", () => {
    const { left, right } = pairOf(1);
    left.clear.send(numbered(1));
    expect(heard(right, 1)).toHaveLength(1);
    left.member.role("standby", 1);
    left.member.path.settle();
    left.clear.send(numbered(2));
    waitFor(() => dropped(left.member, "group not active") === 1);
    left.member.role("active", 2);
    left.clear.send(numbered(3));
    expect(heard(right, 1)).toEqual([numbered(3)]);
    expect(left.member.edges[0]).toBe(BigInt(2 ** 28));
    expect((left.member.dirty[0] ?? 0) & 1).toBe(1);
  });

  test("IKE and keepalives come up, ESP without an SA is told, all by one doorbell", () => {
    const { left, right } = pairOf(1);
    const loopback = Uint8Array.of(127, 0, 0, 1);
    const ike = Uint8Array.of(0, 0, 0, 0, 1, 2, 3);
    for (const octets of [ike, Uint8Array.of(0xff), Uint8Array.of(9, 9, 9, 9, 0, 0, 0, 1)]) {
      expect(left.member.path.sendDatagram(octets, loopback, loopback, 4501)).toBe(true);
    }
    waitFor(() => dropped(right.member, "unknown SPI") === 1);
    expect(waitUntil(Int32Array.of(right.member.path.doorbell), monotonicMs() + 20_000)).toHaveLength(1);
    const into = new Uint8Array(100_000);
    const datagrams = decodeDatagrams(into.subarray(0, right.member.path.readDatagrams(into)));
    expect(datagrams.map(({ octets, remotePort, local }) => [[...octets], remotePort, local])).toEqual([
      [[...ike], 4500, "127.0.0.1"],
      [[0xff], 4500, "127.0.0.1"],
    ]);
    const events = new Uint8Array(8 * EVENT_OCTETS);
    expect(decodeEvents(events.subarray(0, right.member.path.readEvents(events)))).toMatchObject([
      { kind: "unknown-spi", spi: 0x0909_0909, count: 1, packet: { source: "127.0.0.1", sourcePort: 4500 } },
    ]);
    expect(waitUntil(Int32Array.of(right.member.path.doorbell), monotonicMs())).toEqual([]);
  });

  test("ICMP lowers the path MTU to the floor, and only when it quotes a packet of ours", () => {
    const { left } = pairOf(1);
    const icmp = new RawSocket({ family: 4, protocol: 1 });
    const told = () => {
      const into = new Uint8Array(8 * EVENT_OCTETS);
      return decodeEvents(into.subarray(0, left.member.path.readEvents(into)));
    };
    try {
      icmp.send(tooBig(0x1002, 1300), { to: address("127.0.0.1") });
      icmp.send(tooBig(0x1001, 1400), { to: address("127.0.0.1") });
      waitUntil(Int32Array.of(left.member.path.doorbell), monotonicMs() + 20_000);
      expect(told()).toEqual([{ kind: "path-mtu", place: 0, spi: 0x1001, pathMtu: 1400 }]);
      icmp.send(tooBig(0x1001, 68), { to: address("127.0.0.1") });
      waitUntil(Int32Array.of(left.member.path.doorbell), monotonicMs() + 20_000);
      expect(told()).toEqual([{ kind: "path-mtu", place: 0, spi: 0x1001, pathMtu: 576 }]);
    } finally {
      icmp.close();
    }
  });

  test("SAs come and go while packets flow, and none is lost", () => {
    const { left, right, sa } = pairOf(2);
    for (let round = 1; round <= 20; round++) {
      const next = { ...sa, place: round, spi: 0x2000 + round };
      right.member.path.installSas(encodeSas([otherEnd(next)]));
      left.member.path.installSas(encodeSas([next]));
      for (let each = 0; each < 10; each++) left.clear.send(numbered(round * 10 + each));
      left.member.path.steer(Uint32Array.of(5, round));
      if (round > 1) left.member.path.removeSas(Uint32Array.of(round - 1));
    }
    expect(heard(right, 200)).toHaveLength(200);
  });
});
