/** The wire itself, without any tunnel: what everything else is a fraction of. */
import { NETS, OUTSIDE, type Place } from "../support/site.ts";
import type { System } from "./system.ts";

export function plain(place: Place): System {
  return {
    name: place === "pair" ? "plain veth" : "plain routing",
    place,
    start: async site => {
      site.ip("a", `route add ${NETS.b} via ${OUTSIDE.b}`);
      site.ip("b", `route add ${NETS.a} via ${OUTSIDE.a}`);
      return {
        pids: [],
        stop: async () => {
          site.ip("a", `route delete ${NETS.b}`);
          site.ip("b", `route delete ${NETS.a}`);
        },
      };
    },
  };
}
