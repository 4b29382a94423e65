/**
 * Which state each member was in at which moment of a run, read from what it logged and from what was done to it: a
 * gateway logs every change of state with its time, and one that was killed or stopped says nothing. Pure.
 */
import type { RunOutcome } from "../fault-run.ts";
import { groupOf, type StandbyRow } from "../standby-brief.ts";
import type { Lane, LaneState, Span } from "./page-run.ts";

interface Change {
  readonly atMs: number;
  /** Of one group, of all when left out. */
  readonly group?: string;
  /** `"as before"`: who was stopped goes on with what it was. */
  readonly state: LaneState | "as before";
}

const STATE_CHANGE = /%HSRP-5-STATECHANGE: ([A-Z][A-Za-z-]+?)([\d/.]+) Grp (\d+) state \S+ -> (\S+)/;
const RESTARTED = /%SYS-5-RESTART:/;
const DEED = /^(\S+): (SIGKILL|SIGSTOP|SIGCONT) to /;
const AFTER_DEED: Readonly<Record<string, Change["state"]>> = {
  SIGKILL: "down",
  SIGSTOP: "stopped",
  SIGCONT: "as before",
};
/** Groups that follow one another change within this time. */
const TOGETHER_MS = 50;

type Told = Pick<RunOutcome, "originAt" | "statesBefore" | "timeline" | "log">;

/** `fromMs` and `toMs` are the run's ends, after the first deed. */
export function memberLanes(outcome: Told, fromMs: number, toMs: number): Lane[] {
  return Object.entries(outcome.statesBefore).flatMap(([member, rows]) => {
    const changes = changesOf(member, outcome);
    const lanes = rows.map(row => ({
      member,
      group: groupOf(row),
      spans: spansOf(row, changes, fromMs, toMs),
    }));
    const different = lanes.filter((lane, at) => !lanes.slice(0, at).some(each => areTogether(each, lane)));
    const [only] = different;
    return different.length === 1 && only !== undefined ? [{ member, spans: only.spans }] : different;
  });
}

function changesOf(member: string, { originAt, timeline, log }: Told): Change[] {
  const deeds = timeline.flatMap(({ atMs, what }): Change[] => {
    const [, host, signal = ""] = DEED.exec(what) ?? [];
    const state = AFTER_DEED[signal];
    return host === member && state !== undefined ? [{ atMs, state }] : [];
  });
  const logged = (log[member] ?? []).flatMap((line): Change[] => {
    const atMs = (momentOf(line, originAt) ?? 0) - originAt;
    if (RESTARTED.test(line)) return [{ atMs, state: "Init" }];
    const [, kind = "", number = "", group = "", state] = STATE_CHANGE.exec(line) ?? [];
    return state === undefined ? [] : [{ atMs, group: `${kind.slice(0, 2)}${number} ${group}`, state }];
  });
  return [...deeds, ...logged].sort((a, b) => a.atMs - b.atMs);
}

function spansOf(row: StandbyRow, changes: readonly Change[], fromMs: number, toMs: number): Span[] {
  const spans: Span[] = [];
  let last: LaneState = row.state;
  let state: LaneState = row.state;
  let since = fromMs;
  for (const change of changes) {
    if (change.group !== undefined && change.group !== groupOf(row)) continue;
    const next = change.state === "as before" ? last : change.state;
    if (next === state) continue;
    const at = Math.min(Math.max(change.atMs, since), toMs);
    if (at > since) spans.push({ fromMs: since, toMs: at, state });
    if (next !== "stopped") last = next;
    state = next;
    since = at;
  }
  if (toMs > since) spans.push({ fromMs: since, toMs, state });
  return spans;
}

function areTogether(one: Lane, other: Lane): boolean {
  if (one.spans.length !== other.spans.length) return false;
  return one.spans.every((span, at) => {
    const same = other.spans[at];
    return same?.state === span.state && Math.abs(same.fromMs - span.fromMs) <= TOGETHER_MS;
  });
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const STAMP = /^\*([A-Z][a-z]{2}) +(\d+) (\d\d):(\d\d):(\d\d)\.(\d{3})/;

/** Milliseconds since 1970 of a line of the log, which names no year: the one that is nearest to `nearMs`. */
export function momentOf(line: string, nearMs: number): number | undefined {
  const [, month = "", ...numbers] = STAMP.exec(line) ?? [];
  const [day = 0, hours = 0, minutes = 0, seconds = 0, millis = 0] = numbers.map(Number);
  if (month === "") return undefined;
  const year = new Date(nearMs).getFullYear();
  const candidates = [year - 1, year, year + 1].map(each =>
    new Date(each, MONTHS.indexOf(month), day, hours, minutes, seconds, millis).getTime(),
  );
  return candidates.toSorted((a, b) => Math.abs(a - nearMs) - Math.abs(b - nearMs))[0];
}
