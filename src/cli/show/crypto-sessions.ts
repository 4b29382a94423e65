/**
 * Crypto sessions as IOS counts them: everything between one interface and one peer, put together from what the data
 * plane has and from what IKE knows.
 */
import type { IkeSaView, IkeSnapshot } from "../../core/ike/ike-port.ts";
import type { FlowView } from "../../core/ipsec/data-plane-view.ts";

export interface CryptoSession {
  readonly interface: string;
  readonly peer: string;
  readonly port: number;
  readonly status: SessionStatus;
  /** Since the first of its pairs came up; `undefined` while there is none. */
  readonly upMs: number | undefined;
  readonly ikeSas: readonly IkeSaView[];
  readonly flows: readonly FlowView[];
}

export type SessionStatus = "UP-ACTIVE" | "UP-STANDBY" | "UP-IDLE" | "UP-NO-IKE" | "DOWN-NEGOTIATING" | "DOWN";

/** What IOS calls a router's part: it carries the traffic, or it holds SAs for the one that does. */
export type MemberStatus = "active" | "standby";

export function flowsOf(flows: readonly FlowView[], status: MemberStatus | undefined): readonly FlowView[] {
  return flows.filter(({ active }) => status === undefined || active === (status === "active"));
}

const IKE_PORT = 500;

/** A flow without SAs belongs to the first peer of its entry; one whose peer is not known yet, to none. */
export function cryptoSessions(flows: readonly FlowView[], ike: IkeSnapshot): CryptoSession[] {
  const byKey = new Map<string, FlowView[]>();
  for (const flow of flows) {
    const peer = peerOf(flow);
    if (peer === undefined) continue;
    const key = `${flow.traffic.interface} ${peer}`;
    byKey.set(key, [...(byKey.get(key) ?? []), flow]);
  }
  return [...byKey.values()].map(own => sessionOf(own, ike));
}

export function peerOf({ sas, traffic }: FlowView): string | undefined {
  return sas.at(-1)?.sa.remote ?? traffic.entry.peers[0];
}

function sessionOf(flows: readonly FlowView[], ike: IkeSnapshot): CryptoSession {
  const [first] = flows;
  const peer = (first && peerOf(first)) ?? "";
  const ikeSas = ike.ikeSas.filter(each => each.remote === peer && each.local === first?.localAddress);
  const spis = new Set(flows.flatMap(each => each.sas.map(({ sa }) => sa.spi)));
  const ages = ike.children.filter(({ child }) => spis.has(child.spi)).map(each => each.upSinceMs);
  const encapsulation = flows.flatMap(each => each.sas).at(-1)?.sa.encapsulation;
  return {
    interface: first?.traffic.interface ?? "",
    peer,
    port: encapsulation?.remotePort ?? ikeSas[0]?.remotePort ?? IKE_PORT,
    status: statusOf(flows, ikeSas),
    upMs: ages.length === 0 ? undefined : Math.max(...ages),
    ikeSas,
    flows,
  };
}

function statusOf(flows: readonly FlowView[], ikeSas: readonly IkeSaView[]): SessionStatus {
  const up = ikeSas.some(each => each.state === "QM_IDLE" && each.status !== "deleted");
  if (flows.some(each => each.sas.length > 0)) {
    if (!flows.some(each => each.active)) return "UP-STANDBY";
    return up ? "UP-ACTIVE" : "UP-NO-IKE";
  }
  if (up) return "UP-IDLE";
  return ikeSas.some(each => each.status === "active") ? "DOWN-NEGOTIATING" : "DOWN";
}
