/** `show track [N] [brief]`: what is watched, whether it is up, and which groups hang on it. */

import type { Track } from "../../core/net/net-model.ts";
import { lengthToMask } from "../../core/wire/prefix.ts";
import type { TrackSnapshot } from "../gateway-port.ts";
import { sinceText } from "./times.ts";

export function showTrack(tracks: readonly TrackSnapshot[]): string[] {
  return tracks.flatMap((each, at) => [...(at === 0 ? [] : [""]), ...objectLines(each)]);
}

function objectLines({ number, track, state, changes, sinceChangeMs, trackedBy }: TrackSnapshot): string[] {
  return [
    `Track ${number}`,
    `  ${objectText(track)}`,
    `  ${stateText(track, state)}`,
    `    ${changes} change${changes === 1 ? "" : "s"}, last change ${sinceText(sinceChangeMs)}`,
    ...(trackedBy.length === 0 ? [] : ["  Tracked by:"]),
    ...trackedBy.map(each => `    HSRP ${each.interface} ${each.group}`),
  ];
}

function objectText(track: Track): string {
  if (track.kind === "interface") return `Interface ${track.interface} ${track.what}`;
  return `IP route ${track.prefix.address} ${lengthToMask(track.prefix.length)} reachability`;
}

function stateText(track: Track, state: TrackSnapshot["state"]): string {
  const word = state === "up" ? "Up" : "Down";
  if (track.kind === "route") return `Reachability is ${word}${state === "up" ? "" : " (no ip route)"}`;
  return `${track.what === "line-protocol" ? "Line protocol" : "IP routing"} is ${word}`;
}

const HEADING = "Track Type        Instance                   Parameter        State Last Change";

export function showTrackBrief(tracks: readonly TrackSnapshot[]): string[] {
  return [HEADING, ...tracks.map(briefLine)];
}

function briefLine({ number, track, state, sinceChangeMs }: TrackSnapshot): string {
  const route = track.kind === "route";
  const columns: [string, number][] = [
    [String(number), 6],
    [route ? "ip route" : "interface", 12],
    [route ? `${track.prefix.address}/${track.prefix.length}` : track.interface, 27],
    [route ? "reachability" : track.what, 17],
    [state === "up" ? "Up" : "Down", 6],
    [sinceText(sinceChangeMs), 0],
  ];
  return columns.map(([text, width]) => text.padEnd(width - 1)).join(" ");
}
