import { describe, expect, test } from "vitest";
import { topologies } from "../topologies.ts";
import { BOX_HEIGHT, BOX_WIDTH, type Layout, layoutOf, type Wire, widthOf } from "./topology-layout.ts";

interface Area {
  readonly what: string;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

const ADDRESS_HEIGHT = 11;

function address({ x, side, address: text, addressY }: Wire): Area {
  const width = widthOf(text);
  const left = side === "left" ? x - 5 - width : x + 5;
  return { what: text, left, right: left + width, top: addressY - ADDRESS_HEIGHT, bottom: addressY };
}

function areas({ boxes, wires }: Layout): Area[] {
  const hosts = boxes.map(({ host, x, y }) => ({
    what: host.name,
    left: x - BOX_WIDTH / 2,
    right: x + BOX_WIDTH / 2,
    top: y,
    bottom: y + BOX_HEIGHT,
  }));
  return [...hosts, ...wires.map(address)];
}

function overlaps(found: readonly Area[]): string[] {
  return found.flatMap((a, at) =>
    found
      .slice(at + 1)
      .filter(b => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom)
      .map(b => `${a.what} and ${b.what}`),
  );
}

describe.each(topologies)("the picture of $name", topology => {
  const layout = layoutOf(topology);

  test("shows every host, every segment, and a wire for each link", () => {
    expect(layout.boxes.map(each => each.host.name).toSorted()).toEqual(
      topology.hosts.map(each => each.name).toSorted(),
    );
    expect(layout.bars.map(each => each.segment.name).toSorted()).toEqual(
      topology.segments.map(each => each.name).toSorted(),
    );
    expect(layout.wires).toHaveLength(topology.hosts.flatMap(each => each.links).length);
  });

  test("nothing lies on anything else, and nothing beyond the edge", () => {
    expect(overlaps(areas(layout))).toEqual([]);
    const beyond = areas(layout).filter(
      ({ left, right, top, bottom }) => left < 0 || right > layout.width || top < 0 || bottom > layout.height,
    );
    expect(beyond.map(each => each.what)).toEqual([]);
  });

  test("every wire meets its bar", () => {
    const loose = layout.wires.filter(
      ({ x, fromY, toY }) =>
        !layout.bars.some(({ fromX, toX, y }) => [fromY, toY].includes(y) && fromX <= x && x <= toX),
    );
    expect(loose).toEqual([]);
  });

  test("bars of one height do not touch", () => {
    const touching = layout.bars.flatMap((bar, at) =>
      layout.bars.slice(at + 1).filter(each => each.y === bar.y && each.fromX <= bar.toX && bar.fromX <= each.toX),
    );
    expect(touching).toEqual([]);
  });
});
