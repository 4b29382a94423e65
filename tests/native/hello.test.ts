/**
 * The hello thread against the kernel: it sends what it was given in the order and as often as it was told, nothing as
 * active without a fresh lease, and nothing more once it was told to stop. Counts and order, no times.
 */
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Ipv4 } from "../../src/core/wire/address.ts";
import { type Hello, loadAddon } from "../../src/linux/addon.ts";
import { monotonicMs, waitUntil } from "../../src/linux/clock.ts";
import { type HelloTarget, HelloThread } from "../../src/linux/hello-thread.ts";
import { EtherType, PacketSocket } from "../../src/linux/packet-socket.ts";
import { RoleWords } from "../../src/linux/role-words.ts";
import { UdpSocket } from "../../src/linux/udp-socket.ts";
import { addTo, blockUntil, describeInNamespace, eventually, withVethPair } from "./namespace.ts";
import { address, octets } from "./values.ts";

const ints = (...values: number[]): Int32Array => Int32Array.from(values);
const LINE = 1;
const FAR_AHEAD_MS = 3_600_000;
/** A frame of an EtherType that nothing else here uses. */
const frame = (mark: number): Uint8Array =>
  Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 1, 0x88, 0xb5, mark, ...new Uint8Array(45));

describeInNamespace("the hello thread", () => {
  const pair = withVethPair();
  let words: RoleWords;
  let hellos: HelloThread;
  let out: PacketSocket;
  let heard: PacketSocket;

  beforeEach(() => {
    words = RoleWords.allocate(4);
    hellos = new HelloThread(words, 0);
    out = new PacketSocket({ linkIndex: pair.left.index, etherType: EtherType.none, kind: "frames" });
    heard = new PacketSocket({ linkIndex: pair.right.index, etherType: 0x88b5, kind: "payloads" });
  });
  afterEach(() => {
    hellos.close();
    out.close();
    heard.close();
  });

  const next = (): number | undefined => blockUntil(heard.fd, () => heard.receive())?.octets[0];
  const waiting = (): (number | undefined)[] => {
    const marks = [];
    for (let packet = heard.receive(); packet !== undefined; packet = heard.receive()) marks.push(packet.octets[0]);
    return marks;
  };
  const repeat = (slot: number, mark: number, more: { lease?: number; everyMs?: number } = {}): void => {
    hellos.repeat(slot, {
      fd: out.fd,
      frame: frame(mark),
      lease: more.lease,
      firstMs: monotonicMs(),
      everyMs: more.everyMs ?? 1,
    });
  };
  const holdLease = (untilMs: number): void => {
    words.write(LINE, { role: "active", epoch: 1, leaseUntilMs: untilMs });
  };

  test("repeats a frame without anybody's help", () => {
    repeat(0, 7);
    // This thread is blocked in between: nothing of JavaScript runs.
    expect([next(), next(), next(), next(), next()]).toEqual([7, 7, 7, 7, 7]);
    expect(hellos.counters.heldBack).toBe(0);
  });

  test("a slot has one frame: the last that it was given", () => {
    repeat(0, 1);
    expect(next()).toBe(1);
    repeat(0, 2);
    waiting();
    expect([next(), next(), next()]).toEqual([2, 2, 2]);
  });

  test("slots keep their own cadence", () => {
    repeat(0, 1, { everyMs: 2 });
    repeat(1, 2, { everyMs: 20 });
    const marks = Array.from({ length: 40 }, next);
    expect(marks.filter(mark => mark === 1).length).toBeGreaterThan(marks.filter(mark => mark === 2).length);
    expect(marks).toContain(2);
  });

  test("sends nothing of a slot once it was stopped, so that its socket may be closed", async () => {
    repeat(0, 1);
    repeat(1, 2);
    next();
    hellos.stop(0);
    waiting();
    const { sent } = hellos.counters;
    await eventually(() => (hellos.counters.sent > sent + 5 ? true : undefined));
    expect(new Set(waiting())).toEqual(new Set([2]));
  });

  test("nothing leaves as active while the role word does not say so", async () => {
    repeat(0, 1, { lease: LINE });
    await eventually(() => (hellos.counters.heldBack >= 5 ? true : undefined));
    words.write(LINE, { role: "standby", epoch: 1, leaseUntilMs: monotonicMs() + FAR_AHEAD_MS });
    const { heldBack } = hellos.counters;
    await eventually(() => (hellos.counters.heldBack >= heldBack + 5 ? true : undefined));
    expect(waiting()).toEqual([]);
    expect(hellos.counters.sent).toBe(0);
    for (const role of ["active", "draining"] as const) {
      words.write(LINE, { role, epoch: 2, leaseUntilMs: monotonicMs() + FAR_AHEAD_MS });
      expect(next()).toBe(1);
    }
  });

  test("a lease that runs out stops it by itself, and a fresh one lets it go on", async () => {
    holdLease(monotonicMs() + 20);
    repeat(0, 1, { lease: LINE });
    expect(next()).toBe(1);
    // Nobody writes the word again: time alone ends it.
    await eventually(() => (hellos.counters.heldBack > 0 ? true : undefined));
    const { sent, heldBack } = hellos.counters;
    await eventually(() => (hellos.counters.heldBack >= heldBack + 10 ? true : undefined));
    expect(hellos.counters.sent).toBe(sent);
    waiting();
    holdLease(monotonicMs() + FAR_AHEAD_MS);
    expect(next()).toBe(1);
  });

  test("another's lease is not one's own", async () => {
    words.write(LINE + 1, { role: "active", epoch: 1, leaseUntilMs: monotonicMs() + FAR_AHEAD_MS });
    repeat(0, 1, { lease: LINE });
    await eventually(() => (hellos.counters.heldBack >= 3 ? true : undefined));
    expect(hellos.counters.sent).toBe(0);
  });

  test("one frame now is under the same condition", () => {
    expect(hellos.send(out.fd, frame(1), LINE)).toBe("held-back");
    holdLease(monotonicMs() - 1);
    expect(hellos.send(out.fd, frame(2), LINE)).toBe("held-back");
    holdLease(monotonicMs() + FAR_AHEAD_MS);
    expect(hellos.send(out.fd, frame(3), LINE)).toBe("sent");
    expect(hellos.send(out.fd, frame(4), undefined)).toBe("sent");
    expect([next(), next()]).toEqual([3, 4]);
    expect(waiting()).toEqual([]);
  });

  describeInNamespace("with datagrams", () => {
    let from: UdpSocket;
    let to: UdpSocket[];
    let targets: HelloTarget[];

    beforeEach(() => {
      addTo(pair.rtnetlink, pair.left, "10.0.0.1/24");
      from = new UdpSocket({ family: 4, port: 0 });
      to = [new UdpSocket({ family: 4, port: 0 }), new UdpSocket({ family: 4, port: 0 })];
      targets = to.map(({ port }) => ({ fd: from.fd, address: address("10.0.0.1") as Ipv4, port }));
    });
    afterEach(() => {
      for (const socket of [from, ...to]) socket.close();
    });

    const ring = (marks: readonly number[], lease?: number): void => {
      const datagrams = marks.map(mark => octets(mark, mark));
      hellos.ring(3, { datagrams, targets, lease, firstMs: monotonicMs(), everyMs: 1 });
    };
    const receive = (socket: UdpSocket): number | undefined => blockUntil(socket.fd, () => socket.receive()).octets[0];

    test("a ring sends each datagram once, in order, to everybody, and then ends", async () => {
      ring([1, 2, 3, 4, 5]);
      for (const socket of to) expect([1, 2, 3, 4, 5].map(() => receive(socket))).toEqual([1, 2, 3, 4, 5]);
      await eventually(() => (hellos.counters.sent === 10 ? true : undefined));
      waitUntil(new Int32Array(0), monotonicMs() + 10);
      expect(hellos.counters.sent).toBe(10);
      for (const socket of to) expect(socket.receive()).toBeUndefined();
    });

    test("a new ring replaces what is left of the old", () => {
      ring(Array.from({ length: 200 }, () => 1));
      expect(receive(to[0] as UdpSocket)).toBe(1);
      ring([2, 3]);
      const seen = [];
      while (seen.at(-1) !== 3) seen.push(receive(to[0] as UdpSocket));
      expect(seen.indexOf(2)).toBe(seen.length - 2);
      expect(seen.length).toBeLessThan(200);
    });

    test("a ring without a lease to go by passes unsent", async () => {
      ring([1, 2, 3], LINE);
      await eventually(() => (hellos.counters.heldBack === 6 ? true : undefined));
      expect(hellos.counters.sent).toBe(0);
    });
  });

  test("an interface that is down loses frames and nothing else", async () => {
    const { index } = pair.left;
    repeat(0, 1);
    next();
    const { setLink } = await import("../../src/linux/netlink/link.ts");
    pair.rtnetlink.request(setLink({ index, up: false }));
    await eventually(() => (hellos.counters.failed > 0 ? true : undefined));
    pair.rtnetlink.request(setLink({ index, up: true }));
    waiting();
    expect(next()).toBe(1);
  });

  test.each<[string, (hello: Hello) => void, ErrorConstructor]>([
    ["slot", hello => hello.repeat(-1, 0, frame(1), -1, 0n, 1n), RangeError],
    ["frame", hello => hello.repeat(0, 0, new Uint8Array(0), -1, 0n, 1n), RangeError],
    ["lease", hello => hello.repeat(0, 0, frame(1), 4, 0n, 1n), RangeError],
    ["lease", hello => hello.send(0, frame(1), -2), RangeError],
    ["intervalNs", hello => hello.repeat(0, 0, frame(1), -1, 0n, 0n), RangeError],
    ["lengths", hello => hello.ring(0, octets(1), ints(2), ints(), octets(), -1, 0n, 1n), RangeError],
    ["lengths", hello => hello.ring(0, octets(1), ints(-1), ints(), octets(), -1, 0n, 1n), RangeError],
    ["targets", hello => hello.ring(0, octets(1), ints(1), ints(3), octets(1), -1, 0n, 1n), RangeError],
    ["fds", hello => hello.ring(0, octets(1), ints(1), ints(-3), octets(1, 2, 3, 4, 5, 6), -1, 0n, 1n), RangeError],
  ])("refuses a wrong %s", (name, call, kind) => {
    const hello = new (loadAddon().Hello)(words.octets, 0);
    const refused = (): void => call(hello);
    expect(refused).toThrow(kind);
    expect(refused).toThrow(`${name} must be`);
    hello.close();
  });

  test("after the end there is nobody to tell", () => {
    hellos.close();
    hellos.close();
    expect(() => hellos.stop(0)).toThrow(expect.objectContaining({ code: "EBADF" }));
  });
});
