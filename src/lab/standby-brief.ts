/** What `show standby brief` says, as values: who thinks to be what. Pure. */

export interface StandbyRow {
  /** As IOS shortens it: `Fa0/0`. */
  readonly interface: string;
  readonly group: number;
  readonly priority: number;
  readonly preempt: boolean;
  readonly state: string;
  readonly active: string;
  readonly standby: string;
  readonly virtual: string;
}

const ROW = /^(\S+) +(\d+) +(\d+) +(P )? *(Active|Standby|Speak|Listen|Learn|Init|Disabled) +(\S+) +(\S+) +(\S+) *$/;

export function standbyRows(brief: string): StandbyRow[] {
  return brief.split(/\r?\n/).flatMap(line => {
    const [, name, group, priority, preempt, state, active, standby, virtual] = ROW.exec(line) ?? [];
    if (name === undefined || state === undefined) return [];
    return [
      {
        interface: name,
        group: Number(group),
        priority: Number(priority),
        preempt: preempt !== undefined,
        state,
        active: active ?? "",
        standby: standby ?? "",
        virtual: virtual ?? "",
      },
    ];
  });
}

/** As `Topology.acted` names a group. */
export function groupOf({ interface: name, group }: Pick<StandbyRow, "interface" | "group">): string {
  return `${name} ${group}`;
}

/**
 * The state of a member: that of its groups (or of those named) when all agree, `"mixed"` when not, `"none"` without
 * groups.
 */
export function memberState(rows: readonly StandbyRow[], groups?: readonly string[]): string {
  const counted = groups === undefined ? rows : rows.filter(each => groups.includes(groupOf(each)));
  const states = new Set(counted.map(each => each.state));
  const [only] = states;
  if (only === undefined) return "none";
  return states.size === 1 ? only : "mixed";
}

export interface PairRoles {
  readonly active: string;
  readonly standby: string;
}

/**
 * Who of a pair is what, once one is active and the other stands by in every group; `acted` are the groups that say so
 * where not all agree. `undefined` while it is not so.
 */
export function pairRoles(
  members: Readonly<Record<string, readonly StandbyRow[]>>,
  acted?: readonly string[],
): PairRoles | undefined {
  const states = Object.entries(members).map(([host, rows]) => ({ host, state: memberState(rows, acted) }));
  const active = states.find(each => each.state === "Active")?.host;
  const standby = states.find(each => each.state === "Standby")?.host;
  if (active === undefined || standby === undefined) return undefined;
  const groups = new Set(Object.values(members).flatMap(rows => rows.map(groupOf)));
  const isWhole = [...groups].every(group => {
    const found = Object.values(members).map(rows => memberState(rows, [group]));
    return found.toSorted().join() === "Active,Standby";
  });
  return isWhole ? { active, standby } : undefined;
}
