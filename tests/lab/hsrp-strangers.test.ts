/**
 *      A, B ── outside ── X, a stranger
 *
 * Packets that a member never sends, and frames that pretend to be one: each is refused with its reason, the pair does
 * not move, and the log is not filled.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { Tap } from "../../src/lab/tap.ts";
import { arpClaim, arpQuestion, type Envelope, message, packet, patched, STRANGER } from "./forge.ts";
import { ROOT, until } from "./harness.ts";
import { addressOf, type Gateway, HsrpLab, OUTSIDE, saidOf, untilHellos } from "./hsrp-lab.ts";

const lab = new HsrpLab("hsrpstrangers");
const TIMES = 20;
const repeat = { times: TIMES, everyMs: 5 };

describe.skipIf(!ROOT)("strangers", () => {
  let stranger: Tap;
  /** Group 90 stands through every test of this file: A is active, B stands by. */
  const GROUP = 90;
  /** The first group of the interface: the one that looks at what is about none. */
  const FIRST = 1;
  const forged = { group: GROUP, virtualAddress: addressOf(GROUP) };
  const members: readonly Gateway[] = ["A", "B"];
  const changesNow = () => Promise.all(members.map(host => lab.changes(host, GROUP)));

  beforeAll(async () => {
    await lab.up();
    stranger = await Tap.open(lab.name, "X", { devices: ["eth0"] });
    await lab.group(GROUP, { A: ["priority 110"], B: [] });
    await lab.untilStates(GROUP, { A: "Active", B: "Standby" });
  });
  afterEach(async () => {
    await stranger.quiet();
    expect(await lab.states(GROUP)).toEqual({ A: "Active", B: "Standby" });
  });
  afterAll(async () => {
    stranger?.close();
    await lab.down();
  });

  /** Sends frames and waits until both members have refused each of them once, for this reason. Nothing moves. */
  async function refusesAll(
    reason: string,
    frames: readonly Uint8Array[],
    { times = TIMES, group = GROUP } = {},
  ): Promise<void> {
    const before = await changesNow();
    const counts = await Promise.all(members.map(host => lab.refused(host, group)));
    // No faster than anybody's socket can hold.
    await stranger.send("eth0", frames, { times, everyMs: Math.max(repeat.everyMs, frames.length) });
    for (const [at, host] of members.entries()) {
      const wanted = (counts[at]?.[reason] ?? 0) + times * frames.length;
      const counted = await until(async () => {
        const count = (await lab.refused(host, group))[reason] ?? 0;
        return count >= wanted && count;
      });
      expect(counted, host).toBe(wanted);
    }
    expect(await changesNow()).toEqual(before);
  }

  test.each<[string, Envelope]>([
    ["TTL 2", { ttl: 2 }],
    ["TTL 64", { ttl: 64 }],
  ])("%s did not come from this segment", async (_, envelope) => {
    await refusesAll("ttl", [packet(message(forged), envelope)]);
  });

  test("version 2's group is not this version's", async () => {
    // A member does not join it; the frame reaches it all the same, as broadcast.
    const envelope = { destination: "224.0.0.102", destinationMac: "ffff.ffff.ffff" };
    const before = await changesNow();
    await stranger.send("eth0", [packet(message(forged), envelope)], repeat);
    await refusesAll("ttl", [packet(message(forged), { ttl: 2 })]);
    expect(await changesNow()).toEqual(before);
  });

  test("HSRP comes from HSRP's port", async () => {
    await refusesAll("source-port", [packet(message(forged), { sourcePort: 1986 })]);
  });

  test.each(["192.0.2.1", "10.0.1.101", "0.0.0.0"])("a source of %s is not on this segment", async source => {
    await refusesAll("source-subnet", [packet(message(forged), { source })]);
  });

  test("a packet to one member alone is no HSRP", async () => {
    const before = await changesNow();
    const one = { destination: "10.0.0.1", destinationMac: "ffff.ffff.ffff" };
    const counted = (await lab.refused("A", GROUP)).destination ?? 0;
    await stranger.send("eth0", [packet(message(forged), one)], repeat);
    await refusesAll("ttl", [packet(message(forged), { ttl: 2 })]);
    expect((await lab.refused("A", GROUP)).destination).toBeGreaterThanOrEqual(counted);
    expect(await changesNow()).toEqual(before);
  });

  /** A few at a time: a burst may be more than a busy member's socket holds. */
  async function refusesLengths(payloads: readonly Uint8Array[], group: number): Promise<void> {
    const frames = payloads.map(each => packet(each));
    const once = { times: 1, group };
    for (let at = 0; at < frames.length; at += 8) await refusesAll("malformed", frames.slice(at, at + 8), once);
  }

  test("every length that no packet has", async () => {
    const whole = message(forged);
    const cut = Array.from({ length: whole.length }, (_, length) => whole.subarray(0, length));
    const long = Array.from({ length: 44 }, (_, more) => Uint8Array.from([...whole, ...new Array(more + 1).fill(0)]));
    // What ends before it names a group is about none, and is counted once for the interface.
    const groupAt = 6;
    await refusesLengths(cut.slice(0, groupAt + 1), FIRST);
    await refusesLengths([...cut.slice(groupAt + 1), ...long], GROUP);
  });

  test("states, opcodes and versions that do not exist", async () => {
    const whole = message(forged);
    const states = [3, 5, 6, 17, 255].map(state => patched(whole, { 2: state }));
    const opcodes = [4, 5, 128, 255].map(opcode => patched(whole, { 1: opcode }));
    const versions = [1, 2, 255].map(version => patched(whole, { 0: version }));
    await refusesAll(
      "malformed",
      [...states, ...opcodes, ...versions].map(each => packet(each)),
    );
  });

  test("hello and hold times that no group could live by", async () => {
    const times = [
      { helloMs: 0, holdMs: 3000 },
      { helloMs: 1000, holdMs: 0 },
      { helloMs: 4000, holdMs: 3000 },
    ];
    await refusesAll(
      "timers",
      times.map(each => packet(message({ ...forged, ...each }))),
    );
  });

  test("another text, and MD5 where none is configured: refused, with one line a minute", async () => {
    const key = { id: 0, octets: new TextEncoder().encode("guess") };
    await refusesAll("authentication", [
      packet(message({ ...forged, auth: { kind: "text", text: "guess" } })),
      packet(message({ ...forged, opcode: "coup", auth: { kind: "text", text: "guess" } })),
      packet(message({ ...forged, auth: { kind: "md5", keys: [key] } })),
    ]);
    for (const host of members) {
      const said = await lab.logged(host, `Bad authentication from ${STRANGER}, group ${GROUP}`);
      expect(said, host).toHaveLength(1);
    }
  });

  test("a hello of its own that comes back is no rival", async () => {
    const tap = await lab.tap(["A"]);
    await untilHellos(tap, GROUP, { host: "A", state: "active", count: 1 });
    const frames = (await tap.take(true)).filter(each => saidOf([each], GROUP).length > 0);
    const frame = Uint8Array.from(Buffer.from(frames[0]?.hex ?? "", "hex"));
    const before = await changesNow();
    await stranger.send("eth0", [frame], { times: TIMES, everyMs: 20 });
    await until(async () => !(await stranger.sending()));
    await untilHellos(tap, GROUP, { host: "A", state: "active", count: 5 });
    tap.close();
    expect(await changesNow()).toEqual(before);
  });

  test("hellos of thousands of groups that nobody has", async () => {
    const before = await changesNow();
    const frames = Array.from({ length: 256 }, (_, group) => packet(message({ ...forged, group }))).filter(
      (_, group) => ![1, 2, GROUP].includes(group),
    );
    await stranger.send("eth0", frames, { times: 20, everyMs: 10 });
    await until(async () => !(await stranger.sending()));
    expect((await lab.rows("A")).map(each => each.group).sort()).toEqual([1, 2, GROUP]);
    expect(await changesNow()).toEqual(before);
  });

  test("a storm of valid hellos: timers are kept, nobody moves", async () => {
    const before = await changesNow();
    const tap = await lab.tap();
    const weak = { ...forged, state: "speak", priority: 1 } as const;
    await stranger.send("eth0", [packet(message(weak))], { times: 10_000, everyMs: 0.2 });
    const said = await untilHellos(tap, GROUP, { host: "A", state: "active", count: 10 });
    await until(async () => !(await stranger.sending()));
    tap.close();
    expect(said.filter(each => each.host === "B" && each.state === "active")).toEqual([]);
    expect(await changesNow()).toEqual(before);
  });

  test("another virtual address in an active's hello is said once, and not taken", async () => {
    const weak = { ...forged, priority: 1, virtualAddress: "10.0.0.222" };
    await stranger.send("eth0", [packet(message(weak))], repeat);
    await until(async () => (await lab.logged("B", "%HSRP-4-DIFFVIP1")).length > 0);
    await until(async () => !(await stranger.sending()));
    expect(await lab.logged("B", "%HSRP-4-DIFFVIP1")).toEqual([
      `%HSRP-4-DIFFVIP1: FastEthernet0/0 Grp ${GROUP} active routers virtual IP address 10.0.0.222 ` +
        `is different to the locally configured address ${addressOf(GROUP)}`,
    ]);
    expect((await lab.row("B", GROUP))?.virtual).toBe(addressOf(GROUP));
    await lab.untilStates(GROUP, { A: "Active", B: "Standby" });
  });

  test("a stranger's claim to the address is contradicted, at most once a second", async () => {
    const tap = await lab.tap(["A"], [addressOf(GROUP)]);
    const claims = 40;
    await stranger.send("eth0", [arpClaim(addressOf(GROUP))], { times: claims, everyMs: 50 });
    await until(async () => !(await stranger.sending()));
    await until(async () => (await lab.logged("A", "%HSRP-4-DUPADDR")).length > 0);
    const answers = (await tap.take()).filter(({ hex }) => hex.startsWith("ffffffffffff") && hex.includes("0806"));
    tap.close();
    expect(await lab.logged("A", "%HSRP-4-DUPADDR")).toHaveLength(1);
    expect(answers.length).toBeGreaterThan(0);
    expect(answers.length).toBeLessThan(claims / 2);
  });

  test("only the active answers for the address; its own address it answers for itself", async () => {
    const tap = await lab.tap(members, "all");
    await stranger.send("eth0", [arpQuestion(addressOf(GROUP)), arpQuestion("10.0.0.2")], { times: 5, everyMs: 20 });
    const replies = await until(async () => {
      const arps = (await tap.take(true)).filter(({ hex }) => hex.substring(24, 28) === "0806");
      return arps.filter(each => each.device === "A.outside").length >= 5 && arps;
    });
    tap.close();
    const address = (hex: string): string => Buffer.from(hex, "hex").subarray(28, 32).join(".");
    const said = new Set(replies.map(({ device, hex }) => `${device} ${address(hex)}`));
    expect([...said].filter(each => each.endsWith(addressOf(GROUP)))).toEqual([`A.outside ${addressOf(GROUP)}`]);
    expect(said).toContain("B.outside 10.0.0.2");
  });

  test("without the gate a coup of somebody who knows the secret is obeyed, and the pair recovers", async () => {
    await stranger.send("eth0", [packet(message({ ...forged, opcode: "coup" }))]);
    await until(async () => (await lab.changes("A", GROUP)).includes("Active -> Speak"));
    await until(async () => Object.values(await lab.states(GROUP)).includes("Active"));
    // Whoever it is now, A is to be the one for the next test.
    await lab.configure("A", OUTSIDE, `standby ${GROUP} preempt`);
    await lab.untilStates(GROUP, { A: "Active", B: "Standby" });
    await lab.configure("A", OUTSIDE, `no standby ${GROUP} preempt`);
  });

  test("an interface that loses its address: it resigns first, and says Init", async () => {
    const tap = await lab.tap(["A"]);
    await lab.configure("A", OUTSIDE, "no ip address");
    await lab.untilStates(GROUP, { A: "Init", B: "Active" });
    const said = saidOf(await tap.take(), GROUP);
    tap.close();
    expect(said.at(-1)).toMatchObject({ host: "A", opcode: "resign", source: "10.0.0.1" });
    await lab.configure("A", OUTSIDE, "ip address 10.0.0.1 255.255.255.0", `standby ${GROUP} preempt`);
    await lab.untilStates(GROUP, { A: "Active", B: "Standby" });
    await lab.configure("A", OUTSIDE, `no standby ${GROUP} preempt`);
  });
});
