/** `show interfaces`, `show ip interface` and `show ip interface brief`. Only what the host really knows is printed. */
import { type InterfaceStatus, primaryIpv4 } from "../../core/net/net-status.ts";
import { formatPrefix } from "../../core/wire/prefix.ts";

export function showInterfaces(interfaces: readonly InterfaceStatus[]): string[] {
  return interfaces.flatMap(showInterface);
}

function showInterface(status: InterfaceStatus): string[] {
  const { counters } = status;
  const lines = [`${status.name} is ${adminState(status)}, line protocol is ${protocolState(status)} `];
  if (status.macAddress)
    lines.push(`  Hardware is Ethernet, address is ${status.macAddress} (bia ${status.macAddress})`);
  lines.push(`  Linux device is ${deviceWords(status)}`);
  if (status.description) lines.push(`  Description: ${status.description}`);
  for (const { prefix, secondary } of status.addresses) {
    lines.push(
      secondary ? `  Secondary address ${formatPrefix(prefix)}` : `  Internet address is ${formatPrefix(prefix)}`,
    );
  }
  if (status.mtu !== undefined) lines.push(`  MTU ${status.mtu} bytes`);
  if (counters === undefined) return lines;
  return [
    ...lines,
    `     ${counters.receivedPackets} packets input, ${counters.receivedOctets} bytes, ` +
      `${counters.receiveDrops} no buffer`,
    `     Received ${counters.multicast} multicasts`,
    `     ${counters.receiveErrors} input errors`,
    `     ${counters.sentPackets} packets output, ${counters.sentOctets} bytes, ${counters.sendDrops} underruns`,
    `     ${counters.sendErrors} output errors`,
  ];
}

export function showIpInterface(interfaces: readonly InterfaceStatus[]): string[] {
  return interfaces.flatMap(status => {
    const primary = status.addresses.find(each => !each.secondary && !each.prefix.address.includes(":"));
    const others = status.addresses.filter(each => each.secondary);
    return [
      `${status.name} is ${adminState(status)}, line protocol is ${protocolState(status)}`,
      primary ? `  Internet address is ${formatPrefix(primary.prefix)}` : "  Internet protocol processing disabled",
      ...others.map(each => `  Secondary address ${formatPrefix(each.prefix)}`),
      ...(status.mtu === undefined ? [] : [`  MTU is ${status.mtu} bytes`]),
    ];
  });
}

const BRIEF_HEADING = "Interface                  IP-Address      OK? Method Status                Protocol";

export function showIpInterfaceBrief(interfaces: readonly InterfaceStatus[]): string[] {
  return [BRIEF_HEADING, ...interfaces.map(briefLine)];
}

function briefLine(status: InterfaceStatus): string {
  const address = primaryIpv4(status);
  const columns: [string, number][] = [
    [status.name, 27],
    [address ?? "unassigned", 16],
    ["YES", 4],
    [address === undefined ? "unset" : "manual", 7],
    [adminState(status), 22],
    [protocolState(status), 8],
  ];
  return columns.map(([text, width]) => text.padEnd(width - 1)).join(" ");
}

function adminState(status: InterfaceStatus): string {
  if (status.shutdown) return "administratively down";
  return status.present && status.up ? "up" : "down";
}

function protocolState(status: InterfaceStatus): string {
  return !status.shutdown && status.present && status.up && status.lineUp ? "up" : "down";
}

function deviceWords(status: InterfaceStatus): string {
  if (status.device === undefined) return "not set (see 'linux-device')";
  return status.present ? status.device : `${status.device}, which does not exist`;
}
