import { ipv4FromOctets, ipv6FromOctets, macFromOctets } from "./address.ts";
import { ipv4, ipv6, mac } from "./address-codec.ts";
import { codecKit, fromHex } from "./codec-kit.test-support.ts";

const source = "written by hand";
codecKit({
  name: "ipv4",
  codec: ipv4,
  captured: [{ source, hex: "0a00000f", value: ipv4FromOctets(fromHex("0a00000f")) }],
});
codecKit({
  name: "ipv6",
  codec: ipv6,
  captured: [
    {
      source,
      hex: "fe80 0000 0000 0000 0000 0000 0000 0015",
      value: ipv6FromOctets(fromHex("fe800000000000000000000000000015")),
    },
  ],
});
codecKit({
  name: "mac",
  codec: mac,
  captured: [{ source, hex: "00000c07ac01", value: macFromOctets(fromHex("00000c07ac01")) }],
});
