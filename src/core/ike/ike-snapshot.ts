/** What `show crypto isakmp` and `show crypto session` tell of the engine. */
import type { ChildView, IkeSaView, IkeSnapshot, IkeState } from "./ike-port.ts";
import type { Negotiator } from "./negotiator.ts";
import type { IkeSa } from "./v1/ike-sa.ts";
import { hexOf } from "./v1/ike-sas.ts";
import type { MainModeState } from "./v1/main-mode-table.ts";

/** IOS's names: what both have by then. */
const STATES: Readonly<Record<MainModeState, IkeState>> = {
  idle: "MM_NO_STATE",
  "offer-sent": "MM_NO_STATE",
  "choice-sent": "MM_SA_SETUP",
  "key-making": "MM_SA_SETUP",
  "key-sent": "MM_SA_SETUP",
  answering: "MM_KEY_EXCH",
  agreeing: "MM_KEY_EXCH",
  "proof-sent": "MM_KEY_EXCH",
  "key-answered": "MM_KEY_EXCH",
  established: "QM_IDLE",
};

export function snapshotOf(negotiator: Negotiator, now: number): IkeSnapshot {
  const { sas, children, halfOpen, host } = negotiator;
  const pairs = [...children.table.all()].map((child): ChildView => {
    const { sa, upAtMs } = child;
    const ike = negotiator.ikeOf(sa);
    // The other member's record does not say how old the pair is; its IKE SA's does, and it is hardly younger.
    const sinceMs = upAtMs > 0 ? upAtMs : (ike?.establishedAtMs ?? now);
    return { child: sa, stage: sa.stage, upSinceMs: now - sinceMs, ike: ike?.id };
  });
  const ikeSas = [...sas.all()].map(sa => viewOf(sa, negotiator.active.has(sa.owner), now));
  return { ikeSas, children: pairs, halfOpen: halfOpen.size, counters: { ...host.counters } };
}

function viewOf(sa: IkeSa, active: boolean, now: number): IkeSaView {
  const { id, connection, owner, role, local, remote, localPort, remotePort, policy, peer, nat } = sa;
  const { work } = sa.main;
  const remainingMs = Math.max(0, sa.expiresAtMs - now);
  return {
    ...{ id, connection, owner, role, version: 1, local, remote, localPort, remotePort, policy },
    state: sa.established || work?.kind !== "main" ? STATES.established : STATES[work.state],
    status: !active ? "standby" : sa.timers.retire.slot === -1 ? "active" : "deleted",
    peerIdentity: peer.identity?.shown,
    remainingSeconds: sa.established ? Math.floor(remainingMs / 1_000) : undefined,
    nat: { here: nat.here, there: nat.there },
    dpd: peer.dpd,
    cookies: { initiator: hexOf(sa.initiatorCookie), responder: hexOf(sa.responderCookie) },
  };
}
