/**
 * What the service manager is told, where there is one that wants to know (systemd's Type=notify, sd_notify(3)): that
 * the gateway is ready, that the supervisor lives, what it is doing. Nothing here can fail the supervisor.
 */
import { SystemError } from "../core/errors.ts";
import { notifyServiceManager } from "../linux/unix-datagram.ts";

export class ServiceManager {
  readonly #say: (state: string) => void;
  #beat: NodeJS.Timeout | undefined;

  constructor(say: (state: string) => void = quietly) {
    this.#say = say;
  }

  /** The gateway answers. From the first time on the watchdog is fed, if `environment` asks for that. */
  ready(pid: number, environment: NodeJS.ProcessEnv = process.env): void {
    this.#say(`READY=1\nSTATUS=The gateway runs, process ${pid}`);
    const everyMs = watchdogMs(environment);
    if (this.#beat !== undefined || everyMs === undefined) return;
    this.#beat = setInterval(() => this.#say("WATCHDOG=1"), everyMs);
  }

  status(text: string): void {
    this.#say(`STATUS=${text.replaceAll("\n", " ")}`);
  }

  stopping(): void {
    this.#say("STOPPING=1\nSTATUS=Handing over and undoing what was changed on this host");
  }

  /** Nobody is told anything any more. */
  close(): void {
    clearInterval(this.#beat);
  }
}

/** Half of what the service manager waits for, milliseconds; `undefined` where it watches somebody else, or nobody. */
export function watchdogMs({ WATCHDOG_USEC, WATCHDOG_PID }: NodeJS.ProcessEnv): number | undefined {
  const limit = Number(WATCHDOG_USEC);
  const ours = WATCHDOG_PID === undefined || Number(WATCHDOG_PID) === process.pid;
  return Number.isInteger(limit) && limit > 0 && ours ? limit / 1000 / 2 : undefined;
}

function quietly(state: string): void {
  try {
    notifyServiceManager(state);
  } catch (error) {
    // A service manager that does not listen is no reason to end.
    if (!(error instanceof SystemError)) throw error;
  }
}
