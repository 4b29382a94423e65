/**
 * The HSRP groups that `show standby` is about: what is configured, joined with what the liveness thread says of those
 * that run. A configured group that does not run is in Init, and the reason is told.
 */
import { compareInterfaces } from "../../core/command/interface-name.ts";
import type { Config } from "../../core/config/config.ts";
import type { GroupSnapshot, InitReason } from "../../core/gate/liveness-port.ts";
import type { HsrpGroupModel, HsrpInterfaceModel } from "../../core/hsrp/hsrp-model.ts";
import { defaultGroupName } from "../../core/hsrp/hsrp-names.ts";
import { isOfIpv6 } from "../../core/hsrp/virtual-ipv6.ts";
import type { InterfaceModel } from "../../core/net/net-model.ts";
import type { InterfaceStatus } from "../../core/net/net-status.ts";
import type { GatewayPort, TrackSnapshot } from "../gateway-port.ts";

export interface ShownGroup {
  readonly interface: string;
  readonly hsrp: HsrpInterfaceModel;
  readonly model: HsrpGroupModel;
  readonly net: InterfaceModel | undefined;
  readonly status: InterfaceStatus | undefined;
  /** `undefined` while the group does not run. */
  readonly running: GroupSnapshot | undefined;
  /** By number; only those that exist. */
  readonly tracks: ReadonlyMap<number, TrackSnapshot>;
}

/** Which groups to show: of one interface, and of that one group. */
export interface GroupChoice {
  readonly interface?: string | undefined;
  readonly group?: number | undefined;
}

/** In the order of interfaces and group numbers. */
export async function shownGroups(gateway: GatewayPort, choice: GroupChoice = {}): Promise<ShownGroup[]> {
  const config = gateway.config();
  const [view, objects] = [await gateway.hsrp(), await gateway.tracks()];
  const running = new Map(view.groups.map(each => [keyOf(each.group.settings), each]));
  const statuses = new Map(gateway.interfaces().map(each => [each.name, each]));
  const tracks = new Map(objects.map(each => [each.number, each]));
  return configured(config)
    .filter(each => choice.interface === undefined || each.interface === choice.interface)
    .filter(each => choice.group === undefined || each.model.number === choice.group)
    .map(each => ({
      ...each,
      net: config.net.interfaces.get(each.interface),
      status: statuses.get(each.interface),
      running: running.get(keyOf({ interface: each.interface, group: each.model.number })),
      tracks,
    }));
}

/** A group without a virtual address, which `show standby all` alone lists. */
export function isDisabled({ model }: Pick<ShownGroup, "model">): boolean {
  return model.address === undefined && !isOfIpv6(model);
}

const INIT_REASONS: Readonly<Record<InitReason, string>> = {
  "interface-down": "interface down",
  "tracked-shutdown": "tracking shutdown",
  "start-delay": "start delay",
  "no-leader": "no group to follow",
  removed: "removed",
};

/** Why a group is in Init; of one that does not run, the configuration and the host tell. */
export function initReason({ model, net, status, running }: ShownGroup): string | undefined {
  if (running !== undefined) return running.initBecause && INIT_REASONS[running.initBecause];
  const working = status !== undefined && !status.shutdown && status.present && status.up && status.lineUp;
  if (!working) return "interface down";
  if (isOfIpv6(model)) return "no link-local address";
  return net?.address === undefined ? "no IP address" : undefined;
}

/** The name that other commands know the group by, or the one that it has anyway. */
export function groupName(group: Pick<ShownGroup, "interface" | "model">): string {
  return group.model.name ?? defaultGroupName(group.interface, group.model.number);
}

function configured(config: Config): Pick<ShownGroup, "interface" | "hsrp" | "model">[] {
  return [...config.hsrp]
    .sort(([a], [b]) => compareInterfaces(a, b))
    .flatMap(([name, hsrp]) =>
      [...hsrp.groups.values()].sort((a, b) => a.number - b.number).map(model => ({ interface: name, hsrp, model })),
    );
}

function keyOf(group: { readonly interface: string; readonly group: number }): string {
  return `${group.interface} ${group.group}`;
}
