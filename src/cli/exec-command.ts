/**
 * A command of exec mode, as an object: a grammar like any other command's, and what it does. Its output is lines, so
 * that the pager, the filters and a script
 * get the same.
 */
import type { Grammar } from "../core/command/grammar.ts";
import type { GatewayPort } from "./gateway-port.ts";

/** The terminal of one session, as its `terminal` commands set it. */
export interface TerminalSettings {
  /** Rows of a screen; 0 never stops. */
  length: number;
  width: number;
  /** Log messages are shown as they come. */
  monitor: boolean;
}

/** What a running command may ask of its session. */
export interface ExecContext {
  readonly gateway: GatewayPort;
  readonly user: string;
  readonly line: string;
  readonly terminal: TerminalSettings;
  /** Aborted by ^C and by a hangup. */
  readonly signal: AbortSignal;
  /** Shows text at once, without waiting for the end of a line: progress marks. */
  readonly write: (text: string) => void;
  /** Asks and takes a line; a script answers with Enter. */
  readonly ask: (question: string) => Promise<string>;
  readonly level: number;
  /** What the command does to its session. */
  readonly enterConfig: () => void;
  readonly setLevel: (level: number) => void;
  readonly close: () => void;
  readonly history: readonly string[];
}

export type ExecOutput = Iterable<string> | AsyncIterable<string> | void;

export interface ExecCommand {
  readonly grammar: Grammar<object>;
  readonly summary: string;
  /** The privilege level that knows the command; to others it does not exist, as on IOS. */
  readonly level: number;
  readonly run: (context: ExecContext, args: never) => ExecOutput;
}

export function execCommand<T extends object>(definition: {
  readonly grammar: Grammar<T>;
  readonly summary: string;
  readonly level?: 1 | 15;
  readonly run: (context: ExecContext, args: T) => ExecOutput;
}): ExecCommand {
  return { ...definition, level: definition.level ?? 1 };
}
