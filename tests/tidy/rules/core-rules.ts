/**
 * What the compiler lets through the wall around core: names that the language itself brings, and copies of octets. The
 * wall's own settings keep Node and the browser out.
 */
import type { Finding, Rule } from "../rule.ts";
import { isTest, type SourceFile, within } from "../source-tree.ts";
import { child, globalName, lastName, type SyntaxNode, syntaxOf } from "../syntax.ts";

const core = (files: readonly SourceFile[]): SourceFile[] =>
  within(files, "src/core/", ".ts").filter(({ path }) => !isTest(path) && !path.endsWith("-kit.ts"));

/** Nothing in core waits, asks the time, throws dice, shares memory or knows its host. */
const BANNED_GLOBALS = new Map([
  ...["setTimeout", "setInterval", "setImmediate", "queueMicrotask"].map(name => [
    name,
    "core never waits: set a timer",
  ]),
  ...["Atomics", "SharedArrayBuffer"].map(name => [name, "facts are words that the loop has read"]),
  ...["Buffer", "TextEncoder", "TextDecoder"].map(name => [name, "octets are Uint8Array, texts go through wire/utf8"]),
  ...["console", "process", "performance", "globalThis", "structuredClone", "crypto", "fetch", "require"].map(name => [
    name,
    "core knows nothing of its host",
  ]),
] as [string, string][]);

export const bannedInCore: Rule = {
  name: "banned-in-core",
  check: files =>
    core(files).flatMap(file => {
      const { nodes, lineOf } = syntaxOf(file);
      return nodes.flatMap(({ node }): Finding[] => {
        const what = bannedGlobal(node) ?? askedOfTheHost(node);
        return what === undefined ? [] : [{ path: file.path, line: lineOf(node.span?.start ?? 0), what }];
      });
    }),
};

function bannedGlobal(node: SyntaxNode): string | undefined {
  const name = globalName(node);
  const instead = name === undefined ? undefined : BANNED_GLOBALS.get(name);
  return instead === undefined ? undefined : `${name}: ${instead}`;
}

/** `Date` and `Math` are fine with an argument to work on; the clock and the dice are not. */
function askedOfTheHost(node: SyntaxNode): string | undefined {
  if (node.type === "MemberExpression") {
    const name = `${globalName(child(node, "object"))}.${lastName(child(node, "property"))}`;
    if (name === "Date.now") return "Date.now: the time comes in as `now`";
    if (name === "Math.random") return "Math.random: random octets come through Primitives";
  }
  if (
    (node.type === "NewExpression" || node.type === "CallExpression") &&
    globalName(child(node, "callee")) === "Date"
  ) {
    const given = Array.isArray(node.arguments) ? node.arguments.length : 0;
    if (node.type === "CallExpression" || given === 0) return "Date without a time: the time comes in as `now`";
  }
  return undefined;
}

const OCTET_NAME = /octets?$|bytes?$|packet$|payload$|datagram$|frame$|digest$|secret$|hash$|nonce$/i;

/**
 * `slice` copies octets, `subarray` does not. Octets are known by their name, and by their declared type in the same
 * file.
 */
export const octetSlice: Rule = {
  name: "octet-slice",
  check: files =>
    core(files).flatMap(file => {
      const { nodes, lineOf } = syntaxOf(file);
      const declared = new Set(nodes.flatMap(({ node }) => declaredOctets(node)));
      return nodes.flatMap(({ node }): Finding[] => {
        const callee = node.type === "CallExpression" ? child(node, "callee") : undefined;
        if (callee?.type !== "MemberExpression" || lastName(child(callee, "property")) !== "slice") return [];
        const object = child(callee, "object");
        const name = lastName(object?.type === "CallExpression" ? child(object, "callee") : object) ?? "";
        if (!OCTET_NAME.test(name) && !declared.has(name) && name !== "subarray") return [];
        return [
          { path: file.path, line: lineOf(node.span?.start ?? 0), what: `${name}.slice copies octets: use subarray` },
        ];
      });
    }),
};

function declaredOctets(node: SyntaxNode): string[] {
  const type = child(child(node, "typeAnnotation"), "typeAnnotation");
  if (type?.type !== "TsTypeReference" || lastName(child(type, "typeName")) !== "Uint8Array") return [];
  const name = lastName(node.type === "Identifier" ? node : child(node, "key"));
  return name === undefined ? [] : [name];
}
