import { describe, expect, test } from "vitest";
import { integer, word } from "./arguments.ts";
import { command, type Mode } from "./command.ts";
import { argument, choice, cut, flag, keyword, many, oneOf, opt, seq } from "./grammar.ts";
import { inertCommands, modesOf, referenceFaults, referenceOf, syntaxOf } from "./reference.ts";
import { aclEntry, isakmpKey, sampleMode, standbyTimers } from "./sample-modes.ts";

describe("syntax in IOS's notation", () => {
  test.each([
    ["standby [GROUP] timers [msec] HELLO [msec] HOLD", standbyTimers],
    ["crypto isakmp key KEY address ADDRESS [MASK] [no-xauth]", isakmpKey],
    [
      "{permit | deny} {{ip | tcp | udp | esp} | NUMBER} " +
        "{any | host HOST | ADDRESS WILDCARD} [eq EQ | range FROM TO] " +
        "{any | host HOST | ADDRESS WILDCARD} [eq EQ | range FROM TO] [log]",
      aclEntry,
    ],
    ["x NAME-SERVER ...", seq(keyword("x", "x"), cut, many("servers", argument("nameServer", word, "w"), 3))],
    ["x", oneOf(keyword("x", "x"))],
    ["[a | b]", opt(choice("k", { a: "A", b: "B" }))],
  ])("%s", (syntax, { node }) => {
    expect(syntaxOf(node)).toBe(syntax);
  });
});

describe("the reference", () => {
  const text = referenceOf(sampleMode, "Command reference");

  test("every mode has its section, with the lines that enter it", () => {
    const prompts = modesOf(sampleMode).map(({ mode }) => mode.prompt);
    expect(prompts).toEqual([
      "config",
      "config-ipczone",
      "config-if",
      "config-ext-nacl",
      "config-ipczone-assoc",
      "config-ipc-protocol-sctp",
      "config-ipc-local-sctp",
      "config-ipc-remote-sctp",
    ]);
    for (const prompt of prompts) expect(text).toContain(`## \`(${prompt})#\`\n`);
    expect(text).toContain("Entered by `interface INTERFACE`.");
  });

  test("a command says its words, its default, its example, what `no` does and that it is inert", () => {
    const from = text.indexOf("### `standby [GROUP] priority PRIORITY`");
    const section = text.substring(from, text.indexOf("\n### ", from + 1));
    expect(section).toBe(
      [
        "### `standby [GROUP] priority PRIORITY`",
        "",
        "Higher wins.",
        "",
        "| word | meaning |",
        "| --- | --- |",
        "| `standby` | HSRP interface configuration commands |",
        "| `GROUP` | group number (<0-255>) |",
        "| `priority` | Priority level |",
        "| `PRIORITY` | Priority value (<0-255>) |",
        "",
        "Default: 100.",
        "",
        "`no`: Returns to 100.",
        "",
        "```",
        "standby 1 priority 110",
        "```",
        "",
      ].join("\n"),
    );
    expect(text).toContain("**Accepted, but timers do not act yet.**");
    expect(text).toContain("There is no `no` form.");
    expect(text).toContain("Enters `(config-if)#`.");
  });

  test("a bar in a help phrase does not end its cell", () => {
    const bar = command({
      grammar: keyword("x", "a | b"),
      doc: { summary: "s", example: "x" },
      set: () => undefined,
      write: () => [],
    });
    expect(referenceOf({ prompt: "config", commands: [bar] }, "T")).toContain("| `x` | a \\| b |\n");
  });

  test("inert commands are listed", () => {
    expect(inertCommands(sampleMode)).toEqual([
      {
        syntax: "(config-if)# standby [GROUP] timers [msec] HELLO [msec] HOLD",
        because: "timers do not act yet",
      },
    ]);
  });
});

describe("faults", () => {
  const made = (example: string, summary = "s", help = "h") =>
    command({
      grammar: seq(keyword("mtu", "Set the MTU"), argument("size", integer(68, 9000), help)),
      doc: { summary, example },
      set: () => undefined,
      write: () => [],
    });
  const mode = (...commands: Mode<unknown>["commands"]): Mode<unknown> => ({ prompt: "config", commands });

  test("the sample has none", () => {
    expect(referenceFaults(sampleMode)).toEqual([]);
  });
  test("an example that the grammar refuses, an empty summary, an empty help", () => {
    expect(referenceFaults(mode(made("mtu 9001")))).toEqual(['config: mtu SIZE: its example "mtu 9001" is invalid']);
    expect(referenceFaults(mode(made("mtu")))).toEqual(['config: mtu SIZE: its example "mtu" is incomplete']);
    expect(referenceFaults(mode(made("mtu 100", " ")))).toEqual(["config: mtu SIZE: it has no summary"]);
    expect(referenceFaults(mode(made("mtu 100", "s", " ")))).toEqual(["config: mtu SIZE: SIZE has no help"]);
  });
  test("an example that another command reads", () => {
    const other = command({
      grammar: flag("x", "mtux", "Other"),
      doc: { summary: "s", example: "mtu 100" },
      set: () => undefined,
      write: () => [],
    });
    expect(referenceFaults(mode(other, made("mtu 100")))).toEqual([
      'config: mtux: its example "mtu 100" is read as mtu SIZE',
    ]);
  });
});
