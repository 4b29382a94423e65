/**
 * What tests must have: a codec its vectors, a table its examples, a test an assertion, and no test left out or run
 * alone.
 */
import type { Finding, Rule } from "../rule.ts";
import { type SourceFile, within } from "../source-tree.ts";
import { child, lastName, type SyntaxNode, syntaxOf } from "../syntax.ts";

export const codecTests: Rule = {
  name: "codec-tests",
  check: files => besideEach(files, "-codec.ts", "codecKit", "the five tests of codec-kit"),
};

export const tableTests: Rule = {
  name: "table-tests",
  check: files => besideEach(files, "-table.ts", "examples", "a named example for each row (`examples`)"),
};

/** Each src/x-ENDING.ts wants a test beside it in which the name `word` is used. */
function besideEach(files: readonly SourceFile[], ending: string, word: string, wanted: string): Finding[] {
  const all = new Map(files.map(file => [file.path, file]));
  return within(files, "src/", ending).flatMap(({ path }): Finding[] => {
    const test = all.get(path.replace(/\.ts$/, ".test.ts"));
    const used =
      test !== undefined && syntaxOf(test).nodes.some(({ node }) => node.type === "Identifier" && node.value === word);
    return used ? [] : [{ path, what: `no test beside it has ${wanted}` }];
  });
}

const tests = (files: readonly SourceFile[]): SourceFile[] => within(files, "", ".test.ts");

export const onlyAndSkip: Rule = {
  name: "only-and-skip",
  check: files =>
    tests(files).flatMap(file => {
      const { nodes, lineOf } = syntaxOf(file);
      return nodes.flatMap(({ node }): Finding[] => {
        if (node.type !== "MemberExpression") return [];
        const [tested, how] = [lastName(child(node, "object")), lastName(child(node, "property"))];
        if (!/^(it|test|describe|suite)$/.test(tested ?? "") || !/^(only|skip|todo|fails)$/.test(how ?? "")) return [];
        const what = `${tested}.${how}: every test runs; what lacks its means says so with skipIf`;
        return [{ path: file.path, line: lineOf(node.span?.start ?? 0), what }];
      });
    }),
};

/** `expect(…)`, `assert…(…)`, `fc.assert(…)`, and kits that register tests of their own. */
const ASSERTIONS = /^(expect\w*|assert\w*|\w+Kit)$/;

export const testsAssert: Rule = {
  name: "tests-assert",
  check: files => tests(files).flatMap(file => [...fileWithoutAssertion(file), ...emptyTests(file)]),
};

function fileWithoutAssertion(file: SourceFile): Finding[] {
  const asserts = syntaxOf(file).nodes.some(
    ({ node }) => node.type === "CallExpression" && asserting(child(node, "callee")),
  );
  return asserts ? [] : [{ path: file.path, what: "asserts nothing" }];
}

function asserting(callee: SyntaxNode | undefined): boolean {
  if (callee === undefined) return false;
  if (ASSERTIONS.test(lastName(callee) ?? "")) return true;
  return callee.type === "MemberExpression" && asserting(child(callee, "object"));
}

function emptyTests(file: SourceFile): Finding[] {
  const { nodes, lineOf } = syntaxOf(file);
  return nodes.flatMap(({ node, parent }): Finding[] => {
    if (node.type !== "ArrowFunctionExpression" && node.type !== "FunctionExpression") return [];
    const body = child(node, "body");
    const empty = Array.isArray(body?.stmts) && body.stmts.length === 0;
    if (!empty || parent?.type !== "CallExpression" || !/^(it|test)$/.test(lastName(child(parent, "callee")) ?? ""))
      return [];
    return [{ path: file.path, line: lineOf(node.span?.start ?? 0), what: "a test that does nothing" }];
  });
}
