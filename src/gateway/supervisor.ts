/**
 * The small process above a gateway: it starts the gateway, notices its death at once, and starts it again.
 *
 * It holds no configuration and knows nothing of HSRP, so there is little in it that could fail: the gateway tells it
 * beforehand what must be given up when it dies (`last-will.ts`). What it has to say goes to standard error as log
 * lines, and to the next gateway, which shows them in `show logging`.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { logStamp } from "../cli/show/times.ts";
import { log } from "../core/log/catalogue.ts";
import { iosLine, type LogEvent } from "../core/log/message.ts";
import { hurry, hurrySession } from "../linux/process-rights.ts";
import { type Ended, GatewayWatch } from "./gateway-watch.ts";
import { RestartPolicy } from "./restart-policy.ts";
import { makeFolders, type RunOptions } from "./run-options.ts";
import { ServiceManager } from "./service-manager.ts";
import { WillDoors } from "./will-doors.ts";

/** How a gateway ends on purpose; everything else is a death. */
export const EXIT_STOPPED = 0;
/** `reload`: start again at once. */
export const EXIT_RELOAD = 75;
/** It cannot run with what it was given; starting again would not help. EX_CONFIG of sysexits.h. */
export const EXIT_UNUSABLE = 78;
/** Tells the gateway how it came to be started: a JSON `StartReason`. */
export const START_VARIABLE = "UNDERSTUDY_START";
/** What a gateway says to its supervisor once it answers. */
export const READY = "ready";
/** The number of the descriptor that beats and the last will are written to. */
export const PIPE_VARIABLE = "UNDERSTUDY_PIPE";
const PIPE_FD = 4;
const STOP_TIMEOUT_MS = 5_000;

export interface StartReason {
  /** 1 for the first start under this supervisor. */
  readonly count: number;
  readonly died?: { readonly pid: number; readonly cause: string; readonly delayMs: number };
  readonly reloaded?: boolean;
}

/** Runs until told to stop; resolves to the exit code. */
export function supervise(options: RunOptions, args: readonly string[]): Promise<number> {
  makeFolders(options);
  // Who has to notice a death within milliseconds goes first.
  hurry();
  void hurrySession();
  return new Supervisor(args).run();
}

class Supervisor {
  readonly #args: readonly string[];
  readonly #policy = new RestartPolicy();
  readonly #doors = new WillDoors();
  readonly #manager = new ServiceManager();
  #child: ChildProcess | undefined;
  #watch: GatewayWatch | undefined;
  #restart: NodeJS.Timeout | undefined;
  #stopping = false;
  #finish: (code: number) => void = () => {};

  constructor(args: readonly string[]) {
    this.#args = args;
  }

  run(): Promise<number> {
    for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, () => this.#stop());
    return new Promise(resolve => {
      this.#finish = resolve;
      this.#start({ count: 1 });
    });
  }

  #start(reason: StartReason): void {
    const entry = fileURLToPath(new URL("./gateway-process.js", import.meta.url));
    const child = spawn(process.execPath, [...process.execArgv, entry, ...this.#args], {
      stdio: ["ignore", "inherit", "inherit", "ipc", "pipe"],
      // A session of its own is one that it may put before others; the supervisor alone hears the terminal.
      detached: true,
      env: { ...process.env, [START_VARIABLE]: JSON.stringify(reason), [PIPE_VARIABLE]: String(PIPE_FD) },
    });
    const pipe = child.stdio[PIPE_FD];
    if (pipe instanceof Readable) this.#watch = new GatewayWatch(child, pipe, this.#doors, ended => told(child, ended));
    const startedAt = performance.now();
    this.#child = child;
    child.on("message", message => {
      if (message === READY) this.#manager.ready(child.pid ?? 0);
    });
    child.once("error", error => {
      report(log.sys.stopping({ reason: `the gateway process cannot be started: ${error.message}` }));
      this.#end(1);
    });
    child.once("spawn", () => report(log.supervisor.gatewayStarted({ pid: child.pid ?? 0, count: reason.count })));
    child.once("exit", (code, signal) => {
      this.#child = undefined;
      this.#watch?.close();
      this.#ended(child.pid ?? 0, code, signal, performance.now() - startedAt, reason.count);
    });
  }

  #ended(pid: number, code: number | null, signal: NodeJS.Signals | null, livedMs: number, count: number): void {
    const onPurpose = code === EXIT_STOPPED || (code === EXIT_UNUSABLE && count === 1);
    if (onPurpose || this.#stopping) {
      this.#doors.takeLinksDown();
      this.#end(code ?? 1);
    } else if (code === EXIT_RELOAD) this.#start({ count: count + 1, reloaded: true });
    else this.#startAgain(pid, signal ?? `exit code ${code}`, livedMs, count + 1);
  }

  #startAgain(pid: number, cause: string, livedMs: number, count: number): void {
    const delayMs = this.#policy.delayAfter(livedMs);
    report(log.supervisor.gatewayDied({ pid, cause, delayMs }));
    this.#manager.status(`Gateway process ${pid} died (${cause}), the next one starts in ${delayMs} ms`);
    this.#restart = setTimeout(() => this.#start({ count, died: { pid, cause, delayMs } }), delayMs);
  }

  #stop(): void {
    if (this.#stopping) return;
    this.#stopping = true;
    this.#manager.stopping();
    clearTimeout(this.#restart);
    const child = this.#child;
    if (child === undefined) {
      this.#end(EXIT_STOPPED);
      return;
    }
    child.kill("SIGTERM");
    setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS).unref();
  }

  #end(code: number): void {
    this.#manager.close();
    this.#finish(code);
  }
}

function told(child: ChildProcess, { verdict, gaveUp, failures }: Ended): void {
  const outcome = gaveUp ? "its virtual addresses were given up" : "nothing had to be given up";
  report(log.supervisor.gatewayLost({ pid: child.pid ?? 0, how: verdict, outcome: [outcome, ...failures].join("; ") }));
}

function report(event: LogEvent): void {
  process.stderr.write(`${logStamp(new Date())}: ${iosLine(event)}\n`);
}
