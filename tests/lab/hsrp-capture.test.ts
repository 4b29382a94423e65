/**
 *      A, B ── outside
 *
 * Whether somebody else's dissector understands what we send: every packet of a group's life, of both versions, with
 * text and with MD5, goes through tshark, which must find nothing to complain of.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { complaintsOf, dissect, TSHARK } from "./dissect.ts";
import { ROOT, until } from "./harness.ts";
import { HsrpLab, OUTSIDE, TIMERS, untilHellos } from "./hsrp-lab.ts";
import { pcapOf } from "./pcap.ts";

const lab = new HsrpLab("hsrpcapture");

describe.skipIf(!ROOT || !TSHARK)("another's dissector", () => {
  let folder = "";

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "us-hsrp-"));
    await lab.up();
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    await lab.down();
  });

  test.each([
    ["version 1 with text", 1, 120, "text secret"],
    ["version 1 with MD5", 1, 121, "md5 key-string SharedByBoth"],
    ["version 2 with text", 2, 122, "text secret"],
    ["version 2 with MD5", 2, 123, "md5 key-string SharedByBoth"],
  ] as const)("%s: hellos of every state, a coup and a resignation", async (_, version, number, authentication) => {
    for (const host of ["A", "B"]) await lab.configure(host, OUTSIDE, `standby version ${version}`);
    const tap = await lab.tap(["A", "B"]);
    const lines = [TIMERS, `authentication ${authentication}`, "ip 10.0.0.230"].map(
      line => `standby ${number} ${line}`,
    );
    await lab.configure("A", OUTSIDE, ...lines);
    await lab.untilStates(number, { A: "Active" });
    await lab.configure("B", OUTSIDE, `standby ${number} priority 120`, ...lines);
    await lab.untilStates(number, { A: "Active", B: "Standby" });
    await lab.configure("B", OUTSIDE, `standby ${number} preempt`);
    await lab.untilStates(number, { A: "Standby", B: "Active" });
    await untilHellos(tap, number, { host: "A", state: "standby", count: 2 });
    await lab.configure("B", OUTSIDE, `no standby ${number} ip`);
    await until(async () => (await lab.row("A", number))?.state === "Active");
    const frames = await tap.take();
    tap.close();
    await lab.configure("A", OUTSIDE, `no standby ${number} ip`);
    const file = join(folder, `${number}.pcap`);
    writeFileSync(file, pcapOf(frames));
    if (process.env.UNDERSTUDY_KEEP_CAPTURES)
      writeFileSync(`${process.env.UNDERSTUDY_KEEP_CAPTURES}/${number}.pcap`, pcapOf(frames));
    const dissected = await dissect(file, version);
    expect(complaintsOf(dissected)).toEqual([]);
    const said = new Set(dissected.map(({ opcode, state }) => `${opcode} ${state}`));
    const [speak, standby, active] = version === 1 ? [4, 8, 16] : [4, 5, 6];
    for (const state of [speak, standby, active]) expect(said, `hello as ${state}`).toContain(`0 ${state}`);
    expect([...said].some(each => each.startsWith("1 "))).toBe(true);
    expect([...said].some(each => each.startsWith("2 "))).toBe(true);
  });
});
