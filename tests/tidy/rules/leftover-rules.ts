/**
 * What is left over from writing: notes to oneself, errors that say nothing, paths of one machine, ways around the
 * types.
 */
import type { Finding, Rule } from "../rule.ts";
import { handwritten, type SourceFile, within } from "../source-tree.ts";
import { child, lastName, type SyntaxNode, syntaxOf } from "../syntax.ts";

/** In pieces, or this file would find itself. */
const NOTES = new RegExp(`\\b(${["FIX", "TO", "XX"].join("|")})(ME|DO|X)\\b`);
const MACHINE_PATHS = new RegExp(`(^|[^\\w.])/(${["work", "root", "home"].join("|")})/`);

export const leftoverNotes: Rule = {
  name: "leftover-notes",
  check: files => linesThat(NOTES, handwritten(files), "do it, or file an issue"),
};

/** Everywhere, documents included: nothing here may work on one machine only. */
export const machinePaths: Rule = {
  name: "machine-paths",
  check: files => linesThat(MACHINE_PATHS, files, "a path of one machine"),
};

function linesThat(pattern: RegExp, files: readonly SourceFile[], why: string): Finding[] {
  return files.flatMap(({ path, lines }) =>
    lines.flatMap((text, index): Finding[] => {
      const found = pattern.exec(text);
      return found === null ? [] : [{ path, line: index + 1, what: `${found[0].trim()}: ${why}` }];
    }),
  );
}

/** An error names object, expectation and finding. */
export const emptyErrors: Rule = {
  name: "empty-errors",
  check: files =>
    eachNode(files, node => {
      if (node.type !== "NewExpression" && node.type !== "CallExpression") return undefined;
      const name = lastName(child(node, "callee"));
      if (name === undefined || !/^([A-Z]\w*)?Error$/.test(name)) return undefined;
      const given = Array.isArray(node.arguments) ? node.arguments : [];
      const first = given[0] as { expression: SyntaxNode } | undefined;
      const says = first !== undefined && !(first.expression.type === "StringLiteral" && first.expression.value === "");
      return says ? undefined : `${name} that says nothing: name object, expectation and finding`;
    }),
};

export const asAny: Rule = {
  name: "as-any",
  check: files =>
    eachNode(files, node =>
      node.type === "TsAsExpression" && child(node, "typeAnnotation")?.kind === "any"
        ? "as any: say what it is, or check it"
        : undefined,
    ),
};

function eachNode(files: readonly SourceFile[], judge: (node: SyntaxNode) => string | undefined): Finding[] {
  return within(handwritten(files), "", ".ts").flatMap(file => {
    const { nodes, lineOf } = syntaxOf(file);
    return nodes.flatMap(({ node }): Finding[] => {
      const what = judge(node);
      return what === undefined ? [] : [{ path: file.path, line: lineOf(node.span?.start ?? 0), what }];
    });
  });
}
