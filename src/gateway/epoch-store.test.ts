import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { SystemError } from "../core/errors.ts";
import { EpochStore } from "./epoch-store.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "us-epochs-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("what was written is there for the next process", () => {
  const store = new EpochStore(folder);
  expect(store.read("OUTSIDE")).toBe(0);
  store.write("OUTSIDE", 7);
  store.write("INSIDE", 3);
  expect(store.read("OUTSIDE")).toBe(7);
  const next = new EpochStore(folder);
  expect([next.read("OUTSIDE"), next.read("INSIDE"), next.read("OTHER")]).toEqual([7, 3, 0]);
});

test("an epoch never goes back", () => {
  new EpochStore(folder).write("S", 9);
  new EpochStore(folder).write("S", 4);
  expect(new EpochStore(folder).read("S")).toBe(9);
});

test("a scheme may be called anything, and stays inside the folder", () => {
  const names = ["../../etc/passwd", "a/b", "..", ".", "ä ö", "%2E%2E", "x".repeat(80)];
  const store = new EpochStore(folder);
  for (const [at, name] of names.entries()) store.write(name, at + 1);
  const next = new EpochStore(folder);
  expect(names.map(name => next.read(name))).toEqual(names.map((_, at) => at + 1));
  expect(readdirSync(folder)).toEqual(["epochs"]);
  expect(readdirSync(join(folder, "epochs"))).toHaveLength(names.length);
});

test("a crash while writing leaves the old number", () => {
  new EpochStore(folder).write("S", 5);
  writeFileSync(join(folder, "epochs", "S.new"), '{"scheme":"S","epo');
  expect(new EpochStore(folder).read("S")).toBe(5);
});

test("a file that says nothing usable counts as none", () => {
  mkdirSync(join(folder, "epochs"));
  for (const text of [
    "",
    "{}",
    '{"scheme":"T","epoch":9}',
    '{"scheme":"S","epoch":"9"}',
    '{"scheme":"S","epoch":1.5}',
  ]) {
    writeFileSync(join(folder, "epochs", "S"), text);
    expect(new EpochStore(folder).read("S"), text).toBe(0);
  }
});

test("a disk that fails is an error, and the epoch does not count as kept", () => {
  writeFileSync(join(folder, "epochs"), "in the way");
  const store = new EpochStore(folder);
  expect(() => store.write("S", 1)).toThrow(SystemError);
  expect(() => store.write("S", 1)).toThrow(/cannot write the epoch \(scheme=S epoch=1/);
  expect(store.read("S")).toBe(0);
});

test("nobody else may read it", () => {
  new EpochStore(folder).write("S", 1);
  expect(statSync(join(folder, "epochs")).mode & 0o777).toBe(0o700);
  expect(statSync(join(folder, "epochs", "S")).mode & 0o777).toBe(0o600);
});
