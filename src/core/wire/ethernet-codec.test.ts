import fc from "fast-check";
import { macFromOctets } from "./address.ts";
import { codecKit, fromHex } from "./codec-kit.test-support.ts";
import { ethernetFrame } from "./ethernet-codec.ts";

const mac = (hex: string) => macFromOctets(fromHex(hex));
const anyMac = fc.uint8Array({ minLength: 6, maxLength: 6 }).map(macFromOctets);

codecKit({
  name: "ethernet",
  codec: ethernetFrame,
  captured: [
    {
      source: "Linux 6.18 broadcasting",
      hex: "ffffffffffff 02000000000a 0806 0001080006040001",
      value: {
        destination: mac("ffffffffffff"),
        source: mac("02000000000a"),
        type: "arp",
        payload: fromHex("0001080006040001"),
      },
    },
  ],
  arbitrary: fc.record({
    destination: anyMac,
    source: anyMac,
    type: fc.oneof(
      fc.constantFrom("ipv4" as const, "arp" as const, "vlan" as const, "ipv6" as const),
      fc.record({ unknown: fc.nat(0x7ff) }),
    ),
    payload: fc.uint8Array({ maxLength: 100 }),
  }),
  // The payload is all that is left.
  mayEndAt: length => length >= 14,
});
