/**
 * The lines of `show running-config`, from the modes' own order: one blank of indentation a level, `!` after each
 * block of the top mode.
 */
import type { Command, Mode } from "./command.ts";

// biome-ignore lint/suspicious/noExplicitAny: a tree of modes has a different scope at each level
type AnyMode = Mode<any>;

export function renderMode<C>(mode: Mode<C>, scope: C): string[] {
  const lines: string[] = [];
  let inBlock = false;
  for (const command of mode.commands) {
    const own = command.submode ? [] : command.write(scope);
    lines.push(...own);
    inBlock ||= own.length > 0;
    for (const block of blocksOf(command, scope, 0)) {
      if (inBlock) lines.push("!");
      lines.push(...block, "!");
      inBlock = false;
    }
  }
  if (inBlock) lines.push("!");
  return lines;
}

/** The blocks of one command that leads into a mode, each with its entering line. */
export function blocksOf<C>(command: Command<C>, scope: C, depth: number): string[][] {
  const { submode } = command;
  if (submode === undefined) return [];
  return submode
    .instances(scope)
    .map(({ line, inner }) => [indent(line, depth), ...inside(submode.mode as AnyMode, inner, depth + 1)]);
}

function inside(mode: AnyMode, scope: unknown, depth: number): string[] {
  return mode.commands.flatMap(command =>
    command.submode ? blocksOf(command, scope, depth).flat() : command.write(scope).map(line => indent(line, depth)),
  );
}

function indent(line: string, depth: number): string {
  return " ".repeat(depth) + line;
}
