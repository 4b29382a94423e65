/** Packet, UDP and raw sockets over a wire between two interfaces. */
import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { utf8 } from "../../src/core/wire/utf8.ts";
import { Bpf } from "../../src/linux/bpf.ts";
import type { Datagram } from "../../src/linux/inet-socket.ts";
import { EtherType, type Packet, PacketSocket } from "../../src/linux/packet-socket.ts";
import { RawSocket } from "../../src/linux/raw-socket.ts";
import { UdpSocket } from "../../src/linux/udp-socket.ts";
import { addTo, blockUntil, describeInNamespace, ip, withVethPair } from "./namespace.ts";
import { address, mac, octets } from "./values.ts";

interface Receiver<T> {
  readonly fd: number;
  receive(): T | undefined;
}

function next<T>(socket: Receiver<T>): T {
  return blockUntil(socket.fd, () => socket.receive());
}

const everybody = mac("ffff.ffff.ffff");

describeInNamespace("packet sockets", () => {
  const pair = withVethPair();
  const open = (
    side: "left" | "right",
    options: Partial<ConstructorParameters<typeof PacketSocket>[0]> = {},
  ): PacketSocket => new PacketSocket({ linkIndex: pair[side].index, etherType: 0x88b5, kind: "payloads", ...options });

  test("carry payloads with the MAC address beside them", () => {
    const [left, right] = [open("left"), open("right")];
    left.send(octets(1, 2, 3), pair.right.macAddress);
    left.send(octets(4), everybody);
    left.send(octets(5), mac("0100.5e00.0002"));
    left.send(octets(6), mac("0200.0000.0099"));
    const received = [next(right), next(right), next(right), next(right)];
    expect(received.map(each => [each.octets[0], each.addressedTo])).toEqual([
      [1, "us"],
      [4, "everybody"],
      [5, "group"],
      [6, "another"],
    ]);
    expect(received[0]).toEqual<Packet>({
      octets: octets(1, 2, 3),
      linkIndex: pair.right.index,
      etherType: 0x88b5,
      addressedTo: "us",
      from: pair.left.macAddress,
      cut: false,
    });
    expect(right.receive()).toBeUndefined();
    left.close();
    right.close();
  });

  test("carry whole frames, from a MAC address that is nobody's", () => {
    const [left, right] = [open("left", { kind: "frames" }), open("right", { kind: "frames" })];
    const frame = octets(...[0xff, 0xff, 0xff, 0xff, 0xff, 0xff], ...[0, 0, 0x0c, 7, 0xac, 1], 0x88, 0xb5, 9);
    left.send(frame);
    const received = next(right);
    expect(received.octets).toEqual(frame);
    expect(received.from).toBe("0000.0c07.ac01");
    left.close();
    right.close();
  });

  test("hear what the filter lets through, from the first frame on", () => {
    const left = open("left");
    const onlySevens = [
      [Bpf.loadOctet, 0, 0, 0],
      [Bpf.jumpIfEqual, 0, 1, 7],
      [Bpf.return, 0, 0, 0xffff],
      [Bpf.return, 0, 0, 0],
    ] as const;
    const right = open("right", { filter: onlySevens });
    for (const each of [6, 7, 8, 7]) left.send(octets(each), everybody);
    expect([next(right).octets[0], next(right).octets[0]]).toEqual([7, 7]);
    expect(right.receive()).toBeUndefined();
    left.close();
    right.close();
  });

  test("hear what this host sends only when asked to", () => {
    const all = { etherType: EtherType.all };
    const [deaf, hearing] = [open("left", all), open("left", { ...all, hearOutgoing: true })];
    deaf.send(octets(1), everybody);
    expect(next(hearing).addressedTo).toBe("outgoing");
    expect(deaf.receive()).toBeUndefined();
    deaf.close();
    hearing.close();
  });

  test("refuse a filter that the kernel does not believe in, and leave nothing open", () => {
    const filter = [[Bpf.loadOctet, 0, 0, 0]] as const;
    const descriptors = (): number => readdirSync("/proc/self/fd").length;
    const before = descriptors();
    expect(() => open("left", { filter })).toThrow(
      /cannot open a packet socket \(interface=\d+ etherType=34997\): EINVAL/,
    );
    expect(descriptors()).toBe(before);
  });

  test("accept a foreign MAC address and refuse it again", () => {
    const right = open("right", { etherType: EtherType.arp });
    const groups = (): string => JSON.stringify(ip("maddr", "show", "dev", "us-right"));
    right.accept(mac("0000.0c07.ac01"));
    right.accept(mac("0100.5e00.0066"));
    expect(groups()).toContain("01:00:5e:00:00:66");
    right.refuse(mac("0100.5e00.0066"));
    expect(groups()).not.toContain("01:00:5e:00:00:66");
    right.close();
  });
});

describeInNamespace("UDP sockets", () => {
  const pair = withVethPair();
  const setUp = (): void => {
    addTo(pair.rtnetlink, pair.left, "10.0.0.1/24", "10.0.0.5/32", "2001:db8::1/64", "2001:db8::5/128");
  };

  test("say whence, whereto, by which interface and with which TTL", () => {
    setUp();
    const server = new UdpSocket({ family: 4, port: 0 });
    const client = new UdpSocket({ family: 4, port: 0, ttl: 33 });
    client.send(utf8("hello"), { to: address("10.0.0.1"), port: server.port, from: address("10.0.0.5") });
    expect(next(server)).toEqual<Datagram>({
      octets: utf8("hello"),
      from: address("10.0.0.5"),
      fromPort: client.port,
      to: address("10.0.0.1"),
      linkIndex: pair.left.index,
      ttl: 33,
      cut: false,
    });
    expect(server.receive()).toBeUndefined();
    server.close();
    client.close();
  });

  test("do the same by IPv6", () => {
    setUp();
    const server = new UdpSocket({ family: 6, port: 0 });
    const client = new UdpSocket({ family: 6, port: 0, ttl: 44 });
    client.send(octets(1), { to: address("2001:db8::1"), port: server.port, from: address("2001:db8::5") });
    expect(next(server)).toMatchObject({ from: "2001:db8::5", to: "2001:db8::1", ttl: 44, fromPort: client.port });
    server.close();
    client.close();
  });

  test("send multicast out of a chosen interface with a TTL of its own", () => {
    setUp();
    const group = address("224.0.0.2");
    const listener = new PacketSocket({ linkIndex: pair.right.index, etherType: EtherType.ipv4, kind: "frames" });
    const sender = new UdpSocket({ family: 4, port: 1985, multicastTtl: 1, multicastLoop: false });
    sender.send(octets(7), { to: group, port: 1985, from: address("10.0.0.5"), linkIndex: pair.left.index });
    const { octets: frame, from } = next(listener);
    expect(from).toBe(pair.left.macAddress);
    expect([...frame.subarray(0, 6)]).toEqual([1, 0, 0x5e, 0, 0, 2]);
    expect(frame[14 + 8]).toBe(1);
    expect([...frame.subarray(14 + 12, 14 + 20)]).toEqual([10, 0, 0, 5, 224, 0, 0, 2]);
    const other = new PacketSocket({ linkIndex: pair.left.index, etherType: EtherType.ipv4, kind: "frames" });
    sender.send(octets(8), { to: group, port: 1985, from: address("10.0.0.5"), linkIndex: pair.right.index });
    expect(next(other).from).toBe(pair.right.macAddress);
    listener.close();
    other.close();
    sender.close();
  });

  test("receive a group on the interfaces where they joined it, and see the group as destination", () => {
    setUp();
    addTo(pair.rtnetlink, pair.right, "10.0.1.1/24");
    const group = address("224.0.0.102");
    const member = new UdpSocket({ family: 4, port: 1985, reuseAddress: true });
    const stranger = new UdpSocket({ family: 4, port: 1985, reuseAddress: true });
    member.join(group, pair.left.index);
    const sender = new UdpSocket({ family: 4, port: 0 });
    const send = (value: number): boolean =>
      sender.send(octets(value), { to: group, port: 1985, linkIndex: pair.left.index, from: address("10.0.0.1") });
    send(1);
    expect(next(member)).toMatchObject({ to: group, linkIndex: pair.left.index, octets: octets(1) });
    expect(stranger.receive()).toBeUndefined();
    member.leave(group, pair.left.index);
    send(2);
    // Unicast after it proves that nothing was still on its way.
    sender.send(octets(3), { to: address("10.0.0.1"), port: 1985 });
    expect([next(stranger).octets[0], member.receive()]).toEqual([3, undefined]);
    for (const each of [member, stranger, sender]) each.close();
  });

  test("bind to an address that this host does not have yet, and refuse it without freebind", () => {
    const foreign = { family: 4, address: address("192.0.2.77"), port: 500 } as const;
    expect(() => new UdpSocket(foreign)).toThrow(
      /cannot bind the socket \(address=192.0.2.77 port=500\): EADDRNOTAVAIL/,
    );
    const socket = new UdpSocket({ ...foreign, freebind: true, mark: 42 });
    expect(socket.port).toBe(500);
    expect(() => new UdpSocket({ ...foreign, freebind: true })).toThrow(/EADDRINUSE/);
    socket.close();
  });

  test("hear one device only when bound to it", () => {
    setUp();
    const bound = new UdpSocket({ family: 4, port: 4500, device: "us-right", reuseAddress: true });
    const free = new UdpSocket({ family: 4, port: 4500, reuseAddress: true });
    free.send(octets(1), { to: address("10.0.0.1"), port: 4500 });
    expect(next(free).octets).toEqual(octets(1));
    expect(bound.receive()).toBeUndefined();
    bound.close();
    free.close();
  });
});

describeInNamespace("raw sockets", () => {
  const pair = withVethPair();

  test("carry one protocol's packets; by IPv4 they begin with the IP header", () => {
    addTo(pair.rtnetlink, pair.left, "10.0.0.1/24", "2001:db8::1/64");
    const esp = 50;
    for (const [family, host, headerOctets] of [
      [4, "10.0.0.1", 20],
      [6, "2001:db8::1", 0],
    ] as const) {
      const receiver = new RawSocket({ family, protocol: esp, address: address(host) });
      const sender = new RawSocket({ family, protocol: esp });
      sender.send(octets(1, 2, 3, 4), { to: address(host) });
      const received = next(receiver);
      expect(received).toMatchObject({ from: host, to: host, fromPort: 0 });
      expect(received.octets.subarray(headerOctets)).toEqual(octets(1, 2, 3, 4));
      receiver.close();
      sender.close();
    }
  });

  test("send a header of their own", () => {
    addTo(pair.rtnetlink, pair.left, "10.0.0.1/24");
    const receiver = new RawSocket({ family: 4, protocol: 253 });
    const sender = new RawSocket({ family: 4, protocol: 253, headerIncluded: true });
    const header = octets(...[0x45, 0, 0, 21, 0, 1, 0, 0], ...[99, 253, 0, 0], ...[10, 0, 0, 1], ...[10, 0, 0, 1]);
    sender.send(octets(...header, 77), { to: address("10.0.0.1") });
    const received = next(receiver);
    expect([received.ttl, received.octets[20]]).toEqual([99, 77]);
    receiver.close();
    sender.close();
  });
});
