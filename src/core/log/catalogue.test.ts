import { expect, test } from "vitest";
import { log } from "./catalogue.ts";
import { iosLine, type Message } from "./message.ts";

const all = Object.values(log).flatMap(room => Object.values(room)) as Message<never>[];

test("no two messages share a name", () => {
  const names = all.map(each => `${each.facility}-${each.mnemonic}-${each.severity}`);
  expect(new Set(names).size).toBe(names.length);
});

test("names are what IOS tools match on", () => {
  for (const each of all)
    expect(`%${each.facility}-${each.severity}-${each.mnemonic}`).toMatch(/^%[A-Z_]+-[0-7]-[A-Z_0-9]+$/);
});

test("an IOS line", () => {
  expect(iosLine(log.link.upDown({ interface: "FastEthernet0/0", state: "down" }))).toBe(
    "%LINK-3-UPDOWN: Interface FastEthernet0/0, changed state to down",
  );
});

test("a name with control characters can neither break the line nor drive a terminal", () => {
  const line = iosLine(log.sys.configured({ source: "vty\n%FAKE-0-LINE: x", user: "\u001b[2J\u009b" }));
  expect(line).not.toMatch(/\p{Cc}/u);
  expect(line).toContain("vty\\x0a%FAKE");
});
