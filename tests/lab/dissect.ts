/** What tshark, somebody else's dissector, makes of recorded HSRP packets. */
import { expect } from "vitest";
import { run } from "./harness.ts";

export const TSHARK = (await run("tshark", ["--version"])).code === 0;
if (!TSHARK) console.log("SKIPPED: tshark is not installed; scripts/install interop brings it");

/** A note, no warning: tshark takes version 2's group for GLBP's alone, which shares it and sends with TTL 255. */
const GLBP_NOTE = '"Time To Live" != 255 for a packet sent to the Local Network Control Block';

export interface Dissected {
  readonly opcode: string;
  readonly state: string;
  readonly complaint: string;
}

export async function dissect(file: string, version: 1 | 2): Promise<Dissected[]> {
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

/** What it finds wrong with any of them. */
export function complaintsOf(dissected: readonly Dissected[]): Dissected[] {
  return dissected.filter(each => each.complaint !== "" && !each.complaint.startsWith(GLBP_NOTE));
}
