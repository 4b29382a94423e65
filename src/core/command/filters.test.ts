import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FILTER_WORDS, filterLines, type Piped, splitFilter } from "./filters.ts";
import { parsePattern } from "./pattern.ts";

const CONFIG = [
  "hostname R1",
  "!",
  "interface FastEthernet0/0",
  " ip address 10.0.0.1 255.255.255.0",
  " standby 1 ip 10.0.0.15",
  "!",
  "ipc zone default",
  " association 1",
  "  no shutdown",
  "  protocol sctp",
  "!",
  "end",
];

function shown(tail: string): string[] {
  const piped = splitFilter(`show run | ${tail}`);
  if (piped.kind !== "filtered") throw new Error(`not a filter: ${piped.kind}`);
  expect(piped.command).toBe("show run");
  return filterLines(piped.filter, CONFIG);
}

describe("filters", () => {
  test("include, abbreviated, keeps the lines that fit", () => {
    expect(shown("i ^ standby|hostname")).toEqual(["hostname R1", " standby 1 ip 10.0.0.15"]);
  });
  test("exclude drops them", () => {
    expect(shown("exc ^ |^!|ipc|int")).toEqual(["hostname R1", "end"]);
  });
  test("begin keeps everything from the first line that fits", () => {
    expect(shown("beg protocol")).toEqual(["  protocol sctp", "!", "end"]);
  });
  test("section keeps a line that fits and what is indented below it", () => {
    expect(shown("sec ipc")).toEqual(["ipc zone default", " association 1", "  no shutdown", "  protocol sctp"]);
    expect(shown("section association")).toEqual([" association 1", "  no shutdown", "  protocol sctp"]);
  });
  test("count says how many fit", () => {
    expect(shown("count ^ +[a-z]")).toEqual(["Number of lines which match regexp = 5 (^ +[a-z])"]);
    expect(shown("count standby")).toEqual(["Number of lines which match regexp = 1 (standby)"]);
  });
  test("what is wrong is pointed at", () => {
    const cases: [string, Piped["kind"], number?][] = [
      ["show run", "plain"],
      ["show run | ", "incomplete"],
      ["show run | include", "incomplete"],
      ["show run | frob x", "invalid", 11],
      ["show run |frob x", "invalid", 10],
      ["show run | include (a", "invalid", 19],
      ["show a|b", "plain"],
      ["| include x", "plain"],
    ];
    for (const [line, kind, column] of cases) {
      const piped = splitFilter(line);
      expect([line, piped.kind, piped.kind === "invalid" ? piped.column : undefined]).toEqual([line, kind, column]);
    }
  });
  test("every filter has its help", () => {
    expect(FILTER_WORDS.map(({ word }) => word)).toEqual(["begin", "count", "exclude", "include", "section"]);
    expect(new Set(FILTER_WORDS.map(({ word }) => word[0])).size).toBe(FILTER_WORDS.length);
  });
});

describe("patterns", () => {
  const cases: [string, string[], string[]][] = [
    ["abc", ["abc", "xabcx"], ["ab", "", "ABC"]],
    ["^abc$", ["abc"], ["xabc", "abcx"]],
    ["a.c", ["abc", "a c"], ["ac"]],
    ["ab*c", ["ac", "abbbc"], ["adc"]],
    ["ab+c", ["abc", "abbc"], ["ac"]],
    ["ab?c", ["abc", "ac"], ["abbc"]],
    ["(ab|cd)+e", ["abe", "ababcde"], ["e", "ace"]],
    ["[a-c]x", ["ax", "cx"], ["dx"]],
    ["[^a-c]x", ["dx"], ["ax", "x"]],
    ["[]-]", ["]", "-"], ["a"]],
    ["[a-]", ["a", "-"], ["b"]],
    ["_10_", ["10", "a 10 b", "10,20", "(10)"], ["110", "101"]],
    ["10\\.0", ["10.0"], ["10x0"]],
    ["a||b", ["anything", ""], []],
    ["", ["anything", ""], []],
    ["x$|^y", ["ax", "yz"], ["xa", "ay"]],
    ["(a?)*b", ["b", "aab"], ["a"]],
  ];
  for (const [pattern, fitting, other] of cases) {
    test(`"${pattern}"`, () => {
      for (const text of fitting) expect([text, parsePattern(pattern)?.test(text)]).toEqual([text, true]);
      for (const text of other) expect([text, parsePattern(pattern)?.test(text)]).toEqual([text, false]);
    });
  }
  test("what is no pattern is refused", () => {
    for (const text of ["(a", "a)", "[a", "[]", "*a", "+", "a|*", "\\", "((((", "x".repeat(255)])
      expect([text, parsePattern(text)]).toEqual([text, undefined]);
  });
  test("agrees with the regular expressions of the language where both mean the same", () => {
    const pattern = fc.array(fc.constantFrom("a", "b", "(a|b)", "[ab]", "[^a]", "."), { minLength: 1, maxLength: 5 });
    const signs = fc.array(fc.constantFrom("", "*", "+", "?"), { minLength: 5, maxLength: 5 });
    const text = fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 12 }).map(chars => chars.join(""));
    fc.assert(
      fc.property(pattern, signs, text, fc.boolean(), fc.boolean(), (atoms, repeat, line, start, end) => {
        const source = `${start ? "^" : ""}${atoms.map((atom, at) => atom + repeat[at]).join("")}${end ? "$" : ""}`;
        expect(parsePattern(source)?.test(line)).toBe(new RegExp(source).test(line));
      }),
      { numRuns: 2_000 },
    );
  });
  test("a pattern that makes a backtracking matcher hang costs steps in proportion to the line", () => {
    for (const source of ["(a+)+$", "^(a|a)*$", "(a*)*b", "(.*a){9}"]) {
      const pattern = parsePattern(source);
      expect(pattern?.test(`${"a".repeat(20_000)}!`)).toBe(false);
    }
  });
  test("any text is a pattern or is refused", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 300 }), fc.string({ unit: "binary" }), (source, text) => {
        expect([true, false, undefined]).toContain(parsePattern(source)?.test(text));
      }),
      { numRuns: 3_000 },
    );
  });
});
