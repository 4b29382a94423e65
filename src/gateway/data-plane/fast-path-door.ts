/** Opens the userspace data plane on this host: its devices, its sockets, and which member of the pair this is. */
import type { Config } from "../../core/config/config.ts";
import type { DataPlane } from "../../core/ipsec/data-plane.ts";
import type { Member } from "../../core/ipsec/iv-layout.ts";
import { STEERING_MARK } from "../../core/net/steering.ts";
import { compareIp } from "../../core/wire/address.ts";
import type { RoleWords } from "../../linux/role-words.ts";
import { UserspaceDataPlane } from "../../linux/userspace-data-plane.ts";
import { raiseTun } from "./tun-device.ts";

export interface OpenedPlane {
  readonly plane: DataPlane;
  /** Where routes of protected destinations lead. */
  readonly outboundIndex: number | undefined;
  /** Where arrivals in clear are looked at. */
  readonly guardIndex: number | undefined;
}

/** Throws a `SystemError`. */
export type PlaneOpener = (config: Config) => OpenedPlane;

const TUN = "understudy0";
const GUARD = "understudy1";
const ESP_IN_UDP_PORT = 4_500;
/** Ten thousand tunnels, rekeying, with room. */
const PLACES = 65_536;

export function fastPathOpener(roles: RoleWords, lineOf: (owner: string) => number): PlaneOpener {
  return config => {
    const plane = new UserspaceDataPlane({
      roles: roles.octets,
      lineOf,
      member: memberOf(config),
      places: PLACES,
      because: config.ipsec.dataPlane === undefined ? "the only one there is" : "configured",
      doors: { tun: TUN, guard: GUARD, port: ESP_IN_UDP_PORT, mark: STEERING_MARK, rawEsp: true, threads: 0 },
    });
    return { plane, outboundIndex: raiseTun(TUN), guardIndex: raiseTun(GUARD) };
  };
}

/** The pair must agree who is who and has nothing but the association's addresses to tell by: the lower is 0. */
export function memberOf(config: Config): Member {
  for (const { sctp } of config.ipc.associations.values()) {
    const [local] = sctp?.local?.addresses ?? [];
    const [remote] = sctp?.remote?.addresses ?? [];
    if (local !== undefined && remote !== undefined) return compareIp(local, remote) < 0 ? 0 : 1;
  }
  return 0;
}
