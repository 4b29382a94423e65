/**
 * What a gateway tells its supervisor, one line each over a pipe: that its liveness thread is alive, and what is to be
 * done when it is not. The supervisor has only these lines: it knows nothing of HSRP.
 */

/** One group that this member answers for. */
export interface WillOfGroup {
  readonly group: string;
  /** The interface that the frames leave by. */
  readonly parent: number;
  /** The link that has the addresses, and the addresses with their lengths. */
  readonly addressLink: number;
  readonly addresses: readonly string[];
  /** Taken down last; absent where the interface's own MAC address is used. */
  readonly virtualLink?: number;
  /** Whole frames, hexadecimal. */
  readonly frames: readonly string[];
  readonly datagrams: readonly WillDatagram[];
}

export interface WillDatagram {
  readonly to: string;
  readonly port: number;
  /** The address to send from, or for a multicast group the interface. */
  readonly from?: string;
  readonly link?: number;
  /** Hexadecimal. */
  readonly octets: string;
}

export type SupervisorLine =
  /** The liveness thread made a turn at this time, milliseconds of CLOCK_MONOTONIC. */
  | { readonly kind: "beat"; readonly at: number }
  /** `holdMs` is the shortest hold time of the groups. */
  | { readonly kind: "will"; readonly holdMs: number; readonly groups: readonly WillOfGroup[] }
  /** The main thread does not answer any more, and everything was given up: start the gateway again. */
  | { readonly kind: "stuck" };

/** By the shortest hold time at stake: a death is noticed some three milliseconds after a beat is missing. */
export function beatEveryMs(holdMs: number): number {
  return Math.min(SLOWEST_BEAT_MS, Math.max(FASTEST_BEAT_MS, holdMs / 20));
}

const FASTEST_BEAT_MS = 5;
const SLOWEST_BEAT_MS = 10;
/** Short, because it is sent up to two hundred times a second. */
const BEAT = "b";

export function formatLine(line: SupervisorLine): string {
  return line.kind === "beat" ? `${BEAT}${line.at}\n` : `${JSON.stringify(line)}\n`;
}

/** Lines out of what a pipe gives; a rest without its end is kept for the next time. */
export class LineReader {
  #rest = "";

  read(text: string): SupervisorLine[] {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    return lines.map(parseLine);
  }
}

function parseLine(line: string): SupervisorLine {
  return line.startsWith(BEAT) ? { kind: "beat", at: Number(line.slice(1)) } : (JSON.parse(line) as SupervisorLine);
}
