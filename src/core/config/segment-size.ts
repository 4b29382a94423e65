/**
 * Which largest TCP segment a tunnel holds its connections to, as `ip tcp adjust-mss` asks: the lowest value of the
 * interface that has the crypto map and of those that have none.
 *
 * IOS looks at the SYNs that pass an interface, in both directions. What a tunnel carries passes two: the one with the
 * crypto map, and one that the packet came from or goes to. Its Child SA does not know which one that is; too small a
 * segment costs a header now and then, too large a one is cut into fragments, so the lowest value decides. Packets
 * that no crypto map protects are forwarded by the kernel and left as they are.
 */
import type { Config } from "./config.ts";

/** Octets; `undefined` where nothing asks for it. */
export function tunnelSegmentSize(config: Config, outside: string): number | undefined {
  const { interfaces } = config.net;
  const asked = [...interfaces.values()]
    .filter(({ name }) => name === outside || (config.appliedMaps.get(name) ?? []).length === 0)
    .flatMap(({ adjustMss }) => adjustMss ?? []);
  return asked.length === 0 ? undefined : Math.min(...asked);
}
