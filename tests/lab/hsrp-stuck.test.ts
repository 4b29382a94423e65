/**
 *      H1 ── inside ── R1, R2 ── outside ── R3
 *
 * A main thread that is stuck for good: what it was active for is handed over, because somebody stands ready, and the
 * supervisor starts it again. Here it opens its startup configuration, and that is a pipe that nobody writes to.
 */
import { readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hostFolder, socketOf } from "../../src/lab/lab-state.ts";
import { stateOf } from "../../src/lab/levers.ts";
import { untilSettled } from "../../src/lab/settling.ts";
import { topologyNamed } from "../../src/lab/topologies.ts";
import { runCommands } from "../../src/lab/vty-client.ts";
import { cli, gatewayPid, ROOT, run, understudy, until } from "./harness.ts";

const LAB = "hsrpstuck";
const article = topologyNamed("article");

async function output(host: string, command: string): Promise<string> {
  return (await runCommands(socketOf(LAB, host), [command])).output;
}

/** What the process's main thread sleeps in, as the kernel calls it: `wait_for_partner` is a pipe's other end. */
function mainSleepsIn(pid: number): string {
  return readFileSync(`/proc/${pid}/task/${pid}/wchan`, "utf8");
}

describe.skipIf(!ROOT)("a gateway whose main thread is stuck", () => {
  let roles = { active: "", standby: "" };

  beforeAll(async () => {
    await understudy("lab", "down", LAB);
    expect(await understudy("lab", "up", "article", "--name", LAB)).toMatchObject({ code: 0, err: "" });
    roles = await untilSettled(LAB, article);
  });
  afterAll(async () => {
    await understudy("lab", "down", LAB);
  });

  test("hands over in an orderly way and is started again", async () => {
    const { active, standby } = roles;
    await until(async () => / standby, epoch \d+, hot$/m.test(await output(standby, "show redundancy gate")));
    const file = join(hostFolder(LAB, active), `${active}.cfg`);
    const pid = await gatewayPid(LAB, active);
    expect(await run("mkfifo", [`${file}.pipe`])).toMatchObject({ code: 0 });
    renameSync(file, `${file}.kept`);
    renameSync(`${file}.pipe`, file);
    const asked = cli(LAB, active, "show startup-config");
    await until(async () => mainSleepsIn(pid) === "wait_for_partner");
    // What is open stays open; the next process finds what it needs.
    renameSync(`${file}.kept`, file);

    await until(async () => (await stateOf(LAB, standby)) === "Active");
    await until(async () => ![0, pid].includes(await gatewayPid(LAB, active)));
    await asked;
    expect(await untilSettled(LAB, article)).toEqual({ active: standby, standby: active });
    expect(await output(standby, "show logging | include %REDUNDANCY-5-TAKEOVER")).toContain("(offered)");
    expect(await output(active, "show logging | include %SUPERVISOR")).toContain("%SUPERVISOR-2-GATEWAY_DIED");
  });
});
