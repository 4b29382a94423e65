import { expect, test } from "vitest";
import { iosLine } from "../log/message.ts";
import { loadConfig } from "./config-document.ts";
import { loadReport } from "./load-report.ts";

const report = (...lines: string[]): string[] => loadReport(loadConfig(lines.join("\n")).problems).map(iosLine);

test("a refused line is told with its words, unless one of them is a key", () => {
  expect(
    report("hostname R1", "interface f0/0", " ip adress 10.0.0.1 255.255.255.0", " standby 1 priority 256"),
  ).toEqual([
    "%SYS-3-CONFIG_LINE: startup-config line 3 refused (ip adress 10.0.0.1 255.255.255.0): " +
      'Invalid input detected at "adress"',
    '%SYS-3-CONFIG_LINE: startup-config line 4 refused (standby 1 priority 256): Invalid input detected at "256"',
  ]);
  expect(report("interface f0/0", " standby 1 authentication text CANARYCANARY")).toEqual([
    "%SYS-3-CONFIG_LINE: startup-config line 2 refused: Invalid input in a line that holds a key",
  ]);
});

test("one sentence for all lines of which it is true", () => {
  const inert = (line: string): string =>
    `%SYS-4-CONFIG_WARNING: ${line}: Accepted, but segment sizes are adjusted in tunnels only`;
  const [once] = report("interface f0/0", " ip tcp adjust-mss 1400");
  expect(once?.startsWith(inert("line 2"))).toBe(true);
  const text = [0, 1, 2, 3].flatMap(at => [`interface f0/${at}`, " ip tcp adjust-mss 1400"]);
  const more = report(...text, "! not this one", " ip tcp adjust-mss 1401", " ip tcp adjust-mss 1402");
  expect(more).toHaveLength(1);
  expect(more[0]?.startsWith(inert("lines 2, 4, 6, 8, 10-11"))).toBe(true);
});

test("what is true of the whole names no line", () => {
  expect(report("interface f0/0", " standby 1 track 7")).toEqual([
    "%SYS-4-CONFIG_WARNING: FastEthernet0/0 group 1 waits for track object 7, which does not exist",
  ]);
});
