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

/** The state of a member: that of its groups when all agree, `"mixed"` when not, `"none"` without groups. */
export function memberState(rows: readonly StandbyRow[]): string {
  const states = new Set(rows.map(each => each.state));
  const [only] = states;
  if (only === undefined) return "none";
  return states.size === 1 ? only : "mixed";
}
