/**
 * What the fast path must never send, as the catalogue of attacks numbers it (E09 to E22): a number twice, a number
 * past the cap, an IV twice, a packet past a lifetime, anything in clear that a policy protects.
 */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { toHex } from "../../src/core/wire/codec-kit.test-support.ts";
import { encodePolicies, encodeUpdates } from "../../src/linux/fastpath-records.ts";
import { innerPacket, inward, outward } from "./esp-packets.ts";
import { Bench, between, GCM, ip, KINDS, OUTBOUND_SPI, OUTWARD, opened, referenceOf, saRecord } from "./esp-path.ts";

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});
afterEach(() => bench.close());

function numberOf(packet: Uint8Array | undefined): number {
  if (packet === undefined) throw new Error("nothing was sent");
  return new DataView(packet.buffer, packet.byteOffset).getUint32(4);
}

/** The eight octets of a counter mode's IV. */
function ivOf(packet: Uint8Array | undefined): bigint {
  if (packet === undefined) throw new Error("nothing was sent");
  return new DataView(packet.buffer, packet.byteOffset).getBigUint64(8);
}

const verdicts = (count: number): string[] => Array.from({ length: count }, () => bench.encrypt(outward()).verdict);

describe("E09: the end of the numbers", () => {
  test("without ESN 2^32 - 1 is the last, and nothing wraps", () => {
    const sequence = 2 ** 32 - 2;
    bench.install(saRecord(GCM, "outbound", { sequence, acknowledged: sequence }));
    expect(numberOf(bench.encrypt(outward()).packets[0])).toBe(2 ** 32 - 2);
    expect(numberOf(bench.encrypt(outward()).packets[0])).toBe(2 ** 32 - 1);
    expect(verdicts(100)).not.toContain("sent");
    expect(bench.dropped("sequence number space used up")).toBe(100);
    const told = bench.events().map(({ kind }) => kind);
    expect(told).toContain("cap-reached");
  });

  test("a rekey is asked for 2^24 numbers before, once", () => {
    const sequence = 2 ** 32 - 2 ** 24 - 1;
    bench.install(saRecord(GCM, "outbound", { sequence, acknowledged: sequence }));
    bench.encrypt(outward());
    expect(bench.events().filter(({ kind }) => kind === "soft-expiry")).toEqual([]);
    verdicts(5);
    expect(bench.events().filter(({ kind }) => kind === "soft-expiry")).toMatchObject([{ limit: "sequence" }]);
  });

  test("with ESN 2^32 is a number as any other", () => {
    const sequence = 2 ** 32 - 1;
    const record = saRecord(GCM, "outbound", { sequence, acknowledged: sequence, esn: true });
    bench.install(record);
    const packets = [1, 2, 3].map(() => bench.encrypt(outward()).packets[0]);
    expect(packets.map(numberOf)).toEqual([2 ** 32 - 1, 0, 1]);
    const sa = referenceOf(GCM, record);
    expect(packets.map((packet, at) => opened(sa, packet ?? new Uint8Array(0), at === 0 ? 0 : 1).nextHeader)).toEqual([
      4, 4, 4,
    ]);
  });
});

describe("the cap: R + J - 1 is the last number until the standby has acknowledged more", () => {
  test("it refuses, says so once, and goes on when more is acknowledged", () => {
    bench.install(saRecord(GCM, "outbound", { sequence: 1, acknowledged: 2, jump: 4 }));
    expect(verdicts(8)).toEqual([
      ...new Array(5).fill("sent"),
      ...new Array(3).fill("reserved sequence numbers used up"),
    ]);
    expect(bench.events().filter(({ kind }) => kind === "cap-reached")).toMatchObject([
      { place: 0, spi: OUTBOUND_SPI, next: 6 },
    ]);
    bench.path.updateSas(encodeUpdates([{ kind: "acknowledged", place: 0, sequence: 3, epoch: 3 }]));
    expect(verdicts(2)).toEqual(["sent", "reserved sequence numbers used up"]);
  });

  test("an acknowledgement never moves back", () => {
    bench.install(saRecord(GCM, "outbound", { sequence: 1, acknowledged: 5, jump: 2 }));
    bench.path.updateSas(encodeUpdates([{ kind: "acknowledged", place: 0, sequence: 1, epoch: 3 }]));
    expect(verdicts(7).filter(verdict => verdict === "sent").length).toBe(6);
  });
});

describe("a takeover: nothing is told to any SA, and every one jumps at its first packet", () => {
  test("the number is Rs + J, once for each epoch", () => {
    bench.install(saRecord(GCM, "outbound", { sequence: 1, acknowledged: 100, jump: 1000 }));
    expect(numberOf(bench.encrypt(outward()).packets[0])).toBe(1);
    bench.become("standby", 3);
    expect(bench.encrypt(outward()).verdict).toBe("group not active");
    bench.path.updateSas(encodeUpdates([{ kind: "acknowledged", place: 0, sequence: 500, epoch: 3 }]));
    bench.become("active", 4);
    expect(numberOf(bench.encrypt(outward()).packets[0])).toBe(1500);
    expect(numberOf(bench.encrypt(outward()).packets[0])).toBe(1501);
  });

  test("after an orderly switchover it goes on exactly where the other stopped", () => {
    bench.install(saRecord(GCM, "outbound", { sequence: 1, acknowledged: 100, jump: 1000 }));
    bench.become("standby", 3);
    bench.path.updateSas(encodeUpdates([{ kind: "continue", place: 0, sequence: 77, epoch: 4 }]));
    bench.become("active", 4);
    expect(numberOf(bench.encrypt(outward()).packets[0])).toBe(77);
    bench.become("active", 5);
    expect(numberOf(bench.encrypt(outward()).packets[0]), "not in another epoch").toBe(1100);
  });

  test("the first flip is as the fourteenth, and the cap still stands behind each", () => {
    bench.install(saRecord(GCM, "outbound", { sequence: 1, acknowledged: 1, jump: 2 ** 28 }));
    let last = numberOf(bench.encrypt(outward()).packets[0]);
    for (let flip = 1; flip <= 14; flip++) {
      bench.path.updateSas(encodeUpdates([{ kind: "acknowledged", place: 0, sequence: last, epoch: 2 + flip }]));
      bench.become("active", 3 + flip);
      const number = numberOf(bench.encrypt(outward()).packets[0]);
      expect(number).toBe(last + 2 ** 28);
      last = number;
    }
    bench.path.updateSas(encodeUpdates([{ kind: "acknowledged", place: 0, sequence: last, epoch: 17 }]));
    bench.become("active", 18);
    const fifteenth = numberOf(bench.encrypt(outward()).packets[0]);
    expect(fifteenth).toBe(last + 2 ** 28);
    bench.path.updateSas(encodeUpdates([{ kind: "acknowledged", place: 0, sequence: fifteenth, epoch: 18 }]));
    bench.become("active", 19);
    expect(bench.encrypt(outward()).packets, "the sixteenth has no numbers left").toEqual([]);
    expect(bench.dropped("sequence number space used up")).toBe(1);
  });

  test("what is not active, or whose lease is over, sends nothing", () => {
    bench.install(saRecord(GCM, "outbound"));
    for (const role of ["init", "standby"] as const) {
      bench.become(role, 3);
      expect(bench.encrypt(outward())).toMatchObject({ verdict: "group not active", packets: [] });
    }
    for (const role of ["active", "draining"] as const) {
      bench.become(role, 3, 1);
      expect(bench.encrypt(outward())).toMatchObject({ verdict: "lease over", packets: [] });
    }
  });

  test("P7: the role of one group is nothing to another", () => {
    const other = [between("10.1.0.0/16", "10.7.0.0/16")];
    bench.become("active", 9, undefined, 1);
    bench.install(
      saRecord(GCM, "outbound"),
      saRecord(GCM, "outbound", { place: 2, spi: 0x1111_0003, group: 1, selectors: other, epoch: 9 }),
    );
    bench.become("standby", 3);
    expect(bench.encrypt(outward()).verdict).toBe("group not active");
    expect(bench.encrypt(outward(4, { destination: ip("10.7.0.1") })).verdict).toBe("sent");
  });
});

describe("E21: IVs", () => {
  test.each([0, 1] as const)("member %i's carry its owner above a counter that only rises", member => {
    bench.close();
    bench = new Bench(member);
    bench.install(saRecord(GCM, "outbound", { acknowledged: 1000, jump: 1000 }));
    const ivs: bigint[] = [];
    for (const epoch of [3, 4, 5]) {
      bench.become("active", epoch);
      for (let run = 0; run < 50; run++) {
        const iv = ivOf(bench.encrypt(outward()).packets[0]);
        expect(iv >> 48n).toBe(BigInt(epoch * 2 + member));
        ivs.push(iv);
      }
    }
    expect(ivs.every((iv, at) => at === 0 || iv > (ivs[at - 1] ?? iv))).toBe(true);
  });

  test("two members of one epoch, as in a split brain, share none", () => {
    const other = new Bench(1);
    const record = saRecord(GCM, "outbound");
    bench.install(record);
    other.install(record);
    const of = (each: Bench) => Array.from({ length: 200 }, () => ivOf(each.encrypt(outward()).packets[0]));
    expect(new Set([...of(bench), ...of(other)]).size).toBe(400);
    other.close();
  });

  test("CBC's are not to be foreseen: no two alike, and no octet that stays", () => {
    bench.install(saRecord("aes-cbc-128 hmac-sha1-96", "outbound"));
    const ivs = Array.from(
      { length: 500 },
      () => bench.encrypt(outward()).packets[0]?.slice(8, 24) ?? new Uint8Array(0),
    );
    expect(new Set(ivs.map(toHex)).size).toBe(500);
    for (let at = 0; at < 16; at++) expect(new Set(ivs.map(iv => iv[at])).size, `octet ${at}`).toBeGreaterThan(100);
  });
});

describe("E22: lifetimes", () => {
  test("packets: not one more than the hard limit", () => {
    bench.install(saRecord(GCM, "outbound", { softPackets: 3, hardPackets: 5 }));
    expect(verdicts(8)).toEqual([...new Array(5).fill("sent"), ...new Array(3).fill("SA lifetime over")]);
    const kinds = bench.events().map(({ kind }) => kind);
    expect(kinds.filter(kind => kind === "soft-expiry").length).toBe(1);
    expect(kinds.filter(kind => kind === "hard-expiry").length).toBe(1);
  });

  test("octets: not passed by more than one batch", () => {
    const inner = outward();
    bench.install(saRecord(GCM, "outbound", { softOctets: inner.length * 3, hardOctets: inner.length * 5 }));
    const sent = verdicts(10).filter(verdict => verdict === "sent").length;
    expect(sent).toBeGreaterThanOrEqual(4);
    expect(sent).toBeLessThanOrEqual(6);
  });

  test("time: an SA whose end has passed sends nothing", () => {
    bench.install(saRecord(GCM, "outbound", { softAtMs: 1, hardAtMs: 2 }));
    expect(bench.encrypt(outward())).toMatchObject({ verdict: "SA lifetime over", packets: [] });
  });
});

describe("E11 and policies: what is protected never leaves or arrives in clear", () => {
  test("no SA yet: it is asked for, once, and sixteen packets are held for it; the rest is dropped", () => {
    const policies = [
      { id: 1, order: 1, action: "protect" as const, group: 0, bundle: 0, selector: OUTWARD[0] ?? never() },
    ];
    bench.path.changePolicies(new Uint32Array(0), encodePolicies(policies));
    for (let run = 0; run < 16; run++) expect(bench.encrypt(outward())).toMatchObject({ verdict: "held", packets: [] });
    expect(bench.encrypt(outward())).toMatchObject({ verdict: "no SA yet", packets: [] });
    expect(bench.events().filter(({ kind }) => kind === "acquire")).toMatchObject([{ bundle: 0, policy: 1 }]);
  });

  test("a clear packet that an SA should have carried is dropped and told", () => {
    bench.install(saRecord(GCM, "outbound"), saRecord(GCM, "inbound"));
    expect(bench.encrypt(inward()).verdict).toBe("clear though it should be protected");
    expect(bench.events().some(({ kind }) => kind === "clear")).toBe(true);
  });

  test("under `permit ip any any` it is dropped all the same, and not taken for one from inside", () => {
    const any = between("0.0.0.0/0", "0.0.0.0/0");
    bench.install(saRecord(GCM, "outbound", { selectors: [any] }), saRecord(GCM, "inbound", { selectors: [any] }));
    expect(bench.encrypt(inward()).verdict).toBe("sent");
    expect(bench.arrive(inward())).toMatchObject({ verdict: "clear though it should be protected", packets: [] });
    expect(bench.events().some(({ kind }) => kind === "clear")).toBe(true);
  });

  test("what arrives in clear and nothing protects goes on as it is; what is no packet does not", () => {
    bench.install(saRecord(GCM, "outbound"), saRecord(GCM, "inbound"));
    expect(bench.arrive(innerPacket({ source: ip("10.50.0.1"), destination: ip("10.60.0.1") })).verdict).toBe("bypass");
    // From inside it would be protected; from outside nobody should have.
    expect(bench.arrive(outward()).verdict).toBe("bypass");
    expect(bench.arrive(new Uint8Array(12)).verdict).toBe("malformed packet from inside");
  });

  test("what no policy means, and what a policy lets pass, goes in clear; `drop` drops", () => {
    const any = OUTWARD[0] ?? never();
    const rows = [
      { id: 1, order: 1, action: "bypass" as const, group: 0, bundle: 0, selector: { ...any, protocol: 1 } },
      { id: 2, order: 2, action: "drop" as const, group: 0, bundle: 0, selector: { ...any, protocol: 6 } },
      { id: 3, order: 3, action: "protect" as const, group: 0, bundle: 0, selector: any },
    ];
    bench.path.changePolicies(new Uint32Array(0), encodePolicies(rows));
    const verdictOf = (protocol: number) =>
      bench.encrypt(outward(4, { protocol, payload: new Uint8Array(40) })).verdict;
    expect(verdictOf(1)).toBe("bypass");
    expect(verdictOf(6)).toBe("dropped by policy");
    expect(verdictOf(17)).toBe("held");
    const foreign = innerPacket({ source: ip("10.50.0.1"), destination: ip("10.60.0.1") });
    expect(bench.encrypt(foreign).verdict).toBe("bypass");
  });
});

describe("E17: what is too big", () => {
  test.each(KINDS)("%s: 65,535 octets with DF are answered and dropped, and fit in no packet", name => {
    bench.install(saRecord(name, "outbound"));
    const payload = new Uint8Array(65_515);
    const inner = outward(4, { protocol: 99, payload, change: { dontFragment: true } });
    const { verdict, packets, replies } = bench.encrypt(inner);
    expect(verdict).toBe("too big for the path");
    expect(packets).toEqual([]);
    expect(replies.length).toBe(1);
    const [reply] = replies;
    // ICMP destination unreachable, fragmentation needed, with an MTU that a packet of ours fits in.
    expect([reply?.[9], reply?.[20], reply?.[21]]).toEqual([1, 3, 4]);
    const mtu = ((reply?.[26] ?? 0) << 8) | (reply?.[27] ?? 0);
    expect(mtu).toBeGreaterThan(1300);
    const fitting = outward(4, { protocol: 99, payload: new Uint8Array(mtu - 20), change: { dontFragment: true } });
    const sent = bench.encrypt(fitting);
    expect(sent.verdict).toBe("sent");
    expect((sent.packets[0]?.length ?? 0) + 28).toBeLessThanOrEqual(1500);
    const over = outward(4, { protocol: 99, payload: new Uint8Array(mtu - 19), change: { dontFragment: true } });
    expect(bench.encrypt(over).verdict).toBe("too big for the path");
  });

  test("IPv6 is answered with packet too big", () => {
    bench.install(saRecord(GCM, "outbound"));
    const { verdict, replies } = bench.encrypt(outward(6, { protocol: 99, payload: new Uint8Array(3000) }));
    expect(verdict).toBe("too big for the path");
    expect([replies[0]?.[6], replies[0]?.[40]]).toEqual([58, 2]);
  });

  test("without DF it goes in fragments, each protected, together the whole", () => {
    const record = saRecord(GCM, "outbound");
    bench.install(record);
    const payload = Uint8Array.from({ length: 4000 }, (_, at) => at & 0xff);
    const { verdict, packets } = bench.encrypt(outward(4, { protocol: 99, payload }));
    expect(verdict).toBe("sent");
    expect(packets.length).toBe(3);
    const fragments = packets.map(packet => opened(referenceOf(GCM, record), packet).payload);
    expect(toHex(Uint8Array.from(fragments.flatMap(each => [...each.subarray(20)])))).toBe(toHex(payload));
  });
});

describe("E12: packets from inside that are none", () => {
  test("are dropped, and take no number", () => {
    bench.install(saRecord(GCM, "outbound"));
    const good = outward();
    const broken = [
      new Uint8Array(0),
      good.slice(0, 19),
      Uint8Array.from(good, (octet, at) => (at === 0 ? 0x55 : octet)),
    ];
    for (const octets of broken)
      expect(bench.encrypt(octets)).toMatchObject({ verdict: "malformed packet from inside" });
    expect(numberOf(bench.encrypt(good).packets[0])).toBe(1);
  });
});

function never(): never {
  throw new Error("this cannot be");
}
