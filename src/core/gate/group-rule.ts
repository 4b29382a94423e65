/** What decides for a group that elects: plain HSRP, or the gate of its scheme. */
import type { HsrpEffect } from "../hsrp/hsrp-machine.ts";
import type { LastWill } from "./liveness-port.ts";

export type Proposal = Extract<HsrpEffect, { do: "propose" }>;

export interface GroupRule {
  /** Whose role word and lease the group's hellos as active leave under. */
  readonly owner: string;
  /** Entering and leaving Active are proposals to this rule. */
  readonly gated: boolean;
  /** This member holds everything that the active holds. */
  readonly synced: boolean;
  /** What a will needs besides the resign. */
  tokens(): LastWill["tokens"];
  proposed(proposal: Proposal, now: number): void;
  /** The group is about to answer for its addresses; and has stopped to. */
  taking(now: number): void;
  released(now: number): void;
  /** The group entered the election, or left it for Init. */
  started(now: number): void;
  stopped(now: number): void;
}
