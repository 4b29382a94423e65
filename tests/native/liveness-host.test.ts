/**
 * The liveness core's effects against the kernel: who answers for a virtual address, from which MAC address, and that
 * the kernel keeps silent about it.
 */
import { readFileSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { loadConfig } from "../../src/core/config/config-document.ts";
import { wantedGroups } from "../../src/core/config/wanted-groups.ts";
import { WireError } from "../../src/core/errors.ts";
import type { LivenessEffect, LivenessSettings, Role } from "../../src/core/gate/liveness-port.ts";
import { multicastMac6 } from "../../src/core/hsrp/hsrp-frame.ts";
import type { HsrpMessage } from "../../src/core/hsrp/hsrp-message.ts";
import { solicitedNodeGroup } from "../../src/core/hsrp/neighbour-frame.ts";
import { type Ipv4, type Ipv6, macFromOctets } from "../../src/core/wire/address.ts";
import { type Arp, arp } from "../../src/core/wire/arp-codec.ts";
import { decode, encode, padded } from "../../src/core/wire/codec.ts";
import { ethernetFrame } from "../../src/core/wire/ethernet-codec.ts";
import { ICMPV6, icmpv6Between } from "../../src/core/wire/icmpv6-codec.ts";
import { ipv6Packet } from "../../src/core/wire/ip-codec.ts";
import { AddressKeeper } from "../../src/gateway/liveness/address-keeper.ts";
import { ArpDoor } from "../../src/gateway/liveness/arp-door.ts";
import { BeaconDoor } from "../../src/gateway/liveness/beacon-door.ts";
import { LinkState } from "../../src/gateway/liveness/link-state.ts";
import { LivenessHost } from "../../src/gateway/liveness/liveness-host.ts";
import type { Notice } from "../../src/gateway/liveness/messages.ts";
import { NeighbourDoor } from "../../src/gateway/liveness/neighbour-door.ts";
import { SteeringDoor } from "../../src/gateway/liveness/steering-door.ts";
import { Trouble } from "../../src/gateway/liveness/trouble.ts";
import { WillPost } from "../../src/gateway/liveness/will-post.ts";
import { WillDoors } from "../../src/gateway/will-doors.ts";
import { monotonicMs } from "../../src/linux/clock.ts";
import { HelloThread } from "../../src/linux/hello-thread.ts";
import { addAddress } from "../../src/linux/netlink/address.ts";
import { setLink } from "../../src/linux/netlink/link.ts";
import { removeNexthop } from "../../src/linux/netlink/nexthop.ts";
import { EtherType, type Packet, PacketSocket } from "../../src/linux/packet-socket.ts";
import { RoleWords } from "../../src/linux/role-words.ts";
import { writeSysctl } from "../../src/linux/sysctl.ts";
import { addTo, blockUntil, describeInNamespace, ip, linkNamed, withVethPair } from "./namespace.ts";
import { address, mac, prefix } from "./values.ts";

const GROUP = "us-left 1";
const VIRTUAL = "10.0.0.15";
const VIRTUAL_MAC = "0000.0c07.ac01";
const linkLocals = new Map([["us-left", address("fe80::1") as Ipv6]]);
const FOREVER_MS = 3_600_000;
const CONFIG = "interface us-left\n ip address 10.0.0.1 255.255.255.0\n standby 1 ip 10.0.0.15\n";
const ASKER = mac("0200.0000.0009");
const resign: HsrpMessage = {
  opcode: "resign",
  state: "active",
  group: 1,
  priority: 100,
  helloMs: 15,
  holdMs: 50,
  virtualAddress: address(VIRTUAL),
};

describeInNamespace("the liveness thread's host", () => {
  const pair = withVethPair();
  let notices: Notice[];
  let words: RoleWords;
  let hellos: HelloThread;
  let keeper: AddressKeeper;
  let links: LinkState;
  let arpDoor: ArpDoor;
  let beacons: BeaconDoor;
  let host: LivenessHost;
  let wire: PacketSocket;

  beforeEach(() => {
    addTo(pair.rtnetlink, pair.left, "10.0.0.1/24");
    for (const name of ["arp_ignore", "arp_announce"]) {
      writeSysctl(`ipv4/conf/us-left/${name}`, name === "arp_ignore" ? 1 : 2);
    }
    // The other end shares this kernel, which must not answer there in the first's place.
    writeSysctl("ipv4/conf/us-right/arp_ignore", 8);
    notices = [];
    words = RoleWords.allocate(4);
    hellos = new HelloThread(words, 0);
    keeper = new AddressKeeper(words);
    links = new LinkState(pair.rtnetlink);
    arpDoor = new ArpDoor();
    beacons = new BeaconDoor();
    host = new LivenessHost({
      rtnetlink: pair.rtnetlink,
      links,
      hellos,
      keeper,
      beacons,
      roles: words,
      steering: new SteeringDoor(pair.rtnetlink, words, { owner: "plain", line: 3 }, monotonicMs()),
      will: new WillPost(undefined),
      trouble: new Trouble(text => notices.push({ kind: "trouble", text }), monotonicMs),
      notify: notice => notices.push(notice),
    });
    wire = new PacketSocket({ linkIndex: pair.right.index, etherType: EtherType.arp, kind: "payloads" });
  });
  afterEach(() => {
    host.close();
    hellos.close();
    keeper.close();
    for (const each of [links, arpDoor, beacons, wire]) each.close();
  });

  const configure = (config = CONFIG): void => {
    const groups = wantedGroups(loadConfig(config).config, { tracks: new Map(), linkLocals });
    const settings: LivenessSettings = { groups, up: ["us-left"], schemes: [] };
    host.configure(settings, new Map([[GROUP, 1]]));
  };
  const perform = (...effects: LivenessEffect[]): void => host.perform(effects, monotonicMs());
  const role = (is: Role, leaseMs = FOREVER_MS): void =>
    perform({ do: "role", owner: GROUP, role: is, epoch: 1, leaseMs });
  const take = (): void =>
    perform({ do: "take-address", group: GROUP, addresses: [address(VIRTUAL)] }, { do: "announce", group: GROUP });
  const heardArp = (): Arp => {
    const found = decode(padded(arp), blockUntil(wire.fd, () => wire.receive()).octets, "arp");
    if (found instanceof WireError) throw found;
    return found;
  };
  const quiet = (): void => {
    while (wire.receive() !== undefined);
  };

  test("a role points its owner's nexthop object, and a group without one is active from the start", () => {
    configure();
    addTo(pair.rtnetlink, pair.right, "10.99.0.1/16");
    const target = (owner: string, nexthop: number) => ({
      owner,
      nexthop,
      active: { linkIndex: pair.left.index, via: undefined },
      elsewhere: { linkIndex: pair.right.index, via: address("10.99.0.2") },
    });
    host.steer([target(GROUP, 71), target("plain", 72)]);
    const pointed = () => ip("nexthop").map(each => [each.id, each.dev, each.gateway]);
    const plain = [72, "us-left", undefined];
    expect(pointed()).toEqual([[71, "us-right", "10.99.0.2"], plain]);
    role("active");
    expect(pointed()).toEqual([[71, "us-left", undefined], plain]);
    host.divert(GROUP, "peer");
    role("draining");
    expect(pointed(), "an active keeps its traffic, and so does one that drains").toEqual([
      [71, "us-left", undefined],
      plain,
    ]);
    host.divert(GROUP, "peer");
    role("draining");
    expect(pointed()).toEqual([[71, "us-right", "10.99.0.2"], plain]);
    role("grace");
    role("standby");
    expect(pointed()).toEqual([[71, "us-right", "10.99.0.2"], plain]);
    host.divert(GROUP, "here");
    expect(pointed()).toEqual([[71, "us-left", undefined], plain]);
    host.divert(GROUP, "peer");
    expect(pointed()).toEqual([[71, "us-right", "10.99.0.2"], plain]);
    role("active");
    role("init");
    expect(pointed()).toEqual([[71, "us-right", "10.99.0.2"], plain]);
    expect(notices.flatMap(each => (each.kind === "role" ? [each.role] : []))).toEqual([
      "active",
      "draining",
      "grace",
      "standby",
      "active",
      "init",
    ]);
    expect(notices.filter(each => each.kind === "diverted")).toHaveLength(4);
    // Once for each time that it has become active, with how long the steps took.
    const took = notices.flatMap(each => (each.kind === "took" ? [each] : []));
    expect(took.map(each => [each.owner, Object.keys(each.times)])).toEqual([
      [GROUP, ["role", "steering"]],
      [GROUP, ["role", "steering"]],
    ]);
    expect(words.read(3)).toMatchObject({ role: "active" });
    for (const id of [71, 72]) pair.rtnetlink.request(removeNexthop(id));
  });

  /** Asks for two addresses, the second of which is certainly answered; answers who spoke for which. */
  const ask = (): Map<string, string> => {
    const frames = new PacketSocket({ linkIndex: pair.right.index, etherType: EtherType.none, kind: "frames" });
    const everybody = macFromOctets(new Uint8Array(6).fill(0xff));
    quiet();
    for (const target of [VIRTUAL, "10.0.0.1"]) {
      const question = {
        operation: "request" as const,
        senderMac: ASKER,
        senderAddress: address("10.0.0.9") as Ipv4,
        targetMac: everybody,
        targetAddress: address(target) as Ipv4,
      };
      const payload = encode(arp, question);
      frames.send(encode(ethernetFrame, { destination: everybody, source: ASKER, type: "arp", payload }));
      arpDoor.answer(host.doors.values(), () => {});
    }
    frames.close();
    const answers = new Map<string, string>();
    while (!answers.has("10.0.0.1")) {
      const { operation, senderAddress, senderMac } = heardArp();
      if (operation === "reply") answers.set(senderAddress, senderMac);
    }
    return answers;
  };
  const addressesOf = (link: string): unknown[] =>
    (ip("address", "show", "dev", link) as { addr_info: { local: string }[] }[]).flatMap(({ addr_info: held }) =>
      held.map(each => each.local),
    );
  const macvlan = () => linkNamed(pair.rtnetlink, `hsrp1.${pair.left.index}`);

  test("the link of the virtual MAC address is there beforehand, down and without ARP", () => {
    configure();
    expect(macvlan()).toMatchObject({ kind: "macvlan", up: false, noArp: true, macAddress: VIRTUAL_MAC });
    expect(notices).toEqual([]);
  });

  test("taking brings it up with the address for three seconds, and tells everybody from its MAC address", () => {
    configure();
    role("active");
    take();
    expect(macvlan().up).toBe(true);
    const [{ addr_info: held } = {}] = ip("address", "show", "dev", macvlan().name) as { addr_info?: unknown[] }[];
    expect(held).toMatchObject([{ local: VIRTUAL, prefixlen: 32, valid_life_time: 3 }]);
    expect(heardArp()).toMatchObject({ operation: "reply", senderAddress: VIRTUAL, senderMac: VIRTUAL_MAC });
  });

  test("questions are answered from the virtual MAC address, once, and by nobody else", () => {
    configure();
    role("active");
    take();
    expect(ask()).toEqual(
      new Map([
        [VIRTUAL, VIRTUAL_MAC],
        ["10.0.0.1", String(pair.left.macAddress)],
      ]),
    );
  });

  test.each<[string, () => void]>([
    ["the role is another", () => role("standby")],
    ["the lease has run out", () => role("active", -1)],
  ])("the address is here and nobody answers while %s: neither this thread nor the kernel", (_, lose) => {
    configure();
    role("active");
    take();
    lose();
    expect(addressesOf(macvlan().name)).toEqual([VIRTUAL]);
    expect([...ask().keys()]).toEqual(["10.0.0.1"]);
  });

  test("what is released is silent at once, held through its grace, and gone after it", () => {
    configure();
    role("active");
    take();
    const now = monotonicMs();
    perform({ do: "release-address", group: GROUP, graceMs: FOREVER_MS });
    expect(addressesOf(macvlan().name)).toEqual([VIRTUAL]);
    expect([...ask().keys()]).toEqual(["10.0.0.1"]);
    host.handleTimeouts(now + 2 * FOREVER_MS);
    expect(addressesOf(macvlan().name)).toEqual([]);
    const others = notices.filter(each => each.kind !== "role" && each.kind !== "took");
    expect(others).toEqual([{ kind: "retire", link: macvlan().index }]);
  });

  test("a link that somebody took down under an address that is held comes up again", () => {
    configure();
    role("active");
    take();
    pair.rtnetlink.request(setLink({ index: macvlan().index, up: false }));
    links.refresh();
    host.raiseLinks();
    expect(macvlan().up).toBe(true);
    perform({ do: "release-address", group: GROUP, graceMs: 0 });
    pair.rtnetlink.request(setLink({ index: macvlan().index, up: false }));
    links.refresh();
    host.raiseLinks();
    expect(macvlan().up).toBe(false);
  });

  test("a question by unicast, as neighbours ask again, is answered once", () => {
    configure();
    role("active");
    take();
    const frames = new PacketSocket({ linkIndex: pair.right.index, etherType: EtherType.none, kind: "frames" });
    quiet();
    const question: Arp = {
      operation: "request",
      senderMac: ASKER,
      senderAddress: address("10.0.0.9") as Ipv4,
      targetMac: mac(VIRTUAL_MAC),
      targetAddress: address(VIRTUAL) as Ipv4,
    };
    const payload = encode(arp, question);
    frames.send(encode(ethernetFrame, { destination: mac(VIRTUAL_MAC), source: ASKER, type: "arp", payload }));
    frames.close();
    arpDoor.answer(host.doors.values(), () => {});
    expect(heardArp()).toMatchObject({ operation: "reply", senderMac: VIRTUAL_MAC, targetAddress: "10.0.0.9" });
    expect(wire.receive()).toBeUndefined();
  });

  describeInNamespace("with IPv6", () => {
    const SIX = "us-left 1 ipv6";
    const LOCAL = "fe80::5:73ff:fea0:1";
    const GLOBAL = "2001:db8::15";
    let neighbours: NeighbourDoor;
    let heard: PacketSocket;

    beforeEach(() => {
      addTo(pair.rtnetlink, pair.left, "fe80::1/64", "2001:db8::1/64");
      neighbours = new NeighbourDoor();
      heard = new PacketSocket({ linkIndex: pair.right.index, etherType: EtherType.ipv6, kind: "payloads" });
      const six = " standby version 2\n standby 1 ipv6 autoconfig\n standby 1 ipv6 2001:db8::15\n";
      const groups = wantedGroups(loadConfig(`interface us-left\n${six}`).config, { tracks: new Map(), linkLocals });
      host.configure({ groups, up: ["us-left"], schemes: [] }, new Map([[SIX, 1]]));
      words.write(1, { role: "active", epoch: 1, leaseUntilMs: monotonicMs() + FOREVER_MS });
      perform({ do: "take-address", group: SIX, addresses: [address(LOCAL), address(GLOBAL)] });
      neighbours.follow(host.doors.values());
    });
    afterEach(() => {
      neighbours.close();
      heard.close();
    });

    /** Advertisements out of what the wire has carried up to an answer of the kernel's own. */
    const askNeighbours = (target: string, toMac?: string): string[] => {
      const frames = new PacketSocket({ linkIndex: pair.right.index, etherType: EtherType.none, kind: "frames" });
      const source = address("fe80::9") as Ipv6;
      while (heard.receive() !== undefined);
      for (const [asked, by] of [
        [target, toMac],
        ["2001:db8::1", String(pair.left.macAddress)],
      ] as const) {
        const group = solicitedNodeGroup(address(asked) as Ipv6);
        const destination = by === undefined ? group : (address(asked) as Ipv6);
        const payload = encode(icmpv6Between(source, destination), {
          kind: "neighbourSolicitation",
          body: { target: address(asked) as Ipv6, options: [{ kind: "sourceLink", body: ASKER }] },
        });
        const labels = { trafficClass: 0, flowLabel: 0, nextHeader: ICMPV6, hopLimit: 255 };
        const packet = encode(ipv6Packet, { ...labels, source, destination, payload });
        const to = by === undefined ? multicastMac6(group) : mac(by);
        frames.send(encode(ethernetFrame, { destination: to, source: ASKER, type: "ipv6", payload: packet }));
        neighbours.answer(host.doors.values());
      }
      frames.close();
      const answers: string[] = [];
      while (!answers.some(each => each.startsWith("2001:db8::1 "))) {
        const { octets, from } = blockUntil(heard.fd, () => heard.receive());
        const ip = decode(ipv6Packet, octets, "ipv6");
        if (ip instanceof WireError || ip.nextHeader !== ICMPV6) continue;
        const message = decode(icmpv6Between(ip.source, ip.destination), ip.payload, "icmpv6");
        if (message instanceof WireError || message.kind !== "neighbourAdvertisement") continue;
        answers.push(`${message.body.target} ${from}`);
      }
      return answers.slice(0, -1);
    };

    test.each([LOCAL, GLOBAL])("%s is told to neighbours from the virtual MAC address, once", target => {
      expect(askNeighbours(target)).toEqual([`${target} 0005.73a0.0001`]);
      expect(askNeighbours(target, "0005.73a0.0001")).toEqual([`${target} 0005.73a0.0001`]);
    });

    test.each([LOCAL, GLOBAL])(
      "%s is here and nobody answers without a lease, neither by multicast nor by unicast",
      target => {
        words.write(1, { role: "active", epoch: 1, leaseUntilMs: monotonicMs() - 1 });
        expect(addressesOf(`hs6-1.${pair.left.index}`)).toContain(target);
        expect(askNeighbours(target)).toEqual([]);
        expect(askNeighbours(target, "0005.73a0.0001")).toEqual([]);
      },
    );

    test("an address that somebody else turned out to have carries no group", () => {
      const group = host.doors.get(SIX)?.group;
      if (group === undefined) throw new TypeError("there is no group");
      links.refresh();
      expect(links.canCarry(group)).toBe(true);
      const settings = { ...group.settings, address: address("fe80::2") };
      addTo(pair.rtnetlink, pair.right, "fe80::2/64");
      pair.rtnetlink.request(addAddress({ linkIndex: pair.left.index, prefix: prefix("fe80::2/64") }));
      expect(addressesOf("us-left")).toContain("fe80::2");
      links.refresh();
      expect(links.canCarry({ ...group, settings })).toBe(false);
      const fresh = new LinkState(pair.rtnetlink);
      expect(fresh.canCarry({ ...group, settings })).toBe(false);
      expect(fresh.canCarry(group)).toBe(true);
      fresh.close();
    });

    test("everybody is told, and what is released is heard no more", () => {
      perform({ do: "announce", group: SIX });
      // The interface itself tells switches which groups it listens to, sooner or later.
      const told = (): Packet => {
        const packet = blockUntil(heard.fd, () => heard.receive());
        return packet.from === pair.left.macAddress ? told() : packet;
      };
      expect([told(), told()].map(each => each.from)).toEqual(["0005.73a0.0001", "0005.73a0.0001"]);
      perform({ do: "release-address", group: SIX, graceMs: 0 });
      neighbours.follow(host.doors.values());
      expect(addressesOf(`hs6-1.${pair.left.index}`)).toEqual([]);
      expect(askNeighbours(LOCAL)).toEqual([]);
    });
  });

  test("somebody else who claims the address is told of", () => {
    configure();
    role("active");
    take();
    const frames = new PacketSocket({ linkIndex: pair.right.index, etherType: EtherType.none, kind: "frames" });
    const claim: Arp = {
      operation: "reply",
      senderMac: ASKER,
      senderAddress: address(VIRTUAL) as Ipv4,
      targetMac: ASKER,
      targetAddress: address(VIRTUAL) as Ipv4,
    };
    const everybody = macFromOctets(new Uint8Array(6).fill(0xff));
    frames.send(
      encode(ethernetFrame, { destination: everybody, source: ASKER, type: "arp", payload: encode(arp, claim) }),
    );
    const claims: string[] = [];
    arpDoor.answer(host.doors.values(), (_, by) => claims.push(by));
    frames.close();
    expect(claims).toEqual([ASKER]);
  });

  test("with use-bia the interface's own MAC address answers, and the address is nobody's on the wire", () => {
    configure(CONFIG.replace(" standby 1 ip", " standby use-bia\n standby 1 ip"));
    role("active");
    take();
    expect(addressesOf("lo")).toContain(VIRTUAL);
    expect(ask().get(VIRTUAL)).toBe(pair.left.macAddress);
    role("standby");
    expect([...ask().keys()]).toEqual(["10.0.0.1"]);
    perform({ do: "release-address", group: GROUP, graceMs: 0 });
    expect(addressesOf("lo")).not.toContain(VIRTUAL);
  });

  test("a group that is no longer wanted leaves nothing behind", () => {
    configure();
    role("active");
    take();
    perform({ do: "release-address", group: GROUP, graceMs: 0 });
    const { name } = macvlan();
    host.configure({ groups: [], up: [], schemes: [] }, new Map());
    expect(() => linkNamed(pair.rtnetlink, name)).toThrow("is not there");
  });

  test("a last will: the address goes, then everybody is told, then the link goes down", () => {
    configure();
    role("active");
    take();
    const door = host.doors.get(GROUP);
    if (door === undefined) throw new Error("no door");
    const doors = new WillDoors();
    const frame = Buffer.from(door.frame(resign, true)).toString("hex");
    const { index, name } = macvlan();
    const will = {
      group: GROUP,
      parent: pair.left.index,
      addressLink: index,
      addresses: [`${VIRTUAL}/32`],
      virtualLink: index,
      frames: [frame],
      datagrams: [],
    };
    const heard = new PacketSocket({ linkIndex: pair.right.index, etherType: EtherType.ipv4, kind: "payloads" });
    doors.prepare([will]);
    expect(doors.carryOut(false)).toEqual([]);
    expect(addressesOf(name)).toEqual([]);
    const packet = blockUntil(heard.fd, () => heard.receive());
    expect(packet.from).toBe(VIRTUAL_MAC);
    expect(frame.endsWith(Buffer.from(packet.octets).toString("hex"))).toBe(true);
    expect(macvlan().up).toBe(true);
    doors.takeLinksDown();
    expect(macvlan().up).toBe(false);
    expect(linkNamed(pair.rtnetlink, "us-left").up).toBe(true);
    expect(doors.isEmpty).toBe(true);
    heard.close();
  });

  test("an old will gives everything up and says nothing", () => {
    configure();
    role("active");
    take();
    const { index } = macvlan();
    const heard = new PacketSocket({ linkIndex: pair.right.index, etherType: EtherType.ipv4, kind: "payloads" });
    const doors = new WillDoors();
    const gone = { group: GROUP, parent: pair.left.index, addressLink: index, addresses: [`${VIRTUAL}/32`] };
    doors.prepare([{ ...gone, virtualLink: index, frames: ["00".repeat(60)], datagrams: [] }]);
    expect(doors.carryOut(true)).toEqual([]);
    expect(addressesOf(macvlan().name)).toEqual([]);
    expect(heard.receive()).toBeUndefined();
    heard.close();
  });

  test("the virtual link forgives a route back by another interface", () => {
    configure();
    expect(readFileSync(`/proc/sys/net/ipv4/conf/${macvlan().name}/rp_filter`, "utf8").trim()).toBe("2");
  });
});
