/** How long a file, a function and a line may be. */
import type { Finding, Rule } from "../rule.ts";
import { handwritten, type SourceFile } from "../source-tree.ts";
import { child, lastName, type SyntaxNode, syntaxOf } from "../syntax.ts";

const FILE_LINES_MAX = 500;
const FUNCTION_LINES_MAX = 70;
const LINE_COLUMNS_MAX = 120;

export const fileLength: Rule = {
  name: "file-length",
  check: files =>
    handwritten(files)
      .filter(({ lines }) => lines.length > FILE_LINES_MAX)
      .map(({ path, lines }) => ({
        path,
        what: `${lines.length} lines, at most ${FILE_LINES_MAX}: a file is one idea`,
      })),
};

export const lineLength: Rule = {
  name: "line-length",
  check: files =>
    handwritten(files).flatMap(({ path, lines }) =>
      lines.flatMap((text, index) => {
        const columns = [...text].length;
        if (columns <= LINE_COLUMNS_MAX) return [];
        return [{ path, line: index + 1, what: `${columns} columns, at most ${LINE_COLUMNS_MAX}` }];
      }),
    ),
};

export const functionLength: Rule = {
  name: "function-length",
  check: files =>
    handwritten(files).flatMap(file => {
      const spans = file.path.endsWith(".ts") ? typescriptFunctions(file) : bracedFunctions(file);
      return spans.filter(({ lines }) => lines > FUNCTION_LINES_MAX).map(span => tooLong(file, span));
    }),
};

interface Span {
  readonly line: number;
  readonly lines: number;
}

function tooLong({ path }: SourceFile, { line, lines }: Span): Finding {
  return { path, line, what: `a function of ${lines} lines, at most ${FUNCTION_LINES_MAX}` };
}

const FUNCTIONS = new Set(["FunctionDeclaration", "FunctionExpression", "ArrowFunctionExpression", "Constructor"]);
const METHODS = new Set(["ClassMethod", "PrivateMethod", "MethodProperty", "GetterProperty", "SetterProperty"]);

function typescriptFunctions(file: SourceFile): Span[] {
  const { nodes, lineOf } = syntaxOf(file);
  return nodes.flatMap(({ node, parent }) => {
    if (!FUNCTIONS.has(node.type) && !METHODS.has(node.type)) return [];
    if (node.span === undefined || isGroupOfTests(parent)) return [];
    const line = lineOf(node.span.start);
    return [{ line, lines: lineOf(node.span.end) - line + 1 }];
  });
}

/**
 * What `describe` is given (also `describe.each(...)`, and a `describeIn...` of ours) is a list of tests, as a class is
 * a list of methods. Each test in it counts.
 */
function isGroupOfTests(parent: SyntaxNode | undefined): boolean {
  if (parent?.type !== "CallExpression") return false;
  let named = child(parent, "callee");
  while (named?.type === "CallExpression" || named?.type === "MemberExpression") {
    named = child(named, named.type === "CallExpression" ? "callee" : "object");
  }
  return /^describe/.test(lastName(named) ?? "");
}

/**
 * C++ and shell as they are formatted here: a function opens on a line at the left edge and closes with a brace there.
 */
function bracedFunctions({ lines }: SourceFile): Span[] {
  const spans: Span[] = [];
  let opened: number | undefined;
  for (const [index, text] of lines.entries()) {
    if (/^[\w~:].*\(/.test(text) && !/[;}]$/.test(text)) opened = index;
    if (opened === undefined || !/^\}/.test(text)) continue;
    spans.push({ line: opened + 1, lines: index - opened + 1 });
    opened = undefined;
  }
  return spans;
}
