/**
 * What the IKE engine decided about one SA, as the outlet takes it: checkpoints first, then deeds in their order. Child
 * SAs are checkpointed with the IKE SA's own record, in one transaction.
 */
import type { Decided } from "../commit/commit.ts";
import type { ComputeJob } from "../ike/compute-job.ts";
import type { IkeDecision, IkeEffect, IkeMessageDatagram } from "../ike/ike-port.ts";
import type { ChildSa } from "../ipsec/child-sa.ts";
import type { LogEvent } from "../log/message.ts";
import { type Checkpoint, childKey } from "./replication-port.ts";

/** What is done when an effect's time has come. */
export type Deed = () => void;

/** What the gateway does for IKE. */
export interface IkeDeeds {
  /** This member answers for the owner at this moment: the role word says so, and its lease. */
  speaks(owner: string): boolean;
  transmit(datagram: IkeMessageDatagram): void;
  install(child: ChildSa): void;
  /** Packets of its traffic leave by it from now on. */
  enable(spi: number): void;
  change(child: ChildSa): void;
  remove(spi: number, because: string): void;
  compute(id: number, job: ComputeJob): void;
  report(event: LogEvent): void;
  debug(text: string): void;
  /** The octets are the outlet's to wipe. */
  record(child: ChildSa): Uint8Array;
}

export function decidedOf({ owner, effects }: IkeDecision, deeds: IkeDeeds): Decided<Checkpoint, Deed>[] {
  return effects.flatMap(effect => decided(effect, owner, deeds));
}

function decided(effect: IkeEffect, owner: string, deeds: IkeDeeds): Decided<Checkpoint, Deed>[] {
  const deed = (act: Deed, reveals = false): Decided<Checkpoint, Deed> => ({ do: "perform", effect: act, reveals });
  switch (effect.do) {
    case "transmit":
      return [deed(() => transmit(effect.datagram, owner, deeds), effect.reveals)];
    case "checkpoint":
      return [{ do: "checkpoint", checkpoint: ikeCheckpoint(effect) }];
    case "child-up":
      return [recorded(effect.child, deeds), deed(() => deeds.install(effect.child))];
    case "child-changed":
      return [recorded(effect.child, deeds), deed(() => deeds.change(effect.child))];
    case "child-down":
      return [
        { do: "checkpoint", checkpoint: { delete: { kind: "child", key: childKey(effect.spi) } } },
        deed(() => deeds.remove(effect.spi, effect.because)),
      ];
    case "enable-outbound":
      return [deed(() => deeds.enable(effect.spi), true)];
    case "compute":
      return [deed(() => deeds.compute(effect.id, effect.job))];
    case "report":
      return [deed(() => deeds.report(effect.event))];
    case "debug":
      return [deed(() => deeds.debug(effect.text))];
  }
  return effect satisfies never;
}

/** Whoever stood still for longer than its lease may be nobody's active any more, and IKE has not heard of it yet. */
function transmit(datagram: IkeMessageDatagram, owner: string, deeds: IkeDeeds): void {
  if (deeds.speaks(owner)) deeds.transmit(datagram);
}

function ikeCheckpoint({ id, octets }: Extract<IkeEffect, { do: "checkpoint" }>): Checkpoint {
  return octets === undefined ? { delete: { kind: "ike", key: id } } : { put: { kind: "ike", key: id, octets } };
}

function recorded(child: ChildSa, deeds: IkeDeeds): Decided<Checkpoint, Deed> {
  const put = { kind: "child", key: childKey(child.spi), esn: child.esn, octets: deeds.record(child) } as const;
  return { do: "checkpoint", checkpoint: { put } };
}
