/** TUN, sysctls, unix datagrams, ping, and the host as the configuration sees it. */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { expect, test } from "vitest";
import { fromUtf8 } from "../../src/core/wire/utf8.ts";
import { LinuxNet } from "../../src/linux/linux-net.ts";
import { setLink } from "../../src/linux/netlink/link.ts";
import { addRoute } from "../../src/linux/netlink/route.ts";
import { type PingOptions, type PingOutcome, pingHost } from "../../src/linux/ping.ts";
import { readSysctl, Sysctls } from "../../src/linux/sysctl.ts";
import { Tun } from "../../src/linux/tun.ts";
import { UdpSocket } from "../../src/linux/udp-socket.ts";
import { notifyServiceManager, UnixDatagram } from "../../src/linux/unix-datagram.ts";
import { addTo, blockUntil, describeInNamespace, eventually, ip, linkNamed, withVethPair } from "./namespace.ts";
import { address, octets, prefix } from "./values.ts";

test("the service manager is told, and its absence is no failure", () => {
  const folder = mkdtempSync(`${tmpdir()}/us-native-`);
  const manager = new UnixDatagram();
  manager.bind(`${folder}/notify`);
  expect(notifyServiceManager("READY=1", `${folder}/notify`)).toBe(true);
  expect(fromUtf8(manager.receive() ?? octets())).toBe("READY=1");
  expect(manager.receive()).toBeUndefined();
  expect(notifyServiceManager("READY=1", "")).toBe(false);
  expect(() => notifyServiceManager("READY=1", `${folder}/nobody`)).toThrow(/cannot send a unix datagram .*ENOENT/);
  manager.close();
  rmSync(folder, { recursive: true });
});

test("names in the abstract namespace are no files", () => {
  const name = `@us-native-${process.pid}`;
  const socket = new UnixDatagram();
  socket.bind(name);
  expect(notifyServiceManager("X", name)).toBe(true);
  expect(existsSync(name)).toBe(false);
  socket.close();
});

describeInNamespace("a TUN device", () => {
  const pair = withVethPair();

  test("gets what is routed into it, and what is written to it arrives", () => {
    const tun = new Tun({ name: "us-tun%d" });
    expect(tun.name).toBe("us-tun0");
    const link = linkNamed(pair.rtnetlink, tun.name);
    pair.rtnetlink.request(setLink({ index: link.index, up: true, ipv6AddressGeneration: false }));
    addTo(pair.rtnetlink, link, "10.0.0.1/32");
    pair.rtnetlink.request(addRoute({ prefix: prefix("10.8.0.0/16"), linkIndex: link.index }));
    const socket = new UdpSocket({ family: 4, port: 7000 });
    socket.send(octets(1, 2), { to: address("10.8.0.9"), port: 7001, from: address("10.0.0.1") });
    const packet = readPacket(tun);
    expect([...packet.subarray(12, 20)]).toEqual([10, 0, 0, 1, 10, 8, 0, 9]);
    expect([...packet.subarray(20, 24)]).toEqual([7000 >> 8, 7000 & 255, 7001 >> 8, 7001 & 255]);
    // Addresses and ports change places, which leaves the checksums right.
    const answer = packet.slice();
    answer.set(packet.subarray(12, 16), 16);
    answer.set(packet.subarray(16, 20), 12);
    answer.set(packet.subarray(20, 22), 22);
    answer.set(packet.subarray(22, 24), 20);
    expect(tun.write(answer)).toBe(answer.length);
    expect(blockUntil(socket.fd, () => socket.receive())).toMatchObject({
      from: "10.8.0.9",
      fromPort: 7001,
      octets: octets(1, 2),
    });
    socket.close();
    tun.close();
    expect(ip("link").some(each => each.ifname === "us-tun0")).toBe(false);
  });

  test("takes its offload settings with the virtio-net header, and can outlive its descriptor", () => {
    const tun = new Tun({ name: "us-tunv", vnetHeader: true, multiQueue: true });
    tun.offload({ checksum: true, tso4: true, tso6: true, uso: false });
    const second = new Tun({ name: "us-tunv", vnetHeader: true, multiQueue: true });
    tun.persist(true);
    second.close();
    tun.close();
    expect(ip("link", "show", "us-tunv")).toHaveLength(1);
    const again = new Tun({ name: "us-tunv", vnetHeader: true, multiQueue: true });
    again.persist(false);
    again.close();
    expect(ip("link").some(each => each.ifname === "us-tunv")).toBe(false);
  });
});

describeInNamespace("sysctls", () => {
  withVethPair();

  test("are recorded before the first change and put back", () => {
    const [ignore, filter] = ["ipv4/conf/us-left/arp_ignore", "ipv4/conf/us-left/rp_filter"];
    const before = [readSysctl(ignore), readSysctl(filter)];
    const sysctls = new Sysctls();
    expect(sysctls.set(ignore, 1)).toBe(true);
    expect(sysctls.set(ignore, 2)).toBe(true);
    expect(sysctls.set(ignore, 2)).toBe(false);
    expect(sysctls.set(filter, 2)).toBe(true);
    expect([readSysctl(ignore), readSysctl(filter)]).toEqual(["2", "2"]);
    expect(sysctls.recorded).toEqual([
      { key: ignore, value: before[0] },
      { key: filter, value: before[1] },
    ]);
    const afterCrash = new Sysctls([...sysctls.recorded, { key: "ipv4/conf/us-gone/rp_filter", value: "1" }]);
    expect(afterCrash.restore()).toEqual([]);
    expect([readSysctl(ignore), readSysctl(filter)]).toEqual(before);
    expect(afterCrash.recorded).toEqual([]);
  });

  test("that do not exist, or lie elsewhere, are refused", () => {
    expect(() => readSysctl("ipv4/nothing")).toThrow(/cannot read the sysctl \(key=ipv4\/nothing\)/);
    expect(() => readSysctl("../kernel/hostname")).toThrow(RangeError);
  });
});

describeInNamespace("ping", () => {
  const pair = withVethPair();
  const options: PingOptions = { destination: "127.0.0.1", count: 2, sizeOctets: 100, timeoutMs: 100 };

  async function outcomes(changes: Partial<PingOptions>, signal?: AbortSignal): Promise<PingOutcome[]> {
    const found: PingOutcome[] = [];
    for await (const each of pingHost({ ...options, ...changes }, signal)) found.push(each);
    return found;
  }

  test.each([{}, { destination: "::1" }, { source: "127.0.0.9" }, { sizeOctets: 1 }, { sizeOctets: 20_000 }])(
    "reaches %o",
    async changes => {
      const found = await outcomes({ ...changes, timeoutMs: 5_000 });
      expect(found).toEqual(Array(2).fill({ kind: "reply", roundTripMs: expect.any(Number) }));
    },
  );

  test("tells a silent neighbour from a route that says no", async () => {
    addTo(pair.rtnetlink, pair.left, "10.0.0.1/24");
    // The kernel gives up on ARP within the time limit, and says so to the sender.
    const sysctls = new Sysctls();
    sysctls.set("ipv4/neigh/us-left/mcast_solicit", 1);
    sysctls.set("ipv4/neigh/us-left/retrans_time_ms", 20);
    expect(await outcomes({ destination: "10.0.0.2", count: 1, timeoutMs: 500 })).toEqual([{ kind: "timeout" }]);
    expect(await outcomes({ destination: "192.0.2.1", count: 1 })).toEqual([{ kind: "unreachable" }]);
  });

  test("ends at once when interrupted, and refuses what is no address of ours", async () => {
    addTo(pair.rtnetlink, pair.left, "10.0.0.1/24");
    const interrupt = new AbortController();
    setTimeout(() => interrupt.abort(), 10);
    expect(await outcomes({ destination: "10.0.0.2", count: 100, timeoutMs: 600_000 }, interrupt.signal)).toEqual([]);
    await expect(outcomes({ source: "192.0.2.1" })).rejects.toThrow(/cannot bind the socket \(address=192.0.2.1/);
    await expect(outcomes({ source: "::1" })).rejects.toThrow(/cannot ping: ::1 is no address/);
    await expect(outcomes({ destination: "somewhere" })).rejects.toThrow(/cannot ping: somewhere is no address/);
  });
});

describeInNamespace("the host's network", () => {
  const pair = withVethPair();

  test("is read, changed step by step, and followed", async () => {
    const { index } = pair.left;
    const net = new LinuxNet();
    let notices = 0;
    net.onChange(() => {
      notices += 1;
    });
    const route = {
      prefix: prefix("10.7.0.0/16"),
      kind: "unicast",
      via: address("10.0.0.2"),
      linkIndex: undefined,
      metric: 3,
    } as const;
    net.perform({ do: "set-link", index, device: "us-left", mtu: 1400, up: true });
    net.perform({ do: "add-address", index, device: "us-left", prefix: prefix("10.0.0.1/24") });
    net.perform({ do: "add-route", route });
    net.perform({
      do: "add-route",
      route: { ...route, prefix: prefix("10.6.0.0/16"), kind: "blackhole", via: undefined },
    });
    const view = net.view();
    expect(view.links.find(each => each.index === index)).toMatchObject({
      device: "us-left",
      mtu: 1400,
      up: true,
      carrier: true,
    });
    expect(view.addresses).toContainEqual(expect.objectContaining({ linkIndex: index, prefix: prefix("10.0.0.1/24") }));
    expect(view.routes.filter(each => each.protocol === 251)).toEqual([
      {
        prefix: prefix("10.6.0.0/16"),
        kind: "blackhole",
        via: undefined,
        linkIndex: undefined,
        metric: 3,
        protocol: 251,
      },
      { ...route, linkIndex: index, protocol: 251 },
    ]);
    await eventually(() => notices > 0 || undefined);
    notices = 0;
    ip("addr", "add", "10.0.5.1/24", "dev", "us-left");
    await eventually(() => notices > 0 || undefined);
    expect(notices).toBe(1);
    net.perform({ do: "remove-route", route });
    net.perform({ do: "remove-route", route });
    net.perform({ do: "remove-address", index, device: "us-left", prefix: prefix("10.0.0.1/24") });
    expect(net.view().addresses.filter(each => each.prefix.address === "10.0.0.1")).toEqual([]);
    expect(net.view().routes.filter(each => each.kind === "unicast" && each.protocol === 251)).toEqual([]);
    net.close();
  });
});

function readPacket(tun: Tun): Uint8Array {
  const buffer = new Uint8Array(2048);
  return blockUntil(tun.fd, () => {
    // The kernel's own IPv6 multicast comes first.
    for (let length = tun.read(buffer); length >= 0; length = tun.read(buffer)) {
      if ((buffer[0] ?? 0) >> 4 === 4) return buffer.slice(0, length);
    }
    return undefined;
  });
}
