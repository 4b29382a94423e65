/**
 * The active dies in the middle of a renewal: at the moment when a message of its quick mode has gone by. SAs are made
 * to live for few kilobytes, a flood uses them up, and the recorder kills when it sees the message.
 */
import { SystemError } from "../core/errors.ts";
import type { Fault } from "./faults.ts";
import { gatewayPid, type Levers } from "./levers.ts";
import type { Recorder } from "./recorder.ts";
import { REKEY_STEPS, type RekeyStep } from "./rekey-steps.ts";
import { untilHot, untilTunnelled } from "./settling.ts";

const LIFETIME = "crypto ipsec security-association lifetime kilobytes";
const KILOBYTES = 2_560;
const RENEWAL_LIMIT_MS = 60_000;
const POLL_MS = 20;

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

/** New SAs, which live for so few kilobytes. */
async function shortLifetimes(levers: Levers): Promise<void> {
  const { lab, topology, active } = levers;
  const gateways = topology.hosts.filter(each => each.kind === "gateway");
  for (const { name } of gateways) await levers.commands(name, "configure terminal", `${LIFETIME} ${KILOBYTES}`, "end");
  await levers.commands(active, "clear crypto sa");
  await untilTunnelled(lab, topology);
  await untilHot(lab, topology);
}

async function killAt(levers: Levers, step: RekeyStep): Promise<void> {
  const recorder = recorderOf(levers);
  const pid = gatewayPid(levers.lab, levers.active);
  if (pid === undefined) throw new SystemError("kill during a renewal", {}, new Error("the process is not there"));
  levers.mark("a flood uses the keys up");
  const stopFlood = levers.flood();
  try {
    await recorder.killAt(step, pid);
    for (let waitedMs = 0; ; waitedMs += POLL_MS) {
      const { killedAtMs } = await recorder.killed();
      if (killedAtMs !== undefined) return levers.mark(`${levers.active}: SIGKILL at step ${step}`, killedAtMs);
      if (waitedMs > RENEWAL_LIMIT_MS)
        throw new SystemError("kill during a renewal", { step }, new Error("no such message went by"));
      await levers.sleep(POLL_MS);
    }
  } finally {
    stopFlood();
  }
}

function recorderOf({ recorder }: Levers): Recorder {
  if (recorder !== undefined) return recorder;
  throw new SystemError("kill during a renewal", {}, new Error("nobody sees one: it needs --keying ike"));
}
