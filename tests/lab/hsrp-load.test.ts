/**
 *      R1, R2 under full load
 *
 * A machine whose processors are all taken by others is no reason to take over: with msec 50 msec 150 nobody moves.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { labUp } from "../../src/lab/lab.ts";
import { socketOf } from "../../src/lab/lab-state.ts";
import { untilSettled } from "../../src/lab/settling.ts";
import { topologyNamed } from "../../src/lab/topologies.ts";
import { runCommands } from "../../src/lab/vty-client.ts";
import { ROOT, understudy } from "./harness.ts";

const LAB = "hsrpload";
const article = topologyNamed("article");
const LOADED_SECONDS = process.env.UNDERSTUDY_FULL ? 60 : 15;

async function changes(host: string): Promise<string[]> {
  const { output } = await runCommands(socketOf(LAB, host), ["show logging | include HSRP-5-STATECHANGE"]);
  return output.split(/\r?\n/).filter(line => line.includes("%HSRP"));
}

async function deaths(host: string): Promise<string> {
  return (await runCommands(socketOf(LAB, host), ["show logging | include GATEWAY.DIED"])).output.trim();
}

describe.skipIf(!ROOT)("a loaded machine", () => {
  const load: ChildProcess[] = [];

  beforeAll(async () => {
    await understudy("lab", "down", LAB);
    await labUp(article, LAB, { timers: "msec 50 msec 150" });
    await untilSettled(LAB, article);
  });
  afterAll(async () => {
    for (const each of load) each.kill("SIGKILL");
    await understudy("lab", "down", LAB);
  });

  test(`${LOADED_SECONDS} s with every processor taken: no state change, and nobody is killed for it`, async () => {
    const before = await Promise.all(article.pair.map(changes));
    for (let processor = 0; processor < availableParallelism(); processor++)
      load.push(spawn("sh", ["-c", "while :; do :; done"], { stdio: "ignore" }));
    await new Promise(resolve => setTimeout(resolve, LOADED_SECONDS * 1000));
    const after = await Promise.all(article.pair.map(changes));
    for (const each of load.splice(0)) each.kill("SIGKILL");
    expect(after).toEqual(before);
    expect(await Promise.all(article.pair.map(deaths))).toEqual(article.pair.map(() => ""));
    expect((await untilSettled(LAB, article)).active).toBeDefined();
  });
});
