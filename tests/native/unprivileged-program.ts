/**
 * Does one of everything that the product needs rights for, and prints what became of each as JSON. Started by
 * unprivileged.test.ts under one user and another, in a process of its own.
 */
import { loadAddon } from "../../src/linux/addon.ts";
import { createVirtualMacLink, linkIndexOf } from "../../src/linux/links.ts";
import { addAddress } from "../../src/linux/netlink/address.ts";
import { createLink, listLinks, removeLink, setLink } from "../../src/linux/netlink/link.ts";
import { RtnetlinkMonitor } from "../../src/linux/netlink/monitor.ts";
import { replaceNexthop } from "../../src/linux/netlink/nexthop.ts";
import { addRoute } from "../../src/linux/netlink/route.ts";
import { Rtnetlink } from "../../src/linux/netlink/rtnetlink.ts";
import { addRule, removeRule } from "../../src/linux/netlink/rule.ts";
import { EtherType, PacketSocket } from "../../src/linux/packet-socket.ts";
import { RawSocket } from "../../src/linux/raw-socket.ts";
import { Sysctls } from "../../src/linux/sysctl.ts";
import { errorCode } from "../../src/linux/system-call.ts";
import { Tun } from "../../src/linux/tun.ts";
import { UdpSocket } from "../../src/linux/udp-socket.ts";
import { address, mac, octets, prefix } from "./values.ts";

/** The link that the test made beforehand, up and with the address 10.0.0.1/24. */
const LINK = linkIndexOf("us-left") ?? 0;
const rtnetlink = new Rtnetlink();

const deeds: Readonly<Record<string, () => void>> = {
  "read the links": () => rtnetlink.request(listLinks()),
  "follow changes": () => new RtnetlinkMonitor(["link", "ipv4Route"]).close(),
  "set a link up": () => rtnetlink.request(setLink({ index: LINK, up: true })),
  "make a macvlan": () => {
    const wanted = { name: "us-vmac", parent: LINK, macAddress: mac("0000.0c07.ac01") };
    rtnetlink.request(removeLink(createVirtualMacLink(rtnetlink, wanted)));
  },
  "make a veth": () => {
    rtnetlink.request(createLink({ kind: "veth", name: "us-a", peer: "us-b" }));
    rtnetlink.request(removeLink(linkIndexOf("us-a") ?? 0));
  },
  "add an address": () => rtnetlink.request(addAddress({ linkIndex: LINK, prefix: prefix("10.0.0.9/32") })),
  "add a route": () => rtnetlink.request(addRoute({ prefix: prefix("10.9.0.0/16"), via: address("10.0.0.2") })),
  "add a rule": () => {
    const rule = { family: 4, priority: 100, action: "table", table: 100 } as const;
    rtnetlink.request(addRule(rule));
    rtnetlink.request(removeRule(rule));
  },
  "set a nexthop": () => rtnetlink.request(replaceNexthop({ id: 7, family: 4, to: { linkIndex: LINK } })),
  "open a packet socket": () => new PacketSocket({ linkIndex: LINK, etherType: EtherType.arp, kind: "frames" }).close(),
  "send ESP": () => new RawSocket({ family: 4, protocol: 50 }).send(octets(1), { to: address("127.0.0.1") }),
  "send by IPv6": () => new RawSocket({ family: 6, protocol: 50 }).send(octets(1), { to: address("::1") }),
  "bind UDP port 500": () => new UdpSocket({ family: 4, port: 500 }).close(),
  "mark packets": () => new UdpSocket({ family: 4, port: 0, mark: 1 }).close(),
  "send from foreign addresses": () => new UdpSocket({ family: 4, port: 0, transparent: true }).close(),
  "make a TUN device": () => new Tun({ name: "us-tun%d" }).close(),
  "write a sysctl": () => {
    const sysctls = new Sysctls();
    sysctls.set("ipv4/conf/us-left/arp_ignore", 1);
    sysctls.set("ipv4/ip_forward", 1);
    const [failure] = sysctls.restore();
    if (failure) throw failure;
  },
};

const outcomes = Object.entries(deeds).map(([name, act]) => {
  try {
    act();
    return [name, "done"];
  } catch (error) {
    return [name, errorCode(error) ?? String(error)];
  }
});
const rights = loadAddon().effectiveCapabilities();
console.log(JSON.stringify({ user: process.getuid?.(), rights, deeds: Object.fromEntries(outcomes) }));
rtnetlink.close();
