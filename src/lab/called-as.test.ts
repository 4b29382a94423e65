import { expect, test } from "vitest";
import { calledAs } from "./called-as.ts";

test.each([
  ["from a checkout", "/home/a/understudy/bin/understudy", "/home/a/understudy", "bin/understudy"],
  ["from elsewhere", "/home/a/understudy/bin/understudy", "/tmp", "/home/a/understudy/bin/understudy"],
  ["as installed", "/usr/sbin/understudy", "/tmp", "understudy"],
  ["by another program", "/home/a/understudy/dist/main.js", "/home/a/understudy", "understudy"],
])("%s", (_, program, from, expected) => {
  expect(calledAs(program, from, ["/usr/sbin", "/usr/bin"])).toBe(expected);
});
