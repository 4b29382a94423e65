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
import { ROOT, run, until } from "./harness.ts";
import { HsrpLab, OUTSIDE, TIMERS, untilHellos } from "./hsrp-lab.ts";
import { pcapOf } from "./pcap.ts";

const lab = new HsrpLab("hsrpcapture");
const TSHARK = (await run("tshark", ["--version"])).code === 0;
if (!TSHARK) console.log("SKIPPED: tshark is not installed; scripts/install interop brings it");

/** A note, no warning: tshark takes version 2's group for GLBP's alone, which shares it and sends with TTL 255. */
const GLBP_NOTE = '"Time To Live" != 255 for a packet sent to the Local Network Control Block';

interface Dissected {
  readonly opcode: string;
  readonly state: string;
  readonly complaint: string;
}

async function dissect(file: string, version: 1 | 2): Promise<Dissected[]> {
  const fields =
    version === 1 ? ["hsrp.opcode", "hsrp.state", "hsrp.virt_ip"] : ["hsrp2.opcode", "hsrp2.state", "hsrp2.virt_ip"];
  const all = [...fields, "_ws.expert.message", "_ws.malformed"].flatMap(each => ["-e", each]);
  const { code, out, err } = await run("tshark", [
    "-r",
    file,
    "-o",
    "ip.check_checksum:TRUE",
    "-o",
    "udp.check_checksum:TRUE",
    "-Y",
    "hsrp",
    "-T",
    "fields",
    ...all,
  ]);
  expect({ code, err: code === 0 ? "" : err }).toEqual({ code: 0, err: "" });
  return out
    .split("\n")
    .filter(Boolean)
    .map(line => {
      const [opcode = "", state = "", , ...complaint] = line.split("\t");
      return { opcode, state, complaint: complaint.join("").trim() };
    });
}

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
    expect(dissected.filter(each => each.complaint !== "" && !each.complaint.startsWith(GLBP_NOTE))).toEqual([]);
    const said = new Set(dissected.map(({ opcode, state }) => `${opcode} ${state}`));
    const [speak, standby, active] = version === 1 ? [4, 8, 16] : [4, 5, 6];
    for (const state of [speak, standby, active]) expect(said, `hello as ${state}`).toContain(`0 ${state}`);
    expect([...said].some(each => each.startsWith("1 "))).toBe(true);
    expect([...said].some(each => each.startsWith("2 "))).toBe(true);
  });
});
