/** A topology as a picture for a page: colours are the page's, by the names of classes. */
import { pairsOf, type Topology } from "../topology.ts";
import { escaped } from "./markup.ts";
import { type Bar, BOX_HEIGHT, BOX_WIDTH, type Box, labelLines, layoutOf, type Wire } from "./topology-layout.ts";

const LINE = 14;
/** Up to here a phone's width still shows its letters; what is wider scrolls. */
const FITS = 520;

export function topologySvg(topology: Topology): string {
  const { width, height, boxes, bars, wires } = layoutOf(topology);
  const size = `viewBox="0 0 ${round(width)} ${round(height)}" width="${round(width)}" height="${round(height)}"`;
  const label = escaped(`${topology.name}: ${topology.summary}`);
  return [
    `<svg class="topology${width <= FITS ? " fits" : ""}" ${size} role="img" aria-label="${label}">`,
    ...wires.map(wireMarkup),
    ...bars.flatMap(barMarkup),
    ...boxes.map(each => boxMarkup(each, topology)),
    ...wires.map(addressMarkup),
    "</svg>",
  ].join("\n");
}

function wireMarkup({ x, fromY, toY }: Wire): string {
  return `<line class="wire" x1="${round(x)}" y1="${round(fromY)}" x2="${round(x)}" y2="${round(toY)}"/>`;
}

function addressMarkup({ x, address, side, addressY }: Wire): string {
  const isLeft = side === "left";
  const at = `x="${round(isLeft ? x - 5 : x + 5)}" y="${round(addressY)}"`;
  return `<text class="address" ${at}${isLeft ? ' text-anchor="end"' : ""}>${escaped(address)}</text>`;
}

function barMarkup({ segment, fromX, toX, y, isAlone }: Bar): string[] {
  const lines = labelLines(segment);
  const [x, first] = isAlone ? [MARGIN, y - (lines.length > 1 ? 2 : -4)] : [(fromX + toX) / 2 + 5, y + LINE + 1];
  return [
    `<line class="segment" x1="${round(fromX)}" y1="${round(y)}" x2="${round(toX)}" y2="${round(y)}"/>`,
    ...lines.map((text, at) => {
      const place = `x="${round(x)}" y="${round(first + at * LINE)}"`;
      return `<text class="${NAMES[at === 0 ? 0 : 1]}" ${place}>${escaped(text)}</text>`;
    }),
  ];
}

const MARGIN = 12;
const NAMES = ["network", "shared"] as const;

function boxMarkup({ host, x, y }: Box, topology: Topology): string {
  const kind = pairsOf(topology).flat().includes(host.name) ? "member" : host.kind;
  const left = x - BOX_WIDTH / 2;
  const corner = host.kind === "host" ? BOX_HEIGHT / 2 : 4;
  const size = `width="${BOX_WIDTH}" height="${BOX_HEIGHT}" rx="${corner}"`;
  const middle = `x="${round(x)}" y="${round(y + BOX_HEIGHT / 2 + 5)}" text-anchor="middle"`;
  return (
    `<g class="box ${kind}"><rect x="${round(left)}" y="${round(y)}" ${size}/>` +
    `<text ${middle}>${escaped(host.name)}</text></g>`
  );
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
