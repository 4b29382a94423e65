/** What `show redundancy gate` says, as values: what a member is in each scheme. Pure. */

export interface GateRow {
  readonly scheme: string;
  /** The gate has no say: the group is plain HSRP. */
  readonly isPlain: boolean;
  /** `"active"`, `"standby"`, …; empty where the gate does not say. */
  readonly role: string;
  readonly epoch: number;
  /** A standby that holds everything. */
  readonly isHot: boolean;
}

const SCHEME = /^Scheme standby (\S+)/;
const MEMBER = /^ +This member is ([a-z]+), epoch (\d+)(, hot)?/;

export function gateRows(output: string): GateRow[] {
  const rows: GateRow[] = [];
  for (const line of output.split(/\r?\n/)) {
    const [, scheme] = SCHEME.exec(line) ?? [];
    if (scheme !== undefined) rows.push({ scheme, isPlain: false, role: "", epoch: 0, isHot: false });
    const last = rows.at(-1);
    if (last === undefined) continue;
    const [, role, epoch, hot] = MEMBER.exec(line) ?? [];
    if (role !== undefined) rows[rows.length - 1] = { ...last, role, epoch: Number(epoch), isHot: hot !== undefined };
    if (/^ +Plain HSRP decides/.test(line)) rows[rows.length - 1] = { ...last, isPlain: true };
  }
  return rows;
}

/** Whether each scheme has one active, and a standby that could go on at once; plain groups ask for nothing. */
export function isEverySchemeHot(members: readonly (readonly GateRow[])[]): boolean {
  const schemes = new Set(members.flat().map(each => each.scheme));
  return [...schemes].every(scheme => {
    const rows = members.map(each => each.find(row => row.scheme === scheme));
    if (rows.every(each => each?.isPlain === true)) return true;
    const hasActive = rows.filter(each => each?.role === "active").length === 1;
    return hasActive && rows.some(each => each?.role === "standby" && each.isHot);
  });
}
