import fc from "fast-check";
import { expect, test } from "vitest";
import { type Ipv4, ipv4FromNumber, ipv4ToNumber } from "../wire/address.ts";
import { formatPrefix, prefixContains } from "../wire/prefix.ts";
import type { AccessList, AclAddress } from "./acl-model.ts";
import { emptyIpsec, newMapEntry } from "./ipsec-model.ts";
import { protectedFlows } from "./protected-flows.ts";

const list = (source: AclAddress, destination: AclAddress, kind: "permit" | "deny" = "permit"): AccessList => ({
  name: "A",
  entries: [
    {
      sequence: 10,
      kind,
      protocol: "ip",
      source: { address: source, port: undefined },
      destination: { address: destination, port: undefined },
      established: false,
      log: false,
    },
  ],
});

function flows(acl: AccessList, map = "M"): string[] {
  const ipsec = emptyIpsec();
  const entry = { ...newMapEntry(10, undefined), accessList: "A" };
  ipsec.maps.set("M", { name: "M", entries: new Map([[10, entry]]), replayInterval: undefined });
  const found = protectedFlows(ipsec, new Map([["A", acl]]), [[{ map, redundancy: undefined, stateful: false }]]);
  return found.map(({ source, destination }) => `${formatPrefix(source)} ${formatPrefix(destination)}`);
}

const network = (address: string, wildcard: string): AclAddress => ({
  kind: "network",
  address: address as Ipv4,
  wildcard: wildcard as Ipv4,
});

test("what an applied map permits is a flow", () => {
  expect(flows(list(network("10.99.0.0", "0.0.255.255"), network("172.16.5.0", "0.0.0.255")))).toEqual([
    "10.99.0.0/16 172.16.5.0/24",
  ]);
  expect(flows(list({ kind: "host", address: "10.0.0.5" as Ipv4 }, { kind: "any" }))).toEqual([
    "10.0.0.5/32 0.0.0.0/0",
  ]);
});

test("a map that is applied nowhere protects nothing, and a deny protects nothing", () => {
  expect(flows(list({ kind: "any" }, { kind: "any" }), "OTHER")).toEqual([]);
  expect(flows(list({ kind: "any" }, { kind: "any" }, "deny"))).toEqual([]);
});

test("whatever a wildcard mask matches lies inside the flow", () => {
  const number = fc.nat(2 ** 32 - 1);
  fc.assert(
    fc.property(number, number, number, (address, wildcard, noise) => {
      const kept = Number(BigInt(address) & ~BigInt(wildcard) & 0xffff_ffffn);
      const matching = Number(BigInt(kept) | (BigInt(noise) & BigInt(wildcard)));
      const [flow = ""] = flows(list(network(ipv4FromNumber(kept), ipv4FromNumber(wildcard)), { kind: "any" }));
      const [source = ""] = flow.split(" ");
      const [base = "", length = ""] = source.split("/");
      expect(ipv4ToNumber(base as Ipv4)).toBeLessThanOrEqual(matching);
      expect(prefixContains({ address: base as Ipv4, length: Number(length) }, ipv4FromNumber(matching))).toBe(true);
    }),
  );
});
