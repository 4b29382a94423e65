/** What the configuration asks of the host. */
import { isIosName } from "../command/interface-name.ts";
import { type InterfaceModel, ipv4Prefixes, type NetModel } from "./net-model.ts";
import type { InterfaceStatus } from "./net-status.ts";
import type { WantedNet } from "./net-steps.ts";

/** The Linux device behind an interface; an IOS name without `linux-device` has none. */
export function deviceOf(model: InterfaceModel): string | undefined {
  return model.linuxDevice ?? (isIosName(model.name) ? undefined : model.name);
}

/** `crypto` names the interfaces with a crypto map; those of `held` stay up although shut. */
export function wantedNet(net: NetModel, crypto: ReadonlySet<string>, held: ReadonlySet<string>): WantedNet {
  const interfaces = [...net.interfaces.values()].flatMap(model => {
    const device = deviceOf(model);
    if (device === undefined) return [];
    return [
      {
        device,
        up: !model.shutdown || held.has(model.name),
        mtu: model.mtu,
        addresses: [...ipv4Prefixes(model), ...model.ipv6],
        crypto: crypto.has(model.name),
      },
    ];
  });
  const routes = net.routes.map(({ prefix, via, interface: out, distance }) => {
    const model = out === undefined ? undefined : net.interfaces.get(out);
    return { prefix, via, device: model && deviceOf(model), discard: out === "Null0", distance };
  });
  const settings = net.ipv6Routing ? [{ key: "ipv6/conf/all/forwarding", value: "1" }] : [];
  return { interfaces, routes, forwarding: true, settings };
}

/** Interfaces that wait for a Linux device. */
export function missingDevices(statuses: readonly InterfaceStatus[]): { name: string; device: string }[] {
  return statuses.flatMap(({ name, device, present }) => (present || device === undefined ? [] : [{ name, device }]));
}
