/** The combinators prove themselves on the three commands that are hardest to say. */
import { describe, expect, test } from "vitest";
import { match } from "./match.ts";
import { aclEntry, isakmpKey, standbyTimers } from "./sample-modes.ts";

function argsOf(grammar: object, line: string, form: "plain" | "negated" = "plain"): unknown {
  const found = match([{ grammar: grammar as never }], line, form);
  return found.kind === "matched" ? found.args : found;
}

describe("an extended access list entry", () => {
  test.each([
    ["permit ip any any", { action: "permit", protocol: "ip", source: { any: true }, destination: { any: true } }],
    [
      "permit tcp 10.0.0.0 0.0.255.255 eq 443 host 1.2.3.4 range 1 65535 log",
      {
        action: "permit",
        protocol: "tcp",
        source: { address: "10.0.0.0", wildcard: "0.0.255.255", eq: 443 },
        destination: { host: "1.2.3.4", from: 1, to: 65_535 },
        log: true,
      },
    ],
    [
      "DENY 50 ho 1.2.3.4 an l",
      { action: "deny", number: 50, source: { host: "1.2.3.4" }, destination: { any: true }, log: true },
    ],
  ])("%s", (line, args) => {
    expect(argsOf(aclEntry, line)).toEqual(args);
  });
  test.each([
    ["permit ip any", { kind: "incomplete", secret: false }],
    ["permit ip any eq", { kind: "incomplete", secret: false }],
    ["permit ip any range 1", { kind: "incomplete", secret: false }],
    ["permit 256 any any", { kind: "invalid", column: 7, secret: false }],
    ["permit ip any 10.0.0.0 any", { kind: "invalid", column: 23, secret: false }],
    ["permit ip any any any", { kind: "invalid", column: 18, secret: false }],
    ["permit tcp any eq 65536 any", { kind: "invalid", column: 18, secret: false }],
  ])("%s", (line, finding) => {
    expect(argsOf(aclEntry, line)).toEqual(finding);
  });
});

describe("standby timers", () => {
  test.each([
    ["standby timers 3 10", { hello: 3, hold: 10 }],
    ["standby 4 timers msec 500 msec 1500", { group: 4, helloMsec: true, hello: 500, holdMsec: true, hold: 1500 }],
    ["stand 4 tim ms 500 2", { group: 4, helloMsec: true, hello: 500, hold: 2 }],
    ["standby 4 timers 1 msec 1500", { group: 4, hello: 1, holdMsec: true, hold: 1500 }],
  ])("%s", (line, args) => {
    expect(argsOf(standbyTimers, line)).toEqual(args);
  });
  test("the negated form may stop at its cut, and only there", () => {
    expect(argsOf(standbyTimers, "standby 4 timers")).toEqual({ kind: "incomplete", secret: false });
    expect(argsOf(standbyTimers, "standby 4 timers", "negated")).toEqual({ group: 4 });
    expect(argsOf(standbyTimers, "standby 4 timers msec 500", "negated")).toEqual({
      group: 4,
      helloMsec: true,
      hello: 500,
    });
    expect(argsOf(standbyTimers, "standby 4", "negated")).toEqual({ kind: "incomplete", secret: false });
  });
});

describe("crypto isakmp key", () => {
  test.each([
    [
      "crypto isakmp key very-secret-psk address 192.0.2.135 no-xauth",
      { key: "very-secret-psk", address: "192.0.2.135", noXauth: true },
    ],
    ['cry isa key "two words" addr 10.0.0.0 255.0.0.0', { key: "two words", address: "10.0.0.0", mask: "255.0.0.0" }],
    [
      "crypto isakmp key address address 10.0.0.1 255.255.255.0 no-xauth",
      { key: "address", address: "10.0.0.1", mask: "255.255.255.0", noXauth: true },
    ],
  ])("%s", (line, args) => {
    expect(argsOf(isakmpKey, line)).toEqual(args);
  });
  test("a mask with a hole is not one", () => {
    expect(argsOf(isakmpKey, "crypto isakmp key k address 10.0.0.0 255.0.255.0")).toEqual({
      kind: "invalid",
      column: 37,
      secret: true,
    });
  });
  test("a line that fails after the key was read still counts as secret", () => {
    const commands = [{ grammar: isakmpKey }];
    expect(match(commands, "crypto isakmp key hush addr 1.2.3.4")).toMatchObject({ kind: "matched", secret: true });
    expect(match(commands, "crypto isakmp key hush frob")).toMatchObject({ kind: "invalid", secret: true });
    expect(match(commands, "crypto isakmp key hush")).toMatchObject({ kind: "incomplete", secret: true });
    expect(match(commands, "crypto isakmp key")).toMatchObject({ kind: "incomplete", secret: false });
  });
});
