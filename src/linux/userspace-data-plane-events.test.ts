import { expect, test } from "vitest";
import type { DataPlaneEvent } from "../core/ipsec/data-plane.ts";
import type { Ipv4 } from "../core/wire/address.ts";
import type { FastPathEvent } from "./fastpath-reports.ts";
import { dataPlaneEvent } from "./userspace-data-plane-events.ts";

const packet = {
  protocol: 17,
  source: "10.99.0.5" as Ipv4,
  destination: "172.16.5.9" as Ipv4,
  sourcePort: 1024,
  destinationPort: 53,
};
const { protocol, source, destination } = packet;
const tuple = { protocol, source, destination, ports: { source: 1024, destination: 53 } };
const REASONS = ["no SA yet", "integrity check failed"];

test.each<[FastPathEvent, DataPlaneEvent]>([
  [
    { kind: "acquire", bundle: 3, policy: 7, packet },
    { kind: "acquire", bundle: 3, packet: tuple },
  ],
  [
    { kind: "clear", policy: 7, packet: { ...packet, sourcePort: 0, destinationPort: 0 } },
    { kind: "clear", packet: { protocol, source, destination } },
  ],
  [
    { kind: "reservation", place: 5, spi: 256, next: 2_050 },
    { kind: "reservation-low", id: 5, sequence: 2_049 },
  ],
  [
    { kind: "cap-reached", place: 5, spi: 256, next: 4_096 },
    { kind: "cap-reached", id: 5, sequence: 4_095 },
  ],
  [
    { kind: "hard-expiry", place: 5, spi: 256, limit: "octets" },
    { kind: "hard-limit", id: 5, what: "octets" },
  ],
  [
    { kind: "peer-moved", place: 5, spi: 256, packet },
    { kind: "peer-moved", id: 5, remote: source, remotePort: 1024 },
  ],
])("%j", (event, expected) => {
  expect(dataPlaneEvent(event, REASONS)).toEqual(expected);
});

test("a traced packet in words, with its fate", () => {
  const traced = { kind: "trace", place: 5, spi: 0x1001, sequence: 42, packet } as const;
  const text = (dropReason: number | undefined): unknown =>
    (dataPlaneEvent({ ...traced, dropReason }, REASONS) as { text?: unknown }).text;
  expect(text(undefined)).toBe("spi 0x1001 seq 42: 10.99.0.5:1024 -> 172.16.5.9:53 proto 17, went through");
  expect(text(1)).toMatch(/dropped \(integrity check failed\)$/);
});
