/**
 *      A, B ── outside ── X, a stranger
 *
 * What `hsrp-strangers` leaves out: a digest moved to another sender, a hello that a loop brings back, and everything
 * that only version 2 can get wrong.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { Tap } from "../../src/lab/tap.ts";
import { type Envelope, type Forged, message, packet, patched, STRANGER } from "./forge.ts";
import { ROOT, until } from "./harness.ts";
import { type Gateway, HsrpLab, OUTSIDE, saidOf, untilHellos } from "./hsrp-lab.ts";

const lab = new HsrpLab("hsrpstrangerstwo");
const members: readonly Gateway[] = ["A", "B"];
/** Few at a time and slowly: nothing may be lost in the socket of a member that gets little of a busy machine. */
const repeat = { times: 5, everyMs: 40 };
const SECRET = "SharedByBoth";
const key = { kind: "md5", keys: [{ id: 0, octets: new TextEncoder().encode(SECRET) }] } as const;
/** The interface's first group: the one that looks at what is about none. */
const FIRST = 1;
/** Long enough that the machine's load makes nobody move. */
const TIMERS = "timers msec 200 msec 3000";
let stranger: Tap;

const changesOf = (group: number) => Promise.all(members.map(host => lab.changes(host, group)));
const logOf = () => Promise.all(members.map(host => lab.logged(host, "%")));
const refusedBy = async (host: Gateway, group: number, reason: string) => (await lab.refused(host, group))[reason] ?? 0;

/** A is active, B stands by. */
async function pair(group: number, ...lines: readonly string[]): Promise<void> {
  for (const host of members) {
    const all = [TIMERS, `priority ${host === "A" ? 110 : 100}`, ...lines, `ip ${virtualOf(group)}`];
    await lab.configure(host, OUTSIDE, ...all.map(line => `standby ${group} ${line}`));
  }
  await untilPair(group);
}

/** Also to each other. */
async function untilPair(group: number): Promise<void> {
  await lab.untilStates(group, { A: "Active", B: "Standby" });
  await until(async () => (await lab.row("A", group))?.standby === "10.0.0.2");
  await until(async () => (await lab.row("B", group))?.active === "10.0.0.1");
}

const virtualOf = (group: number): string => `10.0.0.${200 + (group % 50)}`;

/** Both members refuse each frame once, for this reason and no other; nobody moves. */
async function refusesAll(group: number, reason: string, frames: readonly Uint8Array[]): Promise<void> {
  const before = await Promise.all(members.map(host => lab.refused(host, group)));
  const wanted = before.map(counts => ({ ...counts, [reason]: (counts[reason] ?? 0) + repeat.times * frames.length }));
  await stranger.send("eth0", frames, repeat);
  for (const [at, host] of members.entries()) {
    const goal = wanted[at]?.[reason] ?? 0;
    await until(async () => (await refusedBy(host, group, reason)) >= goal);
    expect(await lab.refused(host, group), host).toEqual(wanted[at]);
  }
}

/** Both have taken whatever was sent before: what comes after it has come, for a group that counts it. */
async function taken(group: number, forged: Forged): Promise<void> {
  const destination = forged.version === 2 ? "224.0.0.102" : "224.0.0.2";
  await until(async () => !(await stranger.sending()));
  await refusesAll(group, "ttl", [packet(message({ ...forged, group }), { destination, ttl: 2 })]);
}

describe.skipIf(!ROOT)("strangers, once more", () => {
  beforeAll(async () => {
    await lab.up();
    stranger = await Tap.open(lab.name, "X", { devices: ["eth0"] });
    for (const host of members) await lab.configure(host, OUTSIDE, `standby ${FIRST} ${TIMERS}`);
  });
  afterAll(async () => {
    stranger?.close();
    await lab.down();
  });

  describe.each([1, 2] as const)("MD5 in version %i", version => {
    const group = 40 + version;
    const forged: Forged = { version, group, virtualAddress: virtualOf(group), auth: key };
    const destination = version === 1 ? "224.0.0.2" : "224.0.0.102";

    beforeAll(async () => {
      for (const host of members) await lab.configure(host, OUTSIDE, `standby version ${version}`);
      await pair(group, `authentication md5 key-string ${SECRET}`);
    });
    afterAll(async () => {
      await stranger.quiet();
      await lab.without(group);
    });

    test("a digest that is right, of another sender than the IP header names", async () => {
      const before = await changesOf(group);
      const signed = (["hello", "coup", "resign"] as const).flatMap(opcode => [
        packet(message({ ...forged, opcode, signedBy: "10.0.0.1" }), { destination }),
        packet(message({ ...forged, opcode }), { destination, source: "10.0.0.102" }),
      ]);
      await refusesAll(group, "authentication", signed);
      expect(await changesOf(group)).toEqual(before);
      for (const host of members) {
        const said = (source: string) => lab.logged(host, `Bad authentication from ${source}, group ${group}`);
        expect([(await said(STRANGER)).length, (await said("10.0.0.102")).length], host).toEqual([1, 1]);
      }
    });

    test("the same by who signed it is taken", async () => {
      const counts = await Promise.all(members.map(host => lab.refused(host, group)));
      const other = { ...forged, priority: 1, virtualAddress: "10.0.0.222" };
      await stranger.send("eth0", [packet(message(other), { destination })], repeat);
      // That it was believed shows in what it says of the address.
      for (const host of members)
        await until(async () => (await lab.logged(host, `Grp ${group} active routers virtual IP address`)).length > 0);
      await until(async () => !(await stranger.sending()));
      expect(await Promise.all(members.map(host => lab.refused(host, group)))).toEqual(counts);
      await untilPair(group);
    });
  });

  describe("a loop", () => {
    const group = 43;
    const LOOP = "receives its own packets";
    const forged: Forged = { group, virtualAddress: virtualOf(group) };

    beforeAll(async () => {
      for (const host of members) await lab.configure(host, OUTSIDE, "standby version 1");
      await pair(group);
    });
    afterAll(async () => {
      await stranger.quiet();
      await lab.without(group);
    });

    /** Hellos of A, as the switch saw them. */
    async function helloOfA(): Promise<Uint8Array> {
      const tap = await lab.tap(["A"]);
      await untilHellos(tap, group, { host: "A", state: "active", count: 1 });
      const frame = (await tap.take()).find(each => saidOf([each], group).length > 0);
      tap.close();
      return Uint8Array.from(Buffer.from(frame?.hex ?? "", "hex"));
    }

    test("a hello of its own that comes back is no rival: the kernel drops it, as a martian", async () => {
      const before = await changesOf(group);
      await stranger.send("eth0", [await helloOfA()], repeat);
      await taken(group, forged);
      expect(await refusedBy("A", group, "own-packet")).toBe(0);
      expect(await lab.logged("A", `Grp ${group} ${LOOP}`)).toEqual([]);
      expect(await changesOf(group)).toEqual(before);
    });

    test("where the kernel lets it in, it is refused and said once", async () => {
      const before = await changesOf(group);
      expect(await lab.inside("A", "sysctl", "-qw", "net.ipv4.conf.outside.accept_local=1")).toMatchObject({ code: 0 });
      await stranger.send("eth0", [await helloOfA()], repeat);
      await until(async () => (await refusedBy("A", group, "own-packet")) >= repeat.times);
      await taken(group, forged);
      expect(await refusedBy("A", group, "own-packet")).toBe(repeat.times);
      expect(await lab.logged("A", `Grp ${group} ${LOOP}`)).toHaveLength(1);
      expect(await changesOf(group)).toEqual(before);
    });
  });

  describe("version 2", () => {
    const group = 4095;
    const forged: Forged = { version: 2, group, virtualAddress: virtualOf(group) };
    const whole = message(forged);
    const destination = "224.0.0.102";
    /** What an overlong number would be if its upper bits were lost, the lab's own, and the greatest. */
    const groups = [0, FIRST, 2, group];
    const GROUP_STATE_LENGTH = 40;
    const TEXT = [3, 8, ...new TextEncoder().encode("cisco"), 0, 0, 0];
    const framed = (...octets: readonly number[]): Uint8Array => packet(Uint8Array.from(octets), { destination });
    const changed = (at: number, values: readonly number[]): Uint8Array[] =>
      values.map(value => packet(patched(whole, { [at]: value }), { destination }));
    let before: string[][] = [];

    beforeAll(async () => {
      for (const host of members) await lab.configure(host, OUTSIDE, "standby version 2");
      await pair(0);
      await pair(group);
      await until(
        async () =>
          Object.values(await lab.states(FIRST))
            .sort()
            .join() === "Active,Standby",
      );
      before = await changesOf(group);
    });
    afterEach(async () => {
      await stranger.quiet();
      expect(await changesOf(group)).toEqual(before);
      expect(await lab.states(group)).toEqual({ A: "Active", B: "Standby" });
    });

    test("lengths that the group's state does not have", async () => {
      expect(whole).toHaveLength(2 + GROUP_STATE_LENGTH);
      await refusesAll(group, "malformed", changed(1, [0, 1, GROUP_STATE_LENGTH - 1]));
    });

    test("lengths that lead past the end", async () => {
      await refusesAll(group, "malformed", [
        ...changed(1, [GROUP_STATE_LENGTH + 1, 255]),
        framed(...whole.subarray(0, -1)),
        framed(...whole, 3),
        framed(...whole, 3, 8),
        framed(...whole, ...TEXT.slice(0, -1)),
        framed(...whole, 3, 255, ...TEXT.slice(2)),
      ]);
    });

    test("bodies of length 0 and 1, repeated and unknown ones", async () => {
      await refusesAll(group, "malformed", [
        framed(...whole, 3, 0),
        framed(...whole, 3, 1, 99),
        framed(...whole, ...whole),
        framed(...whole, ...TEXT, ...TEXT),
        framed(...whole, 9, 0),
        framed(9, 4, 0, 0, 0, 0, ...whole),
        framed(...whole, 255, 1, 0),
      ]);
    });

    test("none about a group at all: looked at once for the interface", async () => {
      await refusesAll(FIRST, "malformed", [framed(), framed(...TEXT), framed(9, 2, 0, 0), framed(1), framed(1, 0)]);
    });

    test("states, opcodes, versions and families that do not exist", async () => {
      await refusesAll(group, "malformed", changed(4, [7, 8, 16, 255]));
      await refusesAll(group, "malformed", changed(3, [3, 4, 128, 255]));
      await refusesAll(group, "malformed", [...changed(2, [0, 1, 3, 255]), ...changed(5, [0, 5, 255])]);
    });

    test.each<[string, string, Envelope]>([
      ["TTL 2", "ttl", { ttl: 2 }],
      ["TTL 64", "ttl", { ttl: 64 }],
      ["TTL 254", "ttl", { ttl: 254 }],
      ["port 1986", "source-port", { sourcePort: 1986 }],
      ["port 2029", "source-port", { sourcePort: 2029 }],
      ["another segment's source", "source-subnet", { source: "192.0.2.1" }],
    ])("%s: refused", async (_, reason, envelope) => {
      await refusesAll(group, reason, [packet(whole, { destination, ...envelope })]);
    });

    test("version 1's destination, heard before, and everybody's are not this version's", async () => {
      const astray = (to: string): Uint8Array => packet(whole, { destination: to, destinationMac: "ffff.ffff.ffff" });
      await refusesAll(group, "destination", [astray("224.0.0.2"), astray("10.0.0.255")]);
    });

    test("nor is one member's own: refused by that one", async () => {
      const counts = await Promise.all(members.map(host => refusedBy(host, group, "destination")));
      for (const to of ["10.0.0.1", "10.0.0.2"])
        await stranger.send("eth0", [packet(whole, { destination: to, destinationMac: "ffff.ffff.ffff" })], repeat);
      for (const [at, host] of members.entries()) {
        const wanted = (counts[at] ?? 0) + repeat.times;
        await until(async () => (await refusedBy(host, group, "destination")) >= wanted);
      }
      await taken(group, forged);
      const now = await Promise.all(members.map(host => refusedBy(host, group, "destination")));
      expect(now).toEqual(counts.map(count => count + repeat.times));
    });

    test("group 4095 is itself, and no number is more", async () => {
      const hello = (number: number): Uint8Array =>
        packet(message({ ...forged, group: number, priority: 1, virtualAddress: "10.0.0.222" }), {
          destination,
          ttl: 255,
        });
      const others = [0x0fff + 1, 0x1fff, 0x8fff, 0xf000, 0xffff].map(hello);
      const log = await logOf();
      await stranger.send("eth0", others, repeat);
      await taken(group, forged);
      expect(await logOf()).toEqual(log);
      for (const host of members) expect((await lab.rows(host)).map(each => each.group).sort()).toEqual(groups);
      await stranger.send("eth0", [hello(group)], repeat);
      for (const host of members) {
        const said = `Grp ${group} active routers virtual IP address 10.0.0.222`;
        await until(async () => (await lab.logged(host, said)).length > 0);
      }
      // As long as the stranger says that it is active, B may name it.
      await until(async () => !(await stranger.sending()));
      await untilPair(group);
    });

    test("hellos of every group that nobody has", async () => {
      const log = await logOf();
      const rows = await Promise.all(members.map(host => lab.rows(host)));
      const strange = Array.from({ length: 4096 }, (_, number) => number).filter(number => !groups.includes(number));
      const frames = strange.map(number => packet(message({ ...forged, group: number }), { destination }));
      const AT_ONCE = 64;
      for (let at = 0; at < frames.length; at += AT_ONCE) {
        await stranger.send("eth0", frames.slice(at, at + AT_ONCE), { times: 2, everyMs: 20 });
        await until(async () => !(await stranger.sending()));
      }
      await taken(group, forged);
      expect(await Promise.all(members.map(host => lab.rows(host)))).toEqual(rows);
      expect(await logOf()).toEqual(log);
    });
  });
});
