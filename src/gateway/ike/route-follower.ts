/** Keeps the reverse routes of the main table to what there is now: tunnels, configuration, who is active. */
import { wantedReverseRoutes } from "../../core/ipsec/reverse-routes.ts";
import type { LogEvent } from "../../core/log/message.ts";
import { monotonicMs } from "../../linux/clock.ts";
import { MainTable } from "../../linux/main-routes.ts";
import type { DataPlaneService } from "../data-plane/data-plane-service.ts";
import { ReverseRouteKeeper } from "./reverse-route-keeper.ts";
import { RouteLinger } from "./route-linger.ts";

/** A handover waits for them, and not for long: so many are set within some 30 ms. */
const AHEAD_MAX = 1_000;

export class RouteFollower {
  readonly #dataPlane: DataPlaneService;
  readonly #table = new MainTable();
  readonly #keeper: ReverseRouteKeeper;
  readonly #linger = new RouteLinger();
  #again: NodeJS.Timeout | undefined;
  #isDue = false;
  #isClosed = false;

  constructor(dataPlane: DataPlaneService, report: (event: LogEvent) => void) {
    this.#dataPlane = dataPlane;
    this.#keeper = new ReverseRouteKeeper(this.#table, report);
  }

  /** Once, after all that belongs together is done. */
  follow(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    setImmediate(() => this.#followNow());
  }

  /** This member is about to be the active of this owner. Its routes stand when this returns, unless they are many. */
  expect(owner: string): void {
    const { children, spd } = this.#dataPlane;
    if (children.size + spd.protected.length > AHEAD_MAX) return;
    this.#linger.expect(owner, monotonicMs());
    this.#followNow();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#again);
    this.#keeper.follow([]);
    this.#table.close();
  }

  #followNow(): void {
    this.#isDue = false;
    if (this.#isClosed) return;
    const dataPlane = this.#dataPlane;
    const up = [...dataPlane.children].map(({ child }) => child);
    const permits = dataPlane.spd.protected.map(({ traffic }) => traffic);
    const owners = permits.map(each => each.owner);
    const now = monotonicMs();
    const led = this.#linger.ledHere(owners, owner => dataPlane.isActive(owner), now);
    this.#keeper.follow(wantedReverseRoutes({ protected: permits, up, isActive: owner => led.has(owner) }));
    clearTimeout(this.#again);
    const { nextMs } = this.#linger;
    if (nextMs !== undefined) this.#again = setTimeout(() => this.#followNow(), nextMs - now).unref();
  }
}
