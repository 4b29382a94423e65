import { describe, expect, test } from "vitest";
import type { DataPlaneEvent } from "../../core/ipsec/data-plane.ts";
import type { SecurityAssociation } from "../../core/ipsec/security-association.ts";
import type { IpAddress } from "../../core/wire/address.ts";
import { eventOf } from "./data-plane-log.ts";

const packet = {
  protocol: 50,
  source: "172.16.0.18" as IpAddress,
  destination: "10.0.0.15" as IpAddress,
};
const KNOWN = { spi: 0xc0ffee01 } as SecurityAssociation;

describe("what the data plane tells an operator", () => {
  test.each<[string, DataPlaneEvent]>([
    [
      "%CRYPTO-4-RECVD_PKT_INV_SPI: decaps: rec'd IPSEC packet has invalid spi for destaddr=10.0.0.15, prot=50, " +
        "spi=0x3EB(1003), srcaddr=172.16.0.18",
      { kind: "unknown-spi", spi: 1_003, count: 1, packet },
    ],
    [
      "%CRYPTO-4-RECVD_PKT_INV_SPI: decaps: rec'd IPSEC packet has invalid spi for destaddr=10.0.0.15, prot=50, " +
        "spi=0xFFFFFFFF(4294967295), srcaddr=172.16.0.18 (100000 such packets)",
      { kind: "unknown-spi", spi: 0xffff_ffff, count: 100_000, packet },
    ],
    [
      "%CRYPTO-4-RECVD_PKT_NOT_IPSEC: Rec'd packet not an IPSEC packet. (ip) vrf/dest_addr= /10.0.0.15, " +
        "src_addr= 172.16.0.18, prot= 6",
      { kind: "clear", packet: { ...packet, protocol: 6 } },
    ],
    [
      "%CRYPTO-4-RECVD_PKT_MISMATCH: decaps: packet from 172.16.0.18 to 10.0.0.15 inside spi=0xC0FFEE01 " +
        "is not what this SA may carry",
      { kind: "outside-selectors", id: 7, packet },
    ],
    [
      "%CRYPTO-4-SEQ_RESERVED: spi=0xC0FFEE01 sends no more after sequence number 9: a new SA is needed",
      { kind: "cap-reached", id: 7, sequence: 9 },
    ],
    [
      "%CRYPTO-4-SA_LIFETIME: spi=0xC0FFEE01 reached the end of its lifetime (octets)",
      { kind: "hard-limit", id: 7, what: "octets" },
    ],
    [
      "%CRYPTO-2-SA_FAILED: spi=0xC0FFEE01 was closed: its numbers were not as they must be",
      { kind: "sa-failed", id: 7 },
    ],
    ["%CRYPTO-4-EVENTS_LOST: 3 event(s) of the data plane were lost", { kind: "events-lost", count: 3 }],
    ["%CRYPTO-7-PACKET: words", { kind: "trace", text: "words" }],
  ])("%s", (line, event) => {
    const said = eventOf(event, id => (id === 7 ? KNOWN : undefined));
    expect(said && `%${said.facility}-${said.severity}-${said.mnemonic}: ${said.text}`).toBe(line);
  });

  test.each<DataPlaneEvent>([
    { kind: "acquire", bundle: 1, packet },
    { kind: "edge", id: 7, sequence: 1 },
    { kind: "soft-limit", id: 7, what: "time" },
  ])("nothing of $kind", event => {
    expect(eventOf(event, () => KNOWN)).toBeUndefined();
  });
});
