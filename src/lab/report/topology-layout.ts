/**
 * Where everything of a topology stands in its picture: hosts in rows, from the inside downwards, segments as bars
 * between them, a line from each host to each of its segments. Pure; `topology-svg.ts` draws it.
 */
import type { Host, Link, Segment, Topology } from "../topology.ts";

export interface Box {
  readonly host: Host;
  /** Its centre and its upper edge. */
  readonly x: number;
  readonly y: number;
}

export interface Bar {
  readonly segment: Segment;
  readonly fromX: number;
  readonly toX: number;
  readonly y: number;
  /** It has its height to itself, and its name stands to the left of everything; else below it. */
  readonly isAlone: boolean;
}

export interface Wire {
  readonly x: number;
  readonly fromY: number;
  readonly toY: number;
  readonly address: string;
  /** On which side of the wire its address stands, and at which height. */
  readonly side: "left" | "right";
  readonly addressY: number;
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly Box[];
  readonly bars: readonly Bar[];
  readonly wires: readonly Wire[];
}

export const BOX_WIDTH = 64;
export const BOX_HEIGHT = 32;
const COLUMN = 128;
/** Where a host has two wires on one side, an address stands on either side of it. */
const WIDE_COLUMN = 244;
const LETTER = 6;
const MARGIN = 12;
/** Below a box: its address, then the bar; below the bar its name, the address of who hangs there, and the box. */
const ABOVE_BAR = 34;
const BELOW_BAR = 54;
const BAR_STEP = 30;
const OVERHANG = 26;
const LINE = 12;
/** Columns that a page's width has room for. */
const SEEN = 4;

interface Placed {
  readonly host: Host;
  /** Odd: segments are even. A host that is on the first segment alone stands above it. */
  readonly row: number;
  x: number;
}

export function layoutOf(topology: Topology): Layout {
  const rows = rowsOf(topology);
  const hosts = topology.hosts.map((host): Placed => ({ host, row: hostRow(topology, host, rows), x: 0 }));
  const labelWidth = Math.max(...topology.segments.flatMap(each => labelLines(each).map(widthOf)));
  const left = MARGIN + labelWidth + OVERHANG;
  const width = spread(hosts, rows, topology, left);
  const levels = [...new Set(hosts.map(each => each.row))].toSorted((a, b) => a - b);
  const boxes: Box[] = [];
  const bars: Bar[] = [];
  let y = MARGIN;
  for (const level of levels) {
    for (const { host, x } of hosts.filter(each => each.row === level)) boxes.push({ host, x, y });
    const below = topology.segments.filter(each => rows.get(each.name) === level + 1);
    const drawn = barsBelow(below, hosts, rows, y + BOX_HEIGHT + ABOVE_BAR);
    bars.push(...drawn);
    y = Math.max(y + BOX_HEIGHT, ...drawn.map(each => each.y + BELOW_BAR));
  }
  const lowest = Math.max(...boxes.map(each => each.y + BOX_HEIGHT), ...bars.map(each => each.y));
  return { width, height: lowest + MARGIN, boxes, bars, wires: wiresOf(boxes, bars, hosts, rows) };
}

/** What a bar is called: its name and prefix, and whose address is shared there. */
export function labelLines({ name, prefix, virtual = [] }: Segment): string[] {
  return [`${name} ${prefix}`, ...virtual.map(each => `shared: ${each}`)];
}

export function widthOf(text: string): number {
  return text.length * LETTER;
}

/** Segments by their distance from the first one, in steps of two. */
function rowsOf({ segments, hosts }: Topology): Map<string, number> {
  const rows = new Map<string, number>();
  let next = segments.slice(0, 1).map(each => each.name);
  for (let row = 0; next.length > 0; row += 2) {
    for (const name of next) rows.set(name, row);
    const reached = hosts.filter(host => host.links.some(link => rows.get(link.segment) === row));
    const names = reached.flatMap(host => host.links.map(link => link.segment));
    next = [...new Set(names)].filter(name => !rows.has(name));
  }
  return rows;
}

function hostRow({ segments }: Topology, host: Host, rows: ReadonlyMap<string, number>): number {
  const own = host.links.map(link => rows.get(link.segment) ?? 0);
  const isInside = host.links.length === 1 && host.links[0]?.segment === segments[0]?.name;
  return isInside ? -1 : Math.min(...own) + 1;
}

/** Gives every host its column; answers the width of the whole. */
function spread(
  hosts: readonly Placed[],
  rows: ReadonlyMap<string, number>,
  { segments }: Topology,
  left: number,
): number {
  const isCrowded = hosts.some(each => side(each, rows, "down").length > 1 || side(each, rows, "up").length > 1);
  const levels = [...new Set(hosts.map(each => each.row))];
  const most = Math.max(...levels.map(level => hosts.filter(each => each.row === level).length));
  const single = segments.filter(each => hosts.filter(host => joins(host, each)).length <= 2);
  const widest = Math.max(0, ...single.map(each => widthOf(labelLines(each)[0] ?? "")));
  const column = Math.max(isCrowded && most < 4 ? WIDE_COLUMN : COLUMN, most > 3 ? widest + 2 * OVERHANG : 0);
  for (const level of levels) {
    const own = hosts.filter(each => each.row === level);
    // Below one another where all of it is seen at once: what is wider scrolls.
    const start = Math.max(0, Math.min(most, SEEN) - own.length) / 2;
    for (const [at, host] of own.entries()) host.x = left + column * (start + at + 0.5);
  }
  return left + column * most + MARGIN;
}

function barsBelow(
  segments: readonly Segment[],
  hosts: readonly Placed[],
  rows: ReadonlyMap<string, number>,
  y: number,
): Bar[] {
  const bars: Bar[] = [];
  for (const segment of segments) {
    const ends = hosts.flatMap(host => wireXs(host, rows, segment.name));
    const fromX = Math.min(...ends) - OVERHANG;
    const toX = Math.max(...ends) + OVERHANG;
    const level = (at: number): readonly Bar[] => bars.filter(each => each.y === y + at * BAR_STEP);
    let at = 0;
    while (level(at).some(each => each.fromX <= toX && fromX <= each.toX)) at += 1;
    bars.push({ segment, fromX, toX, y: y + at * BAR_STEP, isAlone: true });
  }
  return bars.map(bar => ({ ...bar, isAlone: bars.filter(each => each.y === bar.y).length === 1 }));
}

function wiresOf(
  boxes: readonly Box[],
  bars: readonly Bar[],
  hosts: readonly Placed[],
  rows: ReadonlyMap<string, number>,
): Wire[] {
  return hosts.flatMap(host => {
    const y = boxes.find(each => each.host === host.host)?.y ?? 0;
    return host.host.links.flatMap((link): Wire[] => {
      const [x] = wireXs(host, rows, link.segment);
      const bar = bars.find(each => each.segment.name === link.segment);
      if (x === undefined || bar === undefined) return [];
      const isDown = bar.y > y;
      // The first stands to the left of its wire, the others to the right, one below the other.
      const step = Math.max(0, side(host, rows, isDown ? "down" : "up").indexOf(link) - 1) * LINE;
      return [
        {
          x,
          fromY: isDown ? y + BOX_HEIGHT : bar.y,
          toY: isDown ? bar.y : y,
          address: link.address.replace(/\/.*/, ""),
          side: x < host.x ? "left" : "right",
          addressY: isDown ? y + BOX_HEIGHT + 14 + step : y - 7 - step,
        },
      ];
    });
  });
}

/** Where a host's wires to a segment leave it: beside one another on the side where the segment is. */
function wireXs(host: Placed, rows: ReadonlyMap<string, number>, segment: string): number[] {
  for (const which of ["up", "down"] as const) {
    const links = side(host, rows, which);
    const at = links.findIndex(each => each.segment === segment);
    if (at === -1) continue;
    const step = links.length === 1 ? 0 : (BOX_WIDTH - 16) / (links.length - 1);
    return [host.x + (at - (links.length - 1) / 2) * step];
  }
  return [];
}

function side({ host, row }: Placed, rows: ReadonlyMap<string, number>, which: "up" | "down"): Link[] {
  return host.links.filter(each => (rows.get(each.segment) ?? 0) > row === (which === "down"));
}

function joins({ host }: Placed, { name }: Segment): boolean {
  return host.links.some(link => link.segment === name);
}
