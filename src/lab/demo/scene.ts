/** The demonstration as it stands at one moment: what a picture is drawn from. Pure. */
import type { Direction } from "../probe.ts";

export interface Scene {
  readonly heading: string;
  /** The two that share an address. */
  readonly members: readonly { readonly name: string; readonly state: string }[];
  /** From the inside host to the branch's, the pair left out: H1; R3, R4, B1. */
  readonly near: string;
  readonly beyond: readonly string[];
  readonly strips: readonly Strip[];
  /** The newest last. */
  readonly events: readonly string[];
  readonly results: readonly string[];
}

/** One direction of the probes, the newest cell last. */
export interface Strip {
  readonly name: string;
  readonly cells: readonly Cell[];
  readonly sent: number;
  readonly lost: number;
}

/** Of the probes of one moment: all arrived, some, none. */
export type Cell = "all" | "some" | "none";

/** What is on its way, or late by a moment, is not lost yet. */
const ALL_SHARE = 0.95;
const NONE_SHARE = 0.05;
/** Too few to say anything. */
const LEAST_SENT = 10;

/** The strips after another look at the probes; `before` is the last one of the same session. */
export function advanced(
  strips: readonly Strip[],
  before: readonly Direction[] | undefined,
  now: readonly Direction[],
  keptCells: number,
): Strip[] {
  return now.map((direction, at) => {
    const { from, to, sent, lost } = direction;
    const last = before?.[at];
    const cell = cellOf(sent - (last?.sent ?? 0), direction.received - (last?.received ?? 0));
    const cells = [...(strips[at]?.cells ?? []), ...(cell === undefined ? [] : [cell])].slice(-keptCells);
    return { name: `${from} to ${to}`, cells, sent, lost: Math.max(0, lost) };
  });
}

export function cellOf(sent: number, received: number): Cell | undefined {
  if (sent < LEAST_SENT) return undefined;
  if (received >= sent * ALL_SHARE) return "all";
  return received <= sent * NONE_SHARE ? "none" : "some";
}

/** Whether anything came through of late, either way. */
export function isThrough(strips: readonly Strip[]): boolean {
  return strips.length > 0 && strips.every(({ cells }) => cells.length > 0 && cells.at(-1) !== "none");
}
