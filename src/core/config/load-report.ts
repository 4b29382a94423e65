/**
 * What a startup configuration had wrong with it, as log messages: a refused line each its own, warnings gathered. A
 * whole block of lines that do not act yet is one sentence, or the log of every start would hold little else.
 */
import { log } from "../log/catalogue.ts";
import type { LogEvent } from "../log/message.ts";
import type { LoadProblem } from "./config-document.ts";

export function loadReport(problems: readonly LoadProblem[]): LogEvent[] {
  const warnings = new Map<string, number[]>();
  for (const { severity, message, lineNumber } of problems) {
    if (severity === "warning") warnings.set(message, [...(warnings.get(message) ?? []), lineNumber]);
  }
  return [
    ...problems.filter(each => each.severity === "error").map(refused),
    ...[...warnings].map(([message, lines]) => log.sys.configWarning({ text: `${linesText(lines)}${message}` })),
  ];
}

function refused({ line, lineNumber, message }: LoadProblem): LogEvent {
  const text = line.trim();
  return log.sys.lineRefused({ line: lineNumber, text: text === "" ? "" : ` (${text})`, reason: message });
}

/** `lines 8-9, 51: `; nothing for what is true of the whole. */
function linesText(lines: readonly number[]): string {
  const runs: { first: number; last: number }[] = [];
  for (const line of lines.filter(each => each > 0)) {
    const run = runs.at(-1);
    if (run !== undefined && line === run.last + 1) run.last = line;
    else runs.push({ first: line, last: line });
  }
  if (runs.length === 0) return "";
  const said = runs.map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`));
  const one = runs.length === 1 && runs[0]?.first === runs[0]?.last;
  return `${one ? "line" : "lines"} ${said.join(", ")}: `;
}
