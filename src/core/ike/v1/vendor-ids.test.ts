import { expect, test } from "vitest";
import type { PeerFacts } from "./ike-sa.ts";
import { chainOf, type Payload, Payloads } from "./payloads.ts";
import { answeringVendorIds, noteVendorIds, ourVendorIds } from "./vendor-ids.ts";

const nobody = (): PeerFacts => ({ dpd: false, natTraversal: undefined, understudy: false, identity: undefined });

function noted(vendors: readonly Payload[]): PeerFacts {
  const peer = nobody();
  noteVendorIds(peer, new Payloads(vendors, chainOf(vendors)));
  return peer;
}

const vendor = (hex: string): Payload => ({ kind: "vendor", body: Uint8Array.from(Buffer.from(hex, "hex")) });

test("a gateway of this kind is known by what it says, and is answered by the best of each", () => {
  const peer = noted(ourVendorIds());
  expect(peer).toEqual({ dpd: true, natTraversal: "rfc", understudy: true, identity: undefined });
  expect(noted(answeringVendorIds(peer))).toEqual(peer);
  expect(answeringVendorIds(peer).length).toBe(3);
});

test("strongSwan's and IOS's identifiers of NAT traversal and dead peer detection", () => {
  expect(noted([vendor("4a131c81070358455c5728f20e95452f")]).natTraversal).toBe("rfc");
  expect(noted([vendor("90cb80913ebb696e086381b5ec427b1f")]).natTraversal).toBe("draft");
  expect(noted([vendor("cd60464335df21f87cfdb2fc68b6a448")]).natTraversal).toBe("draft");
  expect(noted([vendor("afcad71368a1f1c96b8696fc77570100")]).dpd).toBe(true);
});

test("what is unknown, or named only in part, says nothing and is answered by nothing", () => {
  expect(noted([vendor(""), vendor("4a131c81"), vendor("ff".repeat(200))])).toEqual(nobody());
  expect(answeringVendorIds(nobody())).toEqual([]);
});
