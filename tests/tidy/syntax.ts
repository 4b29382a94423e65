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
  readonly nodes: readonly Found[];
  lineOf(position: number): number;
}

interface Found {
  readonly node: SyntaxNode;
  readonly parent: SyntaxNode | undefined;
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
  const nodes: Found[] = [];
  collect(tree, undefined, nodes);
  const lineEnds = newLinesOf(Buffer.from(text));
  const syntax: Syntax = { nodes, lineOf: position => linesBefore(lineEnds, position - start) + 1 };
  parsed.set(file, syntax);
  return syntax;
}

/** Into one list: there are a million nodes, and a generator within generators takes its time for each. */
function collect(node: SyntaxNode, parent: SyntaxNode | undefined, into: Found[]): void {
  into.push({ node, parent });
  for (const part of Object.values(node)) {
    if (Array.isArray(part)) for (const each of part) collectPart(each, node, into);
    else collectPart(part, node, into);
  }
}

/** Some parts are wrapped without a type of their own, such as a call's arguments. */
function collectPart(part: unknown, parent: SyntaxNode, into: Found[]): void {
  if (typeof part !== "object" || part === null) return;
  if (isNode(part)) collect(part, parent, into);
  else for (const inner of Object.values(part)) collectPart(inner, parent, into);
}

function newLinesOf(octets: Buffer): number[] {
  const ends: number[] = [];
  for (let at = octets.indexOf(0x0a); at !== -1; at = octets.indexOf(0x0a, at + 1)) ends.push(at);
  return ends;
}

/** By halves: rules ask for the lines of most functions. */
function linesBefore(ends: readonly number[], position: number): number {
  let low = 0;
  let high = ends.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ends[middle] ?? 0) < position) low = middle + 1;
    else high = middle;
  }
  return low;
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
  const nodes: Found[] = [];
  collect(tree, undefined, nodes);
  const identifier = nodes.find(({ node }) => node.type === "Identifier");
  return identifier?.node.ctxt;
}
