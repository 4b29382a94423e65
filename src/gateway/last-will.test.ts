import { expect, test } from "vitest";
import { formatLine, LineReader, type SupervisorLine } from "./last-will.ts";

const will: SupervisorLine = {
  kind: "will",
  holdMs: 750,
  groups: [
    {
      group: "FastEthernet0/0 1",
      parent: 3,
      addressLink: 4,
      addresses: ["10.0.0.15/32"],
      virtualLink: 4,
      frames: ["01005e000002"],
      datagrams: [{ to: "10.0.0.2", port: 5005, from: "10.0.0.1", octets: "00" }],
    },
  ],
};

test("what is said is heard, however the pipe cuts it", () => {
  const lines: SupervisorLine[] = [{ kind: "beat", at: 17 }, will, { kind: "stuck" }, { kind: "beat", at: 18 }];
  const text = lines.map(formatLine).join("");
  for (let cut = 0; cut <= text.length; cut++) {
    const reader = new LineReader();
    expect([...reader.read(text.slice(0, cut)), ...reader.read(text.slice(cut))]).toEqual(lines);
  }
});

test("half a line is not heard", () => {
  const reader = new LineReader();
  expect(reader.read(formatLine(will).slice(0, -1))).toEqual([]);
});
