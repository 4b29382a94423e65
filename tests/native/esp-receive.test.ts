/**
 * What an attacker may send to the ESP port, as the catalogue of attacks numbers it (E01 to E20): each must be dropped
 * under its own name, and leave the window where it was.
 */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { sealedAsIs } from "../../src/core/ipsec/esp-forge.test-support.ts";
import { icvLengthOf } from "../../src/core/ipsec/esp-suite.ts";
import { toHex } from "../../src/core/wire/codec-kit.test-support.ts";
import { anyTraffic } from "../../src/core/wire/selector.ts";
import { inward } from "./esp-packets.ts";
import {
  Bench,
  GCM,
  INBOUND_SPI,
  INWARD,
  ip,
  KINDS,
  OUTBOUND_SPI,
  PEER,
  referenceOf,
  SUITES,
  saRecord,
  sealed,
  suiteOf,
} from "./esp-path.ts";

const SHORT = "ESP too short or not aligned";
const UNAUTHENTIC = "integrity check failed";
const REPLAYED = "replayed or too old";
const UNKNOWN = "unknown SPI";
/** One name for all of it: who holds a key of the SA learns nothing about what came out (E05). */
const MALFORMED = "authentic but malformed inside";
const RESERVED = "reserved SPI";

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});
afterEach(() => bench.close());

function installed(name: string, change: Parameters<typeof saRecord>[2] = {}) {
  const record = saRecord(name, "inbound", change);
  bench.install(record);
  const sa = referenceOf(name, record);
  const packet = (sequence: number, payload = inward(), nextHeader = 4): Uint8Array =>
    sealed(sa, { sequence, payload, nextHeader });
  return { record, sa, packet };
}

const withNumber = (octets: Uint8Array, at: number, value: number): Uint8Array => {
  const copy = Uint8Array.from(octets);
  new DataView(copy.buffer).setUint32(at, value);
  return copy;
};

describe.each(SUITES)("%s", name => {
  test("E01: every length from 0 to 80 is dropped", () => {
    installed(name);
    for (let length = 0; length <= 80; length++) {
      const octets = new Uint8Array(length).fill(1);
      octets.set([INBOUND_SPI >>> 24, (INBOUND_SPI >> 16) & 0xff, 0, 1].slice(0, length));
      expect([SHORT, UNAUTHENTIC], `${length} octets`).toContain(bench.receive(octets).verdict);
    }
    expect(bench.edges[1]).toBe(0n);
  });

  test("E03: one bit flipped in each octet, 1,000 packets: none is accepted, and the window does not move", () => {
    const { packet } = installed(name);
    const good = packet(9);
    for (let run = 0; run < 1000; run++) {
      const changed = Uint8Array.from(good);
      const at = 4 + (run % (good.length - 4));
      changed[at] = (good[at] ?? 0) ^ (1 << (run % 8));
      expect(bench.receive(changed).verdict, `octet ${at}`).toBe(UNAUTHENTIC);
    }
    expect(bench.edges[1]).toBe(0n);
    expect(bench.receive(packet(1)).verdict).toBe("accepted");
    expect(bench.receive(good).verdict).toBe("accepted");
  });

  test("E04: an ICV cut, lengthened, or of another SA", () => {
    const { packet } = installed(name);
    const other = referenceOf(name, saRecord(name, "inbound", { spi: INBOUND_SPI + 2 }));
    const good = packet(1);
    const icv = icvLengthOf(suiteOf(name));
    for (let cut = 1; cut <= icv; cut++) {
      expect([SHORT, UNAUTHENTIC]).toContain(bench.receive(good.slice(0, good.length - cut)).verdict);
    }
    for (let more = 1; more <= 32; more++) {
      const longer = new Uint8Array(good.length + more);
      longer.set(good);
      expect([SHORT, UNAUTHENTIC]).toContain(bench.receive(longer).verdict);
    }
    const foreign = sealed({ ...other, spi: INBOUND_SPI }, { sequence: 1, payload: inward(), nextHeader: 4 });
    expect(bench.receive(foreign).verdict).toBe(UNAUTHENTIC);
    expect(bench.receive(good).verdict).toBe("accepted");
  });
});

describe("E02: an SPI that is none of ours", () => {
  test("reserved, unknown, of the other direction, of an SA that was deleted", () => {
    const { packet } = installed(GCM);
    bench.install(saRecord(GCM, "outbound"));
    for (let spi = 1; spi < 256; spi++) expect(bench.receive(withNumber(packet(1), 0, spi)).verdict).toBe(RESERVED);
    expect(bench.receive(withNumber(packet(1), 0, 0)).verdict).toBe(RESERVED);
    expect(bench.receive(withNumber(packet(1), 0, 0x3333_3333)).verdict).toBe(UNKNOWN);
    expect(bench.receive(withNumber(packet(1), 0, OUTBOUND_SPI)).verdict).toBe(UNKNOWN);
    bench.path.removeSas(Uint32Array.of(1));
    expect(bench.receive(packet(1)).verdict).toBe(UNKNOWN);
    expect(bench.dropped(UNKNOWN)).toBe(3);
    expect(bench.dropped(RESERVED)).toBe(256);
  });

  test("it is told of once in a second, with a count, however many there are", () => {
    for (let run = 0; run < 1000; run++) bench.receive(withNumber(new Uint8Array(64), 0, 0x3333_0000 + run));
    const told = bench.events().filter(({ kind }) => kind === "unknown-spi");
    // Two where a second ends in between.
    expect(told.length).toBeGreaterThanOrEqual(1);
    expect(told.length).toBeLessThanOrEqual(2);
    expect(told[0]).toMatchObject({ packet: { source: PEER } });
    expect(bench.dropped(UNKNOWN)).toBe(1000);
  });
});

describe.each(KINDS)("E05: %s, behind a right ICV", name => {
  test("padding that is not 1, 2, 3: bad trailer, and the number counts as used", () => {
    const { sa } = installed(name);
    const payload = inward();
    const block = sa.suite.encryption.block;
    const need = ((block - ((payload.length + 2) % block)) % block) + block;
    for (let wrong = 0; wrong < need; wrong++) {
      const padding = Array.from({ length: need }, (_, at) => (at === wrong ? 0xee : at + 1));
      const packet = sealedAsIs(sa, 1 + wrong, Uint8Array.from([...payload, ...padding, need, 4]));
      expect(bench.receive(packet).verdict, `octet ${wrong}`).toBe(MALFORMED);
    }
    expect(Number(bench.edges[1])).toBe(need);
  });

  test("a pad length beyond the payload, and of 255", () => {
    const { sa } = installed(name);
    const { block } = sa.suite.encryption;
    const plain = (length: number) => Uint8Array.from([...new Array<number>(block * 2 - 2).fill(1), length, 4]);
    expect(bench.receive(sealedAsIs(sa, 1, plain(block * 2 - 1))).verdict).toBe(MALFORMED);
    expect(bench.receive(sealedAsIs(sa, 2, plain(255))).verdict).toBe(MALFORMED);
  });

  test("every next header that is not the packet's own", () => {
    const { packet } = installed(name);
    const six = inward(6);
    let number = 0;
    for (const nextHeader of [0, 50, 51, 108, 132, 255, 6, 17]) {
      expect(bench.receive(packet(++number, inward(), nextHeader)).verdict).toBe(MALFORMED);
    }
    expect(bench.receive(packet(++number, six, 4)).verdict).toBe(MALFORMED);
    expect(bench.receive(packet(++number, inward(), 41)).verdict).toBe(MALFORMED);
    expect(bench.receive(packet(++number, six, 41)).verdict).toBe("accepted");
  });

  test("59 is a dummy: counted as such, whatever it carries", () => {
    const { packet } = installed(name);
    expect(bench.receive(packet(1, new Uint8Array(100), 59)).verdict).toContain("dummy");
    expect(bench.receive(packet(1, new Uint8Array(100), 59)).verdict).toBe(REPLAYED);
  });
});

describe("E06: replays", () => {
  test.each([32, 64, 1024, 4096])("a window of %i", replayWindow => {
    const { packet } = installed(GCM, { replayWindow });
    const edge = 10_000;
    expect(bench.receive(packet(edge)).verdict).toBe("accepted");
    const oldest = edge - replayWindow + 1;
    expect(bench.receive(packet(oldest - 1)).verdict).toBe(REPLAYED);
    expect(bench.receive(packet(oldest)).verdict).toBe("accepted");
    // Two duplicates of each, interleaved: exactly one of the three is taken.
    for (let number = edge - 1; number > edge - 9; number--) {
      const verdicts = [number, number, number - 10, number].map(each => bench.receive(packet(each)).verdict);
      expect(verdicts.filter(verdict => verdict === "accepted").length).toBe(2);
    }
    expect(bench.receive(packet(edge)).verdict).toBe(REPLAYED);
    expect(Number(bench.edges[1])).toBe(edge);
  });

  test("what a standby is told of the active's edge counts as seen", () => {
    const { packet } = installed(GCM, { sequence: 500 });
    expect(bench.receive(packet(500)).verdict).toBe(REPLAYED);
    expect(bench.receive(packet(499)).verdict).toBe(REPLAYED);
    expect(bench.receive(packet(501)).verdict).toBe("accepted");
  });
});

describe("E07: numbers", () => {
  test("zero, jumps to 2^31 and 2^32 - 1, and low ones after that", () => {
    const { packet } = installed(GCM);
    expect(bench.receive(packet(0)).verdict).toBe("sequence number zero");
    const forged = packet(2 ** 31);
    forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1;
    expect(bench.receive(forged).verdict).toBe(UNAUTHENTIC);
    expect(bench.receive(packet(1)).verdict).toBe("accepted");
    expect(bench.receive(packet(2 ** 31)).verdict).toBe("accepted");
    expect(bench.receive(packet(2)).verdict).toBe(REPLAYED);
    expect(bench.receive(packet(2 ** 32 - 1)).verdict).toBe("accepted");
    for (const number of [1, 2, 2 ** 31 + 1]) expect(bench.receive(packet(number)).verdict).toBe(REPLAYED);
    expect(bench.receive(packet(2 ** 32 - 2)).verdict).toBe("accepted");
  });
});

describe("E08: extended sequence numbers", () => {
  const at = (sa: ReturnType<typeof referenceOf>, number: number, high = Math.floor(number / 2 ** 32)) =>
    sealed(sa, { sequence: number % 2 ** 32, sequenceHigh: high, payload: inward(), nextHeader: 4 });

  test("the low half wraps, and what is still in the window below the wrap is taken (RFC 4303 A2.2, case B)", () => {
    const { sa } = installed(GCM, { esn: true, sequence: 2 ** 32 - 10 });
    expect(bench.receive(at(sa, 2 ** 32 - 3)).verdict).toBe("accepted");
    expect(bench.receive(at(sa, 2 ** 32 + 5)).verdict).toBe("accepted");
    expect(Number(bench.edges[1])).toBe(2 ** 32 + 5);
    expect(bench.receive(at(sa, 2 ** 32 - 4)).verdict).toBe("accepted");
    expect(bench.receive(at(sa, 2 ** 32 - 3)).verdict).toBe(REPLAYED);
    expect(bench.receive(at(sa, 2 ** 32)).verdict).toBe("accepted");
  });

  test("a low half below the window means the next upper half (case A)", () => {
    const start = 7 * 2 ** 32 + 1000;
    const { sa } = installed(GCM, { esn: true, sequence: start });
    expect(bench.receive(at(sa, start - 64, 7)).verdict).toBe(UNAUTHENTIC);
    expect(bench.receive(at(sa, 8 * 2 ** 32 + 5)).verdict).toBe("accepted");
    expect(Number(bench.edges[1])).toBe(8 * 2 ** 32 + 5);
  });

  test("a wrong upper half is not authentic, tried once and not twice", () => {
    const { sa } = installed(GCM, { esn: true, sequence: 5 * 2 ** 32 });
    for (const high of [0, 4, 6, 7]) expect(bench.receive(at(sa, 5 * 2 ** 32 + 9, high)).verdict).toBe(UNAUTHENTIC);
    expect(bench.dropped(UNAUTHENTIC)).toBe(4);
    expect(bench.receive(at(sa, 5 * 2 ** 32 + 9)).verdict).toBe("accepted");
  });
});

describe("E10: what comes out is not what was agreed", () => {
  const source = ip("10.2.3.4");
  const destination = ip("10.1.2.3");

  test.each([
    ["another source", { source: ip("10.3.0.1"), destination }, "outside the SA's selectors"],
    ["another destination", { source, destination: ip("10.9.0.1") }, "outside the SA's selectors"],
    ["the tunnel's own peer as source", { source: PEER, destination }, "outside the SA's selectors"],
  ])("%s", (_, ends, verdict) => {
    const { packet } = installed(GCM);
    expect(bench.receive(packet(1, inward(4, ends))).verdict).toBe(verdict);
  });

  test.each([
    ["loopback", { source: ip("127.0.0.1"), destination }],
    ["multicast source", { source: ip("224.0.0.5"), destination }],
    ["broadcast source", { source: ip("255.255.255.255"), destination }],
    ["to loopback", { source, destination: ip("127.0.0.1") }],
    ["loopback of IPv6", { source: ip("::1"), destination: ip("2001:db8:1::3") }],
    ["a multicast source of IPv6", { source: ip("ff02::1"), destination: ip("2001:db8:1::3") }],
    ["no source", { source: ip("0.0.0.0"), destination }],
  ])("%s is never taken, even where the selectors mean everything", (_, ends) => {
    const { packet } = installed(GCM, { selectors: [anyTraffic(4), anyTraffic(6)] });
    const inner = inward(4, ends);
    const nextHeader = (inner[0] ?? 0) >> 4 === 6 ? 41 : 4;
    expect(bench.receive(packet(1, inner, nextHeader)).verdict).toBe("inner address that cannot be");
  });

  test("a protocol or port beside the selector's; each SA has its own selectors, not all SAs' together", () => {
    const web = installed(GCM, { selectors: INWARD.map(each => ({ ...each, protocol: 6 })) });
    const rest = installed(GCM, { place: 2, spi: INBOUND_SPI + 2 });
    expect(bench.receive(web.packet(1)).verdict).toBe("outside the SA's selectors");
    expect(bench.receive(rest.packet(1)).verdict).toBe("accepted");
    const event = bench.events().find(({ kind }) => kind === "outside-selectors");
    expect(event).toMatchObject({ place: 1, spi: INBOUND_SPI, packet: { source, destination, protocol: 17 } });
  });
});

describe("E12: inner packets that are none", () => {
  test.each(KINDS)("%s", name => {
    const { packet } = installed(name);
    let number = 0;
    const verdictOf = (change: (octets: Uint8Array) => Uint8Array | void, inner = inward()) => {
      const octets = Uint8Array.from(inner);
      return bench.receive(packet(++number, change(octets) ?? octets)).verdict;
    };
    const set = (at: number, value: number) => (octets: Uint8Array) => {
      octets[at] = value;
    };
    for (const version of [0, 1, 5, 7, 15]) expect(verdictOf(set(0, version * 16 + 5))).toBe(MALFORMED);
    for (const words of [0, 1, 4, 15]) expect(verdictOf(set(0, 0x40 + words))).toBe(MALFORMED);
    expect(verdictOf(set(2, 0xff)), "total length beyond the payload").toBe(MALFORMED);
    expect(verdictOf(set(3, 19)), "total length below the header").toBe(MALFORMED);
    expect(verdictOf(set(10, 0xaa)), "checksum").toBe(MALFORMED);
    expect(
      verdictOf(octets => octets.slice(0, 19)),
      "shorter than a header",
    ).toBe(MALFORMED);
    expect(
      verdictOf(() => new Uint8Array(0)),
      "nothing",
    ).toBe(MALFORMED);
    expect(verdictOf(() => undefined)).toBe("accepted");
  });
});

test("E14: ESP inside ESP to ourselves goes at most one level deep", () => {
  const { packet } = installed(GCM, { selectors: [anyTraffic(4)] });
  let inner = inward();
  const verdicts: string[] = [];
  for (let depth = 1; depth <= 10; depth++) {
    const esp = packet(depth, inner);
    verdicts.push(bench.receive(Uint8Array.from(packet(100 + depth, inner))).verdict);
    inner = inward(4, { source: PEER, destination: ip("192.0.2.1"), protocol: 50, payload: esp });
  }
  expect(verdicts[0]).toBe("accepted");
  expect(verdicts.slice(2).every(verdict => verdict === "ESP inside ESP to ourselves")).toBe(true);
});

describe("E15: the peer moves", () => {
  const elsewhere = ip("203.0.113.9");

  test("only by an authenticated packet that is the newest, and only where a NAT was seen", () => {
    const { packet } = installed(GCM, { peerMayMove: true });
    const moves = () => bench.events().filter(({ kind }) => kind === "peer-moved");
    bench.receive(packet(5));
    const forged = packet(6);
    forged[20] = (forged[20] ?? 0) ^ 1;
    bench.receive(forged, { from: elsewhere, port: 1024 });
    expect(moves()).toEqual([]);
    expect(bench.receive(packet(4), { from: elsewhere, port: 1024 }).verdict).toBe("accepted");
    expect(moves(), "an older one, perhaps recorded").toEqual([]);
    expect(bench.receive(packet(7), { from: elsewhere, port: 1024 }).verdict).toBe("accepted");
    expect(moves()).toMatchObject([{ place: 1, packet: { source: elsewhere, sourcePort: 1024 } }]);
  });

  test("not where none was seen", () => {
    const { packet } = installed(GCM);
    bench.receive(packet(5), { from: elsewhere, port: 1024 });
    expect(bench.events().filter(({ kind }) => kind === "peer-moved")).toEqual([]);
  });
});

test("E18: IPComp, which nobody negotiated", () => {
  const { packet } = installed(GCM);
  expect(bench.receive(packet(1, new Uint8Array(40), 108)).verdict).toBe(MALFORMED);
});

test("E19: a packet of one SA under the SPI of another", () => {
  const one = installed(GCM);
  const two = installed(GCM, { place: 2, spi: INBOUND_SPI + 2 });
  expect(bench.receive(withNumber(one.packet(1), 0, INBOUND_SPI + 2)).verdict).toBe(UNAUTHENTIC);
  expect(bench.receive(withNumber(two.packet(1), 0, INBOUND_SPI)).verdict).toBe(UNAUTHENTIC);
  expect(bench.receive(withNumber(one.packet(1), 4, 2)).verdict).toBe(UNAUTHENTIC);
  expect(bench.receive(one.packet(1)).verdict).toBe("accepted");
  expect(bench.receive(two.packet(1)).verdict).toBe("accepted");
});

test("E20: a flood under one SA costs the others no packet and no number", () => {
  const flooded = installed(GCM);
  const calm = installed(GCM, { place: 2, spi: INBOUND_SPI + 2 });
  const bad = flooded.packet(1_000_000, inward(4, { payload: new Uint8Array(16) }));
  bad[bad.length - 1] = (bad.at(-1) ?? 0) ^ 1;
  for (let number = 1; number <= 500; number++) {
    for (let run = 0; run < 20; run++) expect(bench.receive(Uint8Array.from(bad)).verdict).toBe(UNAUTHENTIC);
    expect(bench.receive(calm.packet(number)).verdict).toBe("accepted");
  }
  expect(bench.dropped(UNAUTHENTIC)).toBe(10_000);
  expect(bench.edges[1]).toBe(0n);
});

describe("who is not active", () => {
  test.each(["init", "standby"] as const)("%s drops before it decrypts", role => {
    const { packet } = installed(GCM);
    bench.become(role, 3);
    expect(bench.receive(packet(1)).verdict).toBe("group not active");
    expect(bench.edges[1]).toBe(0n);
    bench.become("active", 4);
    expect(bench.receive(packet(1)).verdict).toBe("accepted");
  });

  test("X10: a lease that is over", () => {
    const { packet } = installed(GCM);
    bench.become("active", 3, 1);
    expect(bench.receive(packet(1)).verdict).toBe("lease over");
  });

  test("draining decrypts", () => {
    const { packet } = installed(GCM);
    bench.become("draining", 3);
    const { verdict, packet: inner } = bench.receive(packet(1));
    expect(verdict).toBe("accepted");
    expect(toHex(inner ?? new Uint8Array(0))).toBe(toHex(inward()));
  });
});
