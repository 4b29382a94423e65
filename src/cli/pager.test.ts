import { expect, test } from "vitest";
import { Pager } from "./pager.ts";

function pager(height: number): { out: () => string; pager: Pager } {
  let out = "";
  const made = new Pager(
    text => {
      out += text;
    },
    () => height,
  );
  return { out: () => out, pager: made };
}

test("a screen, a question, a line, a page, an end", async () => {
  const { out, pager: p } = pager(3);
  const shown: string[] = [];
  const done = (async () => {
    for (let n = 1; n <= 9; n++) {
      if (!(await p.line(String(n)))) return "stopped";
      shown.push(String(n));
    }
    return "all";
  })();
  const until = async (count: number): Promise<void> => {
    while (!(p.waiting && shown.length === count)) await new Promise(setImmediate);
  };
  await until(2);
  expect(out()).toBe("1\r\n2\r\n --More-- ");
  p.key("\r");
  await until(3);
  p.key(" ");
  await until(5);
  p.key("q");
  expect(await done).toBe("stopped");
  expect(shown).toEqual(["1", "2", "3", "4", "5"]);
  expect(out().endsWith(`${"\b".repeat(10)}${" ".repeat(10)}${"\b".repeat(10)}`)).toBe(true);
});

test("length 0 never stops", async () => {
  const { out, pager: p } = pager(0);
  for (let n = 0; n < 500; n++) expect(await p.line("x")).toBe(true);
  expect(out()).not.toContain("More");
});
