/**
 * What a line means: an exec command, a configuration line, or a mistake. One interpreter is one session's place in
 * the modes; it knows no terminal.
 */
import { complaint, completionIn, helpIn, type Place } from "../core/command/config-line.ts";
import { FILTER_WORDS, type OutputFilter, splitFilter } from "../core/command/filters.ts";
import { completionOf, type Help, helpAfter, helpLines } from "../core/command/help.ts";
import { match } from "../core/command/match.ts";
import { isComment, tokenize } from "../core/command/tokens.ts";
import { promptAt, takeLine } from "../core/config/config-document.ts";
import { configMode } from "../core/config/modes.ts";
import { SystemError } from "../core/errors.ts";
import type { ExecCommand, ExecContext, TerminalSettings } from "./exec-command.ts";
import { execCommands } from "./exec-commands.ts";
import type { GatewayPort } from "./gateway-port.ts";

/** Who is at the other end, for `show users` and `%SYS-5-CONFIG_I`. */
export interface Who {
  readonly line: string;
  readonly user: string;
}

export interface Output {
  /** Shows one line; resolves to `false` when no more is wanted. */
  readonly line: (text: string) => Promise<boolean>;
  readonly write: (text: string) => void;
  readonly ask: (question: string) => Promise<string>;
  readonly signal: AbortSignal;
}

export interface Ran {
  /** The line held a key: it must not be kept. */
  readonly secret: boolean;
  readonly refused: boolean;
  readonly close: boolean;
}

interface Options {
  readonly gateway: GatewayPort;
  readonly who: Who;
  readonly terminal: TerminalSettings;
  readonly history: readonly string[];
}

/** In configuration mode IOS cuts the host name to this length; exec mode does not. */
const CONFIG_NAME_LENGTH = 20;
const FILTERED = new Set(["show", "more"]);

export class Interpreter {
  readonly #options: Options;
  /** `undefined` in exec mode. */
  #place: Place | undefined;
  #level = 15;
  #changed = false;

  constructor(options: Options) {
    this.#options = options;
  }

  prompt(): string {
    const name = this.#options.gateway.config().net.hostname;
    if (this.#place === undefined) return `${name}${this.#level === 15 ? "#" : ">"}`;
    return `${name.substring(0, CONFIG_NAME_LENGTH)}(${promptAt(this.#place)})#`;
  }

  /** Never throws for what was typed; what the host refused becomes a line. */
  async run(line: string, output: Output): Promise<Ran> {
    try {
      if (this.#place === undefined) return await this.#exec(line, this.prompt().length, output);
      const inner = doLine(line);
      if (inner !== undefined) return await this.#exec(inner.line, this.prompt().length + inner.column, output);
      return await this.#configure(line, this.#place, output);
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      await output.line(`%Error ${error.message}`);
      return { secret: true, refused: true, close: false };
    }
  }

  /** ^Z, `end` and a hangup. */
  leaveConfig(): void {
    const { gateway, who } = this.#options;
    if (this.#changed) gateway.configured(who.line, who.user);
    this.#changed = false;
    this.#place = undefined;
  }

  help(text: string): string[] {
    const bar = this.#filterHelp(text);
    if (bar !== undefined) return helpLines(bar);
    const help = this.#helpFor(text);
    switch (help.kind) {
      case "words":
        return helpLines(help.words);
      case "names":
        return [help.names.join("  ")];
      case "ambiguous":
      case "invalid":
        return complaint(help, text, this.prompt().length);
    }
    return help satisfies never;
  }

  complete(text: string): string | undefined {
    if (this.#place === undefined) return completionOf(this.#known(), text);
    const inner = doLine(text);
    return inner === undefined ? completionIn(configMode, this.#place, text) : completionOf(this.#known(), inner.line);
  }

  #helpFor(text: string): Help {
    if (this.#place === undefined) return helpAfter(this.#known(), text);
    const inner = doLine(text);
    return inner === undefined ? helpIn(configMode, this.#place, text) : helpAfter(this.#known(), inner.line);
  }

  #filterHelp(text: string): typeof FILTER_WORDS | undefined {
    return /^\s*(do\s+)?sh\w*\s.*\|\s*$/i.test(text) ? FILTER_WORDS : undefined;
  }

  #known(): ExecCommand[] {
    return execCommands.filter(each => each.level <= this.#level);
  }

  async #exec(line: string, column: number, output: Output): Promise<Ran> {
    if (isComment(line)) return { secret: false, refused: false, close: false };
    const piped = shows(line) ? splitFilter(line) : { kind: "plain" as const, command: line };
    if (piped.kind !== "plain" && piped.kind !== "filtered")
      return this.#refuse(complaint({ secret: false, ...piped }, line, column), output, false);
    const found = match(this.#known(), piped.command);
    if (found.kind !== "matched") {
      return this.#refuse(
        unknownWord(found, piped.command) ?? complaint(found, line, column),
        output,
        "secret" in found && found.secret,
      );
    }
    const run = { close: false, refused: false };
    const context = this.#context(output, run);
    const filter = piped.kind === "filtered" ? piped.filter : undefined;
    for await (const text of filtered(found.command.run(context, found.args) ?? [], filter)) {
      if (text.startsWith("% ") || text.startsWith("%Error")) run.refused = true;
      if (!(await output.line(text))) break;
    }
    return { ...run, secret: found.secret };
  }

  #context(output: Output, run: { close: boolean }): ExecContext {
    const { gateway, who, terminal, history } = this.#options;
    return {
      gateway,
      ...who,
      terminal,
      history,
      signal: output.signal,
      write: output.write,
      ask: output.ask,
      level: this.#level,
      enterConfig: () => {
        this.#place ??= [];
      },
      setLevel: level => {
        this.#level = level;
      },
      close: () => {
        run.close = true;
      },
    };
  }

  async #configure(line: string, place: Place, output: Output): Promise<Ran> {
    const { gateway, who } = this.#options;
    const facts = { realTime: gateway.realTime() };
    const outcome = takeLine(gateway.config(), place, line, this.prompt().length, facts);
    switch (outcome.kind) {
      case "nothing":
        return { secret: false, refused: false, close: false };
      case "refused":
        return this.#refuse(outcome.lines, output, outcome.secret);
      case "left":
        this.leaveConfig();
        return { secret: false, refused: false, close: false };
      case "moved":
        this.#place = outcome.place;
        return { secret: false, refused: false, close: false };
      case "edited":
        break;
    }
    this.#place = outcome.place;
    this.#changed = true;
    const refusals = gateway.apply(outcome.candidate, `${who.user} on ${who.line}`);
    for (const text of [...outcome.warnings, ...refusals]) await output.line(text);
    return { secret: outcome.secret, refused: false, close: false };
  }

  async #refuse(lines: readonly string[], output: Output, secret: boolean): Promise<Ran> {
    for (const text of lines) await output.line(text);
    return { secret, refused: true, close: false };
  }
}

async function* filtered(
  lines: Iterable<string> | AsyncIterable<string>,
  filter: OutputFilter | undefined,
): AsyncGenerator<string> {
  for await (const line of lines) {
    if (filter === undefined) yield line;
    else yield* filter.line(line);
  }
  if (filter !== undefined) yield* filter.end();
}

/** A bar is a filter's only where something is shown; a description may hold one. */
function shows(line: string): boolean {
  const first = tokenize(line)[0]?.text.toLowerCase() ?? "";
  return first.length >= 2 && [...FILTERED].some(word => word.startsWith(first));
}

/** `do show clock` in configuration mode: the exec line and where it begins. */
function doLine(line: string): { line: string; column: number } | undefined {
  const [first, second] = tokenize(line);
  if (first?.text.toLowerCase() !== "do" || (second === undefined && first.end === line.length)) return undefined;
  const column = second?.column ?? line.length;
  return { line: line.substring(column), column };
}

/** A single unknown word in exec mode is taken for a host name on IOS, which says so. */
function unknownWord(found: { readonly kind: string }, line: string): string[] | undefined {
  if (found.kind !== "invalid" || tokenize(line).length !== 1) return undefined;
  return [`Translating "${line.trim()}"`, "% Unknown command or computer name, or unable to find computer address"];
}
