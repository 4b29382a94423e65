/** `show crypto session [detail|brief]` and `show crypto engine connections active`, in IOS's forms. */

import { shortInterface } from "../../core/command/interface-name.ts";
import type { IkeSaView, IkeSnapshot } from "../../core/ike/ike-port.ts";
import type { FlowView, SaView } from "../../core/ipsec/data-plane-view.ts";
import { isIpv4 } from "../../core/wire/address.ts";
import { prefixAround } from "../../core/wire/address-set.ts";
import { isAnyPort } from "../../core/wire/port-set.ts";
import { lengthToMask, widthOf } from "../../core/wire/prefix.ts";
import type { SelectorEnd } from "../../core/wire/selector.ts";
import {
  type CryptoSession,
  cryptoSessions,
  flowsOf,
  type MemberStatus,
  type SessionStatus,
} from "./crypto-sessions.ts";
import { sinceText } from "./times.ts";

export interface SessionChoice {
  readonly form: "plain" | "detail" | "brief";
  readonly interface?: string;
  readonly peer?: string;
  readonly status?: MemberStatus;
}

export function showCryptoSession(flows: readonly FlowView[], ike: IkeSnapshot, choice: SessionChoice): string[] {
  const { form, peer, interface: on, status } = choice;
  const sessions = cryptoSessions(flowsOf(flows, status), ike).filter(
    each => (peer === undefined || each.peer === peer) && (on === undefined || each.interface === on),
  );
  if (form === "brief") return [...BRIEF_HEAD, ...sessions.map(briefLine)];
  const detail = form === "detail";
  return [
    "Crypto session current status",
    "",
    ...(detail ? [...CODES, ""] : []),
    ...sessions.flatMap(session => [...sessionLines(session, detail), ""]),
  ];
}

const CODES = [
  "Code: C - IKE Configuration mode, D - Dead Peer Detection     ",
  "K - Keepalives, N - NAT-traversal, T - cTCP encapsulation     ",
  "X - IKE Extended Authentication, F - IKE Fragmentation",
  "R - IKE Auto Reconnect, U - IKE Dynamic Route Update",
  "S - SIP VPN",
];

function sessionLines(session: CryptoSession, detail: boolean): string[] {
  const { peer, port, status, upMs, ikeSas, flows } = session;
  const tables = detail ? " fvrf: (none) ivrf: (none)" : " ";
  const identity = ikeSas.find(each => each.peerIdentity !== undefined)?.peerIdentity;
  return [
    `Interface: ${session.interface}`,
    ...(detail && upMs !== undefined ? [`Uptime: ${sinceText(upMs)}`] : []),
    `Session status: ${status}${status.startsWith("UP") ? "     " : ""}`,
    `Peer: ${peer} port ${port}${tables}`,
    ...(detail ? [`      Phase1_id: ${identity ?? "(none)"}`, "      Desc: (none)"] : []),
    ...ikeSas.flatMap(each => ikeLines(each, detail)),
    ...flows.flatMap(each => flowLines(each, detail)),
  ];
}

function ikeLines(sa: IkeSaView, detail: boolean): string[] {
  const { local, localPort, remote, remotePort, connection, remainingSeconds = 0 } = sa;
  const state = sa.state === "QM_IDLE" && sa.status !== "deleted" ? "Active" : "Inactive";
  const capabilities = `${sa.dpd ? "D" : ""}${sa.nat.here || sa.nat.there ? "N" : ""}` || "(none)";
  return [
    "  Session ID: 0  ",
    `  IKEv1 SA: local ${local}/${localPort} remote ${remote}/${remotePort} ${state} `,
    ...(detail
      ? [`          Capabilities:${capabilities} connid:${connection} lifetime:${sinceText(remainingSeconds * 1_000)}`]
      : []),
  ];
}

function flowLines({ traffic, sas }: FlowView, detail: boolean): string[] {
  const { protocol, source, destination } = traffic.selector;
  const what = protocol === "any" ? "ip" : String(protocol);
  const origin = traffic.dynamic ? "dynamic crypto map" : "crypto map";
  return [
    `  IPSEC FLOW: permit ${what} ${endWords(source)} ${endWords(destination)} `,
    `        Active SAs: ${sas.length}, origin: ${origin}`,
    ...(detail ? [trafficWords("Inbound:  #pkts dec'ed", sas, "inbound")] : []),
    ...(detail ? [trafficWords("Outbound: #pkts enc'ed", sas, "outbound")] : []),
  ];
}

function endWords({ addresses, ports }: SelectorEnd): string {
  const { address, length } = prefixAround(addresses);
  const [only] = ports;
  const port = isAnyPort(ports) || only === undefined || only.first !== only.last ? "" : ` port ${only.first}`;
  if (length === widthOf(address)) return `host ${address}${port}`;
  return `${address}/${isIpv4(address) ? lengthToMask(length) : length}${port}`;
}

function trafficWords(words: string, sas: readonly SaView[], direction: "inbound" | "outbound"): string {
  const own = sas.filter(({ sa }) => sa.direction === direction);
  const sum = (of: (view: SaView) => number): number => own.reduce((total, view) => total + of(view), 0);
  const packets = sum(({ counters }) => counters.packets);
  const dropped = sum(({ counters }) => Object.values(counters.errors).reduce((total, count) => total + count, 0));
  const { kilobytes = 0, milliseconds = 0 } = own.at(-1)?.remaining ?? {};
  return `        ${words} ${packets} drop ${dropped} life (KB/Sec) ${kilobytes}/${Math.floor(milliseconds / 1_000)}`;
}

const BRIEF_HEAD = [
  "Status: A- Active, U - Up, D - Down, I - Idle, S - Standby, N - Negotiating",
  "        K - No IKE",
  "ivrf = (none)",
  "           Peer      I/F          Username          Group/Phase1_id              Uptime Status",
];

const LETTERS: Readonly<Record<SessionStatus, string>> = {
  "UP-ACTIVE": "UA",
  "UP-STANDBY": "US",
  "UP-IDLE": "UI",
  "UP-NO-IKE": "UK",
  "DOWN-NEGOTIATING": "DN",
  DOWN: "D",
};

function briefLine({ peer, interface: name, status, upMs, ikeSas }: CryptoSession): string {
  const identity = ikeSas.find(each => each.peerIdentity !== undefined)?.peerIdentity ?? "";
  const uptime = upMs === undefined ? "" : sinceText(upMs);
  const columns = [
    peer.padStart(15),
    " ".repeat(6),
    shortInterface(name).padEnd(13),
    " ".repeat(18),
    identity.padEnd(25),
    uptime.padStart(10),
  ];
  return `${columns.join("")} ${status === "DOWN" ? " D" : LETTERS[status].padStart(5)}`;
}

/** One row a direction of each pair, then one for each IKE SA. */
export function showCryptoEngineConnections(flows: readonly FlowView[], ike: IkeSnapshot): string[] {
  const rows = flows
    .flatMap(({ sas }) => sas)
    .sort((a, b) => a.sa.id - b.sa.id)
    .map(({ sa, counters }) => {
      const sent = sa.direction === "outbound" ? counters.packets : 0;
      const taken = sa.direction === "inbound" ? counters.packets : 0;
      const last = sa.direction === "inbound" ? counters.sequence : 0;
      return engineRow([sa.id + 1, "IPsec", algorithmOf(sa.suite), sent, taken, last, sa.local]);
    });
  const ikeRows = ike.ikeSas.map(({ connection, policy, local }) =>
    engineRow([connection, "IKE", `${hashWords(policy?.hash)}+${aesWords(policy?.keyBits)}`, 0, 0, 0, local]),
  );
  return [
    "Crypto Engine Connections",
    "",
    "   ID  Type    Algorithm           Encrypt  Decrypt LastSeqN IP-Address",
    ...rows,
    ...ikeRows,
    "",
  ];
}

type EngineRow = readonly [number, string, string, number, number, number, string];

function engineRow([id, type, algorithm, sent, taken, last, address]: EngineRow): string {
  const numbers = `${String(sent).padStart(9)}${String(taken).padStart(9)}${String(last).padStart(9)}`;
  return `${String(id).padStart(5)}  ${type.padEnd(7)} ${algorithm.padEnd(18)}${numbers} ${address}`;
}

/** AES of 128 bits is `AES`, as on IOS. */
function aesWords(keyBits: number | undefined): string {
  return keyBits === undefined || keyBits === 128 ? "AES" : `AES${keyBits}`;
}

const CIPHERS = { null: "NULL", "aes-cbc": "AES", "aes-gcm": "AES-GCM", "chacha20-poly1305": "CHACHA20" } as const;

function algorithmOf({ encryption, integrity }: SaView["sa"]["suite"]): string {
  const { cipher, keyLength } = encryption;
  const size = cipher === "aes-gcm" || (cipher === "aes-cbc" && keyLength > 16) ? String(keyLength * 8) : "";
  return `${CIPHERS[cipher]}${size}${integrity === undefined ? "" : `+${hashWords(integrity.hash)}`}`;
}

function hashWords(hash: string | undefined): string {
  return hash === undefined ? "" : hash === "sha1" ? "SHA" : hash.toUpperCase();
}
