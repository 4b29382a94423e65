/**
 * E13: outer packets that come in fragments. The kernel puts them together before the fast path sees them, within its
 * own limit of 4 MB, and drops a datagram whose fragments overlap; so these tests hold what we rely on.
 */
import { readFileSync } from "node:fs";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { type Ipv4, ipv4FromNumber, parseIpv4 } from "../../src/core/wire/address.ts";
import { encode } from "../../src/core/wire/codec.ts";
import { ipv4Packet } from "../../src/core/wire/ip-codec.ts";
import { UDP, udpBetween } from "../../src/core/wire/udp-codec.ts";
import { monotonicMs, waitUntil } from "../../src/linux/clock.ts";
import { COUNTERS_A_PLACE } from "../../src/linux/fastpath-reports.ts";
import { EtherType, PacketSocket } from "../../src/linux/packet-socket.ts";
import { readSysctl, writeSysctl } from "../../src/linux/sysctl.ts";
import { inward } from "./esp-packets.ts";
import { Bench, GCM, referenceOf, saRecord, sealed } from "./esp-path.ts";
import { addTo, describeInNamespace, withVethPair } from "./namespace.ts";

const LOCAL = ip4("192.0.2.1");
const PEER = ip4("192.0.2.2");
const PORT = 4500;
const KEPT_SECONDS = "ipv4/ipfrag_time";
/** The kernel looks before it adds: one fragment more, with what it is kept in. */
const FRAGMENT_LIMIT = 4 * 2 ** 20 + 4096;

function ip4(text: string): Ipv4 {
  return parseIpv4(text) ?? ipv4FromNumber(0);
}

interface Piece {
  readonly identification: number;
  readonly offset: number;
  readonly more: boolean;
  readonly payload: Uint8Array;
}

/** An IPv4 packet from the peer; `payload` stands at `offset` of the whole. */
function piece({ identification, offset, more, payload }: Piece): Uint8Array {
  return encode(ipv4Packet, {
    typeOfService: 0,
    identification,
    dontFragment: false,
    moreFragments: more,
    fragmentOffset: offset,
    timeToLive: 64,
    protocol: UDP,
    source: PEER,
    destination: LOCAL,
    options: new Uint8Array(0),
    payload,
  });
}

describeInNamespace("outer fragments", () => {
  const pair = withVethPair();
  let bench: Bench;
  let wire: PacketSocket;
  beforeEach(() => {
    addTo(pair.rtnetlink, pair.left, `${LOCAL}/24`);
    bench = new Bench(0, { tun: "us-fragments", port: PORT, mark: 0, rawEsp: false, threads: 1 });
    wire = new PacketSocket({ linkIndex: pair.right.index, etherType: EtherType.ipv4, kind: "payloads" });
  });
  afterEach(() => {
    wire.close();
    bench.close();
  });
  // What is never completed is kept for this long, in seconds, and would take the room of other tests' fragments.
  const kept = readSysctl(KEPT_SECONDS);
  beforeAll(() => writeSysctl(KEPT_SECONDS, 1));
  afterAll(() => {
    while (fragmentMemory() > 0) waitUntil(new Int32Array(0), monotonicMs() + 10);
    writeSysctl(KEPT_SECONDS, Number(kept));
  });

  const record = saRecord(GCM, "inbound", { replayWindow: 4096 });
  const sa = referenceOf(GCM, record);

  /** A UDP datagram with an ESP packet in it; about 1,200 octets. */
  function datagram(sequence: number): Uint8Array {
    const inner = inward(4, { protocol: 99, payload: new Uint8Array(1100) });
    const payload = sealed(sa, { sequence, payload: inner, nextHeader: 4 });
    return encode(udpBetween(PEER, LOCAL), { sourcePort: PORT, destinationPort: PORT, payload });
  }

  const send = (packet: Uint8Array) => wire.send(packet, pair.left.macAddress);

  const accepted = (): number => {
    const counters = new BigUint64Array(COUNTERS_A_PLACE);
    bench.path.readCounters(Uint32Array.of(1), counters);
    return Number(counters[0]);
  };

  function waitForAccepted(count: number): void {
    while (accepted() < count) waitUntil(new Int32Array(0), monotonicMs() + 1);
  }

  test("whole ones are put together, in any order", () => {
    bench.install(record);
    for (const [sequence, order] of [
      [1, [0, 400, 800]],
      [2, [800, 400, 0]],
    ] as const) {
      const whole = datagram(sequence);
      for (const offset of order) {
        const more = offset < 800;
        const payload = whole.subarray(offset, more ? offset + 400 : undefined);
        send(piece({ identification: sequence, offset, more, payload }));
      }
    }
    waitForAccepted(2);
    expect(accepted()).toBe(2);
  });

  test("overlapping and tiny ones give nothing, and nothing else suffers", () => {
    bench.install(record);
    const whole = datagram(1);
    send(piece({ identification: 1, offset: 0, more: true, payload: whole.subarray(0, 800) }));
    send(piece({ identification: 1, offset: 400, more: false, payload: whole.subarray(400) }));
    send(piece({ identification: 2, offset: 0, more: true, payload: datagram(2).subarray(0, 8) }));
    send(piece({ identification: 2, offset: 0, more: false, payload: datagram(2).subarray(0, 8) }));
    send(piece({ identification: 3, offset: 0, more: false, payload: datagram(3) }));
    waitForAccepted(1);
    expect(Number(bench.edges[1])).toBe(3);
    expect(accepted()).toBe(1);
  });

  test("100,000 that are never completed keep no more than 4 MB, and the whole ones between them pass", () => {
    bench.install(record);
    const part = new Uint8Array(512);
    for (let run = 1; run <= 100_000; run++) {
      send(piece({ identification: run % 65_536, offset: run % 2 === 0 ? 0 : 4096, more: true, payload: part }));
      if (run % 10_000 !== 0) continue;
      const sequence = run / 10_000;
      send(piece({ identification: 0, offset: 0, more: false, payload: datagram(sequence) }));
      waitForAccepted(sequence);
      expect(fragmentMemory()).toBeLessThanOrEqual(FRAGMENT_LIMIT);
    }
    expect(accepted()).toBe(10);
  });
});

/** What the kernel holds of this namespace's fragments, in octets. */
function fragmentMemory(): number {
  return Number(/^FRAG: .* memory (\d+)$/m.exec(readFileSync("/proc/self/net/sockstat", "utf8"))?.[1] ?? Number.NaN);
}
