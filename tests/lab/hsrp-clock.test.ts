/**
 *      H ── inside ── A, B ── outside ── X
 *
 * The time of day of a running gateway is stepped by a year, forth and back: nothing expires and nobody moves, for what
 * HSRP waits for is measured by the monotonic clock. Only A is told another time, by libfaketime, which changes what
 * the C library says of the day and leaves the monotonic clock as it is.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
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

/** Throws where the library is missing: a test that is not run proves nothing. */
function libfaketime(): string {
  const found = readdirSync("/usr/lib")
    .map(folder => join("/usr/lib", folder, "faketime", "libfaketimeMT.so.1"))
    .find(existsSync);
  if (found === undefined) throw new Error("libfaketime is not installed; scripts/install lab brings it");
  return found;
}

const stampFile = (): string => join(hostFolder(lab.name, HOST), "clock");

/** How far A's time of day is from this machine's, from now on. */
function step(seconds: number): void {
  const sign = seconds < 0 ? "-" : "+";
  // Read at each look at the clock: never half written.
  writeFileSync(`${stampFile()}.new`, `${sign}${Math.abs(seconds)}\n`);
  renameSync(`${stampFile()}.new`, stampFile());
}

/** A, as the lab starts it, with a time of day of its own. */
function startWithClock(): ChildProcess {
  const folder = hostFolder(lab.name, HOST);
  const clock = [
    `LD_PRELOAD=${libfaketime()}`,
    "DONT_FAKE_MONOTONIC=1",
    "FAKETIME_NO_CACHE=1",
    `FAKETIME_TIMESTAMP_FILE=${stampFile()}`,
  ];
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
    libfaketime();
    await lab.up();
    step(0);
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
