import { ipv4FromNumber, parseIpv4 } from "../wire/address.ts";
import { codecKit, fromHex } from "../wire/codec-kit.test-support.ts";
import { md5Body } from "./hsrp-md5-codec.ts";

codecKit({
  name: "hsrp MD5",
  codec: md5Body,
  captured: [
    {
      source: "the tail of a published vector, with its digest",
      hex: "01 00 0000 0a000014 00000000 52e1db09d18d695b8fefb3730ff8d9d6",
      value: {
        padding: 0,
        flags: 0,
        address: parseIpv4("10.0.0.20") ?? ipv4FromNumber(0),
        keyId: 0,
        digest: fromHex("52e1db09d18d695b8fefb3730ff8d9d6"),
      },
    },
  ],
});
