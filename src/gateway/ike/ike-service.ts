/**
 * IKE in a running gateway: it opens the engine's doors, hands in what happens, and does what it decides.
 *
 * What is decided about an SA leaves by the outlet of its owner, so that a standby has it first. The engine is told
 * whose active this member is; for all other owners it holds what it is given and stays silent.
 */
import type { Config } from "../../core/config/config.ts";
import { wantedNegotiables } from "../../core/config/wanted-negotiables.ts";
import type { WantedProtection } from "../../core/config/wanted-protection.ts";
import { SystemError } from "../../core/errors.ts";
import type { ComputeFailure, ComputeJob, ComputeResult } from "../../core/ike/compute-job.ts";
import type {
  ChildEvent,
  ClearWhat,
  Ike,
  IkeDecision,
  IkeInput,
  IkeMessageDatagram,
  IkeRecord,
  IkeSettings,
  IkeSnapshot,
  TakeoverKind,
} from "../../core/ike/ike-port.ts";
import type { ChildSa } from "../../core/ipsec/child-sa.ts";
import type { DataPlane, DataPlaneEvent } from "../../core/ipsec/data-plane.ts";
import type { Member } from "../../core/ipsec/iv-layout.ts";
import { selectorToAsk } from "../../core/ipsec/negotiation.ts";
import { PLAIN_OWNER } from "../../core/ipsec/security-association.ts";
import type { Spd } from "../../core/ipsec/spd.ts";
import type { DebugLine } from "../../core/log/debug-flags.ts";
import type { LogEvent } from "../../core/log/message.ts";
import { decidedOf, type IkeDeeds } from "../../core/redundancy/ike-decided.ts";
import type { ChildSaKeeper } from "../data-plane/child-sa-keeper.ts";
import type { Outlet } from "../outlet.ts";
import { IKE_PORT, IkeSockets } from "./ike-sockets.ts";

export interface IkeDoors {
  readonly engine: Ike;
  readonly children: ChildSaKeeper;
  readonly spd: Spd;
  readonly plane: () => DataPlane | undefined;
  /** This member answers for the owner at this moment: the role word says so, and its lease. */
  readonly speaks: (owner: string) => boolean;
  /** Its SAs have keys from a file, and IKE makes none beside them. */
  readonly keyedByHand: (traffic: string) => boolean;
  readonly outlet: Outlet;
  readonly compute: (job: ComputeJob) => Promise<ComputeResult | ComputeFailure>;
  readonly record: (child: ChildSa) => Uint8Array;
  readonly report: (event: LogEvent) => void;
  /** The line is made only if somebody wants one. */
  readonly debug: (line: () => DebugLine) => void;
  readonly installed: (child: ChildSa) => void;
  /** Reverse routes follow what is up. */
  readonly childrenChanged: () => void;
  readonly member: (config: Config) => Member;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/** New pairs are looked at so often until the peer has used them. */
const USE_LOOK_MS = 200;
/** A timer of Node's takes no more. */
const TIMER_MAX_MS = 2_147_483_647;

export class IkeService {
  readonly #doors: IkeDoors;
  readonly #sockets: IkeSockets;
  readonly #deeds: IkeDeeds;
  /** Pairs that the peer has sent nothing on yet. */
  readonly #unused = new Set<number>();
  #timer: NodeJS.Timeout | undefined;
  #look: NodeJS.Timeout | undefined;
  #told = "";
  #refused = "";
  #closed = false;

  constructor(doors: IkeDoors) {
    this.#doors = doors;
    this.#sockets = new IkeSockets(datagram => this.#handle({ kind: "datagram", datagram }));
    this.#deeds = {
      speaks: doors.speaks,
      transmit: datagram => this.#transmit(datagram),
      install: child => this.#install(child),
      enable: spi => this.#enable(spi),
      change: child => doors.children.change(child),
      remove: spi => this.#remove(spi),
      compute: (id, job) => void doors.compute(job).then(result => this.#handle({ kind: "computed", id, result })),
      report: event => doors.report(event),
      debug: text => doors.debug(() => ({ flag: "isakmp", text })),
      record: child => doors.record(child),
    };
    this.#handle({ kind: "role", owner: PLAIN_OWNER, role: "active", how: "start" });
  }

  get debugging(): boolean {
    return this.#doors.engine.debugging;
  }

  set debugging(on: boolean) {
    this.#doors.engine.debugging = on;
  }

  /** Returns what this host refused, as sentences. */
  configure(config: Config, wanted: WantedProtection): string[] {
    const settings = settingsOf(config, wanted, this.#doors);
    const told = JSON.stringify(settings);
    if (told !== this.#told) {
      this.#told = told;
      this.#handle({ kind: "configure", settings });
    }
    return this.#followSockets(new Set(settings.negotiables.map(each => each.local)));
  }

  /** The data plane was opened: its share of UDP 4500 comes here. */
  listen(plane: DataPlane): void {
    plane.onIke(datagram => this.#handle({ kind: "datagram", datagram }));
  }

  role(owner: string, active: boolean, how: TakeoverKind): void {
    this.#handle({ kind: "role", owner, role: active ? "active" : "other", how });
    // Reverse routes are the active's.
    this.#doors.childrenChanged();
  }

  /** What the data plane says of a Child SA, or of traffic that has none. */
  handleEvent(event: DataPlaneEvent): void {
    switch (event.kind) {
      case "acquire": {
        const traffic = this.#doors.spd.trafficOf(event.bundle);
        // The packet may have asked while its SA was being installed.
        if (traffic === undefined || this.#doors.children.carries(event.bundle)) return;
        const { source, destination } = event.packet;
        this.#debug(() => `no SA for a packet of ${traffic.key}: ${source} -> ${destination}`);
        const selector = selectorToAsk(traffic.selector, event.packet);
        this.#handle({ kind: "initiate", traffic: traffic.key, selector });
        return;
      }
      case "soft-limit":
      case "hard-limit":
      case "cap-reached":
        this.#child(event.id, { kind: event.kind });
        return;
      case "peer-moved":
        this.#child(event.id, {
          kind: "peer-moved",
          remote: event.remote,
          remotePort: event.remotePort ?? IKE_PORT,
        });
        return;
      case "unknown-spi": {
        const { source, destination } = event.packet;
        this.#handle({ kind: "unknown-spi", spi: event.spi, local: destination, remote: source });
        return;
      }
      default:
        return;
    }
  }

  /** A standby's copies of what its active holds; the pairs among them are installed already. */
  restore(records: readonly IkeRecord[], children: readonly ChildSa[]): void {
    this.#handle({ kind: "restore", records, children });
  }

  /** Its active has them no more. */
  forget(ids: readonly string[], spis: readonly number[]): void {
    this.#handle({ kind: "forget", ids, spis });
  }

  clear(what: ClearWhat): void {
    this.#handle({ kind: "clear", what });
  }

  /** Peers of these owners are told that all is gone. */
  farewell(owners: readonly string[]): void {
    for (const owner of owners) this.#handle({ kind: "farewell", owner });
  }

  snapshot(): IkeSnapshot {
    return this.#doors.engine.snapshot(this.#doors.now());
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#look);
    this.#sockets.close();
  }

  #handle(input: IkeInput): void {
    if (this.#closed) return;
    this.#decided(this.#doors.engine.handle(input, this.#doors.now()));
  }

  #decided(decisions: readonly IkeDecision[]): void {
    for (const decision of decisions) {
      this.#doors.outlet.decided(decision.owner, decision.sa, decidedOf(decision, this.#deeds));
    }
    this.#arm();
  }

  #arm(): void {
    clearTimeout(this.#timer);
    const { next } = this.#doors.engine;
    if (next === undefined || this.#closed) return;
    const waitMs = Math.min(Math.max(0, next - this.#doors.now()), TIMER_MAX_MS);
    this.#timer = setTimeout(() => this.#decided(this.#doors.engine.handleTimeouts(this.#doors.now())), waitMs);
    this.#timer.unref();
  }

  #transmit(datagram: IkeMessageDatagram): void {
    if (datagram.localPort === IKE_PORT) this.#sockets.send(datagram);
    else this.#doors.plane()?.sendIke(datagram);
  }

  #install(child: ChildSa): void {
    const { spi } = child;
    // Without a place now it is kept, and may find one: its traffic is not in the SPD yet, or the plane is not open.
    this.#doors.children.install(child);
    this.#doors.installed(child);
    this.#debug(() => `created an SA pair: ${pairWords(child)}`);
    this.#unused.add(spi);
    this.#lookSoon();
    this.#doors.childrenChanged();
  }

  #enable(spi: number): void {
    this.#debug(() => `what is sent leaves by the SA pair ${hex(spi)} from now on`);
    this.#doors.children.enable(spi);
    this.#doors.childrenChanged();
  }

  #remove(spi: number): void {
    this.#debug(() => `deleted the SA pair ${hex(spi)}`);
    this.#unused.delete(spi);
    this.#doors.children.remove(spi);
    this.#doors.childrenChanged();
  }

  #debug(text: () => string): void {
    this.#doors.debug(() => ({ flag: "ipsec", text: `IPSEC: ${text()}` }));
  }

  #child(id: number, event: ChildEvent): void {
    const installed = this.#doors.children.ofSa(id);
    if (installed?.child.ike !== undefined) this.#handle({ kind: "child", spi: installed.child.spi, event });
  }

  #lookSoon(): void {
    if (this.#look !== undefined || this.#unused.size === 0) return;
    this.#look = setTimeout(() => {
      this.#look = undefined;
      this.#lookAtUse();
      this.#lookSoon();
    }, USE_LOOK_MS);
    this.#look.unref();
  }

  #lookAtUse(): void {
    const installed = [...this.#unused].flatMap(spi => this.#doors.children.find(spi) ?? []);
    const counters = this.#doors.plane()?.counters(installed.map(each => each.inbound)) ?? [];
    for (const [at, { packets }] of counters.entries()) {
      const spi = installed[at]?.child.spi;
      if (packets === 0 || spi === undefined) continue;
      this.#unused.delete(spi);
      this.#handle({ kind: "child", spi, event: { kind: "used" } });
    }
  }

  #followSockets(addresses: ReadonlySet<IkeSettings["negotiables"][number]["local"]>): string[] {
    try {
      this.#sockets.follow(addresses);
      this.#refused = "";
      return [];
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      if (this.#refused === error.message) return [];
      this.#refused = error.message;
      return [error.message];
    }
  }
}

function settingsOf(config: Config, wanted: WantedProtection, { member, keyedByHand }: IkeDoors): IkeSettings {
  const { policies, keys, keepalive, identity, invalidSpiRecovery } = config.isakmp;
  return {
    policies: [...policies].sort(([a], [b]) => a - b).map(([, policy]) => policy),
    keys,
    keepalive,
    identity,
    hostname: config.net.hostname,
    invalidSpiRecovery,
    udpEncapsulation: config.ipsec.udpEncapsulation,
    negotiables: wantedNegotiables(config.ipsec, wanted).filter(each => !keyedByHand(each.traffic)),
    memberBit: member(config),
  };
}

function hex(spi: number): string {
  return `0x${spi.toString(16).toUpperCase()}`;
}

function pairWords({ local, remote, inbound, outbound, traffic, mode }: ChildSa): string {
  return `${local} - ${remote}, in ${hex(inbound.spi)}, out ${hex(outbound.spi)}, ${mode} mode, for ${traffic}`;
}
