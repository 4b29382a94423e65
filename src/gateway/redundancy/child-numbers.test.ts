import { expect, test } from "vitest";
import type { DataPlane, SaChange } from "../../core/ipsec/data-plane.ts";
import { ChildNumbers, DRAIN_ALLOWANCE } from "./child-numbers.ts";
import type { HeldChild, HeldChildren } from "./kept-children.ts";

const child = (spi: number, owner = "A"): HeldChild => ({ spi, owner, inbound: spi + 1, outbound: spi + 2 });
const CHILDREN = [child(10), child(20), child(30, "B")];
const told: unknown[] = [];
const held: HeldChildren = {
  find: spi => CHILDREN.find(each => each.spi === spi),
  bySa: id => CHILDREN.find(each => each.inbound === id || each.outbound === id),
  of: owner => CHILDREN.filter(each => each.owner === owner),
  edgesTold: (spis, nowMs) => told.push({ spis, nowMs }),
};

function numbers(standing: Record<number, number> = {}) {
  const changes: SaChange[] = [];
  const plane: Pick<DataPlane, "update" | "numbers"> = {
    update: given => changes.push(...given),
    numbers: ids => ids.map(id => ({ id, sequence: standing[id] ?? 0 })),
  };
  return { changes, numbers: new ChildNumbers(held, () => plane as DataPlane) };
}

test("what a standby holds is its outbound SA's, what it must count as seen its inbound SA's", () => {
  const { changes, numbers: at } = numbers();
  at.hold({ epoch: 4, held: [{ spi: 10, sequence: 5000 }], edges: [{ spi: 20, sequence: 7 }] }, 123);
  expect(changes).toEqual([
    { id: 12, change: "acknowledged", acknowledged: 5000, epoch: 4 },
    { id: 21, change: "replay-edge", edge: 7 },
  ]);
  expect(told).toEqual([{ spis: [20], nowMs: 123 }]);
});

test("of an SA that is gone nothing is said", () => {
  const { changes, numbers: at } = numbers();
  at.acknowledge(4, [{ spi: 99, sequence: 1 }]);
  expect(changes).toEqual([]);
});

test("the last numbers of an owner lie ahead of those used, and the successor goes on behind them", () => {
  const { changes, numbers: at } = numbers({ 12: 101, 11: 55, 22: 1, 21: 0 });
  const ends = at.end("A", 4);
  expect(ends).toEqual([
    { spi: 10, outbound: 101 + DRAIN_ALLOWANCE, inbound: 55 },
    { spi: 20, outbound: 1 + DRAIN_ALLOWANCE, inbound: 0 },
  ]);
  expect(changes.splice(0)).toEqual([
    { id: 12, change: "end", sequence: 101 + DRAIN_ALLOWANCE, epoch: 4 },
    { id: 22, change: "end", sequence: 1 + DRAIN_ALLOWANCE, epoch: 4 },
  ]);
  at.goOn(5, ends.slice(0, 1));
  expect(changes).toEqual([
    { id: 12, change: "continue", sequence: 102 + DRAIN_ALLOWANCE, epoch: 5 },
    { id: 11, change: "replay-edge", edge: 55 },
  ]);
});

test("edges are sorted by owner, and outbound numbers are none", () => {
  const { numbers: at } = numbers();
  const moved = [11, 12, 31, 99].map(id => ({ id, sequence: id * 100 }));
  expect([...at.byOwner(moved)]).toEqual([
    ["A", [{ spi: 10, sequence: 1100 }]],
    ["B", [{ spi: 30, sequence: 3100 }]],
  ]);
  expect([at.sender(12)?.spi, at.sender(11)]).toEqual([10, undefined]);
});
