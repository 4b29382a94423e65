import { expect, test } from "vitest";
import { damageScript } from "./cables.ts";

test("no damage is an empty table, whatever was there before", () => {
  expect(damageScript([])).toBe("table netdev lab\ndelete table netdev lab\ntable netdev lab {\n}\n");
});

test("a silent port drops both ways, a lossy one only what comes from its host", () => {
  const script = damageScript([
    { port: "R1.outside", damage: "everything" },
    { port: "R2.outside", damage: "third" },
  ]);
  expect(script.split("\n")).toEqual([
    "table netdev lab",
    "delete table netdev lab",
    "table netdev lab {",
    "chain from_0 {",
    'type filter hook ingress device "R1.outside" priority -500;',
    "drop",
    "}",
    "chain to_0 {",
    'type filter hook egress device "R1.outside" priority -500;',
    "drop",
    "}",
    "chain from_1 {",
    'type filter hook ingress device "R2.outside" priority -500;',
    "numgen random mod 100 < 30 drop",
    "}",
    "}",
    "",
  ]);
});

test("several damages of one port stand in one chain", () => {
  const script = damageScript([
    { port: "R1.inside", damage: "hsrp" },
    { port: "R1.inside", damage: "association" },
  ]);
  expect(script.match(/hook ingress device "R1.inside"/g)).toHaveLength(1);
  expect(script.match(/udp dport \{ 1985, 2029 \} drop/g)).toHaveLength(2);
  expect(script.match(/ip daddr != 224.0.0.0\/4 udp dport 5005 drop/g)).toHaveLength(2);
});
