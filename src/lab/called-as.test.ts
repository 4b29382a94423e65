import { expect, test } from "vitest";
import { calledAs } from "./called-as.ts";

test.each([
  ["from a checkout", "/srv/a/understudy/bin/understudy", "/srv/a/understudy", "bin/understudy"],
  ["from elsewhere", "/srv/a/understudy/bin/understudy", "/tmp", "/srv/a/understudy/bin/understudy"],
  ["as installed", "/usr/sbin/understudy", "/tmp", "understudy"],
  ["by another program", "/srv/a/understudy/dist/main.js", "/srv/a/understudy", "understudy"],
])("%s", (_, program, from, expected) => {
  expect(calledAs(program, from, ["/usr/sbin", "/usr/bin"])).toBe(expected);
});
