import { expect, test } from "vitest";
import { command, type Mode, modeCommand } from "./command.ts";
import { keyword } from "./grammar.ts";
import { blocksOf, renderMode } from "./render.ts";

interface Inner {
  lines: string[];
  blocks: Inner[];
}

const doc = { summary: "s", example: "x" };
const lines = (at: "first" | "last") =>
  command({
    grammar: keyword(at, "h"),
    doc,
    set: () => undefined,
    write: (inner: Inner) => inner.lines.filter(line => line.startsWith(at)),
  });
const innermost: Mode<Inner> = { prompt: "config-in", commands: [lines("first"), lines("last")] };
const nested = (mode: Mode<Inner>) =>
  modeCommand({
    grammar: keyword("block", "h"),
    doc,
    mode,
    set: () => undefined,
    select: (inner: Inner) => inner.blocks[0],
    instances: inner => inner.blocks.map((each, at) => ({ line: `block ${at}`, inner: each })),
  });
const middle = nested(innermost);
const outer = nested({ prompt: "config-mid", commands: [lines("first"), middle, lines("last")] });
const top: Mode<Inner> = { prompt: "config", commands: [lines("first"), outer, lines("last")] };

const inner = (...blocks: Inner[]): Inner => ({ lines: ["first x", "last y"], blocks });

test("one blank a level, a mark around each block of the top, and none inside", () => {
  expect(renderMode(top, inner(inner(inner()), inner()))).toEqual([
    "first x",
    "!",
    "block 0",
    " first x",
    " block 0",
    "  first x",
    "  last y",
    " last y",
    "!",
    "block 1",
    " first x",
    " last y",
    "!",
    "last y",
    "!",
  ]);
});

test("nothing gives nothing", () => {
  expect(renderMode(top, { lines: [], blocks: [] })).toEqual([]);
});

test("one block alone", () => {
  expect(blocksOf(outer, inner(inner()), 0)).toEqual([["block 0", " first x", " last y"]]);
  expect(blocksOf(lines("first"), inner(), 0)).toEqual([]);
});
