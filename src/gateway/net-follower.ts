/**
 * Keeps the host as configured: makes a plan whenever the configuration or the host changes, and carries it out.
 *
 * A step that the kernel refuses is logged once and tried again when something changes or after a while; the others
 * go on. At an orderly exit the same planner
 * is asked for a host without us.
 */
import { log } from "../core/log/catalogue.ts";
import type { LogEvent } from "../core/log/message.ts";
import type { KernelView } from "../core/net/kernel-view.ts";
import { planNet } from "../core/net/net-plan.ts";
import { type NetStep, NOTHING_WANTED, type UndoRecord, type WantedNet } from "../core/net/net-steps.ts";
import { formatPrefix } from "../core/wire/prefix.ts";

/** The host's network, as this module needs it; `linux/` has the real one. */
export interface HostNet {
  /** Reads everything afresh, and of the settings those that are asked for. Throws a `SystemError`. */
  view(settings: Iterable<string>): KernelView;
  /** Carries out one step. Throws a `SystemError`. */
  perform(step: NetStep): void;
  /** Calls back after something changed, at most once for a burst. */
  onChange(listener: () => void): void;
}

export interface UndoKeeper {
  read(): UndoRecord;
  write(undo: UndoRecord): void;
  forget(): void;
}

const RETRY_MS = 5_000;
/**
 * A step may make another necessary (a removed primary takes its secondaries along); more rounds than this is a fight
 * with another program.
 */
const ROUNDS_LIMIT = 4;

export class NetFollower {
  readonly #host: HostNet;
  readonly #undoKeeper: UndoKeeper;
  readonly #report: (event: LogEvent) => void;
  readonly #changed: (view: KernelView) => void;
  readonly #refused = new Set<string>();
  #wanted: WantedNet = NOTHING_WANTED;
  #undo: UndoRecord;
  #retry: NodeJS.Timeout | undefined;
  #view: KernelView;

  constructor(
    host: HostNet,
    undoKeeper: UndoKeeper,
    report: (event: LogEvent) => void,
    changed: (view: KernelView) => void,
  ) {
    this.#host = host;
    this.#undoKeeper = undoKeeper;
    this.#report = report;
    this.#changed = changed;
    this.#undo = undoKeeper.read();
    this.#view = host.view([]);
    host.onChange(() => this.#follow());
  }

  get view(): KernelView {
    return this.#view;
  }

  /** Reads the host again, for counters that change without notice. */
  refresh(): KernelView {
    this.#view = this.#look();
    return this.#view;
  }

  /** From now on the host is to be like this; returns what the kernel refused, as sentences. */
  want(wanted: WantedNet): string[] {
    this.#wanted = wanted;
    this.#refused.clear();
    return this.#follow();
  }

  /** Puts the host back as it was before us. */
  undo(): void {
    clearTimeout(this.#retry);
    this.want(NOTHING_WANTED);
    clearTimeout(this.#retry);
    this.#undoKeeper.forget();
  }

  #look(): KernelView {
    const settings = [...this.#wanted.settings, ...this.#undo.settings];
    return this.#host.view(new Set(settings.map(each => each.key)));
  }

  #follow(): string[] {
    clearTimeout(this.#retry);
    const refusals: string[] = [];
    for (let round = 0; round < ROUNDS_LIMIT; round++) {
      this.#view = this.#look();
      const plan = planNet(this.#wanted, this.#view, this.#undo);
      // What cannot be put on disk cannot be undone after a crash, so it is remembered before it is done.
      this.#undoKeeper.write(mergeUndo(this.#undo, plan.undo));
      const failed = plan.steps.map(step => this.#try(step)).filter(reason => reason !== undefined);
      this.#undo = failed.length > 0 ? mergeUndo(this.#undo, plan.undo) : plan.undo;
      if (failed.length > 0) {
        refusals.push(...failed);
        this.#retry = setTimeout(() => this.#follow(), RETRY_MS).unref();
        break;
      }
      if (plan.steps.length === 0) break;
    }
    this.#undoKeeper.write(this.#undo);
    this.#changed(this.#view);
    return refusals;
  }

  /** Returns why the kernel refused, if it did; it is logged the first time. */
  #try(step: NetStep): string | undefined {
    try {
      this.#host.perform(step);
      return undefined;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const what = stepWords(step);
      if (!this.#refused.has(what)) this.#report(log.sys.kernelRefused({ what, reason }));
      this.#refused.add(what);
      return `the kernel refused to ${what}: ${reason}`;
    }
  }
}

function mergeUndo(before: UndoRecord, after: UndoRecord): UndoRecord {
  const links = new Map([...after.links, ...before.links].map(each => [each.device, each]));
  const addresses = new Map(
    [...before.addresses, ...after.addresses].map(each => [`${each.device} ${formatPrefix(each.prefix)}`, each]),
  );
  const forwarding = before.forwarding ?? after.forwarding;
  const settings = new Map([...after.settings, ...before.settings].map(each => [each.key, each]));
  return {
    links: [...links.values()],
    addresses: [...addresses.values()],
    ...(forwarding !== undefined && { forwarding }),
    settings: [...settings.values()],
  };
}

function stepWords(step: NetStep): string {
  switch (step.do) {
    case "set-link":
      return `set ${step.device}${upWords(step.up)}${step.mtu === undefined ? "" : ` mtu ${step.mtu}`}`;
    case "add-address":
      return `add ${formatPrefix(step.prefix)} to ${step.device}`;
    case "remove-address":
      return `remove ${formatPrefix(step.prefix)} from ${step.device}`;
    case "add-route":
    case "remove-route":
      return `${step.do === "add-route" ? "add" : "remove"} the route to ${formatPrefix(step.route.prefix)}`;
    case "set-forwarding":
      return `turn IPv4 forwarding ${step.on ? "on" : "off"}`;
    case "set-sysctl":
      return `set ${step.key} to ${step.value}`;
  }
  return step satisfies never;
}

function upWords(up: boolean | undefined): string {
  if (up === undefined) return "";
  return up ? " up" : " down";
}
