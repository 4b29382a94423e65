/** `understudy lab …`. */
import { spawn } from "node:child_process";
import { parseArgs } from "node:util";
import { attach } from "../cli/client.ts";
import { SystemError } from "../core/errors.ts";
import { UsageError } from "../gateway/run-options.ts";
import { calledAs } from "./called-as.ts";
import { demonstrate } from "./demo/demo.ts";
import { stageFor } from "./demo/stage.ts";
import { diagram } from "./diagram.ts";
import { faultNamed } from "./faults.ts";
import { KEYINGS, type Keying, labDown, labUp } from "./lab.ts";
import { isAlive, labsOnDisk, readState, socketOf } from "./lab-state.ts";
import { labsInNamespaces, namespaceOf, namespacesOf } from "./namespaces.ts";
import { faultLines, parseRun, runFaults } from "./run-action.ts";
import { BRANCHES } from "./strongswan-branch.ts";
import { topologies, topologyNamed } from "./topologies.ts";
import { runCommands } from "./vty-client.ts";

const USAGE = `usage: understudy lab ACTION

  list                            the topologies and the faults
  diagram [TOPOLOGY]              a picture of one
  up [TOPOLOGY] [--name NAME]     build it in network namespaces and start its gateways
  status [NAME]                   what is up
  console HOST [NAME]             attach to a gateway's command line
  exec HOST COMMAND...            run a command inside a host (of the only lab, or of --name NAME before HOST)
  run [TOPOLOGY] --fault NAME     up, numbered probes, a fault, what it cost, down; see 'list'
      [--timers "msec 15 msec 50"] [--json] [--repeat N] [--duration SECONDS] [--name NAME]
      [--keying ike] [--transforms "esp-gcm"]    probes through the tunnel, a recorder between the gateways
      [--branch strongswan]       with strongSwan as the branch's gateway
      [--end far]                 where both ends have a pair: the fault is done to the other one
      [--random N] in place of --fault: so many faults, in random order
      [--report FILE] a page with plots of every probe, for any browser
  demo [TOPOLOGY] [--keep] [--report FILE]
                                  up, traffic through the tunnel, the article's failovers, what they cost, down
  down [NAME]                     take everything away

TOPOLOGY and NAME are "${topologies[0]?.name}" when left out. Several labs can be up at once. It needs root.`;

type Action = (args: readonly string[]) => Promise<number> | number;

const actions: ReadonlyMap<string, Action> = new Map<string, Action>([
  ["list", list],
  ["diagram", args => say(diagram(topologyNamed(args[0] ?? DEFAULT)))],
  ["up", up],
  ["status", status],
  ["console", console],
  ["exec", exec],
  ["run", run],
  ["demo", demo],
  ["down", down],
]);

const DEFAULT = "article";
const DEMO_KEYING: Keying = "ike";
/** Part of the names of namespaces and links, which are short. */
const NAME_RULE = /^[a-z][a-z0-9]{0,19}$/;

export async function runLab(args: readonly string[]): Promise<number> {
  const [word, ...rest] = args;
  // What follows a host belongs to the command that is run in it.
  const asked = word === "exec" ? [] : rest;
  if (word === undefined || [word, ...asked].some(each => each === "--help" || each === "-h")) return say([USAGE]);
  const action = actions.get(word);
  if (action === undefined) throw new UsageError(`no lab action "${word}"\n\n${USAGE}`);
  return action(rest);
}

function list(): number {
  const shown = topologies.map(({ name, summary }) => `${name.padEnd(20)} ${summary}`);
  return say(["Topologies:", ...shown, "", "Faults, each done to the member that is active:", ...faultLines()]);
}

/** The exit code says whether every run went as its fault has it; what it cost is for the reader to judge. */
async function run(args: readonly string[]): Promise<number> {
  needRoot();
  const options = parseRun(args, DEFAULT);
  const lab = checkedName(options.name ?? options.topology);
  faultNamed(options.fault);
  topologyNamed(options.topology);
  const good = await cleaningUp(lab, () => runFaults(lab, options, text => void say([text])));
  return good ? 0 : 1;
}

async function up(args: readonly string[]): Promise<number> {
  needRoot();
  const { name, words } = options(args);
  const topology = topologyNamed(words[0] ?? DEFAULT);
  const lab = name ?? topology.name;
  await cleaningUp(lab, () => labUp(topology, lab));
  return say([...diagram(topology), "", `Lab ${lab} is up. ${nextSteps(lab)}`]);
}

async function down(args: readonly string[]): Promise<number> {
  needRoot();
  const lab = checkedName(args[0] ?? DEFAULT);
  const removed = await labDown(lab);
  return say([
    removed.length === 0 ? `There was nothing of a lab ${lab}.` : `Lab ${lab} is gone: ${removed.join(", ")}.`,
  ]);
}

async function status(args: readonly string[]): Promise<number> {
  needRoot();
  const labs = args[0] === undefined ? [...new Set([...labsOnDisk(), ...labsInNamespaces()])] : [checkedName(args[0])];
  if (labs.length === 0) return say(["No lab is up."]);
  for (const lab of labs) {
    const state = readState(lab);
    say([`${lab}: topology ${state?.topology ?? "unknown"}, ${namespacesOf(lab).length} namespaces`]);
    for (const process of state?.processes ?? []) {
      const answers = (await runCommands(socketOf(lab, process.host), ["show privilege"])).code === 0;
      say([
        `  ${process.host.padEnd(6)} supervisor ${process.pid} ${isAlive(process) ? "runs" : "is gone"}, ` +
          `gateway ${answers ? "answers" : "does not answer"}`,
      ]);
    }
  }
  return 0;
}

function console(args: readonly string[]): Promise<number> {
  const [host, lab = DEFAULT] = args;
  if (host === undefined) throw new UsageError("which HOST? For example 'understudy lab console R1'");
  return attach({ socket: socketOf(checkedName(lab), host) });
}

function exec(args: readonly string[]): Promise<number> {
  needRoot();
  const { name, words } =
    args[0] === "--name" ? { name: checkedName(args[1] ?? ""), words: args.slice(2) } : { name: DEFAULT, words: args };
  const [host, ...command] = words;
  if (host === undefined || command.length === 0)
    throw new UsageError("a HOST and a COMMAND, please: 'understudy lab exec H1 ip route'");
  const namespace = namespaceOf(name, host);
  if (!namespacesOf(name).includes(namespace))
    throw new UsageError(`no host "${host}" in lab ${name}; there are ${namespacesOf(name).join(", ") || "none"}`);
  return new Promise(resolve => {
    const child = spawn("ip", ["netns", "exec", namespace, ...command], { stdio: "inherit" });
    child.once("error", error => {
      process.stderr.write(`understudy: ${error.message}\n`);
      resolve(2);
    });
    child.once("exit", (code, signal) => resolve(signal ? 1 : (code ?? 1)));
  });
}

/** What `./run` shows: the topology up, traffic through its tunnel, and the pair's failovers. */
async function demo(args: readonly string[]): Promise<number> {
  needRoot();
  const { values, positionals } = parsedDemo(args);
  const topology = topologyNamed(positionals[0] ?? DEFAULT);
  const lab = checkedName(values.name ?? topology.name);
  const stage = stageFor(process.stdout, process.env);
  return cleaningUp(
    lab,
    async () => {
      stage.say(...diagram(topology), "");
      const options = { keying: values.keying, branch: values.branch, report: values.report };
      const good = await demonstrate(lab, topology, stage, options);
      if (values.keep) stage.say("", `The lab stays up. ${nextSteps(lab)}`);
      else await labDown(lab);
      return good ? 0 : 1;
    },
    () => stage.close(),
  );
}

/** Throws a `UsageError`. */
function parsedDemo(args: readonly string[]) {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        name: { type: "string" },
        keep: { type: "boolean" },
        keying: { type: "string" },
        report: { type: "string" },
        branch: { type: "string" },
      },
    });
    const keying = KEYINGS.find(each => each === (values.keying ?? DEMO_KEYING));
    if (keying === undefined) throw new Error(`--keying is ${KEYINGS.join(" or ")}, found "${values.keying}"`);
    const branch = BRANCHES.find(each => each === (values.branch ?? "understudy"));
    if (branch === undefined) throw new Error(`--branch is ${BRANCHES.join(" or ")}, found "${values.branch}"`);
    return { values: { ...values, keying, branch }, positionals };
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function nextSteps(lab: string): string {
  const argument = lab === DEFAULT ? "" : ` ${lab}`;
  const program = `${calledAs()} lab`;
  return `'${program} console R1${argument}' opens a console, '${program} down${argument}' ends it.`;
}

/** Runs with the lab's removal at hand: ^C and SIGTERM leave nothing behind. */
async function cleaningUp<T>(lab: string, body: () => Promise<T>, before: () => void = () => {}): Promise<T> {
  let stopping = false;
  const stop = (): void => {
    stopping = true;
    before();
    void labDown(lab).finally(() => process.exit(130));
  };
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  try {
    return await body();
  } catch (error) {
    // What fails because everything is being taken away is nobody's news.
    if (stopping) await new Promise(() => {});
    throw error;
  } finally {
    process.off("SIGINT", stop);
    process.off("SIGTERM", stop);
  }
}

function options(args: readonly string[]): { name: string | undefined; words: string[] } {
  const at = args.indexOf("--name");
  if (at === -1) return { name: undefined, words: [...args] };
  return { name: checkedName(args[at + 1] ?? ""), words: args.filter((_, n) => n !== at && n !== at + 1) };
}

function checkedName(name: string): string {
  if (!NAME_RULE.test(name))
    throw new UsageError(`a lab's name is lower-case letters and digits, at most 20, found "${name}"`);
  return name;
}

function needRoot(): void {
  if (process.geteuid?.() === 0) return;
  throw new SystemError(
    "build a lab",
    {},
    new Error("it makes network namespaces, which needs root: run it with sudo"),
  );
}

function say(lines: readonly string[]): number {
  process.stdout.write(`${lines.join("\n")}\n`);
  return 0;
}
