/** Replication with the least shell that lets it run: what it sends goes out, nothing is installed anywhere. */

import { Replication } from "../../src/core/redundancy/replication.ts";
import type { ReplicationInput } from "../../src/core/redundancy/replication-port.ts";

const FACTS = { peerHeardMs: undefined };

export class Member {
  hot = false;
  readonly #core: Replication<never>;
  readonly #send: (octets: Uint8Array) => void;
  #session = 0;

  constructor(name: string, send: (octets: Uint8Array) => void) {
    this.#core = new Replication({ scheme: "OUT", member: name, boot: name, software: "bench" });
    this.#send = send;
  }

  do(input: ReplicationInput<never>): void {
    for (const effect of this.#core.handle(input, FACTS, performance.now())) {
      // A copy of its own, which may change threads.
      if (effect.do === "send" && effect.session === this.#session) this.#send(new Uint8Array(effect.octets));
      if (effect.do === "synced" && effect.synced) this.hot = true;
    }
  }

  link(session: number): void {
    if (this.#session !== 0)
      this.do({ kind: "link-down", session: this.#session, because: "the next run", silentMs: 0 });
    this.#session = session;
    this.do({ kind: "link-up", session });
  }

  hear(octets: Uint8Array): void {
    this.do({ kind: "message", session: this.#session, octets });
  }
}
