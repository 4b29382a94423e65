import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { SystemError } from "../core/errors.ts";
import { SAVED_MARK, StartupStore } from "./startup-store.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "understudy-store-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const store = (): StartupStore => new StartupStore(join(folder, "R1.cfg"));

test("what was written is read, and the version before it is kept", () => {
  store().write("hostname A\nend\n");
  store().write("hostname B\nend\n");
  expect(store().read().text).toBe(`${SAVED_MARK}\nhostname B\nend\n`);
  expect(readFileSync(store().previous, "utf8")).toContain("hostname A");
  expect(readdirSync(folder).sort()).toEqual(["R1.cfg", "R1.cfg.previous"]);
});

test("a file cut at any octet gives the version before it, never half of the new one", () => {
  store().write("hostname A\nend\n");
  store().write("hostname B\nend\n");
  const whole = readFileSync(store().file, "utf8");
  for (let length = SAVED_MARK.length; length < whole.length - "end\n".length; length++) {
    writeFileSync(store().file, whole);
    truncateSync(store().file, length);
    const read = store().read();
    expect(read.text).toContain("hostname A");
    expect(read.fallback).toBe("it was cut before its end");
  }
});

test("a cut file does not push out the good version kept before it", () => {
  store().write("hostname A\nend\n");
  store().write("hostname B\nend\n");
  truncateSync(store().file, SAVED_MARK.length + 3);
  store().write("hostname C\nend\n");
  expect(readFileSync(store().previous, "utf8")).toContain("hostname A");
  expect(store().read().text).toContain("hostname C");
});

test("a file that a person wrote needs no mark and no end", () => {
  writeFileSync(store().file, "hostname C\n");
  expect(store().read()).toMatchObject({ text: "hostname C\n", file: store().file });
});

test("keys are written for the owner alone, and a readable file is reported", () => {
  store().write("end\n");
  expect(statSync(store().file).mode & 0o777).toBe(0o600);
  expect(store().read().exposed).toBe(false);
  chmodSync(store().file, 0o644);
  expect(store().read().exposed).toBe(true);
});

test("neither file there: the error names the file", () => {
  expect(() => store().read()).toThrow(SystemError);
  expect(() => store().read()).toThrow(/R1\.cfg/);
});

test("a write that fails leaves the old file whole", () => {
  store().write("hostname A\nend\n");
  const broken = new StartupStore(join(folder, "no-such-folder", "R1.cfg"));
  expect(() => broken.write("x")).toThrow(/cannot write the configuration/);
  expect(store().read().text).toContain("hostname A");
});
