import { describe, expect, test } from "vitest";
import { keyword } from "./grammar.ts";
import { helpAfter, helpLines } from "./help.ts";
import { aclEntry, isakmpKey, sampleMode, standbyTimers } from "./sample-modes.ts";

const COMMANDS = [{ grammar: aclEntry }, { grammar: isakmpKey }, { grammar: standbyTimers }, ...sampleMode.commands];

function shown(text: string): string[] {
  const help = helpAfter(COMMANDS, text);
  if (help.kind === "words") return helpLines(help.words);
  if (help.kind === "names") return help.names.map(String);
  return [help.kind === "invalid" ? `invalid at ${help.column}` : help.kind];
}

describe("help after", () => {
  test.each<[string, string[]]>([
    ["permit ip host ", ["  A.B.C.D  Address"]],
    [
      "permit ip any ",
      [
        "  A.B.C.D  Address",
        "  any      Any host",
        "  eq       Match only this port",
        "  host     A single host",
        "  range    Match only ports in the range",
      ],
    ],
    [
      "permit ip any any ",
      [
        "  eq     Match only this port",
        "  log    Log matches against this entry",
        "  range  Match only ports in the range",
        "  <cr>",
      ],
    ],
    ["permit ip any any log ", ["  <cr>"]],
    ["permit ip any any log x", ["invalid at 22"]],
    ["standby ", ["  <0-255>  group number", "  timers   Hello and hold timers"]],
    ["standby 4", ["  <0-255>  group number"]],
    ["standby 300", ["invalid at 8"]],
    ["standby 300 ", ["invalid at 8"]],
    ["standby t", ["timers"]],
    ["st", ["standby"]],
    ["ST", ["standby"]],
    ["i", ["interface", "ip", "ipc"]],
    ["i ", ["ambiguous"]],
    ["crypto isakmp key ", ["  WORD  The UNENCRYPTED (cleartext) user password"]],
    ["crypto isakmp key x", ["  WORD  The UNENCRYPTED (cleartext) user password"]],
    ["interface ", ["  IFNAME  Interface"]],
    ["interface FastEthernet", ["  IFNAME  Interface"]],
    ["interface Fast", ["  IFNAME  Interface"]],
    ["hostname ", ["  WORD  This name"]],
    ["hostname R1", ["  WORD  This name"]],
    ['ip route 0.0.0.0 0.0.0.0 eth0 name "two w', ["  WORD  Name of the next hop"]],
    ["interface f0/", ["  IFNAME  Interface"]],
    ["interface ../", ["invalid at 10"]],
    ["permit ip 10.0.", ["  A.B.C.D  Address"]],
    ["permit ip 10.0. ", ["invalid at 10"]],
    ["permit ip 10x", ["invalid at 10"]],
    ["permit ip 10.0.0.0 0.0.", ["  A.B.C.D  Wildcard bits"]],
    ["interface FastEthernet ", ["  <0-9999>[/<0-9999>]  Interface"]],
    ["interface FastEthernet 0/0", ["  <0-9999>[/<0-9999>]  Interface"]],
    ["interface FastEthernet 0/0 ", ["  <cr>"]],
    ["interface FastEthernet x", ["invalid at 23"]],
    [`hostname ${"x".repeat(5000)}`, ["invalid at 4096"]],
  ])("%j", (text, lines) => {
    expect(shown(text)).toEqual(lines);
  });
});

test("a word that two commands know is shown once, as the first explains it", () => {
  const commands = ["first", "second"].map(help => ({ grammar: keyword("ip", help) }));
  expect(helpAfter(commands, "")).toEqual({ kind: "words", words: [{ word: "ip", help: "first" }] });
});

test("no help lines for no words", () => {
  expect(helpLines([])).toEqual([]);
});
