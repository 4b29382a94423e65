/**
 * `understudy`: finds the room that the first word names, and turns what goes wrong into one sentence and an exit code.
 */
import { runCli } from "./cli/cli-command.ts";
import { productVersion } from "./cli/product.ts";
import { SystemError } from "./core/errors.ts";
import { runCheck } from "./gateway/check-command.ts";
import { runDoctor } from "./gateway/doctor-command.ts";
import { DEFAULT_SOCKET, parseRunOptions, RUN_USAGE, UsageError } from "./gateway/run-options.ts";
import { supervise } from "./gateway/supervisor.ts";
import { runLab } from "./lab/lab-command.ts";

const USAGE = `usage: understudy COMMAND

  run CONFIG    run a gateway with this configuration, under its supervisor
  cli           attach to a running gateway; -c "show ..." for scripts
  check FILE    check a configuration without applying it
  lab           build a lab of namespaces, run gateways in it, break things
  doctor        say what this host has and lacks
  --version     print the version
  --help        print this; 'understudy COMMAND --help' says more

Documentation: README.md, ARCHITECTURE.md.`;

const commands: ReadonlyMap<string, (args: string[]) => Promise<number> | number> = new Map([
  ["run", run],
  ["cli", args => runCli(args, DEFAULT_SOCKET)],
  ["check", runCheck],
  ["lab", runLab],
  ["doctor", runDoctor],
]);

function run(args: string[]): Promise<number> | number {
  if (asksForHelp(args)) return say(RUN_USAGE);
  return supervise(parseRunOptions(args), args);
}

async function main(): Promise<number> {
  const [word, ...args] = process.argv.slice(2);
  if (word === undefined) {
    process.stderr.write(`${USAGE}\n`);
    return 2;
  }
  if (asksForHelp([word])) return say(USAGE);
  if (word === "--version" || word === "-V") return say(`understudy ${productVersion()}`);
  const command = commands.get(word);
  if (command === undefined) throw new UsageError(`no command "${word}"; there are ${[...commands.keys()].join(", ")}`);
  return command(args);
}

function asksForHelp(args: readonly string[]): boolean {
  return args.includes("--help") || args.includes("-h");
}

function say(text: string): number {
  process.stdout.write(`${text}\n`);
  return 0;
}

/** What a shell says of a program that SIGPIPE ended. */
const EXIT_NOBODY_READS = 141;

/**
 * Whoever read the output has gone (`| head`). A gateway or a lab goes on without being heard, since it has more to do
 * than to print; what only prints is done.
 */
function hearLostReaders(word: string | undefined): void {
  const goesOn = word === "run" || word === "lab";
  for (const stream of [process.stdout, process.stderr])
    stream.on("error", () => {
      if (!goesOn) process.exit(EXIT_NOBODY_READS);
    });
}

hearLostReaders(process.argv[2]);
try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`understudy: ${sentence(error)}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}

/** What a person can act on. A bug of ours is named as one, and where it happened is for who asks. */
function sentence(error: unknown): string {
  if (error instanceof UsageError || error instanceof SystemError) return error.message;
  const bug = error instanceof Error ? error : new Error(String(error));
  if (process.env.UNDERSTUDY_DEBUG) return bug.stack ?? bug.message;
  return `a bug of ours: ${bug.message} (UNDERSTUDY_DEBUG=1 says where; please report it)`;
}
