/**
 * A configuration as text: read whole, with what is wrong line by line, and printed back. What is printed reads back
 * to the same configuration.
 */
import { executeLine, modeAt, type Place } from "../command/config-line.ts";
import { blocksOf, renderMode } from "../command/render.ts";
import { holdsSecret } from "../command/secret-line.ts";
import { type Config, emptyConfig } from "./config.ts";
import { configMode, interfaceCommand } from "./modes.ts";
import { CAUTIOUS, type HostFacts } from "./problem.ts";
import { verify } from "./verify.ts";

export interface LoadProblem {
  /** From 1; 0 when the problem is the configuration's as a whole. */
  readonly lineNumber: number;
  /** Empty when the line holds a key: problems are logged. */
  readonly line: string;
  readonly severity: "error" | "warning";
  readonly message: string;
}

export interface LoadedConfig {
  readonly config: Config;
  readonly problems: readonly LoadProblem[];
}

/**
 * A line that is refused changes nothing; the rest is taken.
 *
 * A document without mistakes is read in one go and verified once. Only when a line turns out to break a rule is the
 * document read again line by line on copies, which costs the square of its length, to know which line it was.
 */
export function loadConfig(text: string, facts: HostFacts = CAUTIOUS): LoadedConfig {
  const lines = text.replace(/^\ufeff/, "").split("\n");
  return (
    loadAtOnce(lines, facts) ??
    loadWith(lines, (config, place, line, prompt) => takeLine(config, place, line, prompt, facts))
  );
}

/** `undefined` when the whole breaks a rule. A command that refuses has edited nothing, which a test holds. */
function loadAtOnce(lines: readonly string[], facts: HostFacts): LoadedConfig | undefined {
  const loaded = loadWith(lines, (config, place, line, prompt) =>
    executeLine(configMode, config, place, line, prompt, same => same),
  );
  const found = verify(loaded.config, facts);
  if (found.some(each => each.severity === "error")) return undefined;
  const warnings = found.map(({ message }) => ({ lineNumber: 0, line: "", severity: "warning" as const, message }));
  return { ...loaded, problems: [...loaded.problems, ...warnings] };
}

function loadWith(lines: readonly string[], take: typeof takeLine): LoadedConfig {
  const problems: LoadProblem[] = [];
  let config = emptyConfig();
  let place: Place = [];
  for (const [at, raw] of lines.entries()) {
    const line = raw.replace(/\r$/, "");
    const problem = (severity: LoadProblem["severity"], message: string, shown = line): void => {
      problems.push({ lineNumber: at + 1, line: shown, severity, message });
    };
    const outcome = take(config, place, line, 0);
    if (outcome.kind === "refused") {
      const secret = outcome.secret || holdsSecret(configMode, line);
      problem("error", secret ? KEPT_QUIET : sentence(outcome.lines, line), secret ? "" : line);
    }
    if (outcome.kind === "left") break;
    if (outcome.kind === "moved" || outcome.kind === "edited") place = outcome.place;
    if (outcome.kind !== "edited") continue;
    config = outcome.candidate;
    const shown = outcome.secret ? "" : line;
    for (const warning of outcome.warnings) problem("warning", warning.replace(/^% (Warning: )?/, ""), shown);
  }
  return { config, problems };
}

/** Of a refused line with a key nothing is quoted: the word that did not fit may be the key. */
const KEPT_QUIET = "Invalid input in a line that holds a key";

export type TakenLine = ReturnType<typeof executeLine<Config>>;

/**
 * One line against the whole: parsed, then verified; what fails verification is refused as if it had failed to parse.
 */
export function takeLine(
  config: Config,
  place: Place,
  line: string,
  prompt: number,
  facts: HostFacts = CAUTIOUS,
): TakenLine {
  const outcome = executeLine(configMode, config, place, line, prompt);
  if (outcome.kind !== "edited") return outcome;
  const before = new Set(verify(config, facts).map(each => each.message));
  const found = verify(outcome.candidate, facts).filter(each => !before.has(each.message));
  const errors = found.filter(each => each.severity === "error");
  if (errors.length > 0)
    return { kind: "refused", lines: errors.map(each => `% ${each.message}`), secret: outcome.secret };
  return { ...outcome, warnings: [...outcome.warnings, ...found.map(each => `% Warning: ${each.message}`)] };
}

/** Between the parentheses of the prompt. */
export function promptAt(place: Place): string {
  return modeAt(configMode, place).prompt;
}

/** From `!` to `end`. */
export function renderConfig(config: Config): string[] {
  return ["!", ...renderMode(configMode, config), "end"];
}

export function renderInterface(config: Config, name: string): string[] {
  const at = interfaceCommand.submode?.instances(config).findIndex(each => each.line === `interface ${name}`) ?? -1;
  const block = blocksOf(interfaceCommand, config, 0)[at];
  return block === undefined ? [] : ["!", ...block, "end"];
}

/** The caret means nothing without the line above it; a log names the word instead. */
function sentence(lines: readonly string[], line: string): string {
  const caret = lines[0]?.indexOf("^") ?? -1;
  const text = lines.find(each => each.startsWith("%"))?.replace(/^% /, "") ?? lines.join(" ");
  if (caret === -1 || !/^ *\^$/.test(lines[0] ?? "")) return text;
  return `Invalid input detected at "${line.substring(caret).trim().split(/\s/)[0] ?? ""}"`;
}
