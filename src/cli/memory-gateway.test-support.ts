/** A gateway without a host: the configuration is kept, nothing is applied. For tests of what is typed and shown. */
import { type Config, emptyConfig } from "../core/config/config.ts";
import { renderConfig } from "../core/config/config-document.ts";
import {
  type ClearWhat,
  IKE_COUNTERS,
  type IkeCounter,
  type IkeSaView,
  type IkeSnapshot,
} from "../core/ike/ike-port.ts";
import type { DataPlaneView, FlowView } from "../core/ipsec/data-plane-view.ts";
import { log } from "../core/log/catalogue.ts";
import type { DebugFlag } from "../core/log/debug-flags.ts";
import type { KernelView } from "../core/net/kernel-view.ts";
import { interfaceStatuses, routeStatuses } from "../core/net/net-view.ts";
import type { PeerLinkView } from "../core/redundancy/link-model.ts";
import type { ReplicationSnapshot } from "../core/redundancy/replication-port.ts";
import type { GatewayPort, HsrpView, LogRecord, PingReply, TrackSnapshot } from "./gateway-port.ts";
import { Interpreter, type Output, type Ran } from "./interpreter.ts";

export type Cleared = ClearWhat | "counters" | "standby";

export class MemoryGateway implements GatewayPort {
  readonly version = "0.0.0-test";
  #config: Config = emptyConfig();
  readonly records: LogRecord[] = [];
  saved: string | undefined;
  kernel: KernelView = { links: [], addresses: [], routes: [], forwarding: true };
  pings: PingReply[] = [];
  view: HsrpView = { groups: [], schemes: [] };
  objects: TrackSnapshot[] = [];
  replications: ReplicationSnapshot[] = [];
  link: PeerLinkView = {
    settings: undefined,
    fingerprint: "",
    peer: undefined,
    downBecause: undefined,
    transport: "none",
    paths: [],
    streams: [],
    counters: { sessions: 0, lost: 0, refused: 0, failed: 0 },
  };
  /** What was cleared of replication. */
  readonly cleared: string[] = [];
  /** Schemes that a switchover was asked for, and what it is answered with. */
  readonly switched: string[] = [];
  refusal: string | undefined;
  permitsRealTime = false;
  ikeView: IkeSnapshot = ikeSnapshot([]);
  flows: readonly FlowView[] = [];
  /** What `clear crypto` asked for. */
  readonly cryptoCleared: Cleared[] = [];
  readonly flags = new Set<DebugFlag>();

  now = (): number => Date.UTC(2026, 10, 23, 12, 0, 0, 123);
  uptimeMs = (): number => 3_600_000;
  startReason = (): string => "power-on";
  configFile = (): string => "/etc/understudy/R1.cfg";
  config = (): Config => this.#config;
  lastChange = (): undefined => undefined;
  lastSave = (): undefined => undefined;
  apply(candidate: Config): readonly string[] {
    this.#config = candidate;
    return [];
  }
  configured(source: string, user: string): void {
    this.records.push({ at: this.now(), event: log.sys.configured({ source, user }) });
  }
  save(): void {
    this.saved = renderConfig(this.#config).join("\n");
  }
  startupText = (): string => this.saved ?? "";
  interfaces = () => interfaceStatuses(this.#config.net, this.kernel);
  routes = () => routeStatuses(this.#config.net, this.kernel);
  hsrp = (): HsrpView => this.view;
  tracks = (): readonly TrackSnapshot[] => this.objects;
  switchover(scheme: string): string | undefined {
    this.switched.push(scheme);
    return this.refusal;
  }
  replication = (): readonly ReplicationSnapshot[] => this.replications;
  association = (): PeerLinkView => this.link;
  clearReplication(what: "history" | "counters"): void {
    this.cleared.push(what);
  }
  realTime = (): boolean => this.permitsRealTime;
  readonly debugging = {
    on: (): ReadonlySet<DebugFlag> => this.flags,
    set: (flags: Iterable<DebugFlag>, on: boolean): void => {
      for (const flag of flags) on ? this.flags.add(flag) : this.flags.delete(flag);
    },
  };
  get log() {
    const { records } = this;
    return {
      records,
      total: records.length,
      capacity: 1000,
      clear: () => void records.splice(0),
      subscribe: () => () => {},
    };
  }
  async *ping(): AsyncGenerator<PingReply> {
    yield* this.pings;
  }
  dataPlane(): DataPlaneView {
    return { plane: undefined, failed: undefined, flows: this.flows };
  }

  ike = (): IkeSnapshot => this.ikeView;
  clearCrypto = (what: ClearWhat): void => void this.cryptoCleared.push(what);
  clearStandby = (): void => void this.cryptoCleared.push("standby");
  clearSaCounters = (): void => void this.cryptoCleared.push("counters");

  tracePackets(): boolean {
    return false;
  }

  reload(): void {}
  sessions = () => [];
}

/** With these SAs and nothing counted. */
export function ikeSnapshot(ikeSas: readonly IkeSaView[], children: IkeSnapshot["children"] = []): IkeSnapshot {
  const counters = Object.fromEntries(IKE_COUNTERS.map(name => [name, 0])) as Record<IkeCounter, number>;
  return { ikeSas, children, halfOpen: 0, counters };
}

export interface Typed extends Ran {
  readonly prompt: string;
  readonly shown: string[];
}

/** A session on it: type a line, get what was shown and the prompt it was typed at. */
export function typist(
  gateway: MemoryGateway,
  answer = "",
): { type: (line: string) => Promise<Typed>; interpreter: Interpreter } {
  const terminal = { length: 0, width: 80, monitor: false };
  const interpreter = new Interpreter({ gateway, who: { line: "vty 0", user: "test" }, terminal, history: [] });
  const type = async (line: string): Promise<Typed> => {
    const shown: string[] = [];
    const prompt = interpreter.prompt();
    const output: Output = {
      line: async text => {
        shown.push(text);
        return true;
      },
      write: text => void shown.push(text),
      ask: async question => {
        shown.push(question);
        return answer;
      },
      signal: new AbortController().signal,
    };
    return { ...(await interpreter.run(line, output)), prompt, shown };
  };
  return { type, interpreter };
}
