import { describe, expect, test } from "vitest";
import { integer, interfaceName, ipv4Address, lineText, name, word } from "./arguments.ts";
import { argument, cut, flag, type Grammar, keyword, many, oneOf, opt, seq, under } from "./grammar.ts";
import { type Form, match } from "./match.ts";
import { isComment, tokenize } from "./tokens.ts";

const kw = (text: string) => keyword(text, "help");
const arg = <T>(key: string, type: Parameters<typeof argument<string, T>>[1]) => argument(key, type, "help");

/** One command a letter, so that a test can say which was meant. */
const COMMANDS: Record<string, Grammar<object>> = {
  a: seq(kw("ip"), kw("address"), arg("address", ipv4Address)),
  b: seq(kw("ip"), kw("access-list"), arg("list", name)),
  c: seq(kw("ip"), kw("route"), arg("via", interfaceName), opt(arg("distance", integer(1, 255)))),
  d: seq(kw("interface"), arg("interface", interfaceName)),
  e: seq(kw("description"), arg("text", lineText)),
  f: seq(kw("set"), oneOf(kw("peer"), kw("pfs"), arg("other", word))),
  g: seq(kw("track"), oneOf(arg("id", integer(1, 500)), kw("resolution"))),
  h: seq(kw("group"), oneOf(arg("number", integer(0, 99)), kw("1st"))),
  i: kw("shut"),
  j: kw("shutdown"),
  k: seq(kw("list"), many("words", under("each", arg("word", name)), 3)),
  l: seq(kw("timers"), cut, arg("hello", integer(1, 99)), arg("hold", integer(1, 99))),
};
const ENTRIES = Object.entries(COMMANDS).map(([id, grammar]) => ({ id, grammar }));

function read(line: string, form: Form = "plain", from = 0): unknown {
  const found = match(ENTRIES, line, form, from);
  if (found.kind === "matched") return [found.command.id, found.args];
  return found.kind === "invalid" ? `invalid at ${found.column}` : found.kind;
}

describe("a line", () => {
  test.each<[string, unknown]>([
    ["ip address 10.0.0.1", ["a", { address: "10.0.0.1" }]],
    ["IP Addr 10.0.0.1  ", ["a", { address: "10.0.0.1" }]],
    ["\tip\taddress\t10.0.0.1\r", ["a", { address: "10.0.0.1" }]],
    ["ip a 10.0.0.1", "ambiguous"],
    ["i", "ambiguous"],
    ["ip", "incomplete"],
    ["", "incomplete"],
    ["ip adress 10.0.0.1", "invalid at 3"],
    ["ip address 10.0.0.256", "invalid at 11"],
    ["ip address 10.0.0.1 x", "invalid at 20"],
    ["interface FastEthernet 0/0", ["d", { interface: "FastEthernet0/0" }]],
    ["interface f0/0", ["d", { interface: "FastEthernet0/0" }]],
    ["interface FastEthernet", "invalid at 10"],
    ["ip route FastEthernet 0/0 20", ["c", { via: "FastEthernet0/0", distance: 20 }]],
    ["ip route eth0 20", ["c", { via: "eth0", distance: 20 }]],
    ["description  to  the  provider ", ["e", { text: "to  the  provider" }]],
    ['description "as it stands" !', ["e", { text: '"as it stands" !' }]],
    ["description", "incomplete"],
    ["constructor", "invalid at 0"],
    ["__proto__ x", "invalid at 0"],
    ["ip address\u0000", "invalid at 3"],
    ['"ip" address 10.0.0.1', ["a", { address: "10.0.0.1" }]],
    ['ip access-list ""', "invalid at 15"],
    ['ip "" 10.0.0.1', "invalid at 3"],
  ])("%j", (line, finding) => {
    expect(read(line)).toEqual(finding);
  });
});

describe("what a word is", () => {
  test.each<[string, string, unknown]>([
    ["an exact keyword wins over a longer one", "shut", ["i", {}]],
    ["the longer one stays reachable", "shutd", ["j", {}]],
    ["a keyword wins over any word", "set peer", ["f", {}]],
    ["an abbreviated keyword wins over any word", "set pe", ["f", {}]],
    ["an abbreviation must be unique even where any word would do", "set p", "ambiguous"],
    ["any word is last", "set x", ["f", { other: "x" }]],
    ["a number wins over an abbreviated keyword", "group 1", ["h", { number: 1 }]],
    ["the keyword stays reachable", "group 1s", ["h", {}]],
    ["a number out of range is none", "track 501", "invalid at 6"],
  ])("%s", (_, line, finding) => {
    expect(read(line)).toEqual(finding);
  });
});

describe("two commands that both read a line", () => {
  test("the one that is listed first has it", () => {
    const twins = ["first", "second"].map(id => ({ id, grammar: seq(kw("same"), arg("n", integer(1, 9))) }));
    const found = match(twins, "same 1");
    expect(found.kind === "matched" && found.command.id).toBe("first");
  });
  test("a text competes with a word only where there is one word", () => {
    const commands = [
      { id: "word", grammar: seq(kw("say"), arg("word", word)) },
      { id: "text", grammar: seq(kw("say"), arg("text", lineText)) },
    ];
    const ids = ["say a", "say a b"].map(line => {
      const found = match(commands, line);
      return found.kind === "matched" && found.command.id;
    });
    expect(ids).toEqual(["word", "text"]);
  });
});

describe("repetition", () => {
  test("yields a list, at most so many", () => {
    expect(read("list a b")).toEqual(["k", { words: [{ each: { word: "a" } }, { each: { word: "b" } }] }]);
    expect(read("list a b c")).toMatchObject(["k", { words: [{}, {}, {}] }]);
    expect(read("list a b c d")).toBe("invalid at 11");
    expect(read("list")).toBe("incomplete");
  });
  test("a grammar that reads one line in very many ways still ends", () => {
    const either = oneOf(arg("a", word), arg("b", word), seq(arg("c", word), opt(arg("d", word))));
    const line = Array.from({ length: 200 }, () => "w").join(" ");
    expect(match([{ grammar: many("all", either, 1_000) }], line).kind).toBe("matched");
  });
  test("what repeats must take a word", () => {
    expect(() => many("all", seq(cut, opt(kw("x"))), 3)).toThrow("what repeats must take a word: all");
    expect(() => many("all", oneOf(kw("y"), under("u", opt(kw("x")))), 3)).toThrow("all");
  });
});

describe("the negated form", () => {
  test("may stop after its cut, not before", () => {
    expect(read("no timers", "negated", 3)).toEqual(["l", {}]);
    expect(read("no timers 3", "negated", 3)).toEqual(["l", { hello: 3 }]);
    expect(read("no timers 3 10", "negated", 3)).toEqual(["l", { hello: 3, hold: 10 }]);
    expect(read("no timers 3 10 4", "negated", 3)).toBe("invalid at 15");
    expect(read("no track", "negated", 3)).toBe("incomplete");
    expect(read("timers")).toBe("incomplete");
  });
});

test("a secret marks its line, also one that fails later", () => {
  const grammar = seq(kw("key"), opt(kw("0")), argument("key", word, "h", { secret: true }), opt(flag("x", "x", "h")));
  const secrets = ["key hush", "key hush x", "key hush y", "key 0 hush", "key", "key 0"].map(line => {
    const found = match([{ grammar }], line);
    return "secret" in found && found.secret;
  });
  expect(secrets).toEqual([true, true, true, true, false, false]);
});

test("a line of 4,096 characters is read, one more is too long", () => {
  expect(read(`ip address 10.0.0.1${" ".repeat(4096 - 19)}`)).toEqual(["a", { address: "10.0.0.1" }]);
  expect(read(`ip address 10.0.0.1${" ".repeat(4097 - 19)}`)).toBe("too-long");
});

describe("tokens", () => {
  test("keep their columns", () => {
    expect(tokenize(' name  "VPN02 Loopback1" x')).toEqual([
      { text: "name", column: 1, end: 5 },
      { text: "VPN02 Loopback1", column: 7, end: 24 },
      { text: "x", column: 25, end: 26 },
    ]);
  });
  test("a quote that never closes is a character like any other", () => {
    expect(tokenize('"a b').map(({ text }) => text)).toEqual(['"a', "b"]);
    expect(tokenize('a"b c"').map(({ text }) => text)).toEqual(['a"b', 'c"']);
    expect(tokenize('"').map(({ text }) => text)).toEqual(['"']);
    expect(tokenize('x "a b', true).map(({ text }) => text)).toEqual(["x", '"a b']);
  });
  test("comments and blank lines say nothing", () => {
    expect(["", "  ", "\t", "!", " ! note", "\r"].map(isComment)).toEqual(Array(6).fill(true));
    expect(["a !", "#", "\u0000"].map(isComment)).toEqual([false, false, false]);
  });
});
