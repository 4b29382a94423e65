/**
 * TypeScript files as syntax trees, so that a rule sees code and not comments or strings. swc parses them: TypeScript 7
 * has no interface for JavaScript. Its positions count octets from one; `lineOf` turns them into lines.
 */
import { parseSync } from "@swc/core";
import type { SourceFile } from "./source-tree.ts";

export interface SyntaxNode {
  readonly type: string;
  readonly span?: { readonly start: number; readonly end: number };
  readonly [part: string]: unknown;
}

export interface Syntax {
  /** Every node, a parent before its children, each with its parent. */
  readonly nodes: readonly { readonly node: SyntaxNode; readonly parent: SyntaxNode | undefined }[];
  lineOf(position: number): number;
}

/** Makes the tree begin where the file begins: a tree's span leaves out the comments before its first token. */
const FIRST_TOKEN = "0;";

const parsed = new WeakMap<SourceFile, Syntax>();

export function syntaxOf(file: SourceFile): Syntax {
  const known = parsed.get(file);
  if (known !== undefined) return known;
  const text = FIRST_TOKEN + file.text;
  const tree = parseSync(text, { syntax: "typescript", target: "es2022" }) as unknown as SyntaxNode;
  const start = tree.span?.start ?? 0;
  const octets = Buffer.from(text);
  const syntax: Syntax = {
    nodes: [...walk(tree, undefined)],
    lineOf: position => octets.subarray(0, position - start).filter(octet => octet === 0x0a).length + 1,
  };
  parsed.set(file, syntax);
  return syntax;
}

function* walk(node: SyntaxNode, parent: SyntaxNode | undefined): Generator<Syntax["nodes"][number]> {
  yield { node, parent };
  for (const part of Object.values(node)) {
    for (const child of Array.isArray(part) ? part : [part]) yield* walkInto(child, node);
  }
}

/** Some parts are wrapped without a type of their own, such as a call's arguments. */
function* walkInto(part: unknown, parent: SyntaxNode): Generator<Syntax["nodes"][number]> {
  if (typeof part !== "object" || part === null) return;
  if (isNode(part)) yield* walk(part, parent);
  else for (const inner of Object.values(part)) yield* walkInto(inner, parent);
}

function isNode(value: unknown): value is SyntaxNode {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
}

export function child(node: SyntaxNode | undefined, part: string): SyntaxNode | undefined {
  const value = node?.[part];
  return isNode(value) ? value : undefined;
}

/** The last word of what is named: `octets` of `this.#frame.octets`, `octets`, `this.#octets` and `frame["octets"]`. */
export function lastName(node: SyntaxNode | undefined): string | undefined {
  if (node === undefined) return undefined;
  if (node.type === "Identifier" || node.type === "PrivateName") return String(node.value);
  if (node.type === "MemberExpression") return lastName(child(node, "property"));
  if (node.type === "Computed") return lastName(child(node, "expression"));
  if (node.type === "StringLiteral") return String(node.value);
  return undefined;
}

/** `setTimeout` where nothing of that name is declared in the file. */
export function globalName(node: SyntaxNode | undefined): string | undefined {
  return node?.type === "Identifier" && node.ctxt === UNDECLARED ? String(node.value) : undefined;
}

/** swc marks a name that nothing in the file declares; which mark that is, it says itself. */
const UNDECLARED = undeclaredMark();

function undeclaredMark(): unknown {
  const tree = parseSync("nobody;", { syntax: "typescript" }) as unknown as SyntaxNode;
  const identifier = [...walk(tree, undefined)].find(({ node }) => node.type === "Identifier");
  return identifier?.node.ctxt;
}
