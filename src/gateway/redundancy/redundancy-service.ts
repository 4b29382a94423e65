/**
 * Redundancy as the rest of the gateway knows it: for each scheme a replication over its stream of the association, fed
 * by the liveness thread, the data plane and whoever decides about SAs.
 *
 * It is the outlet of everything that is decided for an owner. What belongs to a scheme waits for the standby where it
 * must; what does not leaves at once. A takeover needs nothing of it: it is told afterwards.
 */
import { randomBytes } from "node:crypto";
import type { Decided } from "../../core/commit/commit.ts";
import type { Config } from "../../core/config/config.ts";
import { wantedLink } from "../../core/config/wanted-link.ts";
import type { Succession } from "../../core/gate/liveness-port.ts";
import type { DataPlane, DataPlaneEvent } from "../../core/ipsec/data-plane.ts";
import type { DebugLine } from "../../core/log/debug-flags.ts";
import type { LogEvent } from "../../core/log/message.ts";
import type { Deed } from "../../core/redundancy/ike-decided.ts";
import type { PeerLinkView } from "../../core/redundancy/link-model.ts";
import type { RecordHolder } from "../../core/redundancy/record-holder.ts";
import type {
  Checkpoint,
  ReplicationIdentity,
  ReplicationSettings,
  ReplicationSnapshot,
} from "../../core/redundancy/replication-port.ts";
import type { LinkEvent, PeerLink } from "../association/peer-link.ts";
import { schemeStream } from "../association/peer-link.ts";
import type { RoleListener } from "../hsrp-service.ts";
import type { RoleNews } from "../liveness/messages.ts";
import { DirectOutlet, type Outlet } from "../outlet.ts";
import { ChildNumbers } from "./child-numbers.ts";
import type { HeldChildren } from "./kept-children.ts";
import { replicationSettings } from "./replication-settings.ts";
import { type SchemeNews, type SchemeRoles, SchemeShell } from "./scheme-shell.ts";

export interface RedundancyDoors {
  readonly link: PeerLink;
  readonly roles: SchemeRoles;
  readonly plane: () => DataPlane | undefined;
  /** The host's routes lead what an owner protects here, ahead of its role. */
  readonly expectRoutes: (owner: string) => void;
  readonly children: HeldChildren;
  readonly records: RecordHolder;
  /** What is to follow when this member becomes the active of an owner, or is it no more. */
  readonly turned: (owner: string, turn: Turn) => void;
  readonly report: (event: LogEvent) => void;
  readonly debug: (lines: () => readonly DebugLine[]) => void;
  readonly now: () => number;
  /** For people: name and version of this software. */
  readonly software: string;
}

/** The active goes on with the records that there are; without `stateful` there are none. */
export type Turn =
  | { readonly to: "active"; readonly epoch: number; readonly how: Succession; readonly stateful: boolean }
  | { readonly to: "standby"; readonly epoch: number };

const EDGES_MS = 100;

export class RedundancyService implements RoleListener, Outlet {
  readonly #doors: RedundancyDoors;
  readonly #direct = new DirectOutlet();
  readonly #shells = new Map<string, SchemeShell>();
  readonly #sessions = new Map<string, number>();
  readonly #roles = new Map<string, RoleNews>();
  readonly #numbers: ChildNumbers;
  readonly #boot = randomBytes(8).toString("hex");
  #settings: ReplicationSettings = { sections: [], insideAddresses: [] };
  #edges: NodeJS.Timeout | undefined;

  constructor(doors: RedundancyDoors) {
    this.#doors = doors;
    this.#numbers = new ChildNumbers(doors.children, doors.plane);
  }

  /** Whether what belongs to this owner is replicated. */
  replicates(owner: string): boolean {
    return this.#shells.has(owner);
  }

  configure(config: Config): void {
    const schemes = config.redundancy.present ? config.redundancy.schemes : [];
    this.#settings = replicationSettings(config);
    for (const [scheme, shell] of this.#shells) {
      if (schemes.includes(scheme)) continue;
      shell.input({ kind: "end" });
      shell.close();
      this.#shells.delete(scheme);
    }
    const link = schemes.length === 0 ? undefined : wantedLink(config);
    // By its first address of the association the members know each other apart.
    const member = link?.local.addresses[0];
    for (const scheme of schemes) {
      const known = this.#shells.get(scheme);
      if (known !== undefined) known.input({ kind: "configure", settings: this.#settings });
      else if (member !== undefined) this.#begin(scheme, member);
    }
    this.#doors.link.configure(link);
    clearInterval(this.#edges);
    if (schemes.length > 0) this.#edges = setInterval(() => this.#reportEdges(), EDGES_MS).unref();
  }

  linkEvent(event: LinkEvent): void {
    if (event.kind === "identity" || event.kind === "refused") return;
    const scheme = [...this.#shells.keys()].find(each => schemeStream(each) === event.stream);
    const shell = scheme === undefined ? undefined : this.#shells.get(scheme);
    if (scheme === undefined || shell === undefined) return;
    const { session } = event;
    switch (event.kind) {
      case "up":
        this.#sessions.set(scheme, session);
        shell.input({ kind: "link-up", session });
        return;
      case "down":
        this.#sessions.delete(scheme);
        shell.input({ kind: "link-down", session, because: event.because, silentMs: event.silentMs });
        return;
      case "quiet":
        shell.input({ kind: "link-quiet", session, silentMs: event.silentMs });
        return;
      case "heard":
        shell.input({ kind: "link-heard", session });
        return;
      case "message":
        shell.input({ kind: "message", session, octets: event.octets });
        return;
    }
  }

  // What the liveness thread tells.

  role(owner: string, news: RoleNews): void {
    const before = this.#roles.get(owner)?.role ?? "init";
    this.#roles.set(owner, news);
    const shell = this.#shells.get(owner);
    if (shell !== undefined) {
      shell.input({ kind: "role", ...wordOf(news) });
      return;
    }
    // Nobody hands records over here.
    const { role, epoch, how = "failover" } = news;
    if (role === "active") this.#doors.turned(owner, { to: "active", epoch, how, stateful: false });
    else if (before === "active") this.#doors.turned(owner, { to: "standby", epoch });
  }

  drain(scheme: string): void {
    const shell = this.#shells.get(scheme);
    if (shell === undefined) this.#doors.roles.drained(scheme);
    else shell.drain(this.#doors.roles.word(scheme).epoch);
  }

  toldNotHot(scheme: string): void {
    this.#shells.get(scheme)?.input({ kind: "told-not-hot" });
  }

  // What is decided, and what the data plane tells.

  decided(owner: string, sa: string, effects: readonly Decided<Checkpoint, Deed>[]): void {
    const shell = this.#shells.get(owner);
    if (shell === undefined) this.#direct.decided(owner, sa, effects);
    else shell.input({ kind: "decided", sa, effects });
  }

  planeEvent(event: DataPlaneEvent): void {
    if (event.kind === "edge") this.#sayEdges([event]);
    if (event.kind !== "reservation-low") return;
    const child = this.#numbers.sender(event.id);
    const used = child === undefined ? [] : [{ spi: child.spi, sequence: event.sequence }];
    if (child !== undefined) this.#shells.get(child.owner)?.input({ kind: "reserve", used });
  }

  snapshots(): ReplicationSnapshot[] {
    return [...this.#shells.values()].map(shell => shell.snapshot());
  }

  clear(what: "history" | "counters"): void {
    for (const shell of this.#shells.values()) shell.input({ kind: `clear-${what}` });
  }

  /** Where this member is a standby it fetches everything anew. */
  fetch(): void {
    for (const shell of this.#shells.values()) shell.input({ kind: "fetch" });
  }

  linkView(): PeerLinkView {
    return this.#doors.link.view();
  }

  shell(scheme: string): SchemeShell | undefined {
    return this.#shells.get(scheme);
  }

  close(): void {
    clearInterval(this.#edges);
    for (const shell of this.#shells.values()) shell.close();
    this.#shells.clear();
    this.#doors.link.close();
  }

  #begin(scheme: string, member: string): void {
    const { link, roles, records, plane, expectRoutes, report, debug, now } = this.#doors;
    const shell = new SchemeShell(this.#identity(scheme, member), {
      ...{ link, roles, records, report, debug, now },
      numbers: this.#numbers,
      expect: (owner, ms) => {
        plane()?.expect(owner, now() + ms);
        expectRoutes(owner);
      },
      conclude: (owner, epoch) => plane()?.conclude(owner, epoch),
      changed: news => this.#turned(scheme, news),
    });
    this.#shells.set(scheme, shell);
    shell.input({ kind: "configure", settings: this.#settings });
    const word = this.#roles.get(scheme);
    if (word !== undefined) shell.input({ kind: "role", ...wordOf(word) });
    const session = this.#sessions.get(scheme);
    if (session !== undefined) shell.input({ kind: "link-up", session });
  }

  #identity(scheme: string, member: string): ReplicationIdentity {
    return { scheme, member, boot: this.#boot, software: this.#doors.software };
  }

  #turned(scheme: string, news: SchemeNews): void {
    if (news.do === "taken-over") {
      const { epoch, how, stateful } = news;
      this.#doors.turned(scheme, { to: "active", epoch, how, stateful });
    }
    if (news.do === "stood-down") this.#doors.turned(scheme, { to: "standby", epoch: news.epoch });
  }

  #reportEdges(): void {
    const plane = this.#doors.plane();
    if (plane !== undefined) this.#sayEdges(plane.movedEdges());
  }

  #sayEdges(edges: Parameters<ChildNumbers["byOwner"]>[0]): void {
    for (const [owner, moved] of this.#numbers.byOwner(edges))
      this.#shells.get(owner)?.input({ kind: "edges", edges: moved });
  }
}

/** What follows a handover is standing by, though it still takes what is on its way. */
function wordOf({ role, epoch }: RoleNews): { role: "init" | "standby" | "active" | "draining"; epoch: number } {
  return { role: role === "grace" ? "standby" : role, epoch };
}
