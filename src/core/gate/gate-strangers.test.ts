/** What strangers on the segment and on the beacons' port can do to a pair: nothing, while the peer is heard. */
import { beforeEach, describe, expect, test } from "vitest";
import type { HsrpMessage } from "../hsrp/hsrp-message.ts";
import { encodeHsrp } from "../hsrp/hsrp-packet.ts";
import { macFromOctets } from "../wire/address.ts";
import type { LivenessInput } from "./liveness-port.ts";
import { counter, Pair, reports, settingsOf } from "./pair.test-support.ts";
import { ip, Member, primitives } from "./toy-network.test-support.ts";

let pair: Pair;
beforeEach(() => {
  pair = new Pair();
});

describe("strangers", () => {
  const OUTSIDER = "10.0.0.66";

  function forged(message: Partial<HsrpMessage>, source: string): LivenessInput {
    const { hash } = primitives();
    const auth = { kind: "text" as const, text: "cisco" };
    const said: HsrpMessage = {
      opcode: "hello",
      state: "active",
      group: 1,
      priority: 255,
      helloMs: 250,
      holdMs: 750,
      virtualAddress: ip("10.0.0.15"),
      ...message,
    };
    const octets = encodeHsrp(
      said,
      { address: ip(source), mac: macFromOctets(new Uint8Array(6)) },
      { version: 2, auth, hash },
    );
    const datagram = { source: ip(source), destination: ip("224.0.0.102"), sourcePort: 1985, ttl: 1, octets };
    return { kind: "hsrp", interface: "outside", datagram };
  }

  test.each([
    ["a better active", { opcode: "hello", state: "active" }],
    ["a coup", { opcode: "coup", state: "standby" }],
  ] as const)("%s alarms and moves nothing while the peer is heard", (_name, message) => {
    pair.net.inject(forged(message, OUTSIDER), 0, [pair.a]);
    pair.net.run(2_000);
    expect(pair.states).toEqual(["active", "standby"]);
    expect(reports(pair.a)).toContain("STRANGER");
    expect(counter(pair.a, "yields-refused")).toBe(1);
  });

  test("where no peer is heard, and it does not answer, HSRP has its way", () => {
    pair.b.dead = true;
    pair.net.run(1_000);
    pair.net.inject(forged({}, OUTSIDER));
    pair.net.run(40);
    expect(pair.a.holds("outside 1")).toBe(false);
  });

  test("a resign in the active's name makes the standby ask, no more, and no more than once in a hold time", () => {
    for (let times = 0; times < 20; times++) pair.net.inject(forged({ opcode: "resign" }, "10.0.0.1"), times, [pair.b]);
    pair.net.run(40);
    expect(pair.states).toEqual(["active", "standby"]);
    expect(counter(pair.b, "asks")).toBe(1);
    expect(reports(pair.b)).toContain("BARE_RESIGN");
  });

  test("recorded hellos of the dead put the takeover off for three hold times, and do not undo it", () => {
    pair.a.dead = true;
    for (let at = 0; at < 60_000; at += 200) pair.net.inject(forged({}, "10.0.0.1"), at, [pair.b]);
    pair.net.run(3 * 750 + 30);
    expect(pair.b.state()).toBe("active");
    pair.net.run(50_000);
    expect(pair.b.state()).toBe("active");
    expect(reports(pair.b)).toContain("GHOST");
  });

  test("beacons recorded in an earlier life prove nothing", () => {
    const recorded = pair.a.done.flatMap(({ effect }) => (effect.do === "beacons" ? effect.octets : []));
    const born = pair.reboot(pair.a, 11, settingsOf(1, { scheme: { storedEpoch: 1 } }));
    pair.net.run(3_000);
    born.dead = true;
    for (const [at, octets] of recorded.entries())
      pair.net.inject({ kind: "beacon", source: ip("192.168.0.1"), interface: "sync", octets }, at, [pair.b]);
    pair.net.run(2_000);
    expect(pair.b.state()).toBe("active");
    expect(counter(pair.b, "lives-unproven")).toBeGreaterThan(0);
    expect(pair.b.scheme()?.peer?.heardMs).toBeGreaterThan(1_900);
  });

  test("another key, our own beacon, another scheme, and rubbish are refused, and counted", () => {
    const own = pair.b.done.findLast(({ effect }) => effect.do === "beacons" && effect.octets.length > 0)?.effect;
    const octets = own?.do === "beacons" ? own.octets[0] : undefined;
    const changed = Uint8Array.from(octets ?? []);
    changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
    const give = (each: Uint8Array): void =>
      pair.net.give(pair.b, { kind: "beacon", source: ip("192.168.0.1"), interface: "sync", octets: each });
    give(octets ?? changed);
    give(changed);
    give(new Uint8Array(3));
    changed[6] = (changed[6] ?? 0) ^ 1;
    give(changed);
    const refused = pair.b.done.flatMap(({ effect }) => (effect.do === "refused" ? [effect.because] : []));
    expect(refused).toEqual(["beacon-loop", "beacon-seal", "beacon-malformed", "beacon-scheme"]);
    expect([counter(pair.b, "refused-loop"), counter(pair.b, "refused-seal")]).toEqual([1, 1]);
  });

  test("a third member with the key is told of, and not listened to", () => {
    const third = new Member("C", 3);
    third.now = () => pair.net.now;
    pair.net.members.push(third);
    const settings = settingsOf(1, { group: { address: "10.0.0.3", priority: 255 } });
    pair.net.give(third, { kind: "configure", settings });
    pair.net.run(3_000);
    expect([pair.a, pair.b, third].map(each => each.holds("outside 1"))).toEqual([true, false, false]);
    expect(reports(pair.a)).toContain("THIRD_MEMBER");
  });
});
