/**
 * What to change on the host so that it is as configured.
 *
 * A plan compares what is wanted with what the kernel has and gives the steps from one to the other. It is made
 * afresh whenever either changes, so it needs no
 * memory of what was tried; its one memory is the undo record: what the host was like before us, and which addresses
 * are ours.
 */
import { formatPrefix, type Prefix } from "../wire/prefix.ts";
import { CRYPTO_LINK_GROUP, type KernelLink, type KernelView } from "./kernel-view.ts";
import type { NetPlan, NetStep, UndoRecord, WantedNet } from "./net-steps.ts";
import { planRoutes } from "./route-plan.ts";
import { planSettings } from "./setting-plan.ts";

/** What steers packets past crypto maps stands before this plan and goes after it: `steering-plan.ts`. */
export function planNet(wanted: WantedNet, kernel: KernelView, undo: UndoRecord): NetPlan {
  const links = planLinks(wanted, kernel, undo);
  const forwarding = planForwarding(wanted.forwarding, kernel.forwarding, undo);
  const settings = planSettings(wanted.settings, kernel.settings ?? new Map(), undo.settings);
  const steps = [...settings.steps, ...links.steps, ...planRoutes(wanted.routes, kernel), ...forwarding.steps];
  return { steps, undo: { links: links.known, addresses: links.ours, ...forwarding.undo, settings: settings.undo } };
}

type KnownLink = UndoRecord["links"][number];
type OurAddress = UndoRecord["addresses"][number];

function planLinks(
  wanted: WantedNet,
  kernel: KernelView,
  undo: UndoRecord,
): { steps: NetStep[]; known: KnownLink[]; ours: OurAddress[] } {
  const known: KnownLink[] = [];
  const ours: OurAddress[] = [];
  const steps: NetStep[] = [];
  for (const link of kernel.links) {
    const each = wanted.interfaces.find(({ device }) => device === link.device);
    const recorded = undo.links.find(({ device }) => device === link.device);
    if (each === undefined && recorded === undefined) continue;
    const before = recorded ?? { device: link.device, up: link.up, mtu: link.mtu, group: link.group };
    const group = each?.crypto ? CRYPTO_LINK_GROUP : before.group;
    const change = planLink(link, { up: each?.up ?? before.up, mtu: each?.mtu ?? before.mtu, group });
    const addresses = planAddresses(link, each?.addresses ?? [], kernel, undo);
    if (each !== undefined) known.push(before);
    ours.push(...addresses.ours);
    steps.push(...(each === undefined ? [...addresses.steps, ...change] : [...change, ...addresses.steps]));
  }
  return { steps, known, ours };
}

function planLink(link: KernelLink, { up, mtu, group }: { up: boolean; mtu: number; group: number }): NetStep[] {
  const change = {
    ...(link.mtu !== mtu && { mtu }),
    ...(link.group !== group && { group }),
    ...(link.up !== up && { up }),
  };
  return Object.keys(change).length === 0
    ? []
    : [{ do: "set-link", index: link.index, device: link.device, ...change }];
}

function planForwarding(
  wanted: boolean,
  on: boolean,
  undo: UndoRecord,
): { steps: NetStep[]; undo: Pick<UndoRecord, "forwarding"> } {
  const before = undo.forwarding ?? on;
  const target = wanted || before;
  return {
    steps: target === on ? [] : [{ do: "set-forwarding", on: target }],
    undo: wanted ? { forwarding: before } : {},
  };
}

function planAddresses(
  link: KernelLink,
  wanted: readonly Prefix[],
  kernel: KernelView,
  undo: UndoRecord,
): { steps: NetStep[]; ours: OurAddress[] } {
  const { device } = link;
  const there = new Set(
    kernel.addresses.filter(each => each.linkIndex === link.index).map(each => formatPrefix(each.prefix)),
  );
  const ours = new Set(undo.addresses.filter(each => each.device === device).map(each => formatPrefix(each.prefix)));
  const asked = new Set(wanted.map(formatPrefix));
  const gone = undo.addresses.filter(
    each => each.device === device && there.has(formatPrefix(each.prefix)) && !asked.has(formatPrefix(each.prefix)),
  );
  const fresh = wanted.filter(prefix => !there.has(formatPrefix(prefix)));
  return {
    steps: [
      ...gone.map(({ prefix }): NetStep => ({ do: "remove-address", index: link.index, device, prefix })),
      ...fresh.map((prefix): NetStep => ({ do: "add-address", index: link.index, device, prefix })),
    ],
    ours: wanted
      .filter(prefix => ours.has(formatPrefix(prefix)) || !there.has(formatPrefix(prefix)))
      .map(prefix => ({ device, prefix })),
  };
}
