/** Two members' links over wires in memory, or whatever else opens one end of a wire. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Duplex, duplexPair } from "node:stream";
import { onTestFinished } from "vitest";
import type { LogEvent } from "../../core/log/message.ts";
import type { LinkTrust, PeerLinkSettings } from "../../core/redundancy/link-model.ts";
import { type Ipv4, parseIpv4 } from "../../core/wire/address.ts";
import type { Transport } from "../../linux/transport.ts";
import { AssociationLink, type LinkDoors } from "./association-link.ts";
import { IdentityStore } from "./identity-store.ts";
import type { LinkEvent } from "./peer-link.ts";

export const NO_TRUST: LinkTrust = { fingerprint: undefined, secret: undefined };

/** A wire in memory: what is cut breaks; what is opened while it is cut breaks at once. */
export class Wire {
  cut = false;
  /** Takes what it is given and carries none of it, until it is renewed. */
  deaf = false;
  readonly carriers: Duplex[] = [];
  #listener: (stream: Duplex) => void = () => {};

  transport(): Transport {
    return {
      name: "memory",
      open: () => {
        const [near, far] = duplexPair();
        this.carriers.push(near, far);
        for (const each of [near, far]) each.on("error", () => {});
        if (this.cut) near.destroy();
        else if (!this.deaf) setImmediate(() => this.#listener(far));
        return near;
      },
      onStream: listener => {
        this.#listener = listener;
      },
      renew: () => {
        this.deaf = false;
      },
      paths: () => [],
      close: () => this.breakAll(),
    };
  }

  /** Nobody reads any more, and nothing is closed: everything stands still. */
  stall(): void {
    for (const each of this.carriers) each.push = () => true;
    for (const each of this.carriers) each._read = () => {};
  }

  /** What is written waits, in both directions, until `resume`. */
  pause(): void {
    for (const each of this.carriers) each.cork();
  }

  resume(): void {
    for (const each of this.carriers) each.uncork();
  }

  breakAll(): void {
    for (const each of this.carriers.splice(0)) each.destroy();
  }
}

export interface End {
  readonly link: AssociationLink;
  readonly store: IdentityStore;
  readonly events: LinkEvent[];
  readonly logs: LogEvent[];
  readonly folder: string;
  configure(change?: Partial<PeerLinkSettings>): void;
  up(stream: string): number | undefined;
  messages(stream?: string): string[];
}

/** `last` is the last octet of its address; the lower one opens. */
export function endOn(transport: LinkDoors["transport"], last: 1 | 2, folder = newFolder()): End {
  const store = new IdentityStore(folder);
  const events: LinkEvent[] = [];
  const logs: LogEvent[] = [];
  const link = new AssociationLink({
    store,
    transport,
    listener: event => events.push(event),
    report: event => logs.push(event),
  });
  onTestFinished(() => link.close());
  const settings: PeerLinkSettings = {
    association: 1,
    local: { port: 5005, addresses: [address(last)] },
    remote: { port: 5005, addresses: [address(last === 1 ? 2 : 1)] },
    udpPort: undefined,
    timing: { retransmitMinMs: 20, retransmitMaxMs: 200, pathRetransmits: 2, associationRetransmits: 6 },
    trust: NO_TRUST,
    schemes: ["A"],
  };
  return {
    link,
    store,
    events,
    logs,
    folder,
    configure: change => link.configure({ ...settings, ...change }),
    up: stream => link.view().streams.find(each => each.name === stream)?.session,
    messages: stream =>
      events.flatMap(each =>
        each.kind === "message" && (stream === undefined || each.stream === stream)
          ? [Buffer.from(each.octets).toString()]
          : [],
      ),
  };
}

export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "understudy-link-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

export function mnemonics(end: End): string[] {
  return end.logs.map(each => each.mnemonic);
}

export function text(message: string): Uint8Array {
  return Buffer.from(message);
}

/** Asks again until it is so; the test's own time limit is the only one. */
export async function until<T>(ask: () => T | undefined | false): Promise<T> {
  for (;;) {
    const answer = ask();
    if (answer !== undefined && answer !== false) return answer;
    await new Promise(resolve => setTimeout(resolve, 2));
  }
}

function address(last: number): Ipv4 {
  const parsed = parseIpv4(`127.0.0.${last}`);
  if (parsed === undefined) throw new Error(`no address ends with ${last}`);
  return parsed;
}
