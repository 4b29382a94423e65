/** Our own data plane: the fast path in a process of its own on each gateway, keyed by hand. */
import { fileURLToPath } from "node:url";
import { type Child, startIn } from "../support/child.ts";
import { INSIDE, NETS, type Place, type Site } from "../support/site.ts";
import { type GatewayOrders, innerMtu, MANY_NET } from "./keyed-sas.ts";
import type { System } from "./system.ts";

const GATEWAY = fileURLToPath(new URL("./gateway.js", import.meta.url));
export const TUN = "us-esp";
const TUN_QUEUE = 2000;

export type Variant = Partial<Omit<GatewayOrders, "side">> & Pick<GatewayOrders, "encryption">;

export function understudy(name: string, variant: Variant, place: Place = "pair"): System {
  const orders = { udp: true, crypto: "auto" as const, sas: 1, ...variant };
  return {
    name,
    place,
    many: true,
    start: async site => {
      const sides = await Promise.all([
        startSide(site, { ...orders, side: "a" }),
        startSide(site, { ...orders, side: "b" }),
      ]);
      return {
        pids: sides.map(({ pid }) => pid),
        stop: async () => {
          for (const side of sides) {
            side.end();
            await side.ended;
            if (process.env.BENCH_VERBOSE !== undefined) console.log(`${name}: ${side.said().trim()}`);
          }
          site.ip("b", `route delete local ${MANY_NET} dev lo`);
        },
      };
    },
  };
}

async function startSide(site: Site, orders: GatewayOrders): Promise<Child> {
  const { side } = orders;
  const child = startIn(site.namespace(side), [process.execPath, GATEWAY, JSON.stringify(orders)]);
  await child.says(/^ready/m);
  const other = side === "a" ? "b" : "a";
  site.ip(
    side,
    `link set ${TUN} mtu ${innerMtu(orders)} txqueuelen ${TUN_QUEUE} up`,
    `route add ${NETS[other]} dev ${TUN} src ${INSIDE[side]}`,
  );
  if (side === "a") site.ip("a", `route add ${MANY_NET} dev ${TUN} src ${INSIDE.a}`);
  else site.ip("b", `route add local ${MANY_NET} dev lo`);
  return child;
}
