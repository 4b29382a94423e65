/**
 * HSRP and the gate as the rest of the gateway knows them: the liveness thread is told what the configuration and the
 * host ask for, and what it says is logged, written down and passed on.
 */
import { hkdfSync } from "node:crypto";
import type { Debugging, HsrpView, TrackSnapshot } from "../cli/gateway-port.ts";
import { type Config, hasGroups } from "../core/config/config.ts";
import { type FormerKeysOf, wantedGroups } from "../core/config/wanted-groups.ts";
import { wantedSchemes } from "../core/config/wanted-schemes.ts";
import { SystemError } from "../core/errors.ts";
import type { LivenessSettings } from "../core/gate/liveness-port.ts";
import { FormerKeys } from "../core/hsrp/former-keys.ts";
import { STATE_NAMES } from "../core/hsrp/hsrp-names.ts";
import { log } from "../core/log/catalogue.ts";
import { type DebugFlag, DebugSwitches } from "../core/log/debug-flags.ts";
import type { LogEvent } from "../core/log/message.ts";
import type { KernelView } from "../core/net/kernel-view.ts";
import { type Ipv6, isIpv4, isLinkLocal } from "../core/wire/address.ts";
import { monotonicMs } from "../linux/clock.ts";
import { realtimePriorityLimit } from "../linux/process-rights.ts";
import type { RoleWords } from "../linux/role-words.ts";
import type { EpochStore } from "./epoch-store.ts";
import { LivenessThread } from "./liveness/liveness-thread.ts";
import type { Notice, RoleNews } from "./liveness/messages.ts";
import type { Diversion, SteeringTarget } from "./liveness/steering-door.ts";
import type { TakeoverTimes } from "./liveness/takeover-watch.ts";
import { TrackWatch } from "./track-watch.ts";

export interface HsrpDoors {
  readonly epochs: EpochStore;
  /** Of the beacons, where no `security key` is configured. */
  readonly agreedKey: () => Uint8Array | undefined;
  readonly report: (event: LogEvent) => void;
  /** Where the supervisor hears beats and the last will. */
  readonly supervisorFd: number | undefined;
  /** Takes up to tens of milliseconds. */
  readonly takeLinkDown: (index: number) => void;
  /** The liveness thread failed: this process is of no use any more. */
  readonly failed: (error: Error) => void;
}

/** Who is told of roles, on the main thread and after the fact. */
export interface RoleListener {
  role(owner: string, news: RoleNews): void;
  /** An orderly handover has begun; `drained` is to follow. */
  drain(scheme: string): void;
  /** A beacon of the active said that it does not wait for this member. */
  toldNotHot(scheme: string): void;
}

const KEY_OCTETS = 32;
const KEY_LABEL = "understudy beacons 1";
const PERSIST_RETRY_MS = 5_000;
/** Longer than the thread's own limit. */
const STOP_LIMIT_MS = 3_000;

export class HsrpService {
  readonly debugging: Debugging;
  readonly #doors: HsrpDoors;
  readonly #thread: LivenessThread;
  readonly #tracks = new TrackWatch();
  readonly #formerKeys = new FormerKeys();
  #keysEnd: NodeJS.Timeout | undefined;
  readonly #keys = new Map<string, Uint8Array>();
  /** What `configure` was called with last. */
  #last: { readonly config: Config; readonly view: KernelView } | undefined;
  #told = "";
  #settings: LivenessSettings = { groups: [], up: [], schemes: [] };
  #serial = 0;
  /** What the thread said last, of which `configure`. */
  #holding: { readonly serial: number; readonly interfaces: readonly string[] } = { serial: 0, interfaces: [] };
  /** Interfaces that were taken away since, and may carry a group that is active. */
  #leaving = new Set<string>();
  #realTime = realtimePriorityLimit() > 0;
  #holdingChanged: () => void = () => {};
  #stopped: () => void = () => {};
  /** Of the last takeover of each owner. */
  readonly #takeovers = new Map<string, TakeoverTimes>();
  #listener: RoleListener | undefined;
  /** Who waits for a diversion, by owner and direction. */
  readonly #diverting = new Map<string, (() => void)[]>();

  constructor(doors: HsrpDoors) {
    this.#doors = doors;
    this.#thread = new LivenessThread(
      doors.supervisorFd,
      notice => this.#notice(notice),
      error => doors.failed(error),
    );
    this.debugging = debugSwitches(flags => this.#thread.tell({ kind: "debug", flags }));
  }

  /** Called back when `held` gives another answer than before. */
  onHoldingChanged(listener: () => void): void {
    this.#holdingChanged = listener;
  }

  /** Interfaces that must stay as they are, and up, until their groups have given everything up. */
  held(config: Config): ReadonlySet<string> {
    const stays = (name: string): boolean =>
      config.net.interfaces.get(name)?.shutdown === false && hasGroups(config, name);
    const mayLeave = this.#settings.up.filter(name => !stays(name));
    return new Set([...mayLeave, ...this.#leaving, ...this.#holding.interfaces]);
  }

  /** The thread is told what this configuration asks for on a host like this. */
  configure(config: Config, view: KernelView): void {
    this.#last = { config, view };
    const now = monotonicMs();
    const tracks = this.#tracks.see(config, view, now);
    this.#formerKeys.see(config.hsrp, now);
    const formerKeys: FormerKeysOf = (name, group) => this.#formerKeys.of(name, group, now);
    const groups = wantedGroups(config, { tracks, linkLocals: linkLocals(view), formerKeys });
    const keysEnd = this.#formerKeys.nextMs(now);
    clearTimeout(this.#keysEnd);
    if (keysEnd !== undefined) this.#keysEnd = setTimeout(() => this.configure(config, view), keysEnd - now).unref();
    const up = [...new Set(groups.map(group => group.settings.interface))].filter(
      name => config.net.interfaces.get(name)?.shutdown === false,
    );
    const schemes = wantedSchemes(config, {
      keyFrom: secret => this.#keyFrom(secret),
      agreedKey: this.#doors.agreedKey(),
      storedEpoch: scheme => this.#doors.epochs.read(scheme),
    });
    const settings = { groups, up, schemes };
    const told = JSON.stringify(settings);
    if (told === this.#told) return;
    this.#told = told;
    for (const name of this.#settings.up) if (!up.includes(name)) this.#leaving.add(name);
    this.#settings = settings;
    this.#serial = this.#thread.configure(settings);
  }

  /** `agreedKey` gives another one from now on. */
  keyAgreed(): void {
    if (this.#last !== undefined) this.configure(this.#last.config, this.#last.view);
  }

  /** Who is active now, for the data plane to read. */
  get roles(): RoleWords {
    return this.#thread.roles;
  }

  /** The line of an owner in the role words. */
  lineOf(owner: string): number {
    return this.#thread.lineOf(owner);
  }

  /** This member is the active of the owner, and its lease has not run out. */
  speaks(owner: string): boolean {
    return this.roles.speaks(this.lineOf(owner), monotonicMs());
  }

  /** A scheme rules there, so that the other member holds what this one holds. */
  isScheme(owner: string): boolean {
    return this.#settings.schemes.some(({ name }) => name === owner);
  }

  /** Where traffic from inside goes, by owner and role, from now on. */
  steer(targets: readonly SteeringTarget[]): void {
    this.#thread.tell({ kind: "steering", targets });
  }

  /** The only one. */
  onRole(listener: RoleListener): void {
    this.#listener = listener;
  }

  synced(scheme: string, synced: boolean, epoch: number | undefined): void {
    this.#input({ kind: "synced", scheme, synced, ...(epoch === undefined ? {} : { epoch }) });
  }

  notHot(scheme: string): void {
    this.#input({ kind: "not-hot", scheme });
  }

  drained(scheme: string): void {
    this.#input({ kind: "drained", scheme });
  }

  /** Turns an owner's traffic from inside ahead of its role; `done` is called when that stands. */
  divert(owner: string, to: Diversion, done: () => void): void {
    const key = `${owner} ${to}`;
    this.#diverting.set(key, [...(this.#diverting.get(key) ?? []), done]);
    this.#thread.tell({ kind: "divert", owner, to });
  }

  view(): HsrpView {
    const { groups, schemes } = this.#thread.snapshot() ?? { groups: [], schemes: [] };
    return { groups, schemes, takeovers: this.#takeovers };
  }

  tracks(config: Config): TrackSnapshot[] {
    return this.#tracks.snapshots(config, monotonicMs());
  }

  realTime(): boolean {
    return this.#realTime;
  }

  /** Returns why not, when it is refused. */
  switchover(scheme: string | undefined): string | undefined {
    const schemes = this.view().schemes.filter(({ name }) => scheme === undefined || name === scheme);
    if (schemes.length === 0) return scheme === undefined ? "no scheme is configured" : `there is no scheme ${scheme}`;
    const active = schemes.filter(({ role }) => role === "active");
    if (active.length === 0) return "this member is not the active";
    const refusals = active.flatMap(({ name, plainBecause, peer }) => {
      if (plainBecause !== undefined) return [`${name}: ${plainBecause}`];
      return peer?.hot ? [] : [`${name}: the standby is not ready`];
    });
    if (refusals.length > 0) return refusals.join("; ");
    for (const { name } of active) this.#input({ kind: "switchover", scheme: name });
    return undefined;
  }

  /** Resolves when every group has given its address up, or the time for it is over. */
  stop(): Promise<void> {
    return new Promise(resolve => {
      const limit = setTimeout(() => this.#stopped(), STOP_LIMIT_MS);
      this.#stopped = () => {
        clearTimeout(limit);
        this.#thread.close();
        resolve();
      };
      this.#input({ kind: "stop" });
    });
  }

  #input(input: Extract<Parameters<LivenessThread["tell"]>[0], { kind: "input" }>["input"]): void {
    this.#thread.tell({ kind: "input", input });
  }

  #notice(notice: Notice): void {
    switch (notice.kind) {
      case "changed":
        this.#doors.report(changedEvent(notice));
        return;
      case "report":
        this.#doors.report(notice.event);
        return;
      case "trouble":
        this.#doors.report(log.hsrp.refused({ reason: notice.text }));
        return;
      case "persist":
        this.#persist(notice.scheme, notice.epoch);
        return;
      case "drain":
        if (this.#listener === undefined) this.drained(notice.scheme);
        else this.#listener.drain(notice.scheme);
        return;
      case "told-not-hot":
        this.#listener?.toldNotHot(notice.scheme);
        return;
      case "role":
        this.#listener?.role(notice.owner, notice);
        return;
      case "took":
        this.#takeovers.set(notice.owner, { ...notice.times, told: monotonicMs() - notice.beganMs });
        return;
      case "diverted": {
        const key = `${notice.owner} ${notice.to}`;
        const [done, ...others] = this.#diverting.get(key) ?? [];
        this.#diverting.set(key, others);
        done?.();
        return;
      }
      case "holding":
        this.#holding = notice;
        if (notice.serial === this.#serial) this.#leaving.clear();
        this.#holdingChanged();
        return;
      case "retire":
        this.#doors.takeLinkDown(notice.link);
        return;
      case "started":
        this.#realTime = notice.realTime;
        return;
      case "stopped":
        this.#stopped();
        return;
    }
    notice satisfies never;
  }

  #persist(scheme: string, epoch: number): void {
    try {
      this.#doors.epochs.write(scheme, epoch);
      this.#input({ kind: "persisted", scheme, epoch });
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      this.#doors.report(log.hsrp.epochNotKept({ scheme, epoch, reason: error.message }));
      setTimeout(() => this.#persist(scheme, epoch), PERSIST_RETRY_MS).unref();
    }
  }

  #keyFrom(secret: string): Uint8Array {
    const known = this.#keys.get(secret);
    if (known !== undefined) return known;
    const key = new Uint8Array(hkdfSync("sha256", secret, "", KEY_LABEL, KEY_OCTETS));
    this.#keys.clear();
    this.#keys.set(secret, key);
    return key;
  }
}

function linkLocals(view: KernelView): Map<string, Ipv6> {
  const found = new Map<string, Ipv6>();
  for (const { linkIndex, prefix } of view.addresses) {
    const device = view.links.find(link => link.index === linkIndex)?.device;
    const { address } = prefix;
    if (device === undefined || isIpv4(address) || !isLinkLocal(address) || found.has(device)) continue;
    found.set(device, address);
  }
  return found;
}

function debugSwitches(tell: (flags: DebugFlag[]) => void): Debugging {
  const switches = new DebugSwitches();
  return {
    on: () => switches.on(),
    set: (flags, on) => {
      switches.set(flags, on);
      tell([...switches.on()]);
    },
  };
}

function changedEvent({ group, from, to }: Extract<Notice, { kind: "changed" }>): LogEvent {
  const [name = "", number = ""] = group.split(" ");
  const fields = { interface: name, group: Number(number) };
  return log.hsrp.stateChange({ ...fields, from: STATE_NAMES[from], to: STATE_NAMES[to] });
}
