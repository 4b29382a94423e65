/**
 *      H ── inside ── A, B ── outside ── X
 *
 * The time of day of a running gateway is stepped by a year, forth and back: nothing expires and nobody moves, for what
 * HSRP waits for is measured by the monotonic clock. Only A is told another time, by a library that changes what the C
 * library says of the day and leaves everything else as it is.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { closeSync, existsSync, openSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hostFolder } from "../../src/lab/lab-state.ts";
import { runCommands } from "../../src/lab/vty-client.ts";
import { gatewayPid, MAIN, ROOT, socketOf, supervisorPid, until } from "./harness.ts";
import { addressOf, type Gateway, HsrpLab, OUTSIDE, untilHellos } from "./hsrp-lab.ts";

const lab = new HsrpLab("hsrpclock");
const HOST = "A";
const members: readonly Gateway[] = ["A", "B"];
/** A is active for one and stands by for the other, so that each of its timers runs. */
const [LEADS, STANDS_BY] = [91, 92];
const groups = [LEADS, STANDS_BY];
const HOLD_MS = 3000;
const YEAR_S = 365 * 24 * 3600;
const DAY_S = 24 * 3600;

/** Compiled beside the lab's other files. */
function otherTime(): string {
  const library = join(hostFolder(lab.name, HOST), "other-time.so");
  const source = fileURLToPath(new URL("other-time.cc", import.meta.url));
  execFileSync("g++", ["-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-Werror", "-o", library, source]);
  return library;
}

const secondsFile = (): string => join(hostFolder(lab.name, HOST), "clock");

/** How far A's time of day is from this machine's, from now on. */
function step(seconds: number): void {
  const octets = new BigInt64Array([BigInt(seconds)]);
  // A reads it in place: it is never shorter, nor another file.
  const file = openSync(secondsFile(), "r+");
  writeSync(file, octets, 0, octets.byteLength, 0);
  closeSync(file);
}

/** A, as the lab starts it, with a time of day of its own. */
function startWithClock(): ChildProcess {
  const folder = hostFolder(lab.name, HOST);
  const clock = [`LD_PRELOAD=${otherTime()}`, `OTHER_TIME=${secondsFile()}`];
  const gateway = [MAIN, "run", join(folder, `${HOST}.cfg`), "--state", folder, "--socket", socketOf(lab.name, HOST)];
  const command = ["env", ...clock, process.execPath, ...gateway];
  return spawn("ip", ["netns", "exec", `us-${lab.name}-${HOST}`, ...command], { stdio: "ignore" });
}

/** How many seconds `show clock` is ahead of this machine. */
async function ahead(host: string): Promise<number> {
  const said = await lab.exec(host, "show clock");
  const [, time, day, year] = /^\*(\d+:\d+:\d+)\.\d+ UTC \w{3} (\w{3} +\d+) (\d{4})/m.exec(said) ?? [];
  return (Date.parse(`${day} ${year} ${time} UTC`) - Date.now()) / 1000;
}

/** All that a member knows of both groups: its own state, who is active, who stands by, and every change of state. */
async function known(): Promise<unknown[]> {
  return Promise.all(
    members.flatMap(host =>
      groups.map(async group => ({
        row: await lab.row(host, group),
        changes: await lab.changes(host, group),
        refused: await lab.refused(host, group),
      })),
    ),
  );
}

describe.skipIf(!ROOT)("the time of day", () => {
  let gateway: ChildProcess | undefined;

  beforeAll(async () => {
    await lab.up();
    writeFileSync(secondsFile(), new BigInt64Array(1));
    const supervisor = await supervisorPid(lab.name, HOST);
    process.kill(supervisor, "SIGTERM");
    await until(async () => (await gatewayPid(lab.name, HOST)) === 0);
    await until(async () => !existsSync(`/proc/${supervisor}`));
    gateway = startWithClock();
    await until(async () => (await runCommands(socketOf(lab.name, HOST), ["show privilege"])).code === 0);
    for (const [group, active] of [[LEADS, "A"] as const, [STANDS_BY, "B"] as const]) {
      for (const host of members) {
        const priority = host === active ? 110 : 100;
        const lines = [`priority ${priority}`, "preempt", `timers msec 200 msec ${HOLD_MS}`, `ip ${addressOf(group)}`];
        await lab.configure(host, OUTSIDE, ...lines.map(line => `standby ${group} ${line}`));
      }
    }
    await lab.untilStates(LEADS, { A: "Active", B: "Standby" });
    await lab.untilStates(STANDS_BY, { A: "Standby", B: "Active" });
    // Each has heard the other before anything is compared.
    await until(async () => (await lab.row("A", LEADS))?.standby === "10.0.0.2");
    await until(async () => (await lab.row("B", STANDS_BY))?.standby === "10.0.0.1");
  });
  afterAll(async () => {
    gateway?.kill("SIGTERM");
    await lab.down();
  });

  test.each([
    ["a year ahead", YEAR_S],
    ["back to today", 0],
    ["a year behind", -YEAR_S],
    ["two years ahead of that", YEAR_S],
  ])("%s: nothing expires and nobody moves", async (_, seconds) => {
    const before = await known();
    const pid = await gatewayPid(lab.name, HOST);
    const tap = await lab.tap(members);
    step(seconds);
    expect(Math.abs((await ahead("A")) - seconds)).toBeLessThan(DAY_S);
    expect(Math.abs(await ahead("B"))).toBeLessThan(DAY_S);
    // More than a hold time's worth of each member's hellos, in each of its states.
    const count = 20;
    await untilHellos(tap, LEADS, { host: "A", state: "active", count });
    await untilHellos(tap, LEADS, { host: "B", state: "standby", count });
    await untilHellos(tap, STANDS_BY, { host: "A", state: "standby", count });
    const said = await untilHellos(tap, STANDS_BY, { host: "B", state: "active", count });
    tap.close();
    expect(said.filter(each => each.opcode !== "hello")).toEqual([]);
    expect(await known()).toEqual(before);
    expect(await gatewayPid(lab.name, HOST)).toBe(pid);
    // What it hears expires by the same clock: in no more than the hold time, and not in a year.
    const shown = await lab.exec("A", `show standby FastEthernet0/0 ${STANDS_BY}`);
    const expires = Number(/Active router is 10\.0\.0\.2, .*\(expires in ([\d.]+) sec\)/.exec(shown)?.[1]);
    expect(expires).toBeLessThanOrEqual(HOLD_MS / 1000);
  });
});
