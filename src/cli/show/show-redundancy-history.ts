/** `show redundancy history` and `show redundancy switchover history`. Times of the first are uptime, as on IOS. */
import type { ReplicationSnapshot, SwitchoverEntry } from "../../core/redundancy/replication-port.ts";
import { RF_STATES } from "../../core/redundancy/rf-table.ts";
import { dateLine, sinceText } from "./times.ts";

export function showRedundancyHistory(schemes: readonly ReplicationSnapshot[], uptimeMs: number): string[] {
  return schemes.flatMap(({ scheme, history, now }) => [
    ...(schemes.length > 1 ? [`Scheme standby ${scheme}`] : []),
    ...history.map(({ at, to, because }) => {
      const when = sinceText(Math.max(0, uptimeMs - (now - at)));
      return `${when} *my state = ${to}(${RF_STATES[to]})  ${because}`;
    }),
  ]);
}

const HEADER = [
  "Index  Epoch       Active    Switchover            Switchover",
  "                   is        reason                time",
  "-----  ----------  --------  --------------------  ----------------------------",
];

export function showSwitchoverHistory(schemes: readonly ReplicationSnapshot[], wallMs: number): string[] {
  if (schemes.every(each => each.switchovers.length === 0)) return ["No switchovers since this gateway started"];
  return schemes.flatMap(({ scheme, switchovers, now }) => [
    ...(schemes.length > 1 ? [`Scheme standby ${scheme}`] : []),
    ...HEADER,
    ...switchovers.map((entry, at) => {
      const columns = [
        String(at + 1)
          .padStart(4)
          .padEnd(7),
        String(entry.epoch).padEnd(12),
        (entry.active === "this" ? "local" : "peer").padEnd(10),
        reasonOf(entry).padEnd(22),
      ];
      return columns.join("") + dateLine(new Date(wallMs - (now - entry.at)));
    }),
  ]);
}

export function reasonOf({ how, stateful, active }: SwitchoverEntry): string {
  if (active === "peer") return "role given up";
  if (how === "switchover") return "orderly switchover";
  return stateful ? "peer failed" : "peer failed, no state";
}
