import { expect, test } from "vitest";
import { directionsOf, type ProbeReport, withTraces } from "./probe.ts";

const report = (sent: number, received: number, more: Partial<ProbeReport> = {}): ProbeReport => ({
  sent,
  refused: 0,
  stallMs: 1,
  startedMs: 1_000,
  arrivals: { received, duplicated: 0, reordered: 0, reached: received, gapMs: 2.04, gapAtMs: 1_250 },
  ...more,
});

test("an echo stream is one direction, there and back", () => {
  const stream = { kind: "echo", name: "inside", from: "H1", to: "10.99.0.15" } as const;
  expect(directionsOf(stream, [report(100, 97)])).toEqual([
    {
      direction: "inside",
      from: "H1",
      to: "10.99.0.15",
      sent: 100,
      received: 97,
      lost: 3,
      duplicated: 0,
      reordered: 0,
      reached: 97,
      gapMs: 2,
      gapAtMs: 250,
      probeStallMs: 1,
    },
  ]);
});

test("datagrams are counted where they arrive", () => {
  const ends = { from: "H1", to: "172.16.5.101", peer: "B1", back: "10.99.0.101" };
  const stream = { kind: "datagram", name: "tunnel", ...ends } as const;
  const directions = directionsOf(stream, [report(100, 40, { stallMs: 3 }), report(50, 99)]);
  expect(
    directions.map(({ direction, from, to, sent, received, lost, probeStallMs }) => [
      direction,
      from,
      to,
      sent,
      received,
      lost,
      probeStallMs,
    ]),
  ).toEqual([
    ["tunnel", "H1", "172.16.5.101", 100, 99, 1, 3],
    ["tunnel-back", "B1", "10.99.0.101", 50, 40, 10, 3],
  ]);
});

test("a trace is what one end sent and the other received; an echo's sender is its receiver", () => {
  const near = { sent: [0, 100], arrived: [40, null] };
  const far = { sent: [10, 110], arrived: [30, 135] };
  const stream = { kind: "datagram", name: "t", from: "H1", to: "b", peer: "B1", back: "a" } as const;
  const both = withTraces(directionsOf(stream, [report(2, 1), report(2, 2)]), [near, far]);
  expect(both.map(each => each.trace?.took)).toEqual([
    [30, 35],
    [30, -1],
  ]);
  const echo = withTraces(directionsOf({ ...stream, kind: "echo" }, [report(2, 1)]), [near]);
  expect(echo.map(each => each.trace?.took)).toEqual([[40, -1]]);
});
