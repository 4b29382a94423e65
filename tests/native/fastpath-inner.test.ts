/** What happens to headers on their way through the fast path, and what may not come out of an SA. */
import { describe, expect, test } from "vitest";
import { internetChecksum } from "../../src/core/wire/checksum.ts";
import { betweenPrefixes } from "../../src/core/wire/selector.ts";
import { encodeSas, type SaRecord } from "../../src/linux/fastpath-records.ts";
import { decodeEvents, EVENT_OCTETS } from "../../src/linux/fastpath-reports.ts";
import {
  type Member,
  openMember,
  otherEnd,
  packet4,
  packet6,
  protect,
  RIGHT,
  receiveFrom,
  saRecord,
  udp,
} from "./fastpath-kit.ts";
import { address, prefix } from "./values.ts";

/** The sender may say anything; the receiver looks at its own selectors. */
function pair(over: Partial<SaRecord> = {}, receiving: Partial<SaRecord> = {}) {
  const any = betweenPrefixes(prefix("0.0.0.0/0"), prefix("0.0.0.0/0"));
  const sa = saRecord("aes-128-gcm", { selectors: [any], ...over });
  const [left, right] = [openMember(), openMember()];
  left.role("active", 1);
  right.role("active", 1);
  protect(left, sa);
  right.path.installSas(encodeSas([otherEnd(saRecord("aes-128-gcm", over), receiving)]));
  return { left, right };
}

function through(members: { left: Member; right: Member }, inner: Uint8Array, tos = 0) {
  const { verdict, packets } = members.left.path.encrypt(inner);
  expect(verdict).toBe("sent");
  return receiveFrom(members.right, packets[0] ?? new Uint8Array(0), tos);
}

describe("selectors and addresses", () => {
  const outside = [
    ["a source outside", { source: "10.3.0.1" }, "outside the SA's selectors"],
    ["a destination outside", { destination: "10.3.0.1" }, "outside the SA's selectors"],
  ] as const;
  test.each(outside)("%s is dropped", (_, packet, verdict) => {
    const members = pair();
    expect(through(members, packet4(packet)).verdict).toBe(verdict);
    const into = new Uint8Array(EVENT_OCTETS * 8);
    const told = decodeEvents(into.subarray(0, members.right.path.readEvents(into)));
    expect(told).toMatchObject([{ kind: "outside-selectors", spi: 0x1001 }]);
  });

  test("each SA is held to its own selectors, not to another's", () => {
    const members = pair();
    const other = betweenPrefixes(prefix("10.3.0.0/16"), prefix("10.2.0.0/16"));
    members.right.path.installSas(
      encodeSas([otherEnd(saRecord("aes-128-gcm", { place: 9, spi: 0x2002, selectors: [other] }))]),
    );
    expect(through(members, packet4({ source: "10.3.0.1" })).verdict).toBe("outside the SA's selectors");
  });

  const martians = ["127.0.0.1", "0.0.0.0", "224.0.0.5", "255.255.255.255"];
  const everything = betweenPrefixes(prefix("0.0.0.0/0"), prefix("0.0.0.0/0"));
  test.each(martians)("%s as source or destination is dropped, whatever the selectors say", host => {
    const members = pair({}, { selectors: [everything] });
    expect(through(members, packet4({ source: host })).verdict).toBe("inner address that cannot be");
    expect(through(members, packet4({ destination: host })).verdict).toBe("inner address that cannot be");
  });

  test("multicast that a selector names goes through", () => {
    const named = betweenPrefixes(prefix("10.1.0.0/16"), prefix("239.1.0.0/16"));
    const members = pair({}, { selectors: [named] });
    expect(through(members, packet4({ destination: "239.1.2.3" })).verdict).toBe("accepted");
  });

  test("ESP to ourselves inside ESP is dropped", () => {
    const members = pair({}, { selectors: [everything] });
    const nested = { destination: RIGHT, protocol: 50, payload: new Uint8Array(60) };
    expect(through(members, packet4(nested)).verdict).toBe("ESP inside ESP to ourselves");
    const encapsulated = { destination: RIGHT, payload: udp(new Uint8Array(60), 4500, 4500) };
    expect(through(members, packet4(encapsulated)).verdict).toBe("ESP inside ESP to ourselves");
  });

  test("what the peer sends to itself through us is not handed back", () => {
    const members = pair({}, { selectors: [everything] });
    const home = betweenPrefixes(prefix("0.0.0.0/0"), prefix("10.1.0.0/16"));
    protect(
      members.right,
      saRecord("aes-128-gcm", { place: 8, spi: 0x3003, local: RIGHT, remote: address("192.0.2.1"), selectors: [home] }),
    );
    expect(through(members, packet4({ destination: "10.1.0.9" })).verdict).toBe("addressed back to the peer");
    expect(through(members, packet4()).verdict).toBe("accepted");
  });
});

describe("malformed inside", () => {
  const broken: readonly [string, (packet: Uint8Array) => void][] = [
    ["version 5", packet => packet.fill(0x55, 0, 1)],
    ["header length 4", packet => packet.fill(0x44, 0, 1)],
    ["a wrong checksum", packet => packet.fill(0xff, 10, 11)],
    ["a total length past the end", packet => packet.fill(0xff, 2, 4)],
  ];
  test.each(broken)("%s is dropped", (_, breakIt) => {
    // The sending side refuses such a packet, so it is put behind an ESP header by transport mode.
    const members = pair(
      { mode: "transport", local: address("10.1.0.1"), remote: address("10.2.0.1") },
      {
        mode: "tunnel",
        local: RIGHT,
        remote: address("192.0.2.1"),
      },
    );
    const inner = packet4();
    breakIt(inner);
    expect(through(members, packet4({ protocol: 4, payload: inner })).verdict).toBe("authentic but malformed inside");
    expect(through(members, packet4({ protocol: 4, payload: packet4() })).verdict).toBe("accepted");
  });

  test.each([0, 4, 41, 50, 51, 132, 255])("next header %i with the wrong contents is dropped", protocol => {
    const members = pair({ mode: "transport" }, { mode: "tunnel" });
    const payload = protocol === 4 ? packet6() : packet4();
    const result = through(members, packet4({ protocol, payload }));
    expect(result.verdict).toBe("authentic but malformed inside");
  });

  test("a dummy packet is dropped and counted as such", () => {
    const members = pair({ mode: "transport" }, { mode: "tunnel" });
    const dummy = packet4({ protocol: 59, payload: new Uint8Array(32) });
    expect(through(members, dummy).verdict).toBe("dummy packet (traffic flow confidentiality)");
  });
});

describe("headers", () => {
  // RFC 6040 figure 4: rows by what was inside, columns by what the outer header says.
  const combined = [
    [0, 0, 0, undefined],
    [1, 1, 1, 3],
    [2, 1, 2, 3],
    [3, 3, 3, 3],
  ] as const;
  test.each([0, 1, 2, 3])("ECN %i inside meets each outer one", inner => {
    for (let outer = 0; outer < 4; outer++) {
      const members = pair();
      const { verdict, packet } = through(members, packet4({ tos: 0xb8 | inner }), outer);
      const wanted = combined[inner]?.[outer];
      if (wanted === undefined) expect(verdict).toBe("congestion mark on a packet that cannot carry it");
      else expect(packet).toEqual(packet4({ tos: 0xb8 | wanted }));
    }
  });

  test("IPv6 inside IPv4, with its traffic class mended", () => {
    const selectors = [betweenPrefixes(prefix("2001:db8:1::/48"), prefix("2001:db8:2::/48"))];
    const members = pair({ selectors }, { selectors });
    expect(through(members, packet6({ tos: 2 }), 3).packet).toEqual(packet6({ tos: 3 }));
  });

  test("transport mode gives the packet back with its own ends", () => {
    const ends = { mode: "transport", remotePort: undefined } as const;
    const selectors = [betweenPrefixes(prefix("192.0.2.1/32"), prefix("192.0.2.2/32"))];
    const members = pair({ ...ends, selectors }, { ...ends, selectors });
    const inner = packet4({ source: "192.0.2.1", destination: "192.0.2.2", df: true });
    expect(through(members, inner).packet).toEqual(inner);
  });

  test("padding that follows the packet is not part of it", () => {
    const members = pair({ mode: "transport" }, { mode: "tunnel" });
    const inner = packet4();
    const padded = new Uint8Array(inner.length + 100);
    padded.set(inner);
    expect(through(members, packet4({ protocol: 4, payload: padded })).packet).toEqual(inner);
  });

  test("a SYN's segment size is clamped, and its checksum stays right", () => {
    const members = pair({ mss: "auto" });
    const { packets } = members.left.path.encrypt(packet4({ protocol: 6, payload: syn(1460), df: true }));
    const { packet = new Uint8Array(0) } = receiveFrom(members.right, packets[0] ?? new Uint8Array(0));
    const tcp = packet.subarray(20);
    const mss = new DataView(tcp.buffer, tcp.byteOffset).getUint16(22);
    expect(mss).toBeGreaterThan(1300);
    expect(mss).toBeLessThan(1460);
    expect(tcpSum(packet)).toBe(0);
  });

  test("a SYN of the peer's side is clamped where it arrives", () => {
    const members = pair({}, { mss: 1200 });
    const { packets } = members.left.path.encrypt(packet4({ protocol: 6, payload: syn(1460), df: true }));
    const { packet = new Uint8Array(0) } = receiveFrom(members.right, packets[0] ?? new Uint8Array(0));
    expect(new DataView(packet.buffer, packet.byteOffset + 20).getUint16(22)).toBe(1200);
    expect(tcpSum(packet)).toBe(0);
  });
});

/** A SYN from 10.1.0.1 to 10.2.0.1 with one option. */
function syn(mss: number): Uint8Array {
  const octets = new Uint8Array(24);
  const view = new DataView(octets.buffer);
  view.setUint16(0, 40_000);
  view.setUint16(2, 80);
  octets[12] = 0x60;
  octets[13] = 2;
  octets[20] = 2;
  octets[21] = 4;
  view.setUint16(22, mss);
  view.setUint16(16, tcpSum(packet4({ protocol: 6, payload: octets })));
  return octets;
}

/** 0 when the checksum that stands there is right. */
function tcpSum(packet: Uint8Array): number {
  const length = packet.length - 20;
  const pseudo = Uint8Array.of(...packet.subarray(12, 20), 0, 6, length >> 8, length & 0xff);
  return internetChecksum(pseudo, packet.subarray(20));
}
