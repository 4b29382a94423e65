/**
 * Keeps the kernel's steering as the crypto maps want it: before the interfaces change what must stand, afterwards what
 * may go, and again whenever a device came or went.
 */
import type { WantedProtection } from "../../core/config/wanted-protection.ts";
import { SystemError } from "../../core/errors.ts";
import { log } from "../../core/log/catalogue.ts";
import type { LogEvent } from "../../core/log/message.ts";
import {
  GUARD_NEXTHOP,
  type NexthopTarget,
  NO_STEERING,
  type SteeringStep,
  type SteeringView,
  type WantedSteering,
} from "../../core/net/steering.ts";
import { planSteering } from "../../core/net/steering-plan.ts";
import type { SteeringTarget } from "../liveness/steering-door.ts";

export interface SteeringHost {
  view(): SteeringView;
  perform(step: SteeringStep): void;
}

/** Where packets can be steered to now. */
export interface SteeringDevices {
  readonly outbound: NexthopTarget | undefined;
  readonly guard: NexthopTarget | undefined;
  /** The other member's inside address. */
  readonly peer: NexthopTarget | undefined;
}

export class SteeringKeeper {
  readonly #host: SteeringHost;
  readonly #report: (event: LogEvent) => void;
  /** Whether its role word says active. */
  readonly #isActive: (owner: string) => boolean;
  readonly #nexthops = new Map<string, number>();
  readonly #refused = new Set<string>();
  #wanted: WantedSteering = NO_STEERING;

  constructor(host: SteeringHost, report: (event: LogEvent) => void, isActive: (owner: string) => boolean) {
    this.#host = host;
    this.#report = report;
    this.#isActive = isActive;
  }

  /** Makes everything that is to stand; returns what the kernel refused, as sentences. */
  prepare(protection: WantedProtection, devices: SteeringDevices): string[] {
    this.#refused.clear();
    this.#wanted = this.#steeringFor(protection, devices);
    return this.#perform("before");
  }

  /** Takes away what is not wanted any more. */
  settle(): string[] {
    return this.#perform("after");
  }

  /** The devices changed: what went with them is made again. */
  repair(protection: WantedProtection, devices: SteeringDevices): void {
    this.#wanted = this.#steeringFor(protection, devices);
    this.#perform("before");
    this.#perform("after");
  }

  remove(): void {
    this.#wanted = NO_STEERING;
    this.#perform("before");
    this.#perform("after");
  }

  /** For whoever changes roles. */
  targets({ outbound, peer }: SteeringDevices): SteeringTarget[] {
    if (outbound === undefined) return [];
    return [...this.#nexthops].map(([owner, nexthop]) => ({ owner, nexthop, active: outbound, elsewhere: peer }));
  }

  #steeringFor(protection: WantedProtection, devices: SteeringDevices): WantedSteering {
    const { outbound, guard, guardedDevices, outer } = protection;
    if (outbound.length === 0 && guard.length === 0) return NO_STEERING;
    for (const { owner } of outbound) if (!this.#nexthops.has(owner)) this.#nexthops.set(owner, this.#nextId());
    const nexthops = [...this.#nexthops].map(([owner, id]) => {
      const away = devices.peer !== undefined && !this.#isActive(owner);
      return { id, target: away ? devices.peer : devices.outbound };
    });
    return {
      guarded: guardedDevices,
      outbound: outbound.map(({ prefix, owner }) => ({ prefix, nexthop: this.#nexthops.get(owner) ?? GUARD_NEXTHOP })),
      guard,
      outer,
      nexthops: [{ id: GUARD_NEXTHOP, target: devices.guard }, ...nexthops],
    };
  }

  #nextId(): number {
    return GUARD_NEXTHOP + 1 + this.#nexthops.size;
  }

  #perform(half: "before" | "after"): string[] {
    const refusals: string[] = [];
    for (const step of planSteering(this.#wanted, this.#host.view())[half]) {
      try {
        this.#host.perform(step);
      } catch (error) {
        if (!(error instanceof SystemError)) throw error;
        const what = stepWords(step);
        if (!this.#refused.has(what)) this.#report(log.sys.kernelRefused({ what, reason: error.message }));
        this.#refused.add(what);
        refusals.push(`the kernel refused to ${what}: ${error.message}`);
      }
    }
    return refusals;
  }
}

function stepWords(step: SteeringStep): string {
  switch (step.do) {
    case "add-nexthop":
    case "remove-nexthop":
      return `${step.do === "add-nexthop" ? "add" : "remove"} a nexthop of what crypto maps protect`;
    case "set-routes":
    case "remove-routes":
      return `${step.do === "set-routes" ? "set" : "remove"} ${step.routes.length} routes of what crypto maps protect`;
    case "add-steering-rule":
    case "remove-steering-rule":
    case "local-after-guard":
      return `${step.do === "remove-steering-rule" ? "remove" : "add"} a routing rule for what crypto maps protect`;
  }
  return step satisfies never;
}
