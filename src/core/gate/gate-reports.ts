/** What a gate counts and tells the operator, and how often: neither a stranger nor a sick peer may fill the log. */
import { log } from "../log/catalogue.ts";
import type { LogEvent } from "../log/message.ts";
import type { IpAddress } from "../wire/address.ts";
import { RateLimit } from "../wire/rate-limit.ts";
import type { Emit } from "./role-lease.ts";

const EVERY_MS = 60_000;

export class GateReports {
  readonly counters: Record<string, number> = {};
  readonly #scheme: string;
  readonly #emit: Emit;
  readonly #limit = new RateLimit(EVERY_MS);

  constructor(scheme: string, emit: Emit) {
    this.#scheme = scheme;
    this.#emit = emit;
  }

  count(what: string): void {
    this.counters[what] = (this.counters[what] ?? 0) + 1;
  }

  takeover(epoch: number, because: string, durable: boolean): void {
    this.count("takeovers");
    this.#say(log.redundancy.takeover({ scheme: this.#scheme, epoch, because }));
    if (!durable) this.#say(log.redundancy.notDurable({ scheme: this.#scheme, epoch }));
  }

  lapsed(forMs: number): void {
    this.count("lapses");
    this.#say(log.redundancy.lapsed({ scheme: this.#scheme, forMs: Math.round(forMs) }));
  }

  stranger(source: IpAddress, said: string, now: number): void {
    this.count("strangers");
    if (this.#limit.allows(`stranger ${source}`, now))
      this.#say(log.redundancy.stranger({ scheme: this.#scheme, source, said }));
  }

  bareResign(source: IpAddress, now: number): void {
    this.count("bare-resigns");
    if (this.#limit.allows("resign", now)) this.#say(log.redundancy.bareResign({ scheme: this.#scheme, source }));
  }

  ghost(source: IpAddress, now: number): void {
    this.count("ghosts");
    if (this.#limit.allows("ghost", now)) this.#say(log.redundancy.ghost({ scheme: this.#scheme, source }));
  }

  thirdMember(source: IpAddress, peer: IpAddress | undefined, now: number): void {
    if (this.#limit.allows("third", now))
      this.#say(log.redundancy.thirdMember({ scheme: this.#scheme, source, peer: peer ?? "" }));
  }

  notHot(): void {
    this.#say(log.redundancy.notHot({ scheme: this.#scheme }));
  }

  switchoverRefused(reason: string): void {
    this.#say(log.redundancy.switchoverRefused({ scheme: this.#scheme, reason }));
  }

  switchoverFailed(): void {
    this.#say(log.redundancy.switchoverFailed({ scheme: this.#scheme }));
  }

  #say(event: LogEvent): void {
    this.#emit({ do: "report", event });
  }
}
