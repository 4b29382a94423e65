import { readFileSync } from "node:fs";
import { macFromOctets } from "../wire/address.ts";
import { codecKit, fromHex, type Sample } from "../wire/codec-kit.test-support.ts";
import { hsrpV2 } from "./hsrp-v2-codec.ts";

/** What our gateways sent, and what tshark, which is nobody of ours, read in it without a complaint. */
const file = new URL("./fixtures/hsrp-v2-captured.json", import.meta.url);
const dissected = JSON.parse(readFileSync(file, "utf8")) as Sample<unknown>[];

codecKit({
  name: "hsrp version 2",
  codec: hsrpV2,
  captured: [
    {
      source: "the layout as Wireshark dissects it, filled in by hand",
      hex: `01 28 02 00 06 04 0001 00000c9ff001 00000064 000000fa 000002ee 0a00000f000000000000000000000000
            03 08 7365637265740000`,
      value: [
        {
          kind: "groupState",
          body: {
            opcode: "hello",
            state: "active",
            family: "ipv4",
            group: 1,
            identifier: macFromOctets(fromHex("00000c9ff001")),
            priority: 100,
            helloMs: 250,
            holdMs: 750,
            virtualAddress: fromHex("0a00000f000000000000000000000000"),
          },
        },
        { kind: "text", body: fromHex("7365637265740000") },
      ],
    },
  ],
  vectors: dissected,
  // A row of bodies may end after any of them.
  mayEndAt: length => length === 0 || length === 42,
});
