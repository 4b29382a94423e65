/** What the configuration as a whole asks of the host: each room's part, put together. */
import type { WantedNet } from "../net/net-steps.ts";
import { wantedNet } from "../net/wanted-net.ts";
import type { Config } from "./config.ts";

/** `held` interfaces stay up although they are shut: their groups have not given everything up yet. */
export function wantedHost(config: Config, held: ReadonlySet<string> = new Set()): WantedNet {
  const crypto = new Set([...config.appliedMaps].flatMap(([name, maps]) => (maps.length > 0 ? [name] : [])));
  return wantedNet(config.net, crypto, held);
}
