/** A gateway whose liveness thread says what a test wants: groups made from typed configuration, as always. */

import { loadConfig } from "../core/config/config-document.ts";
import { wantedGroups } from "../core/config/wanted-groups.ts";
import type { GroupSnapshot, SchemeSnapshot } from "../core/gate/liveness-port.ts";
import type { KernelLink } from "../core/net/kernel-view.ts";
import { type Ipv6, parseIpv6 } from "../core/wire/address.ts";
import type { TrackSnapshot } from "./gateway-port.ts";
import { MemoryGateway } from "./memory-gateway.test-support.ts";

/** Two interfaces with a carrier, as `eth0` and `eth1`. */
export function gatewayWith(lines: string): MemoryGateway {
  const gateway = new MemoryGateway();
  const { config, problems } = loadConfig(lines);
  const errors = problems.filter(each => each.severity === "error");
  if (errors.length > 0) throw new TypeError(`the test's configuration is refused: ${JSON.stringify(errors)}`);
  gateway.apply(config);
  gateway.kernel = { ...gateway.kernel, links: ["eth0", "eth1"].map(linkOf) };
  return gateway;
}

function linkOf(device: string, at: number): KernelLink {
  const macAddress = `0200.0000.000${at + 1}` as KernelLink["macAddress"];
  return { index: at + 1, device, up: true, carrier: true, mtu: 1500, group: 0, macAddress, counters: undefined };
}

const LINK_LOCALS = new Map([["eth0", parseIpv6("fe80::a") as Ipv6]]);

/** The group runs, in Init and knowing nobody, but for what is said. */
export function running(
  gateway: MemoryGateway,
  where: string,
  said: Partial<Omit<GroupSnapshot, "group">> = {},
): GroupSnapshot {
  const up = new Map(gateway.objects.map(each => [each.number, each.state]));
  const group = wantedGroups(gateway.config(), { tracks: up, linkLocals: LINK_LOCALS }).find(
    ({ settings }) => `${settings.interface} ${settings.group}` === where,
  );
  if (group === undefined) throw new TypeError(`the test's configuration has no group ${where} that could run`);
  const { settings } = group;
  const snapshot: GroupSnapshot = {
    group,
    leader: group.follow,
    state: "initial",
    initBecause: undefined,
    changes: 0,
    sinceChangeMs: 0,
    virtualAddress: settings.virtualAddress,
    helloMs: settings.helloMs,
    holdMs: settings.holdMs,
    nextHelloMs: undefined,
    priority: settings.priority,
    active: undefined,
    activeExpiresMs: undefined,
    standby: undefined,
    standbyExpiresMs: undefined,
    refused: {},
    ...said,
  };
  gateway.view = { ...gateway.view, groups: [...gateway.view.groups, snapshot] };
  return snapshot;
}

/** Adds a scheme that the gate rules, active with a hot standby, but for what is said. */
export function scheme(gateway: MemoryGateway, name: string, said: Partial<SchemeSnapshot> = {}): void {
  const snapshot: SchemeSnapshot = {
    name,
    plainBecause: undefined,
    role: "active",
    epoch: 4,
    hot: false,
    peer: { role: "standby", epoch: 4, hot: true, heardMs: 12.4 },
    channels: 2,
    counters: {},
    ...said,
  };
  gateway.view = { ...gateway.view, schemes: [...gateway.view.schemes, snapshot] };
}

/** Adds the state of a tracked object of the configuration. */
export function tracked(gateway: MemoryGateway, number: number, said: Partial<TrackSnapshot> = {}): void {
  const track = gateway.config().net.tracks.get(number);
  if (track === undefined) throw new TypeError(`the test's configuration has no track ${number}`);
  gateway.objects.push({ number, track, state: "up", changes: 1, sinceChangeMs: 27_000, trackedBy: [], ...said });
}
