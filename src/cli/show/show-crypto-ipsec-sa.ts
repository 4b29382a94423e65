/**
 * `show crypto ipsec sa`: for each protected flow its identities, counters and SAs, in IOS's form, which parsers know
 * by heart. `detail` has the error counters by reason and the replay window.
 */

import type { FlowView, SaView } from "../../core/ipsec/data-plane-view.ts";
import { transformWords } from "../../core/ipsec/ipsec-commands.ts";
import type { OutboundSa } from "../../core/ipsec/security-association.ts";
import { espOverhead, transformOf } from "../../core/ipsec/transform-suite.ts";
import { type Ipv4, isIpv4 } from "../../core/wire/address.ts";
import { prefixAround } from "../../core/wire/address-set.ts";
import { isAnyPort } from "../../core/wire/port-set.ts";
import { lengthToMask } from "../../core/wire/prefix.ts";
import type { SelectorEnd } from "../../core/wire/selector.ts";
import { flowsOf, type MemberStatus, peerOf } from "./crypto-sessions.ts";

export interface SaChoice {
  readonly detail: boolean;
  readonly interface?: string;
  readonly map?: string;
  readonly peer?: string;
  /** Only what this member carries, or only what it holds for the active. */
  readonly status?: MemberStatus;
}

export function showCryptoIpsecSa(flows: readonly FlowView[], choice: SaChoice): string[] {
  const chosen = flowsOf(flows, choice.status).filter(
    flow =>
      (choice.interface === undefined || flow.traffic.interface === choice.interface) &&
      (choice.map === undefined || flow.traffic.map === choice.map) &&
      (choice.peer === undefined ||
        peerOf(flow) === choice.peer ||
        flow.traffic.entry.peers.some(peer => peer === choice.peer)),
  );
  const lines: string[] = [];
  let under = "";
  for (const flow of chosen) {
    const { interface: name, map } = flow.traffic;
    if (under !== `${name} ${map}`)
      lines.push("", `interface: ${name}`, `    Crypto map tag: ${map}, ${localWords(flow)}`);
    under = `${name} ${map}`;
    lines.push("", ...flowLines(flow, choice.detail));
  }
  return lines.length === 0 ? ["", "No SAs found"] : lines;
}

function localWords({ localAddress }: FlowView): string {
  return `local addr ${localAddress ?? "0.0.0.0"}`;
}

function flowLines(flow: FlowView, detail: boolean): string[] {
  const { traffic, localAddress, sas } = flow;
  const { selector, entry } = traffic;
  const outbound = newest(sas, "outbound");
  // One that a template lets in is known by its SAs alone.
  const peer = peerOf(flow) ?? "0.0.0.0";
  const port = outbound?.sa.encapsulation?.remotePort ?? IKE_PORT;
  const protocol = selector.protocol === "any" ? 0 : selector.protocol;
  const spi = outbound?.sa.spi ?? 0;
  return [
    "   protected vrf: (none)",
    `   local  ident (addr/mask/prot/port): (${identity(selector.source, protocol)})`,
    `   remote ident (addr/mask/prot/port): (${identity(selector.destination, protocol)})`,
    `   current_peer ${peer} port ${port}`,
    "     PERMIT, flags={origin_is_acl,}",
    ...counterLines(flow, detail),
    "",
    `     local crypto endpt.: ${localAddress ?? "0.0.0.0"}, remote crypto endpt.: ${peer}`,
    `     ${mtuWords(flow)}`,
    `     current outbound spi: ${spiWords(spi)}`,
    `     PFS (Y/N): ${entry.pfsGroup === undefined ? "N, DH group: none" : `Y, DH group: group${entry.pfsGroup}`}`,
    "",
    ...(["inbound", "outbound"] as const).flatMap(direction => [
      `     ${direction} esp sas:`,
      ...sas.filter(({ sa }) => sa.direction === direction).flatMap(each => saLines(each, flow, detail)),
      "",
      `     ${direction} ah sas:`,
      "",
      `     ${direction} pcp sas:`,
      "",
    ]),
  ];
}

const IKE_PORT = 500;

function newest(sas: readonly SaView[], direction: "inbound" | "outbound"): SaView | undefined {
  return sas.filter(({ sa }) => sa.direction === direction).at(-1);
}

/** A set that is no prefix is shown as the prefix around it, several ports as any. */
function identity({ addresses, ports }: SelectorEnd, protocol: number): string {
  const { address, length } = prefixAround(addresses);
  const mask = isIpv4(address) ? lengthToMask(length) : String(length);
  const [only] = ports;
  const port = isAnyPort(ports) || only === undefined || only.first !== only.last ? 0 : only.first;
  return `${address as Ipv4}/${mask}/${protocol}/${port}`;
}

function counterLines({ sas }: FlowView, detail: boolean): string[] {
  const sum = (direction: "inbound" | "outbound", of: (view: SaView) => number): number =>
    sas.filter(({ sa }) => sa.direction === direction).reduce((total, view) => total + of(view), 0);
  const sent = sum("outbound", ({ counters }) => counters.packets);
  const taken = sum("inbound", ({ counters }) => counters.packets);
  const errors = (direction: "inbound" | "outbound", name: string): number =>
    sum(direction, ({ counters }) => counters.errors[name] ?? 0);
  const all = (direction: "inbound" | "outbound"): number =>
    sum(direction, ({ counters }) => Object.values(counters.errors).reduce((total, count) => total + count, 0));
  const common = [
    `    #pkts encaps: ${sent}, #pkts encrypt: ${sent}, #pkts digest: ${sent}`,
    `    #pkts decaps: ${taken}, #pkts decrypt: ${taken}, #pkts verify: ${taken}`,
    "    #pkts compressed: 0, #pkts decompressed: 0",
    "    #pkts not compressed: 0, #pkts compr. failed: 0",
    "    #pkts not decompressed: 0, #pkts decompress failed: 0",
  ];
  if (!detail) return [...common, `    #send errors ${all("outbound")}, #recv errors ${all("inbound")}`];
  const broken = errors("inbound", "malformed");
  return [
    ...common,
    "    #pkts no sa (send) 0, #pkts invalid sa (rcv) 0",
    `    #pkts encaps failed (send) ${all("outbound")}, #pkts decaps failed (rcv) ${broken}`,
    `    #pkts invalid prot (recv) 0, #pkts verify failed: ${errors("inbound", "notAuthentic")}`,
    `    #pkts invalid identity (recv) ${errors("inbound", "outsideSelectors")}, #pkts invalid len (rcv) 0`,
    "    #pkts replay rollover (send): 0, #pkts replay rollover (rcv) 0",
    `    ##pkts replay failed (rcv): ${errors("inbound", "replayed")}`,
    "    #pkts tagged (send): 0, #pkts untagged (rcv): 0",
    "    #pkts not tagged (send): 0, #pkts not untagged (rcv): 0",
    "    #pkts internal err (send): 0, #pkts internal err (recv) 0",
  ];
}

const OUTER_HEADER = 20;
const UDP_HEADER = 8;

function mtuWords(flow: FlowView): string {
  const sa = newest(flow.sas, "outbound")?.sa as OutboundSa | undefined;
  const path = sa?.pathMtu ?? flow.mtu;
  const plain = sa === undefined ? path : plainMtu(sa, path);
  return `plaintext mtu ${plain}, path mtu ${path}, ip mtu ${path}, ip mtu idb ${flow.traffic.interface}`;
}

/** The largest inner packet whose outer one fits. */
function plainMtu(sa: OutboundSa, path: number): number {
  const room = path - OUTER_HEADER - (sa.encapsulation === undefined ? 0 : UDP_HEADER);
  let inner = room;
  while (inner > 0 && inner + espOverhead(sa.suite, inner) > room) inner--;
  return inner;
}

function spiWords(spi: number): string {
  return `0x${spi.toString(16).toUpperCase()}(${spi})`;
}

function saLines({ sa, remaining }: SaView, flow: FlowView, detail: boolean): string[] {
  const { kilobytes, milliseconds } = remaining;
  const timed = kilobytes !== undefined && milliseconds !== undefined;
  const mode = sa.mode === "tunnel" ? "Tunnel" : "Transport";
  const status = flow.active ? "ACTIVE(ACTIVE)" : "STANDBY";
  return [
    `      spi: ${spiWords(sa.spi)}`,
    `        transform: ${transformWords(transformOf(sa.suite))} ,`,
    `        in use settings ={${mode}${sa.encapsulation === undefined ? "" : " UDP-Encaps"}, }`,
    `        conn id: ${sa.id + 1}, flow_id: SW:${sa.id + 1}, sibling_flags 80000040, crypto map: ${flow.traffic.map}`,
    timed
      ? `        sa timing: remaining key lifetime (k/sec): (${kilobytes}/${Math.floor(milliseconds / 1000)})`
      : "        no sa timing",
    `        IV size: ${sa.suite.encryption.ivLength} bytes`,
    `        replay detection support: ${replayWords(flow, detail)}`,
    `        Status: ${status}`,
  ];
}

/** Parsers of the plain form want the line to end here, those of `detail` want the window. */
function replayWords({ sas }: FlowView, detail: boolean): string {
  const sa = newest(sas, "inbound")?.sa;
  const window = sa?.direction === "inbound" ? sa.replayWindow : 0;
  const answer = window > 0 ? "Y" : "N";
  return detail ? `${answer}  replay window size: ${window}` : answer;
}
