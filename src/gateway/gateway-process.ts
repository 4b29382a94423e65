/**
 * The gateway process: opens the doors, starts the gateway, and ends in an orderly way when it is told to or when its
 * supervisor is gone.
 */

import { productVersion } from "../cli/product.ts";
import { VtyServer } from "../cli/vty-server.ts";
import { SystemError } from "../core/errors.ts";
import { log } from "../core/log/catalogue.ts";
import type { LogEvent } from "../core/log/message.ts";
import { LinuxNet } from "../linux/linux-net.ts";
import { forbidCoreDumps, hurrySession } from "../linux/process-rights.ts";
import { LinuxSteering } from "../linux/steering.ts";
import { IdentityStore } from "./association/identity-store.ts";
import { DataPlaneService } from "./data-plane/data-plane-service.ts";
import { fastPathOpener } from "./data-plane/fast-path-door.ts";
import { readManualKeys } from "./data-plane/manual-keys.ts";
import { EpochStore } from "./epoch-store.ts";
import { Gateway } from "./gateway.ts";
import { type HsrpDoors, HsrpService } from "./hsrp-service.ts";
import { KeyLog } from "./ike/key-log.ts";
import { openIke } from "./ike/open-ike.ts";
import { LogBuffer } from "./log-buffer.ts";
import { openRedundancy } from "./redundancy/open-redundancy.ts";
import { parseRunOptions, type RunOptions } from "./run-options.ts";
import { StartupStore } from "./startup-store.ts";
import {
  EXIT_RELOAD,
  EXIT_STOPPED,
  EXIT_UNUSABLE,
  PIPE_VARIABLE,
  READY,
  START_VARIABLE,
  type StartReason,
} from "./supervisor.ts";
import { UndoStore } from "./undo-store.ts";

async function main(): Promise<void> {
  const options = parseRunOptions(process.argv.slice(2));
  // Whoever read the log lines may go: they are in the buffer, and a gateway has more to do than to print.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
  const reason = JSON.parse(process.env[START_VARIABLE] ?? '{"count":1}') as StartReason;
  const logBuffer = new LogBuffer(
    line => process.stdout.write(`${line}\n`),
    () => Date.now(),
  );
  try {
    await run(options, reason, logBuffer);
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    logBuffer.add(log.sys.stopping({ reason: error.message }));
    process.exit(EXIT_UNUSABLE);
  }
}

async function run(options: RunOptions, reason: StartReason, logBuffer: LogBuffer): Promise<void> {
  // Keys are in this process's memory: they must reach no disk.
  forbidCoreDumps();
  const host = new LinuxNet();
  let vty: VtyServer | undefined;
  const report = (event: LogEvent): void => logBuffer.add(event);
  const identity = new IdentityStore(options.stateDir);
  const hsrp = openHsrp({
    epochs: new EpochStore(options.stateDir),
    agreedKey: () => identity.agreedKey,
    report,
    takeLinkDown: index => host.takeLinkDown(index),
  });
  const lineOf = (owner: string): number => hsrp.lineOf(owner);
  const speaks = (owner: string): boolean => hsrp.speaks(owner);
  const dataPlane: DataPlaneService = new DataPlaneService({
    open: fastPathOpener(hsrp.roles, lineOf),
    steering: new LinuxSteering(),
    ...{ roles: hsrp.roles, lineOf, report },
    steer: targets => hsrp.steer(targets),
    manual: options.manualKeysFile === undefined ? [] : readManualKeys(options.manualKeysFile),
    replicates: owner => redundancy.replicates(owner),
    keyAgreed: () => identity.agreedKey !== undefined,
    outlet: { decided: (owner, sa, effects) => redundancy.decided(owner, sa, effects) },
  });
  const firstKey = (): void => gateway.followAnew();
  const redundancy = openRedundancy({ hsrp, dataPlane, identity, report, firstKey, ike: () => ike });
  const ike = openIke({ dataPlane, outlet: redundancy, speaks, report, keyLog: keyLogOf(options) });
  const gateway: Gateway = new Gateway(productVersion(), startWords(reason), {
    host,
    undo: new UndoStore(options.stateDir),
    startup: new StartupStore(options.configFile),
    log: logBuffer,
    now: () => Date.now(),
    restart: () => leave(EXIT_RELOAD),
    sessions: () => vty?.sessions ?? [],
    hsrp,
    dataPlane,
    redundancy,
    ike,
  });
  const leave = (code: number): void => {
    vty?.close();
    ike.close();
    redundancy.close();
    dataPlane.close();
    host.close();
    // One turn of the loop, so that sessions see their last lines.
    setImmediate(() => process.exit(code));
  };
  let stopping = false;
  const stop = (why: string): void => {
    if (stopping) return;
    stopping = true;
    void gateway.stop(why).then(() => leave(EXIT_STOPPED));
  };
  process.on("SIGTERM", () => stop("told to stop"));
  process.on("SIGINT", () => {});
  process.on("SIGHUP", () => {});
  process.on("disconnect", () => stop("the supervisor is gone"));
  if (reason.died) report(log.supervisor.gatewayDied(reason.died));
  report(log.sys.started({ version: productVersion(), pid: process.pid }));
  gateway.start();
  vty = new VtyServer(gateway);
  await vty.listen(options.socket);
  // Not before: nobody waits within milliseconds for what it does until here, and others may be at work on this host.
  void hurrySession();
  process.send?.(READY);
}

function openHsrp(doors: Omit<HsrpDoors, "supervisorFd" | "failed">): HsrpService {
  const fd = process.env[PIPE_VARIABLE];
  return new HsrpService({ ...doors, supervisorFd: fd === undefined ? undefined : Number(fd), failed: fatal });
}

/** The liveness thread failed: nothing here is of use without it. */
function fatal(error: Error): never {
  throw error;
}

function keyLogOf({ keyLogFile }: RunOptions): KeyLog | undefined {
  return keyLogFile === undefined ? undefined : new KeyLog(keyLogFile);
}

function startWords(reason: StartReason): string {
  if (reason.died) return `gateway failure (${reason.died.cause})`;
  return reason.reloaded ? "reload" : "power-on";
}

void main();
