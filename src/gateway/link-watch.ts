/** Turns what changed on the interfaces into the messages that IOS gives: line protocol, link, shutdown. */
import { log } from "../core/log/catalogue.ts";
import type { LogEvent } from "../core/log/message.ts";
import type { InterfaceStatus } from "../core/net/net-status.ts";

interface Seen {
  readonly link: "up" | "down" | "administratively down";
  readonly protocol: "up" | "down";
}

export class LinkWatch {
  readonly #report: (event: LogEvent) => void;
  #seen = new Map<string, Seen>();

  constructor(report: (event: LogEvent) => void) {
    this.#report = report;
  }

  /** An interface seen for the first time is reported only when it works: silence is what a cold start begins from. */
  see(statuses: readonly InterfaceStatus[]): void {
    const next = new Map(statuses.map(status => [status.name, stateOf(status)]));
    for (const [name, now] of next) {
      const before = this.#seen.get(name) ?? { link: "down", protocol: "down" };
      if (now.link !== before.link) this.#reportLink(name, now.link);
      if (now.protocol !== before.protocol)
        this.#report(log.link.lineProtocol({ interface: name, state: now.protocol }));
    }
    this.#seen = next;
  }

  #reportLink(name: string, link: Seen["link"]): void {
    if (link === "administratively down") this.#report(log.link.shut({ interface: name }));
    else this.#report(log.link.upDown({ interface: name, state: link }));
  }
}

function stateOf(status: InterfaceStatus): Seen {
  if (status.shutdown) return { link: "administratively down", protocol: "down" };
  const link = status.present && status.up ? "up" : "down";
  return { link, protocol: link === "up" && status.lineUp ? "up" : "down" };
}
