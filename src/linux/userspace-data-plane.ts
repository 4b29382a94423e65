/**
 * The userspace data plane: core's `DataPlane` on the fast path's native threads.
 *
 * Everything goes down in packed records and comes up behind one doorbell; between them packets never wait for
 * JavaScript. Which thread sends what, and when it may, is read from the role words without passing here.
 */
import { invariant } from "../core/errors.ts";
import type {
  DataPlane,
  DataPlaneEvent,
  DataPlaneFacts,
  DataPlaneTotals,
  IkeDatagram,
  SaChange,
  SaCounters,
  SaNumber,
  SequenceEdge,
} from "../core/ipsec/data-plane.ts";
import type { Member } from "../core/ipsec/iv-layout.ts";
import type { BundleId, Policy } from "../core/ipsec/policy.ts";
import { assertSaConsistent, type SaId, type SecurityAssociation } from "../core/ipsec/security-association.ts";
import { ipToOctets } from "../core/wire/address.ts";
import { loadAddon, type Watch } from "./addon.ts";
import { type FastPath, type FastPathAddon, type FastPathDoors, loadFastPathAddon } from "./fastpath-addon.ts";
import { encodePolicies, encodeSas, encodeUpdates, NO_PLACE } from "./fastpath-records.ts";
import { COUNTERS_A_PLACE, decodeDatagrams, decodeEvents, EVENT_OCTETS, SA_COUNTERS } from "./fastpath-reports.ts";
import { attempt } from "./system-call.ts";
import { dataPlaneEvent } from "./userspace-data-plane-events.ts";
import { type LineOf, policyRecord, saRecord, saUpdate } from "./userspace-data-plane-records.ts";

export interface UserspaceOptions {
  /** The role words' lines for native code. */
  readonly roles: Uint8Array;
  readonly lineOf: LineOf;
  readonly member: Member;
  /** How many SAs there can be, both directions counted. */
  readonly places: number;
  readonly doors: FastPathDoors;
  /** Why this data plane, for `show platform dataplane`. */
  readonly because: string;
}

/** So many SAs cross at once, so that the event loop is never held for long. */
const SLICE = 1_000;
const EVENT_BUFFER = 256 * EVENT_OCTETS;
const DATAGRAM_BUFFER = 262_144;
/** RFC 3948 section 2.2: what IKE has in front of it on the port that it shares with ESP. */
const IKE_MARKER = new Uint8Array(4);

export class UserspaceDataPlane implements DataPlane {
  readonly #addon: FastPathAddon;
  readonly #fast: FastPath;
  readonly #watch: Watch;
  readonly #options: UserspaceOptions;
  readonly #edges: BigUint64Array;
  readonly #dirty: Uint32Array;
  readonly #events = new Uint8Array(EVENT_BUFFER);
  readonly #datagrams = new Uint8Array(DATAGRAM_BUFFER);
  #listener: (event: DataPlaneEvent) => void = () => {};
  #ike: (datagram: IkeDatagram) => void = () => {};
  #closed = false;

  /** CAP_NET_ADMIN, CAP_NET_RAW, CAP_NET_BIND_SERVICE. Throws a `SystemError`. */
  constructor(options: UserspaceOptions) {
    const { roles, member, places, doors } = options;
    this.#options = options;
    this.#addon = loadFastPathAddon();
    this.#edges = new BigUint64Array(new SharedArrayBuffer(places * 8));
    this.#dirty = new Uint32Array(new SharedArrayBuffer(Math.ceil(places / 32) * 4));
    const shared = { edges: this.#edges, dirty: this.#dirty };
    this.#fast = attempt(
      "open the fast path",
      { tun: doors.tun, port: doors.port },
      () => new this.#addon.FastPath({ roles, ...shared, member, crypto: "auto", doors }),
    );
    this.#watch = new (loadAddon().Watch)(this.#fast.doorbell, () => this.#drain());
    this.#watch.unref();
  }

  get facts(): DataPlaneFacts {
    const facts = this.#fast.facts();
    const details: [string, string][] = [
      ["Crypto", `${facts.crypto} (${facts.cryptoVersion})`],
      ["Threads", String(facts.threads)],
      ["Device", facts.tun],
      ["Device offloads", facts.offloads.join(" ") || "none"],
      ["UDP segmentation", facts.udpSegmentation ? "yes" : "no"],
      ["Key memory locked", facts.locked ? "yes" : "no (RLIMIT_MEMLOCK)"],
      ["Memory", `${facts.memoryOctets} bytes`],
      ["Security associations", String(facts.sas)],
      ["Policies", String(facts.policies)],
    ];
    return { kind: "userspace", because: this.#options.because, details: [...details, ...this.#gauges()] };
  }

  install(sas: readonly SecurityAssociation[]): void {
    for (const sa of sas) assertSaConsistent(sa);
    for (const slice of slices(sas)) {
      const records = encodeSas(slice.map(sa => saRecord(sa, this.#options.lineOf)));
      try {
        this.#fast.installSas(records);
      } finally {
        records.fill(0);
      }
    }
  }

  update(changes: readonly SaChange[]): void {
    if (changes.length > 0) this.#fast.updateSas(encodeUpdates(changes.map(saUpdate)));
  }

  remove(sas: readonly SaId[]): void {
    if (sas.length > 0) this.#fast.removeSas(Uint32Array.from(sas));
  }

  changePolicies({ remove, add }: { readonly remove: readonly number[]; readonly add: readonly Policy[] }): void {
    const records = encodePolicies(add.map(policy => policyRecord(policy, this.#options.lineOf)));
    this.#fast.changePolicies(Uint32Array.from(remove), records);
  }

  direct(bundles: readonly { readonly bundle: BundleId; readonly outbound: SaId | undefined }[]): void {
    const pairs = bundles.flatMap(({ bundle, outbound }) => [bundle, outbound ?? NO_PLACE]);
    if (pairs.length > 0) this.#fast.steer(Uint32Array.from(pairs));
  }

  counters(sas: readonly SaId[]): SaCounters[] {
    const words = new BigUint64Array(sas.length * COUNTERS_A_PLACE);
    this.#fast.readCounters(Uint32Array.from(sas), words);
    return sas.map((id, at) => saCounters(id, words.subarray(at * COUNTERS_A_PLACE, (at + 1) * COUNTERS_A_PLACE)));
  }

  movedEdges(): SequenceEdge[] {
    const moved: SequenceEdge[] = [];
    for (let word = 0; word < this.#dirty.length; word++) {
      if (Atomics.load(this.#dirty, word) === 0) continue;
      for (let bits = Atomics.exchange(this.#dirty, word, 0); bits !== 0; bits &= bits - 1) {
        const id = word * 32 + 31 - Math.clz32(bits & -bits);
        moved.push({ id, sequence: Number(Atomics.load(this.#edges, id)) });
      }
    }
    return moved;
  }

  drops(): Readonly<Record<string, number>> {
    const words = new BigUint64Array(this.#addon.dropReasons.length);
    this.#fast.readDrops(words);
    return Object.fromEntries(this.#addon.dropReasons.map((reason, at) => [reason, Number(words[at] ?? 0n)]));
  }

  totals(): DataPlaneTotals {
    const gauges = new Map(this.#gauges());
    const count = (name: string): number => Number(gauges.get(name) ?? 0);
    return {
      sentPackets: count("packets sealed"),
      sentOctets: count("octets sealed"),
      receivedPackets: count("packets opened"),
      receivedOctets: count("octets opened"),
      bypassedPackets: count("packets sent in clear by policy"),
    };
  }

  conclude(owner: string, epoch: number): void {
    this.#fast.conclude(this.#options.lineOf(owner), epoch);
  }

  numbers(sas: readonly SaId[]): SaNumber[] {
    const words = new BigUint64Array(sas.length);
    this.#fast.readNumbers(Uint32Array.from(sas), words);
    return sas.map((id, at) => ({ id, sequence: Number(words[at] ?? 0n) }));
  }

  expect(owner: string, untilMs: number): void {
    this.#fast.expect(this.#options.lineOf(owner), Math.floor(untilMs));
  }

  onEvent(listener: (event: DataPlaneEvent) => void): void {
    this.#listener = listener;
  }

  onIke(listener: (datagram: IkeDatagram) => void): void {
    this.#ike = listener;
  }

  sendIke({ local, remote, remotePort, octets }: IkeDatagram): void {
    // One octet alone keeps a NAT's mapping (RFC 3948 section 2.3): it is no message, and has no marker.
    const marker = octets.length === 1 ? 0 : IKE_MARKER.length;
    const marked = new Uint8Array(marker + octets.length);
    marked.set(octets, marker);
    // What does not fit now is lost, as any datagram may be: IKE sends it again.
    this.#fast.sendDatagram(marked, ipToOctets(local), ipToOctets(remote), remotePort);
  }

  trace(spi: number | undefined): void {
    this.#fast.trace(spi ?? 0);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#watch.close();
    this.#fast.close();
  }

  #gauges(): [string, string][] {
    const words = new BigUint64Array(this.#addon.gauges.length);
    this.#fast.readGauges(words);
    return this.#addon.gauges.map((name, at) => [name, String(words[at] ?? 0n)]);
  }

  #drain(): void {
    loadAddon().eventfdDrain(this.#fast.doorbell);
    for (let length = this.#fast.readEvents(this.#events); length > 0; length = this.#more("events")) {
      const events = decodeEvents(this.#events.subarray(0, length));
      for (const event of events) this.#listener(dataPlaneEvent(event, this.#addon.dropReasons));
    }
    for (let length = this.#fast.readDatagrams(this.#datagrams); length > 0; length = this.#more("datagrams")) {
      for (const { local, remote, remotePort, octets } of decodeDatagrams(this.#datagrams.subarray(0, length))) {
        if (octets.length <= IKE_MARKER.length) continue;
        const message = octets.subarray(IKE_MARKER.length).slice();
        this.#ike({ local, localPort: this.#options.doors.port, remote, remotePort, octets: message });
      }
    }
  }

  /** A listener may have closed this meanwhile. */
  #more(what: "events" | "datagrams"): number {
    if (this.#closed) return 0;
    return what === "events" ? this.#fast.readEvents(this.#events) : this.#fast.readDatagrams(this.#datagrams);
  }
}

function slices<T>(values: readonly T[]): T[][] {
  const count = Math.ceil(values.length / SLICE);
  return Array.from({ length: count }, (_, at) => values.slice(at * SLICE, (at + 1) * SLICE));
}

const ERRORS = ["replayed", "notAuthentic", "outsideSelectors", "malformed"] as const;

function saCounters(id: SaId, words: BigUint64Array): SaCounters {
  invariant(words.length === COUNTERS_A_PLACE, "counters of another layout");
  const count = (name: (typeof SA_COUNTERS)[number]): number => Number(words[SA_COUNTERS.indexOf(name)] ?? 0n);
  return {
    id,
    packets: count("packets"),
    octets: count("octets"),
    sequence: count("sequence"),
    errors: Object.fromEntries(ERRORS.flatMap(name => (count(name) > 0 ? [[name, count(name)]] : []))),
    lastUsedMs: count("lastUsedNs") / 1e6,
  };
}
