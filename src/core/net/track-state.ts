/** Whether what `track N …` watches is up, from the configuration and the kernel's view. */
import { formatPrefix, networkOf } from "../wire/prefix.ts";
import type { KernelView } from "./kernel-view.ts";
import type { NetModel, Track } from "./net-model.ts";
import { interfaceStatuses } from "./net-view.ts";

export type TrackState = "up" | "down";

export function trackStates(net: NetModel, kernel: KernelView): Map<number, TrackState> {
  const statuses = new Map(interfaceStatuses(net, kernel).map(status => [status.name, status]));
  const isUp = (track: Track): boolean => {
    if (track.kind === "route") {
      const wanted = formatPrefix(networkOf(track.prefix));
      return kernel.routes.some(route => route.kind === "unicast" && formatPrefix(networkOf(route.prefix)) === wanted);
    }
    const status = statuses.get(track.interface);
    const working = status !== undefined && !status.shutdown && status.present && status.up && status.lineUp;
    return working && (track.what === "line-protocol" || status.addresses.length > 0);
  };
  return new Map([...net.tracks].map(([number, track]) => [number, isUp(track) ? "up" : "down"]));
}
