/** The reference of every exec command, for `docs/exec-commands.md`: one row a command, from the command itself. */
import { syntaxOf } from "../core/command/reference.ts";
import { execCommands } from "./exec-commands.ts";

export function execReference(): string {
  const rows = execCommands
    .map(({ grammar, summary, level }) => ({ syntax: syntaxOf(grammar.node), summary, level }))
    .sort((a, b) => (a.syntax < b.syntax ? -1 : 1))
    .map(({ syntax, summary, level }) => `| \`${cell(syntax)}\` | ${level === 1 ? "" : "`#`"} | ${cell(summary)} |`);
  return [
    "# Exec commands",
    "",
    "`#` marks what needs `enable`. Every `show` takes `| include`, `exclude`, `begin`, `section` and `count`.",
    "",
    "| command | | what it does |",
    "| --- | --- | --- |",
    ...rows,
    "",
  ].join("\n");
}

/** A bar would end the cell of a table, also inside code. */
function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}
