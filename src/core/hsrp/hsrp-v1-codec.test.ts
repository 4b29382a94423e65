import { readFileSync } from "node:fs";
import { ipv4FromNumber, parseIpv4 } from "../wire/address.ts";
import { codecKit, fromHex, type Sample } from "../wire/codec-kit.test-support.ts";
import { hsrpV1 } from "./hsrp-v1-codec.ts";

const v1Body = {
  state: "active" as const,
  helloSeconds: 3,
  holdSeconds: 10,
  priority: 100,
  group: 1,
  reserved: 0,
  authentication: fromHex("636973636f000000"),
  virtualAddress: parseIpv4("10.0.0.15") ?? ipv4FromNumber(0),
  md5: undefined,
};

/** What our gateways sent, and what tshark, which is nobody of ours, read in it without a complaint. */
const file = new URL("./fixtures/hsrp-v1-captured.json", import.meta.url);
const dissected = JSON.parse(readFileSync(file, "utf8")) as Sample<unknown>[];

codecKit({
  name: "hsrp version 1",
  codec: hsrpV1,
  captured: [
    {
      source: "RFC 2281 section 5.1, filled in by hand",
      hex: "00 00 10 03 0a 64 01 00 636973636f000000 0a00000f",
      value: { message: { kind: "hello", body: v1Body } },
    },
    {
      source: "a coup that yersinia 0.8.2 forged in the lab",
      hex: "00 01 00 03 0a ff 00 00 636973636f000000 0a00000f",
      value: { message: { kind: "coup", body: { ...v1Body, state: "initial", priority: 255, group: 0 } } },
    },
    {
      source: "an advertisement, laid out as Wireshark dissects it",
      hex: "00 03 0001 000a 01 00 0001 0000 00000000",
      value: {
        message: {
          kind: "advertise",
          body: { type: 1, content: { state: 1, reserved: 0, activeGroups: 1, passiveGroups: 0, reserved2: 0 } },
        },
      },
    },
  ],
  vectors: dissected,
  // Without its digest the packet is whole; whether that may count is for authentication to say.
  mayEndAt: (length, octets) => length === 20 && octets.length === 50,
});
