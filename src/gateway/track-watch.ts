/** Tracking objects over time: their states now, how often they changed and when, and who hangs on them. */
import type { TrackSnapshot } from "../cli/gateway-port.ts";
import type { Config } from "../core/config/config.ts";
import type { KernelView } from "../core/net/kernel-view.ts";
import { type TrackState, trackStates } from "../core/net/track-state.ts";

interface Seen {
  readonly state: TrackState;
  readonly changes: number;
  readonly since: number;
}

export class TrackWatch {
  #seen = new Map<number, Seen>();

  /** Takes what the host is like now; `nowMs` is monotonic. */
  see(config: Config, view: KernelView, nowMs: number): ReadonlyMap<number, TrackState> {
    const states = trackStates(config.net, view);
    this.#seen = new Map([...states].map(([number, state]) => [number, follow(this.#seen.get(number), state, nowMs)]));
    return states;
  }

  snapshots(config: Config, nowMs: number): TrackSnapshot[] {
    return [...config.net.tracks].flatMap(([number, track]) => {
      const seen = this.#seen.get(number);
      if (seen === undefined) return [];
      const { state, changes, since } = seen;
      return [{ number, track, state, changes, sinceChangeMs: nowMs - since, trackedBy: trackedBy(config, number) }];
    });
  }
}

function follow(before: Seen | undefined, state: TrackState, nowMs: number): Seen {
  if (before === undefined) return { state, changes: 1, since: nowMs };
  return before.state === state ? before : { state, changes: before.changes + 1, since: nowMs };
}

function trackedBy(config: Config, object: number): { interface: string; group: number }[] {
  return [...config.hsrp].flatMap(([name, { groups }]) =>
    [...groups.values()].flatMap(group => (group.tracks.has(object) ? [{ interface: name, group: group.number }] : [])),
  );
}
