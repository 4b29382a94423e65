/**
 * `show version` and `show clock`. Tools that know IOS by its words read the first lines, so these have IOS's form;
 * what the product really is stands
 * above and below them.
 */
import { arch, cpus, hostname, release, totalmem } from "node:os";
import type { GatewayPort } from "../gateway-port.ts";
import { dateLine, duration } from "./times.ts";

/** The IOS release whose text forms are imitated. */
const IOS_FORM = "15.9(3)M";

export function showVersion(gateway: GatewayPort): string[] {
  const name = gateway.config().net.hostname;
  const interfaces = gateway.interfaces().length;
  const kilobytes = Math.round(totalmem() / 1024);
  return [
    imageLine(),
    `This is Understudy ${gateway.version}, an IPsec gateway for Linux. It speaks the command line of IOS`,
    "and is not Cisco's software.",
    "",
    `ROM: Linux ${release()}, Node ${process.version}`,
    "",
    `${name} uptime is ${duration(gateway.uptimeMs())}`,
    `System returned to ROM by ${gateway.startReason()}`,
    `System image file is "${gateway.configFile()}"`,
    `Last reload reason: ${gateway.startReason()}`,
    "",
    `Cisco Understudy (revision 1.0) with ${kilobytes}K bytes of memory.`,
    `Processor board ID ${hostname()}`,
    `${cpus().length} processor${cpus().length === 1 ? "" : "s"}`,
    `${interfaces} Ethernet interface${interfaces === 1 ? "" : "s"}`,
    "",
    "Configuration register is 0x2102",
  ];
}

/** Who asks for it knows IOS's releases by these words. */
export function imageLine(): string {
  const image = `UNDERSTUDY-${arch().toUpperCase()}`;
  return `Cisco IOS Software, Understudy Software (${image}), Version ${IOS_FORM}, RELEASE SOFTWARE (fc1)`;
}

/** `*12:00:00.123 UTC Mon Nov 23 2026`; the star says that no time server vouches for it. */
export function showClock(gateway: GatewayPort): string[] {
  return [`*${dateLine(new Date(gateway.now()))}`];
}
