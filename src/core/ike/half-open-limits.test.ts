import { expect, test } from "vitest";
import {
  HALF_OPEN_MS,
  HALF_OPEN_STRICT_MS,
  HalfOpenTable,
  PER_SOURCE,
  STRANGERS_MAX,
  STRICT_FROM,
} from "./half-open-limits.ts";
import { ip } from "./ike-pair.test-support.ts";

const stranger = (number: number) => ip(`198.18.${number >> 8}.${number & 255}`);

function filled(count: number): HalfOpenTable {
  const table = new HalfOpenTable();
  for (let number = 0; number < count; number++)
    table.add({ id: String(number), source: stranger(number), known: false });
  return table;
}

test("a stranger gets five at first, one when there are many, and not for long", () => {
  const source = ip("192.0.2.1");
  const table = new HalfOpenTable();
  for (let number = 0; number < PER_SOURCE; number++) {
    expect(table.ask(source, false, 0, 0)).toEqual({ admit: true, forMs: HALF_OPEN_MS, evict: undefined });
    table.add({ id: `own ${number}`, source, known: false });
  }
  expect(table.ask(source, false, 0, 0)).toEqual({ admit: false });
  const many = filled(STRICT_FROM);
  expect(many.ask(source, false, 0, 0)).toEqual({ admit: true, forMs: HALF_OPEN_STRICT_MS, evict: undefined });
  many.add({ id: "own", source, known: false });
  expect(many.ask(source, false, 0, 0)).toEqual({ admit: false });
});

test("when the table is full a stranger takes another's place, and a named peer nobody's", () => {
  const table = filled(STRANGERS_MAX);
  expect(table.ask(ip("192.0.2.1"), false, 0.5, 0)).toMatchObject({ admit: true, evict: String(STRANGERS_MAX / 2) });
  expect(table.ask(ip("192.0.2.1"), true, 0.5, 0)).toEqual({ admit: true, forMs: HALF_OPEN_MS, evict: undefined });
});

test("under a named peer's address only what proved nothing is driven out, at most ten a second", () => {
  const source = ip("192.0.2.1");
  const table = new HalfOpenTable();
  for (let number = 0; number < PER_SOURCE; number++) table.add({ id: String(number), source, known: true });
  for (const proved of ["0", "1", "2", "3"]) table.prove(proved);
  expect(table.ask(source, true, 0.99, 1_000)).toMatchObject({ admit: true, evict: "4" });
  expect(table.ask(source, true, 0.99, 1_050)).toEqual({ admit: false });
  table.prove("4");
  expect(table.ask(source, true, 0.99, 2_000)).toEqual({ admit: false });
});

test("what went on or ended leaves its place", () => {
  const table = filled(3);
  table.remove("0");
  table.remove("0");
  table.remove("never there");
  expect(table.size).toBe(2);
  table.remove("2");
  table.remove("1");
  expect(table.size).toBe(0);
});
