/**
 * What a crypto map protects is unreachable while nothing can protect it.
 *
 * First the main table is asked with the routes out of crypto-map interfaces hidden, so that traffic that would not
 * pass a crypto map is left alone; what is
 * left and matches a protected flow is refused. The rules stay when the process dies: a killed gateway sends nothing
 * in clear.
 */
import { formatPrefix, type Prefix } from "../wire/prefix.ts";
import { CRYPTO_LINK_GROUP, type KernelRule } from "./kernel-view.ts";
import type { NetStep, ProtectedFlow } from "./net-steps.ts";

/** Before the main table's own rule (32766), after the local table's (0). */
const PRIORITY = { elsewhere: 30_000, flows: 30_001 } as const;

export function planRules(
  flows: readonly ProtectedFlow[],
  kernel: readonly KernelRule[],
): { add: NetStep[]; remove: NetStep[] } {
  const wanted = wantedRules(flows);
  const there = new Set(kernel.map(keyOf));
  const asked = new Set(wanted.map(keyOf));
  return {
    add: wanted.filter(rule => !there.has(keyOf(rule))).map(rule => ({ do: "add-rule", rule })),
    remove: kernel.filter(rule => !asked.has(keyOf(rule))).map(rule => ({ do: "remove-rule", rule })),
  };
}

function wantedRules(flows: readonly ProtectedFlow[]): KernelRule[] {
  if (flows.length === 0) return [];
  const elsewhere: KernelRule = {
    priority: PRIORITY.elsewhere,
    action: "main",
    source: undefined,
    destination: undefined,
    suppressGroup: CRYPTO_LINK_GROUP,
  };
  const refused = new Map(
    flows.map(({ source, destination }) => {
      const rule: KernelRule = {
        priority: PRIORITY.flows,
        action: "unreachable",
        source: unlessAll(source),
        destination: unlessAll(destination),
        suppressGroup: undefined,
      };
      return [keyOf(rule), rule];
    }),
  );
  return [elsewhere, ...refused.values()];
}

/** The kernel has no prefix of length 0 in a rule. */
function unlessAll(prefix: Prefix): Prefix | undefined {
  return prefix.length === 0 ? undefined : prefix;
}

function keyOf({ priority, action, source, destination, suppressGroup }: KernelRule): string {
  return [
    priority,
    action,
    source && formatPrefix(source),
    destination && formatPrefix(destination),
    suppressGroup,
  ].join(" ");
}
