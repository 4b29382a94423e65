/** What the configuration as a whole asks of the host: each room's part, put together. */
import { protectedFlows } from "../ipsec/protected-flows.ts";
import type { WantedNet } from "../net/net-steps.ts";
import { wantedNet } from "../net/wanted-net.ts";
import type { Config } from "./config.ts";

export function wantedHost(config: Config): WantedNet {
  const crypto = new Set([...config.appliedMaps].flatMap(([name, maps]) => (maps.length > 0 ? [name] : [])));
  return wantedNet(config.net, crypto, protectedFlows(config.ipsec, config.accessLists, config.appliedMaps.values()));
}
