/**
 * The active dies in the middle of a renewal: at the moment when a message of its quick mode has gone by. SAs are made
 * to live for few kilobytes, a flood uses them up, and a program between the gateways kills when it sees the message.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { SystemError } from "../core/errors.ts";
import type { Fault } from "./faults.ts";
import { gatewayPid, type Levers } from "./levers.ts";
import { LabProgram } from "./program.ts";
import { REKEY_STEPS, type RekeyStep } from "./rekey-steps.ts";
import { untilHot, untilTunnelled } from "./settling.ts";

const LIFETIME = "crypto ipsec security-association lifetime kilobytes";
const KILOBYTES = 2_560;
const RENEWAL_LIMIT_MS = 60_000;

export interface RekeyWatchSettings {
  readonly devices: readonly string[];
  readonly step: RekeyStep;
  /** Who is killed. */
  readonly pid: number;
}

export interface RekeyKilled {
  /** CLOCK_MONOTONIC. */
  readonly killedAtMs: number;
}

const moments: Readonly<Record<RekeyStep, string>> = {
  1: "the first message of a quick mode has gone by",
  2: "the second has",
  3: "the third has",
  4: "the older SA's deletion has",
};

export const rekeyFaults: readonly Fault[] = REKEY_STEPS.map(step => ({
  name: `kill-during-rekey-${step}`,
  summary: `the active's gateway process dies (SIGKILL) when, in a renewal of keys, ${moments[step]}`,
  heals: "by itself: its supervisor starts it again",
  activeMoves: "moves",
  renewal: "no login",
  lastsMs: 2_000,
  prepare: shortLifetimes,
  inject: levers => killAt(levers, step),
  heal: () => {},
}));

/** New SAs, which live for so few kilobytes; who is killed must come back with the same configuration. */
async function shortLifetimes(levers: Levers): Promise<void> {
  const { lab, topology, active } = levers;
  const gateways = topology.hosts.filter(each => each.kind === "gateway");
  for (const { name } of gateways)
    await levers.commands(name, "configure terminal", `${LIFETIME} ${KILOBYTES}`, "end", "write memory");
  await levers.commands(active, "clear crypto sa");
  await untilTunnelled(lab, topology);
  await untilHot(lab, topology);
}

async function killAt(levers: Levers, step: RekeyStep): Promise<void> {
  const pid = gatewayPid(levers.lab, levers.active);
  if (pid === undefined) throw new SystemError("kill during a renewal", {}, new Error("the process is not there"));
  const watch = await rekeyWatch(levers, { step, pid });
  levers.mark("a flood uses the keys up");
  const stopFlood = levers.flood();
  try {
    const { killedAtMs } = await withinLimit(watch.ask<RekeyKilled>({}), step);
    levers.mark(`${levers.active}: SIGKILL at step ${step}`, killedAtMs);
  } finally {
    stopFlood();
    watch.close();
  }
}

function rekeyWatch({ lab, topology }: Levers, aim: Omit<RekeyWatchSettings, "devices">): Promise<LabProgram> {
  const { recorder } = topology;
  if (recorder === undefined)
    throw new SystemError("kill during a renewal", {}, new Error("this topology has no place to see one from"));
  const settings: RekeyWatchSettings = { devices: recorder.devices, ...aim };
  return LabProgram.start(lab, recorder.host, "./rekey-watch-process.js", settings);
}

async function withinLimit<T>(answer: Promise<T>, step: RekeyStep): Promise<T> {
  const late = new AbortController();
  const limit = sleep(RENEWAL_LIMIT_MS, undefined, { signal: late.signal }).then(() => {
    throw new SystemError("kill during a renewal", { step }, new Error("no such message went by; --keying ike?"));
  });
  // Whichever is not waited for any more ends without a word.
  for (const each of [answer, limit]) each.catch(() => {});
  try {
    return await Promise.race([answer, limit]);
  } finally {
    late.abort();
  }
}
