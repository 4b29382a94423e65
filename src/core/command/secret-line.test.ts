import { expect, test } from "vitest";
import { word } from "./arguments.ts";
import { command, modeCommand } from "./command.ts";
import { argument, keyword, seq } from "./grammar.ts";
import { sampleMode } from "./sample-modes.ts";
import { holdsSecret } from "./secret-line.ts";

const deep = modeCommand({
  grammar: keyword("chain", "h"),
  doc: { summary: "s", example: "chain" },
  mode: {
    prompt: "config-keychain-key",
    commands: [
      command({
        grammar: seq(keyword("key-string", "h"), argument("key", word, "h", { secret: true })),
        doc: { summary: "s", example: "key-string x" },
        set: () => undefined,
        write: () => [],
      }),
    ],
  },
  set: () => undefined,
  select: (scope: object) => scope,
  instances: () => [],
});

test.each([
  ["crypto isakmp key hush address 1.2.3.4", true],
  ["cry isa key hush", true],
  ["no crypto isakmp key hush address 1.2.3.4", true],
  ["crypto isakmp key hush addres frob", true],
  ["  key-string hush", true],
  [`hostname ${"x".repeat(5000)}`, true],
  ["crypto isakmp key", false],
  ["interface eth0", false],
  ["", false],
])("%j", (line, held) => {
  expect(holdsSecret({ prompt: "config", commands: [...sampleMode.commands, deep] }, line)).toBe(held);
});
