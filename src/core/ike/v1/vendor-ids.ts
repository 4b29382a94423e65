/**
 * Vendor IDs: how a peer says what it can do beyond RFC 2409. They are compared as octets; unknown ones are ignored.
 *
 * The answer to a first message names only what that message named, so that it stays about as large: its source has
 * proved nothing yet.
 */
import { utf8 } from "../../wire/utf8.ts";
import type { PeerFacts } from "./ike-sa.ts";
import type { Payload, Payloads } from "./payloads.ts";

const fromHex = (hex: string): Uint8Array =>
  Uint8Array.from(hex.match(/../g) ?? [], octet => Number.parseInt(octet, 16));

/** RFC 3947 section 3.1: MD5 of "RFC 3947". */
const NAT_RFC = fromHex("4a131c81070358455c5728f20e95452f");
/**
 * The drafts before it that are still met, -03 and two spellings of -02; they number payloads and modes their own way.
 */
const NAT_DRAFTS = [
  fromHex("7d9419a65310ca6f2c179d9215529d56"),
  fromHex("90cb80913ebb696e086381b5ec427b1f"),
  fromHex("cd60464335df21f87cfdb2fc68b6a448"),
];
/** RFC 3706 section 5.1, version 1.0. */
const DPD = fromHex("afcad71368a1f1c96b8696fc77570100");
const UNDERSTUDY = utf8("Understudy IKE 1");

export function ourVendorIds(): Payload[] {
  return [NAT_RFC, ...NAT_DRAFTS, DPD, UNDERSTUDY].map(vendor);
}

export function answeringVendorIds({ natTraversal, dpd, understudy }: PeerFacts): Payload[] {
  const [draft] = NAT_DRAFTS;
  const nat = natTraversal === "rfc" ? NAT_RFC : natTraversal === "draft" ? draft : undefined;
  return [nat, dpd ? DPD : undefined, understudy ? UNDERSTUDY : undefined].flatMap(each =>
    each ? [vendor(each)] : [],
  );
}

/** They may stand in any message before the peer is proved; NAT traversal is agreed on in the first two. */
export function noteVendorIds(peer: PeerFacts, payloads: Payloads): void {
  const has = (id: Uint8Array): boolean => payloads.all("vendor").some(each => same(each, id));
  if (has(DPD)) peer.dpd = true;
  if (has(UNDERSTUDY)) peer.understudy = true;
  if (has(NAT_RFC)) peer.natTraversal = "rfc";
  else if (peer.natTraversal === undefined && NAT_DRAFTS.some(has)) peer.natTraversal = "draft";
}

function vendor(body: Uint8Array): Payload {
  return { kind: "vendor", body };
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((octet, at) => octet === b[at]);
}
