/**
 * A run as it stands in the report's page: probes, states of the members and moments, all in milliseconds after the
 * first deed. What makes it (`page-data.ts`) and what draws it in the browser (`page/page.ts`) share this and no more.
 */
import type { ProbeTrace } from "../probe-trace.ts";

export interface PageRun {
  readonly title: string;
  /** The run's ends, and what is worth a closer look. */
  readonly whole: Range;
  readonly closeUp?: Range;
  readonly directions: readonly PageDirection[];
  readonly lanes: readonly Lane[];
  readonly moments: readonly { readonly atMs: number; readonly what: string }[];
}

export type Range = readonly [fromMs: number, toMs: number];

export interface PageDirection {
  /** `H1 to B1`. */
  readonly name: string;
  readonly lost: number;
  readonly gapMs: number;
  readonly trace: ProbeTrace;
}

export interface Lane {
  readonly member: string;
  /** Its group, where not all of a member's groups moved together; as `Fa0/0 1`. */
  readonly group?: string;
  readonly spans: readonly Span[];
}

export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
  readonly state: LaneState;
}

/** One of HSRP's, or that there is nobody to have one. */
export type LaneState = string | "down" | "stopped";
