/** What can happen to a tunnel besides what happens to machines and wires. */
import type { IkeInput } from "../../core/ike/ike-port.ts";
import type { Bed } from "../bed.ts";
import type { IkeThread } from "./ike-thread.ts";

export type TunnelFault =
  /** A branch loses all that it holds, and begins anew. */
  | { readonly kind: "branch-death"; readonly branch: string; readonly forMs: number }
  /** Keys are renewed before their time, at a branch's end or at the active's. */
  | { readonly kind: "renewal"; readonly branch: string; readonly by: "branch" | "active" }
  /** `clear crypto session` at a branch or at a member. */
  | { readonly kind: "clear"; readonly at: string }
  /** The NAT in front of a branch forgets what it mapped. */
  | { readonly kind: "nat-restart"; readonly branch: string };

export function trouble(bed: Bed, fault: TunnelFault): void {
  switch (fault.kind) {
    case "branch-death": {
      const branch = bed.branch(fault.branch);
      branch.die();
      bed.clock.after(fault.forMs, () => branch.start());
      return;
    }
    case "renewal":
      renewal(bed, fault);
      return;
    case "nat-restart":
      bed.nats.get(fault.branch)?.forget();
      return;
    case "clear":
      for (const tell of doorsOf(bed, fault.at)) tell({ kind: "clear", what: { kind: "all" } });
      return;
  }
  fault satisfies never;
}

function renewal(bed: Bed, { branch: name, by }: Extract<TunnelFault, { kind: "renewal" }>): void {
  const branch = bed.branch(name);
  const soft = { kind: "soft-limit" } as const;
  if (by === "branch") {
    const spi = branch.table?.carrier(branch.traffic)?.spi;
    if (spi !== undefined) branch.thread?.handle({ kind: "child", spi, event: soft });
    return;
  }
  for (const { name: member, tunnels } of bed.members) {
    const spi = tunnels?.table.carrier(branch.traffic)?.spi;
    if (spi !== undefined) for (const tell of doorsOf(bed, member)) tell({ kind: "child", spi, event: soft });
  }
}

/** Ways to the engines of whoever has this name; a member's main may stand still, and then it waits. */
function doorsOf(bed: Bed, name: string): ((input: IkeInput) => void)[] {
  const member = bed.members.find(each => each.name === name);
  const threads: (IkeThread | undefined)[] = [
    member?.tunnels?.thread,
    bed.branches.find(each => each.name === name)?.thread,
  ];
  return threads.flatMap(thread => (thread === undefined ? [] : [input => thread.post(input)]));
}
