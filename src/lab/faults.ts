/**
 * The faults by name. Each says what it does to which member, whether the other one takes over, and how it heals. What
 * can be done at all stands in `levers.ts`.
 */
import { UsageError } from "../gateway/run-options.ts";
import type { Damage } from "./cables.ts";
import type { Levers } from "./levers.ts";
import { rekeyFaults } from "./rekey-faults.ts";
import type { Renewal } from "./renegotiation.ts";

/** What a fault may cost at most, in whichever direction costs more. */
export interface Bound {
  readonly measure: "lost" | "gapMs";
  readonly most: number;
  /** It is promised for these timers alone; for any when left out. */
  readonly timers?: string;
}

export interface Fault {
  readonly name: string;
  /** What happens, and to whom. */
  readonly summary: string;
  readonly heals: string;
  /** Who is active while the fault lasts: the other member, the same one, or nobody that can be told beforehand. */
  readonly activeMoves: "moves" | "stays" | "either";
  /** What the far end may see of it. */
  readonly renewal: Renewal;
  /** How long the fault lasts at least, milliseconds. `--duration` replaces it. */
  readonly lastsMs: number;
  /** It strikes both members, or their links as a whole. */
  readonly strikesBoth?: true;
  /** It is done at both ends, and each must have a pair. */
  readonly atBothEnds?: true;
  /** Where something is promised: docs/failover.md. */
  readonly bound?: Bound;
  /** Before probes are sent. Who needs that leaves the lab other than it was. */
  readonly prepare?: (levers: Levers) => Promise<void>;
  /** Done when the fault is there. What lasts by itself lasts for `lastsMs`. */
  readonly inject: (levers: Levers, lastsMs: number) => Promise<void> | void;
  readonly heal: (levers: Levers) => Promise<void> | void;
}

/** What a machine's death is noticed with in time: a hold time of 50 ms. */
export const FAST = "msec 15 msec 50";
const ITSELF = "by itself";
const nothing = (): void => {};

const TAKEOVER_LIMIT_MS = 30_000;
const FLAPS = 10;
const APART_MS = 500;

export const faults: readonly Fault[] = [
  {
    name: "none",
    summary: "nothing: what the probes see of a healthy pair, on this machine",
    heals: ITSELF,
    activeMoves: "stays",
    renewal: "nothing",
    lastsMs: 5_000,
    bound: { measure: "lost", most: 0 },
    inject: nothing,
    heal: nothing,
  },
  {
    name: "switchover",
    summary: "the active is asked to hand over: redundancy force-switchover",
    heals: ITSELF,
    activeMoves: "moves",
    renewal: "nothing",
    lastsMs: 2_000,
    bound: { measure: "lost", most: 0 },
    inject: async levers => void (await levers.commands(levers.active, "redundancy force-switchover")),
    heal: nothing,
  },
  {
    name: "shutdown",
    summary: "the active's outside interface is shut down on its command line",
    heals: "no shutdown",
    activeMoves: "moves",
    renewal: "nothing",
    lastsMs: 2_000,
    bound: { measure: "lost", most: 1 },
    inject: levers => onOutside(levers, levers.active, "shutdown"),
    heal: levers => onOutside(levers, levers.active, "no shutdown"),
  },
  {
    name: "preemption",
    summary: "the standby is given the higher priority and preempts: what a member does that has come back",
    heals: "priority and preemption are taken away again",
    activeMoves: "moves",
    renewal: "nothing",
    lastsMs: 2_000,
    bound: { measure: "lost", most: 0 },
    inject: levers => onOutside(levers, levers.standby, "standby 1 priority 120", "standby 1 preempt"),
    heal: levers => onOutside(levers, levers.standby, "no standby 1 preempt", "no standby 1 priority"),
  },
  {
    name: "kill",
    summary: "the active's gateway process dies (SIGKILL)",
    heals: `${ITSELF}: its supervisor starts it again`,
    activeMoves: "moves",
    renewal: "each pair once",
    lastsMs: 2_000,
    bound: { measure: "gapMs", most: 80 },
    inject: levers => levers.signalGateway(levers.active, "SIGKILL"),
    heal: nothing,
  },
  {
    name: "freeze",
    summary: "the active's gateway process stops (SIGSTOP), its supervisor does not",
    heals: `${ITSELF}: its supervisor kills it and starts it again`,
    activeMoves: "moves",
    renewal: "each pair once",
    lastsMs: 2_000,
    bound: { measure: "gapMs", most: 100, timers: FAST },
    inject: levers => levers.signalGateway(levers.active, "SIGSTOP"),
    heal: nothing,
  },
  {
    name: "dead",
    summary:
      "the active's machine is gone: its links fall silent at once, every process is killed, nothing is announced",
    heals: "the machine boots",
    activeMoves: "moves",
    renewal: "each pair once",
    lastsMs: 2_000,
    bound: { measure: "gapMs", most: 100, timers: FAST },
    inject: levers => levers.powerOff(levers.active),
    heal: async levers => {
      levers.repair();
      await levers.reboot(levers.active);
    },
  },
  {
    name: "zombie",
    summary: "the active's gateway and supervisor stop (SIGSTOP) and go on 10 s later; their kernel lives on",
    heals: "SIGCONT to both",
    activeMoves: "moves",
    renewal: "each pair once",
    lastsMs: 10_000,
    bound: { measure: "gapMs", most: 100, timers: FAST },
    inject: async (levers, lastsMs) => {
      levers.signalBoth(levers.active, "SIGSTOP");
      await levers.sleep(lastsMs);
    },
    heal: levers => levers.signalBoth(levers.active, "SIGCONT"),
  },
  {
    name: "cut-outside",
    summary: "the active's outside cable is pulled: it sees its carrier go",
    heals: "the cable is plugged in",
    activeMoves: "moves",
    renewal: "each pair at most once",
    lastsMs: 2_000,
    inject: levers => levers.plug(levers.active, "outside", false),
    heal: levers => levers.plug(levers.active, "outside", true),
  },
  {
    name: "cut-inside",
    summary: "the active's inside cable is pulled: it sees its carrier go, and gives up the outside too",
    heals: "the cable is plugged in",
    activeMoves: "moves",
    renewal: "each pair at most once",
    lastsMs: 2_000,
    inject: levers => levers.plug(levers.active, "inside", false),
    heal: levers => levers.plug(levers.active, "inside", true),
  },
  {
    name: "cut-both",
    summary: "nothing passes on any cable of the active, which sees no carrier go: two that cannot hear each other",
    heals: "the switches pass everything again; who has the lower epoch yields",
    activeMoves: "moves",
    renewal: "each pair once",
    lastsMs: 3_000,
    strikesBoth: true,
    inject: levers =>
      levers.damage(
        levers.portsOf(levers.active).map(port => ({ port, damage: "everything" })),
        `${levers.active}: cut off from everything`,
      ),
    heal: levers => levers.repair(),
  },
  {
    name: "cut-sync",
    summary: "nothing passes that the two say to each other alone: association, beacons of its paths; the rest does",
    heals: "the switches pass everything again",
    activeMoves: "stays",
    renewal: "nothing",
    lastsMs: 5_000,
    strikesBoth: true,
    bound: { measure: "lost", most: 0 },
    inject: levers => damagePair(levers, "association", "the association is cut"),
    heal: levers => levers.repair(),
  },
  {
    name: "cut-beacons",
    summary: "no beacon passes, by path or segment: HSRP alone is heard, which anybody could have recorded",
    heals: "the switches pass everything again",
    activeMoves: "either",
    renewal: "anything",
    lastsMs: 5_000,
    strikesBoth: true,
    inject: levers => damagePair(levers, "beacons", "the beacons are cut"),
    heal: levers => levers.repair(),
  },
  {
    name: "flap",
    summary: `the active's outside cable goes out and in ${FLAPS} times`,
    heals: "the cable stays in",
    activeMoves: "either",
    renewal: "each pair at most once",
    lastsMs: 10_000,
    inject: async (levers, lastsMs) => {
      const halfMs = lastsMs / FLAPS / 2;
      for (let flap = 0; flap < FLAPS; flap++) {
        levers.plug(levers.active, "outside", false);
        await levers.sleep(halfMs);
        levers.plug(levers.active, "outside", true);
        await levers.sleep(halfMs);
      }
    },
    heal: nothing,
  },
  {
    name: "loss30",
    summary: "30 of 100 frames that either member sends are lost, on every cable",
    heals: "the switches pass everything again",
    activeMoves: "stays",
    renewal: "nothing",
    lastsMs: 10_000,
    strikesBoth: true,
    inject: async (levers, lastsMs) => {
      damagePair(levers, "third", "30 % of the frames are lost");
      await levers.sleep(lastsMs);
    },
    heal: levers => levers.repair(),
  },
  {
    name: "double",
    summary: "the active's gateway process dies, and the other's as soon as it is active",
    heals: `${ITSELF}: their supervisors start them again`,
    activeMoves: "either",
    renewal: "anything",
    lastsMs: 2_000,
    strikesBoth: true,
    inject: async levers => {
      levers.signalGateway(levers.active, "SIGKILL");
      await levers.untilState(levers.standby, "Active", TAKEOVER_LIMIT_MS);
      levers.signalGateway(levers.standby, "SIGKILL");
    },
    heal: nothing,
  },
  {
    name: "both-ends",
    summary: "the gateway processes of the actives at both ends die at once (SIGKILL)",
    heals: `${ITSELF}: their supervisors start them again`,
    activeMoves: "moves",
    lastsMs: 3_000,
    renewal: "each pair at most twice",
    atBothEnds: true,
    bound: { measure: "gapMs", most: 160 },
    inject: levers => killBothEnds(levers, 0),
    heal: nothing,
  },
  {
    name: "both-ends-apart",
    summary: "the active's gateway process dies, and half a second later the other end's (SIGKILL)",
    heals: `${ITSELF}: their supervisors start them again`,
    activeMoves: "moves",
    lastsMs: 3_000,
    renewal: "each pair at most twice",
    atBothEnds: true,
    bound: { measure: "gapMs", most: 160 },
    inject: levers => killBothEnds(levers, APART_MS),
    heal: nothing,
  },
  {
    name: "power",
    summary: "both machines lose their power at once",
    heals: "both boot",
    activeMoves: "either",
    renewal: "anything",
    lastsMs: 1_000,
    strikesBoth: true,
    inject: levers => levers.powerOff(levers.active, levers.standby),
    heal: async levers => {
      levers.repair();
      await Promise.all([levers.reboot(levers.active), levers.reboot(levers.standby)]);
    },
  },
  ...rekeyFaults,
];

/** Nothing has to be done for it to heal, and it does so at once. */
export function isSelfHealing({ heals }: Fault): boolean {
  return heals.startsWith(ITSELF);
}

/** Throws a `UsageError`. */
export function faultNamed(name: string): Fault {
  const found = faults.find(each => each.name === name);
  if (found === undefined)
    throw new UsageError(`no fault "${name}"; there are ${faults.map(each => each.name).join(", ")}`);
  return found;
}

async function onOutside(levers: Levers, host: string, ...commands: readonly string[]): Promise<void> {
  const name = levers.interfaceOn(host, "outside");
  await levers.commands(host, "configure terminal", `interface ${name}`, ...commands, "end");
}

async function killBothEnds(levers: Levers, apartMs: number): Promise<void> {
  const far = await levers.farActive();
  if (apartMs === 0) return levers.signalGateways([levers.active, far], "SIGKILL");
  levers.signalGateway(levers.active, "SIGKILL");
  await levers.sleep(apartMs);
  levers.signalGateway(far, "SIGKILL");
}

function damagePair(levers: Levers, damage: Damage, what: string): void {
  const ports = [levers.active, levers.standby].flatMap(host => levers.portsOf(host));
  levers.damage(
    ports.map(port => ({ port, damage })),
    what,
  );
}

/** Whether a fault's promise was kept by what these directions met; `undefined` where none is made for such timers. */
export function isBoundKept(
  { bound }: Fault,
  timers: string | undefined,
  directions: readonly { readonly lost: number; readonly gapMs: number }[],
): boolean | undefined {
  if (bound === undefined) return undefined;
  if (bound.timers !== undefined && bound.timers !== timers) return undefined;
  return directions.every(each => each[bound.measure] <= bound.most);
}

export function boundText({ measure, most }: Bound): string {
  return measure === "lost" ? `lost <= ${most} each way` : `gap <= ${most} ms`;
}
