import { describe, expect, test } from "vitest";
import { parseIpv4, parseMac } from "../core/wire/address.ts";
import { encode } from "../core/wire/codec.ts";
import { ethernetFrame } from "../core/wire/ethernet-codec.ts";
import { ipv4Packet } from "../core/wire/ip-codec.ts";
import { udpBetween } from "../core/wire/udp-codec.ts";
import { EspTally } from "./esp-tally.ts";

const ip = (text: string) => {
  const address = parseIpv4(text);
  if (address === undefined) throw new Error(text);
  return address;
};
const HEADER = { dontFragment: true, moreFragments: false, fragmentOffset: 0, options: new Uint8Array(0) };
const mac = parseMac("0000.0000.0001");
const [OUTER, PEER] = [ip("10.0.0.15"), ip("172.16.0.18")];

function frame(protocol: number, payload: Uint8Array, source = OUTER, destination = PEER): Uint8Array {
  if (mac === undefined) throw new Error("no MAC address");
  const header = { typeOfService: 0, identification: 0, timeToLive: 64 };
  const packet = encode(ipv4Packet, { ...HEADER, ...header, protocol, source, destination, payload });
  return encode(ethernetFrame, { destination: mac, source: mac, type: "ipv4", payload: packet });
}
function esp(spi: number, number: number, iv: number): Uint8Array {
  const octets = new Uint8Array(8 + 8 + 20);
  new DataView(octets.buffer).setUint32(0, spi);
  new DataView(octets.buffer).setUint32(4, number);
  octets[15] = iv;
  return octets;
}
function udp(payload: Uint8Array, port = 4_500): Uint8Array {
  const datagram = encode(udpBetween(OUTER, PEER), { sourcePort: port, destinationPort: port, payload });
  return frame(17, datagram);
}
const tallied = (...frames: Uint8Array[]) => {
  const tally = new EspTally({ ivOctets: 8, between: ["10.99.0.0/16", "172.16.5.0/24"] });
  for (const each of frames) tally.see(each);
  return tally.result();
};

test("packets with numbers and IVs of their own", () => {
  expect(tallied(udp(esp(0x1001, 1, 1)), udp(esp(0x1001, 2, 2)), udp(esp(0x1002, 1, 1)))).toEqual({
    packets: 3,
    spis: 2,
    repeated: [],
    clear: 0,
    ike: { phase1: 0, quickModes: 0 },
  });
});

test("plain ESP counts as well; IKE, keepalives and others do not", () => {
  const ike = udp(esp(0, 1, 1));
  expect(tallied(frame(50, esp(0x1001, 1, 1)), ike, udp(Uint8Array.of(0xff)), udp(esp(9, 9, 9), 53))).toMatchObject({
    packets: 1,
  });
});

test("IKE is told from ESP in UDP by its marker, and found on its own port", () => {
  const mainMode = new Uint8Array(28);
  mainMode[18] = 2;
  const quickMode = new Uint8Array(4 + 28);
  quickMode[4 + 18] = 32;
  expect(tallied(udp(mainMode, 500), udp(quickMode))).toMatchObject({ packets: 0, ike: { phase1: 1, quickModes: 1 } });
});

describe("what must never be", () => {
  test("a sequence number twice", () => {
    expect(tallied(udp(esp(0x1001, 7, 1)), udp(esp(0x1001, 7, 2))).repeated).toEqual(["SPI 0x1001: sequence number 7"]);
  });

  test("an IV twice", () => {
    expect(tallied(udp(esp(0x1001, 7, 1)), udp(esp(0x1001, 8, 1))).repeated).toEqual([
      "SPI 0x1001: an IV, with sequence number 8",
    ]);
  });

  test("the inner networks in clear, either way", () => {
    const [inside, branch] = [ip("10.99.0.101"), ip("172.16.5.101")];
    const data = new Uint8Array(8);
    expect(tallied(frame(1, data, inside, branch), frame(1, data, branch, inside), frame(1, data)).clear).toBe(2);
  });
});
