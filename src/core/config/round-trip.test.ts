import fc from "fast-check";
import { expect, test } from "vitest";
import { cloneModel } from "../command/clone.ts";
import type { Command } from "../command/command.ts";
import { executeLine, type Place } from "../command/config-line.ts";
import type { Node } from "../command/grammar.ts";
import { modesOf } from "../command/reference.ts";
import { type Config, emptyConfig } from "./config.ts";
import { loadConfig, renderConfig, takeLine } from "./config-document.ts";
import { configMode } from "./modes.ts";

/** How many random scripts; FUZZ_RUNS asks for more. */
const RUNS = Math.max(300, Number(process.env.FUZZ_RUNS ?? 0) / 20);

/** Words that many types take, so that lines made of them often mean something. */
const VALUES = [
  "1",
  "2",
  "10",
  "101",
  "128",
  "256",
  "255",
  "3600",
  "10.0.0.1",
  "10.0.0.15",
  "172.16.0.18",
  "255.255.255.0",
  "255.255.0.0",
  "0.0.0.255",
  "0.0.255.0",
  "2001:db8::1",
  "2001:db8::1/64",
  "10.0.0.0/24",
  "0000.0c07.ac01",
  "FastEthernet0/0",
  "f0/1",
  "eth0",
  "NAME",
  "M",
  "T",
  `SHA256:${"A".repeat(43)}`,
];

/** A line that the grammar allows in shape: keywords as they are, values at random. */
function lineOf(node: Node): fc.Arbitrary<string[]> {
  switch (node.kind) {
    case "keyword":
      return fc.constant([node.word]);
    case "argument": {
      const fitting = VALUES.filter(text => node.type.parse(text) !== undefined);
      return fc.constantFrom(...(fitting.length > 0 ? fitting : VALUES)).map(text => [text]);
    }
    case "seq":
      return fc.tuple(...node.parts.map(lineOf)).map(parts => parts.flat());
    case "oneOf":
      return fc.oneof(...node.options.map(lineOf));
    case "opt":
      return fc.oneof(fc.constant<string[]>([]), lineOf(node.part));
    case "many":
      return fc.array(lineOf(node.part), { minLength: 1, maxLength: 3 }).map(parts => parts.flat());
    case "under":
      return lineOf(node.part);
    case "cut":
      return fc.constant([]);
  }
  return node satisfies never;
}

interface Line {
  readonly entering: readonly string[];
  readonly text: string;
}

/** A command of any mode, with lines that lead into that mode, sometimes negated. */
const modes = modesOf(configMode);
const entering = new Map<unknown, fc.Arbitrary<string[]>>([[configMode, fc.constant([])]]);
for (const { mode } of modes) {
  for (const command of mode.commands as readonly Command<never>[]) {
    const outer = entering.get(mode);
    if (command.submode === undefined || outer === undefined || entering.has(command.submode.mode)) continue;
    const into = lineOf(command.grammar.node).map(words => words.join(" "));
    entering.set(
      command.submode.mode,
      fc.tuple(outer, into).map(([before, last]) => [...before, last]),
    );
  }
}
const lines: fc.Arbitrary<Line> = fc.oneof(
  ...modes.flatMap(({ mode }) =>
    (mode.commands as readonly Command<never>[]).map(({ grammar }) =>
      fc
        .tuple(
          entering.get(mode) ?? fc.constant([]),
          fc.constantFrom("", "", "", "no ", "default "),
          lineOf(grammar.node),
        )
        .map(([into, prefix, words]) => ({ entering: into, text: prefix + words.join(" ") })),
    ),
  ),
);

/** Types lines at the top, each after those that lead into its mode. */
function typed(script: readonly Line[]): Config {
  let config = emptyConfig();
  for (const { entering: into, text } of script) {
    let place: Place = [];
    for (const line of [...into, text]) {
      const outcome = takeLine(config, place, line, 0);
      if (outcome.kind === "edited") config = outcome.candidate;
      if (outcome.kind === "edited" || outcome.kind === "moved") place = outcome.place;
    }
  }
  return config;
}

test("whatever was typed, what is printed reads back to the same configuration, without an error", () => {
  let kept = 0;
  fc.assert(
    fc.property(fc.array(lines, { minLength: 1, maxLength: 25 }), script => {
      const config = typed(script);
      const text = renderConfig(config);
      kept += text.length;
      const again = loadConfig(text.join("\n"));
      expect(again.problems.filter(each => each.severity === "error")).toEqual([]);
      expect(again.config).toEqual(config);
      expect(renderConfig(again.config)).toEqual(text);
    }),
    { numRuns: RUNS },
  );
  // Lines that are all refused would prove nothing.
  expect(kept).toBeGreaterThan(RUNS * 8);
});

test("a line that is refused has edited nothing, even in place", () => {
  let refused = 0;
  fc.assert(
    fc.property(fc.array(lines, { maxLength: 8 }), lines, (script, { entering: into, text }) => {
      const config = typed(script);
      let place: Place = [];
      for (const line of [...into, text]) {
        const before = cloneModel(config);
        const outcome = executeLine(configMode, config, place, line, 0, same => same);
        if (outcome.kind === "refused") expect(config).toEqual(before);
        if (outcome.kind === "refused") refused += 1;
        if (outcome.kind === "edited" || outcome.kind === "moved") place = outcome.place;
      }
    }),
    { numRuns: RUNS },
  );
  expect(refused).toBeGreaterThan(20);
});

test("no and default, twice, are the same as once", () => {
  fc.assert(
    fc.property(
      fc.array(lines, { maxLength: 8 }),
      lines,
      fc.constantFrom("no ", "default "),
      (script, line, prefix) => {
        const negated = { ...line, text: `${prefix}${line.text.replace(/^(no|default) /, "")}` };
        const once = typed([...script, negated]);
        expect(typed([...script, negated, { ...negated, entering: line.entering }])).toEqual(once);
      },
    ),
    { numRuns: RUNS },
  );
});
