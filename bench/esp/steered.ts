/** Plain routing through two gateways whose wire has a crypto map, past access lists that mean other traffic. */
import { fileURLToPath } from "node:url";
import { startIn } from "../support/child.ts";
import { OUTSIDE_LINK } from "../support/site.ts";
import { plain } from "./plain.ts";
import type { System } from "./system.ts";

const SIDE = fileURLToPath(new URL("./steered-side.js", import.meta.url));

export function steered(entries: number): System {
  const routing = plain("routed");
  return {
    name: `plain routing past ${entries} ${entries === 1 ? "entry" : "entries"}`,
    place: "routed",
    start: async site => {
      const sides = (["a", "b"] as const).map(side =>
        startIn(site.namespace(side), [process.execPath, SIDE, OUTSIDE_LINK, `${entries}`]),
      );
      await Promise.all(sides.map(side => side.says(/^ready/m)));
      const running = await routing.start(site);
      return {
        // Nobody's process moves these packets.
        pids: running.pids,
        stop: async () => {
          await running.stop();
          for (const side of sides) {
            side.end();
            await side.ended;
          }
        },
      };
    },
  };
}
