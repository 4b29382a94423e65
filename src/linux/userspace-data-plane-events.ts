/** What the fast path reports, in core's words. */
import type { DataPlaneEvent } from "../core/ipsec/data-plane.ts";
import type { PacketTuple } from "../core/wire/selector.ts";
import type { EventPacket, FastPathEvent } from "./fastpath-reports.ts";

/** `reasons` are the fast path's names for why packets are dropped. */
export function dataPlaneEvent(event: FastPathEvent, reasons: readonly string[]): DataPlaneEvent {
  switch (event.kind) {
    case "acquire":
      return { kind: "acquire", bundle: event.bundle, packet: tuple(event.packet) };
    case "soft-expiry":
      return { kind: "soft-limit", id: event.place, what: event.limit };
    case "hard-expiry":
      return { kind: "hard-limit", id: event.place, what: event.limit };
    case "unknown-spi":
      return { kind: "unknown-spi", spi: event.spi, count: event.count, packet: tuple(event.packet) };
    case "reservation":
      return { kind: "reservation-low", id: event.place, sequence: event.next - 1 };
    case "cap-reached":
      return { kind: "cap-reached", id: event.place, sequence: event.next - 1 };
    case "edge":
      return { kind: "edge", id: event.place, sequence: event.edge };
    case "peer-moved": {
      const { source, sourcePort } = event.packet;
      return {
        kind: "peer-moved",
        id: event.place,
        remote: source,
        remotePort: sourcePort === 0 ? undefined : sourcePort,
      };
    }
    case "path-mtu":
      return { kind: "path-mtu", id: event.place, pathMtu: event.pathMtu };
    case "outside-selectors":
      return { kind: "outside-selectors", id: event.place, packet: tuple(event.packet) };
    case "clear":
      return { kind: "clear", packet: tuple(event.packet) };
    case "sa-failed":
      return { kind: "sa-failed", id: event.place };
    case "events-lost":
      return { kind: "events-lost", count: event.count };
    case "trace":
      return { kind: "trace", text: traceWords(event, reasons) };
  }
  return event satisfies never;
}

function traceWords(
  { spi, sequence, dropReason, packet }: Extract<FastPathEvent, { kind: "trace" }>,
  reasons: readonly string[],
): string {
  const fate = dropReason === undefined ? "went through" : `dropped (${reasons[dropReason] ?? dropReason})`;
  const ports = packet.sourcePort === 0 && packet.destinationPort === 0 ? undefined : packet;
  const from = `${packet.source}${ports ? `:${ports.sourcePort}` : ""}`;
  const to = `${packet.destination}${ports ? `:${ports.destinationPort}` : ""}`;
  return `spi 0x${spi.toString(16).toUpperCase()} seq ${sequence}: ${from} -> ${to} proto ${packet.protocol}, ${fate}`;
}

function tuple({ protocol, source, destination, sourcePort, destinationPort }: EventPacket): PacketTuple {
  const common = { protocol, source, destination };
  // Ports are 0 where they cannot be seen, and nothing real has two of them.
  if (sourcePort === 0 && destinationPort === 0) return common;
  return { ...common, ports: { source: sourcePort, destination: destinationPort } };
}
