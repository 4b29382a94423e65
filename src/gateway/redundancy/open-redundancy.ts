/** Puts redundancy together with the liveness thread, the data plane and the association. */
import { productVersion } from "../../cli/product.ts";
import { log } from "../../core/log/catalogue.ts";
import type { LogEvent } from "../../core/log/message.ts";
import { monotonicMs } from "../../linux/clock.ts";
import { SctpTransport } from "../../linux/sctp-transport.ts";
import { AssociationLink } from "../association/association-link.ts";
import { IdentityStore } from "../association/identity-store.ts";
import type { DataPlaneService } from "../data-plane/data-plane-service.ts";
import type { HsrpService } from "../hsrp-service.ts";
import type { IkeService } from "../ike/ike-service.ts";
import { KeptChildren } from "./kept-children.ts";
import { RedundancyService } from "./redundancy-service.ts";
import type { SchemeRoles } from "./scheme-shell.ts";

export interface RedundancyParts {
  readonly hsrp: HsrpService;
  readonly dataPlane: DataPlaneService;
  readonly stateDir: string;
  readonly report: (event: LogEvent) => void;
  /** Made afterwards: IKE's decisions leave by redundancy. */
  readonly ike: () => IkeService;
}

/** Throws a `SystemError` where this gateway's identity can be neither read nor made. */
export function openRedundancy({ hsrp, dataPlane, stateDir, report, ike }: RedundancyParts): RedundancyService {
  const link = new AssociationLink({
    store: new IdentityStore(stateDir),
    transport: (settings, opens) => new SctpTransport(settings, opens),
    listener: event => redundancy.linkEvent(event),
    report,
  });
  const malformed = (error: Error): void => report(log.redundancy.recordMalformed({ reason: error.message }));
  const redundancy: RedundancyService = new RedundancyService({
    link,
    roles: rolesOf(hsrp),
    plane: () => dataPlane.plane,
    children: new KeptChildren(dataPlane.children, { now: monotonicMs, malformed, ike }),
    ike: {
      put: (scheme, key, octets) => ike().restore([{ id: key, owner: scheme, octets }], []),
      remove: (_scheme, key) => ike().forget([key], []),
    },
    turned: (scheme, turn) => {
      if (turn.to === "active") dataPlane.becameActive();
      ike().role(scheme, turn.to === "active", turn.to === "active" ? turn.how : "start");
    },
    unreplicated: (owner, { role, how }) => ike().role(owner, role === "active" || role === "draining", how ?? "start"),
    report,
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
