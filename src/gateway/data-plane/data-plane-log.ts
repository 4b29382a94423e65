/** What of the data plane's events an operator reads in the log, in IOS's words where it has them. */
import type { DataPlaneEvent } from "../../core/ipsec/data-plane.ts";
import type { SaId, SecurityAssociation } from "../../core/ipsec/security-association.ts";
import { log } from "../../core/log/catalogue.ts";
import type { LogEvent } from "../../core/log/message.ts";
import type { PacketTuple } from "../../core/wire/selector.ts";

/** `undefined` for what is not worth a line. */
export function eventOf(
  event: DataPlaneEvent,
  find: (id: SaId) => SecurityAssociation | undefined,
): LogEvent | undefined {
  switch (event.kind) {
    case "unknown-spi":
      return log.dataPlane.unknownSpi({ ...ends(event.packet), spi: hex(event.spi), count: event.count });
    case "clear":
      return log.dataPlane.clear({ ...ends(event.packet), protocol: event.packet.protocol });
    case "outside-selectors":
      return log.dataPlane.outsideSelectors({ ...ends(event.packet), spi: hex(find(event.id)?.spi ?? 0) });
    case "cap-reached":
      return log.dataPlane.capReached({ spi: hex(find(event.id)?.spi ?? 0), sequence: event.sequence });
    case "hard-limit":
      return log.dataPlane.lifetimeOver({ spi: hex(find(event.id)?.spi ?? 0), what: event.what });
    case "sa-failed":
      return log.dataPlane.saFailed({ spi: hex(find(event.id)?.spi ?? 0) });
    case "events-lost":
      return log.dataPlane.eventsLost({ count: event.count });
    case "trace":
      return log.dataPlane.trace({ text: event.text });
    case "acquire":
    case "soft-limit":
    case "reservation-low":
    case "edge":
    case "peer-moved":
    case "path-mtu":
      return undefined;
  }
  return event satisfies never;
}

function ends({ source, destination }: PacketTuple): { source: string; destination: string } {
  return { source, destination };
}

function hex(spi: number): string {
  return `0x${spi.toString(16).toUpperCase()}`;
}
