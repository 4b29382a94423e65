/** `understudy check FILE`: the configuration is parsed and verified, nothing is applied. */
import { readFileSync } from "node:fs";
import { loadConfig } from "../core/config/config-document.ts";
import { SystemError } from "../core/errors.ts";
import { UsageError } from "./run-options.ts";

const CHECK_USAGE = `usage: understudy check FILE

Checks a configuration without applying it and prints what is wrong, with line numbers.
Exit code: 0 every line is taken, 1 some are refused, 2 the call was wrong.`;

export function runCheck(args: readonly string[]): number {
  if (args.includes("--help") || args.includes("-h")) {
    process.stdout.write(`${CHECK_USAGE}\n`);
    return 0;
  }
  const [file, extra] = args;
  if (file === undefined || extra !== undefined) throw new UsageError(`one FILE, please\n\n${CHECK_USAGE}`);
  const { problems } = loadConfig(read(file));
  for (const { lineNumber, line, message, severity } of problems) {
    process.stdout.write(
      `${file}:${lineNumber}: ${severity}: ${message}${line === "" ? "" : `\n    ${line.trim()}`}\n`,
    );
  }
  const errors = problems.filter(each => each.severity === "error").length;
  process.stdout.write(`${file}: ${errors} line(s) refused, ${problems.length - errors} warning(s)\n`);
  return errors > 0 ? 1 : 0;
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new SystemError("read the configuration", { file }, cause);
  }
}
