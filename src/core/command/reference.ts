/**
 * The command reference, generated from the commands themselves, so that it cannot say what the parser does not do.
 *
 * A syntax line is written as IOS's manuals have it: keywords as they are typed, values in capitals, `[optional]`,
 * `{one | of | these}`, `...` for more of the
 * same. `referenceFaults` is the other half: it says where commands and their documentation disagree.
 */
import type { Command, Mode } from "./command.ts";
import type { Node } from "./grammar.ts";
import { match } from "./match.ts";

/** Nothing here touches a scope, so every mode will do. */
type AnyMode = Mode<never>;
type AnyCommand = AnyMode["commands"][number];

/** A mode and the syntax of the lines that enter it, `[]` for the top. */
export interface ModeEntry {
  readonly mode: AnyMode;
  readonly enteredBy: readonly string[];
}

/** Every mode once, in the order in which they are met. */
export function modesOf<C>(top: Mode<C>): ModeEntry[] {
  const found = new Map<AnyMode, string[]>([[top, []]]);
  const open: AnyMode[] = [top];
  for (let mode = open.shift(); mode !== undefined; mode = open.shift()) {
    for (const { submode, grammar } of mode.commands) {
      if (submode === undefined) continue;
      const known = found.get(submode.mode);
      if (known === undefined) open.push(submode.mode);
      found.set(submode.mode, [...(known ?? []), syntaxOf(grammar.node)]);
    }
  }
  return [...found].map(([mode, enteredBy]) => ({ mode, enteredBy }));
}

/** `standby [GROUP] timers [msec] HELLO [msec] HOLD`. */
export function syntaxOf(node: Node): string {
  switch (node.kind) {
    case "keyword":
      return node.word;
    case "argument":
      return node.key.replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, "-").toUpperCase();
    case "seq":
      return node.parts
        .map(syntaxOf)
        .filter(text => text !== "")
        .join(" ");
    case "oneOf":
      return node.options.length === 1 ? alternatives(node) : `{${alternatives(node)}}`;
    case "opt":
      return `[${alternatives(node.part)}]`;
    case "many":
      return `${syntaxOf(node.part)} ...`;
    case "under":
      return syntaxOf(node.part);
    case "cut":
      return "";
  }
  return node satisfies never;
}

function alternatives(node: Node): string {
  return node.kind === "oneOf" ? node.options.map(syntaxOf).join(" | ") : syntaxOf(node);
}

/** The whole reference as Markdown; `title` heads it. */
export function referenceOf<C>(top: Mode<C>, title: string): string {
  const sections = modesOf(top).map(({ mode, enteredBy }) => {
    const entered = enteredBy.length === 0 ? [] : [`Entered by ${enteredBy.map(code).join(", ")}.`, ""];
    return [`## \`(${mode.prompt})#\``, "", ...entered, ...mode.commands.flatMap(commandSection)].join("\n");
  });
  return [`# ${title}`, "", ...sections].join("\n");
}

function commandSection(command: AnyCommand): string[] {
  const { doc, grammar, inert, no, submode } = command;
  const words = wordsOf(grammar.node).map(({ word, help }) => `| ${cell(code(word))} | ${cell(help)} |`);
  const facts = [
    doc.fallback && `Default: ${doc.fallback}`,
    no === undefined ? "There is no `no` form." : doc.no && `\`no\`: ${doc.no}`,
    submode && `Enters \`(${submode.mode.prompt})#\`.`,
    inert && `**Accepted, but ${inert.because}.**`,
  ].filter(fact => typeof fact === "string" && fact !== "");
  return [
    `### ${code(syntaxOf(grammar.node))}`,
    "",
    doc.summary,
    "",
    "| word | meaning |",
    "| --- | --- |",
    ...words,
    "",
    ...facts.flatMap(fact => [String(fact), ""]),
    "```",
    doc.example,
    "```",
    "",
  ];
}

/** Every token with its help, once; a value with what it may be. */
function wordsOf(node: Node): { word: string; help: string }[] {
  const words = new Map<string, { word: string; help: string }>();
  for (const each of terminalsOf(node)) {
    const isKeyword = each.kind === "keyword";
    const word = isKeyword ? each.word : syntaxOf(each);
    words.set(`${word} ${each.help}`, { word, help: isKeyword ? each.help : `${each.help} (${each.type.label})` });
  }
  return [...words.values()];
}

type Terminal = Extract<Node, { kind: "keyword" | "argument" }>;

function terminalsOf(node: Node): Terminal[] {
  switch (node.kind) {
    case "keyword":
    case "argument":
      return [node];
    case "seq":
      return node.parts.flatMap(terminalsOf);
    case "oneOf":
      return node.options.flatMap(terminalsOf);
    case "cut":
      return [];
    default:
      return terminalsOf(node.part);
  }
}

/** Where commands and their documentation disagree, one sentence each; none when all is well. */
export function referenceFaults<C>(top: Mode<C>): string[] {
  return modesOf(top).flatMap(({ mode }) =>
    mode.commands.flatMap(command => faultsOf(mode, command).map(fault => `${mode.prompt}: ${fault}`)),
  );
}

function faultsOf(mode: AnyMode, command: AnyCommand): string[] {
  const { example, summary } = command.doc;
  const syntax = syntaxOf(command.grammar.node);
  const faults = terminalsOf(command.grammar.node)
    .filter(({ help }) => help.trim() === "")
    .map(terminal => `${syntax}: ${syntaxOf(terminal)} has no help`);
  if (summary.trim() === "") faults.push(`${syntax}: it has no summary`);
  const negated = example.startsWith("no ");
  const found = match<AnyCommand>(mode.commands, example, negated ? "negated" : "plain", negated ? 3 : 0);
  if (found.kind !== "matched") faults.push(`${syntax}: its example "${example}" is ${found.kind}`);
  else if (found.command !== command)
    faults.push(`${syntax}: its example "${example}" is read as ${syntaxOf(found.command.grammar.node)}`);
  return faults;
}

/** What is accepted but acts less than on IOS: the list that a test holds to. */
export function inertCommands<C>(top: Mode<C>): { readonly syntax: string; readonly because: string }[] {
  return modesOf(top).flatMap(({ mode }) =>
    mode.commands.flatMap(({ grammar, inert }: Command<never>) =>
      inert ? [{ syntax: `(${mode.prompt})# ${syntaxOf(grammar.node)}`, because: inert.because }] : [],
    ),
  );
}

function code(text: string): string {
  return `\`${text}\``;
}

/** A bar would end the cell of a table, also inside code. */
function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}
