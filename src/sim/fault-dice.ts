/** Draws the faults of a seed: how many, which, when, for how long. All of them end before `endMs`. */
import type { Fault, TimedFault } from "./faults.ts";
import type { WireConditions } from "./lossy-wire.ts";
import type { Thread } from "./member.ts";
import type { Random } from "./random.ts";

export interface FaultScope {
  readonly members: readonly string[];
  readonly branches?: readonly string[];
  readonly wires: readonly string[];
  /** Where HSRP is spoken, which is where an attacker would be. */
  readonly segments: readonly string[];
  readonly scheme: string | undefined;
  readonly holdMs: number;
  readonly fromMs: number;
  readonly endMs: number;
  readonly attacked: boolean;
}

type Drawn = readonly [weight: number, draw: (random: Random, scope: FaultScope, forMs: number) => Fault];

const MEMBER_FAULTS: readonly Drawn[] = [
  [3, death],
  [2, (random, { members }, forMs) => ({ kind: "pause", member: random.pick(members), forMs })],
  [1, (random, { members }, forMs) => ({ kind: "freeze", member: random.pick(members), forMs })],
  [3, stall],
];
const WIRE_FAULTS: readonly Drawn[] = [
  [
    2,
    (random, { wires }, forMs) => ({ kind: "weather", wire: random.pick(wires), conditions: weather(random), forMs }),
  ],
  [3, (random, { wires }, forMs) => ({ kind: "cut", wire: random.pick(wires), forMs })],
  [2, deaf],
  [2, unplug],
];
const SCHEME_FAULTS: readonly Drawn[] = [
  [1, disk],
  [1, (_random, _scope, forMs) => ({ kind: "log-stall", forMs })],
  [1, () => ({ kind: "log-reset" })],
  [2, (random, { members, scheme }) => ({ kind: "switchover", member: random.pick(members), scheme: scheme ?? "" })],
];
const TUNNEL_FAULTS: readonly Drawn[] = [
  [2, (random, { branches }, forMs) => ({ kind: "branch-death", branch: random.pick(branches ?? []), forMs })],
  [
    3,
    (random, { branches }) => {
      return { kind: "renewal", branch: random.pick(branches ?? []), by: random.pick(["branch", "active"] as const) };
    },
  ],
  [1, (random, { branches }) => ({ kind: "nat-restart", branch: random.pick(branches ?? []) })],
  [1, (random, { members, branches }) => ({ kind: "clear", at: random.pick([...members, ...(branches ?? [])]) })],
];
const ATTACKS: readonly Drawn[] = [
  [2, forge],
  [1, replay],
];

export function drawFaults(random: Random, scope: FaultScope): TimedFault[] {
  const list = [
    ...MEMBER_FAULTS,
    ...WIRE_FAULTS,
    ...(scope.scheme === undefined ? [] : SCHEME_FAULTS),
    ...(scope.branches === undefined ? [] : TUNNEL_FAULTS),
    ...(scope.attacked ? ATTACKS : []),
  ];
  return draw(random, scope, list, random.integer(2, 12));
}

export function drawAttacks(random: Random, scope: FaultScope): TimedFault[] {
  return draw(random, scope, ATTACKS, random.integer(4, 12));
}

/** Loss to 40 %, duplication to 10 %, delays that reorder. */
export function weather(random: Random): WireConditions {
  const minDelayMs = random.between(0.05, 1);
  return {
    loss: random.pick([0, 0.01, 0.1, 0.3, 0.4]),
    duplication: random.pick([0, 0, 0.1]),
    minDelayMs,
    maxDelayMs: minDelayMs + random.pick([0.2, 2, 8]),
  };
}

function draw(random: Random, scope: FaultScope, list: readonly Drawn[], count: number): TimedFault[] {
  const lot = list.flatMap(([weight, each]) => Array.from({ length: weight }, () => each));
  const faults = Array.from({ length: count }, (): TimedFault => {
    const forMs = lasting(random, scope);
    const at = random.between(scope.fromMs, scope.endMs - forMs - END_MS);
    return { at, fault: random.pick(lot)(random, scope, forMs) };
  });
  return faults.sort((a, b) => a.at - b.at);
}

/** What a fault leaves behind (a restart, a thread that wakes) is over before the end too. */
const END_MS = 3_000;
const RESTART_AT_LEAST_MS = 100;

/** From far below the hold time to far above it, every order of magnitude alike. */
function lasting(random: Random, { holdMs, fromMs, endMs }: FaultScope): number {
  const forMs = holdMs * Math.exp(random.between(Math.log(0.2), Math.log(20)));
  return Math.max(1, Math.min(forMs, (endMs - fromMs - END_MS) / 3));
}

function death(random: Random, { members }: FaultScope, forMs: number): Fault {
  const restartMs = Math.max(forMs, RESTART_AT_LEAST_MS);
  return { kind: "death", member: random.pick(members), supervised: random.chance(0.5), forMs: restartMs };
}

function stall(random: Random, { members }: FaultScope, forMs: number): Fault {
  const thread = random.pick<Thread>(["main", "liveness", "liveness", "fast path"]);
  return { kind: "stall", member: random.pick(members), thread, forMs };
}

function deaf(random: Random, { members, wires }: FaultScope, forMs: number): Fault {
  const from = random.pick(members);
  const to = random.pick(members.filter(name => name !== from));
  return { kind: "deaf", wire: random.pick(wires), from, to, forMs };
}

function unplug(random: Random, { members, wires }: FaultScope, forMs: number): Fault {
  const carrierSeen = random.chance(0.7);
  return { kind: "unplug", member: random.pick(members), wire: random.pick(wires), carrierSeen, forMs };
}

function disk(random: Random, { members }: FaultScope, forMs: number): Fault {
  const failing = random.chance(0.5);
  return { kind: "disk", member: random.pick(members), delayMs: random.between(1, 500), failing, forMs };
}

function forge(random: Random, { members, segments }: FaultScope, forMs: number): Fault {
  const times = random.integer(1, 30);
  return {
    kind: "forge",
    wire: random.pick(segments),
    opcode: random.pick(["hello", "coup", "resign"] as const),
    state: random.pick(["active", "standby", "speak"] as const),
    priority: random.pick([0, 100, 150, 255]),
    as: random.pick([...members, "stranger"]),
    knowsKey: random.chance(0.7),
    times,
    everyMs: forMs / times,
    forMs,
  };
}

function replay(random: Random, { segments }: FaultScope, forMs: number): Fault {
  const times = random.integer(10, 100);
  return {
    kind: "replay",
    wire: random.pick(segments),
    tampered: random.chance(0.4),
    times,
    everyMs: forMs / times,
    forMs,
  };
}
