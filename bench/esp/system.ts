/** What is compared: something that carries traffic between the two gateways of a site, until it is stopped. */
import type { Place, Site } from "../support/site.ts";

export interface System {
  readonly name: string;
  readonly place: Place;
  /** Carries traffic to many addresses. */
  readonly many?: boolean;
  /** Why it cannot run here, where it cannot. */
  readonly missing?: () => string | undefined;
  start(site: Site): Promise<Running>;
}

export interface Running {
  /** The gateways' processes, whose processor time is the cost. */
  readonly pids: readonly number[];
  stop(): Promise<void>;
}
