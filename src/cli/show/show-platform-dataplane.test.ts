import { expect, test } from "vitest";
import { showPlatformDataplane } from "./show-platform-dataplane.ts";

const plane = {
  facts: { kind: "userspace", because: "no ESP here", details: [["Threads", "1"]] },
  totals: { sentPackets: 5, sentOctets: 420, receivedPackets: 4, receivedOctets: 336, bypassedPackets: 2 },
  drops: { "no SA yet": 0, "integrity check failed": 7 },
} as const;

test("which one, what it did, and why packets were dropped", () => {
  expect(showPlatformDataplane({ plane, failed: undefined, flows: [] })).toEqual([
    "Data plane: userspace (no ESP here)",
    "  Threads  1",
    "",
    "Traffic:",
    "  Encrypted                     5 packets, 420 bytes",
    "  Decrypted                     4 packets, 336 bytes",
    "  Sent in clear, not protected  2 packets",
    "",
    "Dropped, by reason:",
    "  integrity check failed  7",
  ]);
});

test("why there is none", () => {
  const none = { plane: undefined, flows: [] };
  expect(showPlatformDataplane({ ...none, failed: "it is not built" })).toEqual(["Data plane: none, it is not built"]);
  expect(showPlatformDataplane({ ...none, failed: undefined })).toEqual(["Data plane: none, no crypto map is applied"]);
});
