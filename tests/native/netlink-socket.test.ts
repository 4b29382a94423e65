/** The netlink socket itself: who is listened to, and what does not fit. */
import { execFileSync } from "node:child_process";
import { readFileSync, readlinkSync } from "node:fs";
import { expect, test } from "vitest";
import { loadAddon } from "../../src/linux/addon.ts";
import { MessageType, NETLINK_ROUTE } from "../../src/linux/netlink/constants.ts";
import { listLinks } from "../../src/linux/netlink/link.ts";
import { encodeMessage } from "../../src/linux/netlink/message.ts";
import { describeInNamespace } from "./namespace.ts";

const addon = loadAddon();

test("a datagram longer than the buffer is refused, not cut", () => {
  const fd = addon.netlinkOpen(NETLINK_ROUTE);
  const { body } = listLinks();
  addon.netlinkSend(fd, encodeMessage({ type: MessageType.getLink, flags: 0x301, sequence: 1, body }));
  expect(() => addon.netlinkReceive(fd, new Uint8Array(64))).toThrow(expect.objectContaining({ code: "EMSGSIZE" }));
  addon.close(fd);
});

describeInNamespace("a netlink socket", () => {
  test("takes nothing from another process that poses as the kernel", () => {
    const fd = addon.netlinkOpen(NETLINK_ROUTE);
    const code = `socket(S, 16, 3, 0) or die; send(S, "x" x 32, 0, pack("SSLL", 16, 0, ${portOf(fd)}, 0)) or die $!`;
    execFileSync("perl", ["-e", code]);
    addon.wait(Int32Array.of(fd), addon.monotonicNs() + 10_000_000_000n);
    const buffer = new Uint8Array(64);
    expect(addon.netlinkReceive(fd, buffer)).toBe(0);
    expect(addon.netlinkReceive(fd, buffer)).toBe(-1);
    addon.close(fd);
  });
});

/** Columns of /proc/net/netlink: sk Eth Pid Groups Rmem Wmem Dump Locks Drops Inode. */
function portOf(fd: number): number {
  const inode = /\d+/.exec(readlinkSync(`/proc/self/fd/${fd}`))?.[0];
  const lines = readFileSync("/proc/self/net/netlink", "utf8").split("\n");
  const columns = lines.map(line => line.trim().split(/\s+/)).find(each => each[9] === inode);
  return Number(columns?.[2]);
}
