/**
 * What can go wrong, as data: a fault says what happens and for how long, so that the list of a seed can be printed,
 * read and taken apart. Drawing one is `fault-dice.ts`, the attacker's own are `attacks.ts`.
 */
import { type Attack, attack } from "./attacks.ts";
import type { Bed } from "./bed.ts";
import { type TunnelFault, trouble } from "./ike/tunnel-faults.ts";
import type { WireConditions } from "./lossy-wire.ts";
import { RESTART_MS, type Thread } from "./member.ts";

export type Fault =
  | { readonly kind: "weather"; readonly wire: string; readonly conditions: WireConditions; readonly forMs: number }
  | { readonly kind: "cut"; readonly wire: string; readonly forMs: number }
  | { readonly kind: "deaf"; readonly wire: string; readonly from: string; readonly to: string; readonly forMs: number }
  | {
      readonly kind: "unplug";
      readonly member: string;
      readonly wire: string;
      readonly carrierSeen: boolean;
      readonly forMs: number;
    }
  /** The gateway dies, and is started again after `forMs`. */
  | { readonly kind: "death"; readonly member: string; readonly supervised: boolean; readonly forMs: number }
  /** SIGSTOP of gateway and supervisor, later SIGCONT. */
  | { readonly kind: "pause"; readonly member: string; readonly forMs: number }
  /** SIGSTOP of the gateway alone: its supervisor kills it and carries out its will. */
  | { readonly kind: "freeze"; readonly member: string; readonly forMs: number }
  | { readonly kind: "stall"; readonly member: string; readonly thread: Thread; readonly forMs: number }
  | {
      readonly kind: "disk";
      readonly member: string;
      readonly delayMs: number;
      readonly failing: boolean;
      readonly forMs: number;
    }
  | { readonly kind: "log-stall"; readonly forMs: number }
  | { readonly kind: "log-reset" }
  | { readonly kind: "switchover"; readonly member: string; readonly scheme: string }
  | TunnelFault
  | Attack;

export interface TimedFault {
  readonly at: number;
  readonly fault: Fault;
}

export function schedule(bed: Bed, { at, fault }: TimedFault): void {
  bed.clock.at(at, () => {
    bed.world.trace?.say("**", wordsOf(fault));
    bed.disturbedUntil = Math.max(bed.disturbedUntil, bed.now + lastsMs(fault));
    inflict(bed, fault);
  });
}

export function wordsOf({ kind, ...rest }: Fault): string {
  const facts = Object.entries(rest).map(([name, value]) => {
    return `${name}=${typeof value === "number" ? Math.round(value * 100) / 100 : JSON.stringify(value)}`;
  });
  return [kind, ...facts].join(" ");
}

export function faultList(faults: readonly TimedFault[]): string {
  return faults.map(({ at, fault }) => `  at ${at.toFixed(1)} ms: ${wordsOf(fault)}`).join("\n");
}

function lastsMs(fault: Fault): number {
  return "forMs" in fault ? fault.forMs + (fault.kind === "freeze" ? RESTART_MS : 0) : 0;
}

function inflict(bed: Bed, fault: Fault): void {
  const { clock } = bed;
  switch (fault.kind) {
    case "weather": {
      const wire = bed.wire(fault.wire);
      const before = wire.conditions;
      wire.conditions = fault.conditions;
      clock.after(fault.forMs, () => {
        if (wire.conditions === fault.conditions) wire.conditions = before;
      });
      return;
    }
    case "cut":
    case "deaf":
    case "unplug":
      separate(bed, fault);
      return;
    case "disk": {
      const { disk } = bed.member(fault.member);
      Object.assign(disk, { delayMs: fault.delayMs, failing: fault.failing });
      clock.after(fault.forMs, () => Object.assign(disk, { delayMs: 1, failing: false }));
      return;
    }
    case "log-stall":
      bed.stream?.stall(fault.forMs);
      return;
    case "log-reset":
      bed.stream?.reset("cut");
      return;
    case "switchover":
      bed.member(fault.member).switchover(fault.scheme);
      return;
    case "branch-death":
    case "renewal":
    case "clear":
    case "nat-restart":
      trouble(bed, fault);
      return;
    case "forge":
    case "replay":
      attack(bed, fault);
      return;
    default:
      befall(bed, fault);
  }
}

function separate(bed: Bed, fault: Extract<Fault, { kind: "cut" | "deaf" | "unplug" }>): void {
  const { clock } = bed;
  const wire = bed.wire(fault.wire);
  switch (fault.kind) {
    case "cut":
      wire.cut = true;
      clock.after(fault.forMs, () => {
        wire.cut = false;
      });
      return;
    case "deaf":
      wire.cutOneWay(fault.from, fault.to);
      clock.after(fault.forMs, () => wire.mendOneWay(fault.from, fault.to));
      return;
    case "unplug":
      clock.after(fault.forMs, bed.member(fault.member).unplug(fault.wire, fault.carrierSeen));
      return;
  }
  fault satisfies never;
}

function befall(bed: Bed, fault: Extract<Fault, { kind: "death" | "pause" | "freeze" | "stall" }>): void {
  const member = bed.member(fault.member);
  switch (fault.kind) {
    case "death":
      member.die(fault.supervised);
      bed.clock.after(fault.forMs, () => member.start());
      return;
    case "pause":
      member.pause();
      bed.clock.after(fault.forMs, () => member.resume());
      return;
    case "freeze":
      member.freeze();
      return;
    case "stall":
      member.stall(fault.thread, fault.forMs);
      return;
  }
  fault satisfies never;
}
