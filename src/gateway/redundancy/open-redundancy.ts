/** Puts redundancy together with the liveness thread, the data plane and the association. */
import { productVersion } from "../../cli/product.ts";
import { SystemError } from "../../core/errors.ts";
import { log } from "../../core/log/catalogue.ts";
import { DebugSwitches } from "../../core/log/debug-flags.ts";
import type { LogEvent } from "../../core/log/message.ts";
import { type IkeStandby, RecordHolder } from "../../core/redundancy/record-holder.ts";
import { monotonicMs } from "../../linux/clock.ts";
import { SctpTransport } from "../../linux/sctp-transport.ts";
import { AssociationLink } from "../association/association-link.ts";
import type { IdentityStore } from "../association/identity-store.ts";
import type { DataPlaneService } from "../data-plane/data-plane-service.ts";
import type { HsrpService } from "../hsrp-service.ts";
import { heldChildren } from "./kept-children.ts";
import { RedundancyService } from "./redundancy-service.ts";
import type { SchemeRoles } from "./scheme-shell.ts";

export interface RedundancyParts {
  readonly hsrp: HsrpService;
  readonly dataPlane: DataPlaneService;
  readonly identity: IdentityStore;
  readonly report: (event: LogEvent) => void;
  /** A key is agreed on for the first time: what schemes own is another from here on. */
  readonly firstKey: () => void;
  /** Made afterwards: what IKE decides leaves by redundancy. */
  readonly ike: () => {
    readonly service: IkeStandby;
    /** Reverse routes stand before the role is here. */
    expectRoutes(owner: string): void;
  };
}

/** Throws a `SystemError` where this gateway's identity can be neither read nor made. */
export function openRedundancy(parts: RedundancyParts): RedundancyService {
  const { hsrp, dataPlane, identity, report } = parts;
  const ike = (): IkeStandby => parts.ike().service;
  const link = new AssociationLink({
    store: identity,
    transport: (settings, opens) => new SctpTransport(settings, opens),
    listener: event => {
      if (event.kind === "identity") agree(event.beaconKey);
      redundancy.linkEvent(event);
    },
    report,
  });
  /** Before anything that the new session brings: the peer's beacons come under this key from now on. */
  const agree = (key: Uint8Array): void => {
    const first = identity.agreedKey === undefined;
    try {
      identity.keepAgreedKey(key);
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      report(log.sys.configWarning({ text: error.message }));
    }
    hsrp.keyAgreed();
    // Not within the event that brings it: what follows configures the association too.
    if (first) setImmediate(parts.firstKey);
  };
  const switches = new DebugSwitches();
  const malformed = (error: Error): void => report(log.redundancy.recordMalformed({ reason: error.message }));
  const redundancy: RedundancyService = new RedundancyService({
    link,
    roles: rolesOf(hsrp),
    plane: () => dataPlane.plane,
    expectRoutes: owner => parts.ike().expectRoutes(owner),
    children: heldChildren(dataPlane.children),
    records: new RecordHolder({ keeper: dataPlane.children, ike, malformed, now: monotonicMs }),
    turned: (owner, turn) => {
      const refusals = turn.to === "active" ? dataPlane.becameActive() : [];
      for (const text of refusals) report(log.sys.configWarning({ text }));
      ike().role(owner, turn.to === "active", turn.to === "active" ? turn.how : "start");
    },
    report,
    debug: lines => {
      switches.set(["redundancy"], hsrp.debugging.on().has("redundancy"));
      for (const event of switches.events(lines, monotonicMs())) report(event);
    },
    now: monotonicMs,
    software: `Understudy ${productVersion()}`,
  });
  hsrp.onRole(redundancy);
  dataPlane.listen({ opened: () => {}, event: event => redundancy.planeEvent(event) });
  return redundancy;
}

function rolesOf(hsrp: HsrpService): SchemeRoles {
  return {
    word: scheme => {
      const { role, epoch } = hsrp.roles.read(hsrp.lineOf(scheme));
      // What follows a handover is standing by, though it still takes what is on its way.
      return { role: role === "grace" ? "standby" : role, epoch };
    },
    heardMs: scheme => {
      const heard = hsrp.roles.heardMs(hsrp.lineOf(scheme));
      return heard === undefined ? undefined : monotonicMs() - heard;
    },
    synced: (scheme, synced, epoch) => hsrp.synced(scheme, synced, epoch),
    notHot: scheme => hsrp.notHot(scheme),
    drained: scheme => hsrp.drained(scheme),
    divert: (scheme, to, done) => hsrp.divert(scheme, to, done),
  };
}
