/** What `debug redundancy` says of replication's effects: a line for each that an operator would ask about. */
import type { DebugLine } from "../log/debug-flags.ts";
import type { ReplicationEffect } from "./replication-port.ts";

export function replicationLines(scheme: string, effects: readonly ReplicationEffect<unknown>[]): DebugLine[] {
  return effects.flatMap(effect => {
    const text = textOf(effect);
    return text === undefined ? [] : [{ flag: "redundancy", text: `${scheme} ${text}` }];
  });
}

/** `undefined` for what comes with every message or packet. */
function textOf(effect: ReplicationEffect<unknown>): string | undefined {
  switch (effect.do) {
    case "changed":
      return `state ${effect.from} -> ${effect.to} (${effect.because})`;
    case "synced":
      return effect.synced
        ? `everything of epoch ${effect.epoch} is held`
        : `not everything of epoch ${effect.epoch} is held`;
    case "not-hot":
      return "goes on without the standby";
    case "apply":
      return `${effect.puts.length} records installed, ${effect.deletes.length} deleted, epoch ${effect.epoch}`;
    case "continue":
      return `${effect.numbers.length} SAs go on at exact numbers in epoch ${effect.epoch}`;
    case "continue-void":
      return "no SA goes on at exact numbers";
    case "drained":
      return "the log is flushed";
    case "withdrawn":
      return "the handover is withdrawn";
    case "taken-over":
      return `${effect.how}, epoch ${effect.epoch}, ${effect.stateful ? "with" : "without"} state`;
    case "stood-down":
      return `epoch ${effect.epoch} is over`;
    case "reset":
      return `session ${effect.session} is ended (${effect.because})`;
    case "send":
    case "perform":
    case "acknowledged":
    case "report":
      return undefined;
  }
  return effect satisfies never;
}
