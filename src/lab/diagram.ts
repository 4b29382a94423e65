/**
 * The picture of a topology, drawn from its data: segments are lines across, hosts hang between the segments that
 * they join.
 */
import type { Host, Segment, Topology } from "./topology.ts";

const COLUMN = 20;

export function diagram(topology: Topology): string[] {
  const lines: string[] = [];
  let above: readonly Host[] = [];
  for (const [at, segment] of topology.segments.entries()) {
    const hosts = topology.hosts.filter(host => firstSegment(topology, host) === at);
    const elsewhere = topology.hosts.filter(
      each => joins(each, segment) && !hosts.includes(each) && !above.includes(each),
    );
    lines.push(`${bar(above, hosts, segment)}  ${title(segment)}${alsoText(elsewhere)}`);
    if (hosts.length > 0) lines.push(...drop(hosts, segment), ...boxes(hosts));
    above = hosts;
    const next = topology.segments[at + 1];
    if (next !== undefined && hosts.length > 0) lines.push(...rise(hosts, next));
  }
  return lines.map(line => line.trimEnd());
}

/** A host stands below the first of its segments. */
function firstSegment(topology: Topology, host: Host): number {
  return topology.segments.findIndex(segment => host.links.some(link => link.segment === segment.name));
}

/** Those that join a segment and are drawn too far away for a line. */
function alsoText(hosts: readonly Host[]): string {
  return hosts.length === 0 ? "" : `   also on it: ${hosts.map(each => each.name).join(", ")}`;
}

function title(segment: Segment): string {
  const shared = segment.virtual === undefined ? "" : `   shared: ${segment.virtual.join(", ")}`;
  return `${segment.name} ${segment.prefix}${shared}`;
}

function bar(above: readonly Host[], below: readonly Host[], segment: Segment): string {
  const width = (Math.max(above.length, below.length) - 1) * COLUMN + 2 * centre(0);
  const marks = [...`${"═".repeat(width)}`];
  for (const [at, host] of above.entries()) if (joins(host, segment)) marks[centre(at)] = "╧";
  for (const at of below.keys()) marks[centre(at)] = marks[centre(at)] === "╧" ? "╪" : "╤";
  return ` ${marks.join("")}`;
}

function drop(hosts: readonly Host[], segment: Segment): string[] {
  return [row(hosts, host => `│ ${addressOn(host, segment)}`)];
}

function boxes(hosts: readonly Host[]): string[] {
  return [
    row(hosts, host => `┌${edge(host)}┐`, -1),
    row(hosts, host => `│ ${host.name} │`, -1),
    row(hosts, host => `└${edge(host)}┘`, -1),
  ];
}

function rise(hosts: readonly Host[], next: Segment): string[] {
  return [row(hosts, host => (joins(host, next) ? `│ ${addressOn(host, next)}` : ""))];
}

function row(hosts: readonly Host[], text: (host: Host) => string, shift = 0): string {
  let line = "";
  for (const [at, host] of hosts.entries()) line = line.padEnd(centre(at) + 1 + shift) + text(host);
  return line;
}

function centre(column: number): number {
  return column * COLUMN + 4;
}

function edge(host: Host): string {
  return "─".repeat(host.name.length + 2);
}

function joins(host: Host, segment: Segment): boolean {
  return host.links.some(link => link.segment === segment.name);
}

function addressOn(host: Host, segment: Segment): string {
  return host.links.find(link => link.segment === segment.name)?.address.replace(/\/.*/, "") ?? "";
}
