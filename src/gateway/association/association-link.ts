/**
 * The `PeerLink` of a gateway: which streams there should be, which there are, and who may be at the other end.
 *
 * The member with the lower first address opens every stream and the other one answers, so that there is never a pair
 * too many. A stream that the peer opens anew replaces the old one once it is judged, not before: a peer that came
 * back need not wait for its own death to be noticed, and a stranger replaces nothing.
 */
import { type KeyObject, timingSafeEqual } from "node:crypto";
import type { Duplex } from "node:stream";
import { createSecureContext, type SecureContext } from "node:tls";
import { invariant } from "../../core/errors.ts";
import { log } from "../../core/log/catalogue.ts";
import type { LogEvent } from "../../core/log/message.ts";
import type {
  LinkCounter,
  PeerLinkSettings,
  PeerLinkView,
  StreamName,
  StreamView,
  TrustedBy,
} from "../../core/redundancy/link-model.ts";
import { ipToOctets } from "../../core/wire/address.ts";
import { monotonicMs } from "../../linux/clock.ts";
import type { Transport } from "../../linux/transport.ts";
import { fingerprintOf, type Identity, type IdentityStore } from "./identity-store.ts";
import { HANDSHAKE_TOO_LONG, type Hello, KEEPALIVE_MS, LinkSession, type SessionOwner } from "./link-session.ts";
import { type LinkEvent, type PeerLink, schemeStream } from "./peer-link.ts";
import { PeerProof } from "./peer-proof.ts";
import { Retries } from "./retries.ts";
import { BINDING_OCTETS } from "./stream-hello-codec.ts";
import { judge } from "./trust.ts";

export interface LinkDoors {
  readonly store: IdentityStore;
  /** Throws a `SystemError` that says what is missing. */
  readonly transport: (settings: PeerLinkSettings, opens: boolean) => Transport;
  readonly listener: (event: LinkEvent) => void;
  readonly report: (event: LogEvent) => void;
}

interface OpenStream {
  readonly name: StreamName;
  readonly session: LinkSession;
  readonly number: number;
  readonly since: number;
}

/** Handshakes under way at once that the other end began. */
const UNJUDGED_MAX = 8;
/** After so many refusals in a row the peer's address is not answered for a while. */
const REFUSALS_IN_A_ROW = 3;
const REFUSAL_PAUSE_MS = 1_000;
/** The same alarm is not given more often. */
const ALARM_INTERVAL_MS = 10_000;
const TICK_MS = KEEPALIVE_MS / 2;
/** How long a transport may fail to be made before it is said: at start, addresses come one by one. */
const TRANSPORT_PATIENCE_MS = 3_000;
/** The true peer may say so in good faith: no alarm. */
const NOT_WANTED = "its scheme is not configured here";
const NOT_BOUND = "its stream belongs to an earlier control stream";

export class AssociationLink implements PeerLink, SessionOwner {
  readonly #doors: LinkDoors;
  readonly #identity: Identity;
  readonly #context: SecureContext;
  readonly #retries = new Retries();
  readonly #streams = new Map<StreamName, OpenStream>();
  readonly #numbers = new Map<LinkSession, OpenStream>();
  readonly #unjudged = new Set<LinkSession>();
  readonly #alarms = new Map<string, number>();
  readonly #counters: Record<LinkCounter, number> = { sessions: 0, lost: 0, refused: 0, failed: 0 };
  #settings: PeerLinkSettings | undefined;
  #transport: Transport | undefined;
  #proof = new PeerProof(undefined);
  #peer: { readonly fingerprint: string; readonly trustedBy: TrustedBy } | undefined;
  #downBecause: string | undefined = "it is not configured";
  #lastNumber = 0;
  #refusalsInARow = 0;
  #pausedUntil = 0;
  #tick: NodeJS.Timeout | undefined;
  #tickedAt = 0;
  #failingSince: number | undefined;

  /** Throws a `SystemError` where the identity can be neither read nor made. */
  constructor(doors: LinkDoors) {
    this.#doors = doors;
    this.#identity = doors.store.identity();
    const { key, certificate: cert } = this.#identity;
    this.#context = createSecureContext({ key, cert, minVersion: "TLSv1.3", maxVersion: "TLSv1.3" });
  }

  configure(settings: PeerLinkSettings | undefined): void {
    const before = this.#settings;
    if (before !== undefined && settings !== undefined && likeBefore(before, settings)) {
      this.#settings = settings;
      this.#keepSchemes(settings.schemes);
      return;
    }
    this.#endAll("its configuration changed");
    this.#settings = settings;
    if (settings === undefined) {
      this.#downBecause = "it is not configured, or shut down";
      return;
    }
    if (before?.trust.secret !== settings.trust.secret) this.#proof = new PeerProof(settings.trust.secret);
    this.#tickedAt = monotonicMs();
    this.#tick = setInterval(() => this.#ticked(), TICK_MS);
    this.#start();
  }

  send(session: number, octets: Uint8Array): boolean {
    return this.#byNumber(session)?.session.send(octets) ?? false;
  }

  reset(session: number, because: string): void {
    this.#byNumber(session)?.session.end(because);
  }

  heardMs(session: number): number | undefined {
    return this.#byNumber(session)?.session.silentMs;
  }

  view(): PeerLinkView {
    const now = monotonicMs();
    const names = ["control" as const, ...(this.#settings?.schemes ?? []).map(schemeStream)];
    return {
      settings: this.#settings,
      fingerprint: this.#identity.fingerprint,
      peer: this.#peer,
      downBecause: this.#streams.has("control") ? undefined : this.#downBecause,
      transport: this.#transport?.name ?? "none",
      paths: this.#transport?.paths() ?? [],
      streams: names.map(name => streamView(name, this.#streams.get(name), now)),
      counters: { ...this.#counters },
    };
  }

  close(): void {
    this.#endAll("this member closed it");
    this.#settings = undefined;
  }

  // What sessions ask.

  refusesKey(key: KeyObject): string | undefined {
    const verdict = this.#judge(fingerprintOf(key), true);
    return "refused" in verdict ? verdict.refused : undefined;
  }

  hello(session: LinkSession): { binding: Uint8Array; proof: Uint8Array } {
    const end = session.opener ? "opener" : "answerer";
    return { binding: this.#bindingOf(session.stream), proof: this.#proof.of(end, session.exported("proof")) };
  }

  judge(session: LinkSession, hello: Hello): string | undefined {
    const { key } = session;
    invariant(key !== undefined, "a session says hello once its key is known");
    const end = session.opener ? "answerer" : "opener";
    const fingerprint = fingerprintOf(key);
    const proved = this.#proof.holds(end, session.exported("proof"), hello.proof);
    const verdict = this.#judge(fingerprint, proved);
    if ("refused" in verdict) return verdict.refused;
    if (hello.stream === "control") return this.#trust(fingerprint, verdict.trustedBy);
    if (!this.#wanted(hello.stream)) return NOT_WANTED;
    if (fingerprint !== this.#peer?.fingerprint) return "its key is not that of the control stream that is up";
    return equal(hello.binding, this.#bindingOf(hello.stream)) ? undefined : NOT_BOUND;
  }

  opened(session: LinkSession): void {
    this.#unjudged.delete(session);
    this.#refusalsInARow = 0;
    const name = session.stream as StreamName;
    const before = name === "control" ? [...this.#streams.values()] : [this.#streams.get(name) ?? []].flat();
    for (const each of before) each.session.end("the other member began anew");
    const stream = { name, session, number: ++this.#lastNumber, since: monotonicMs() };
    this.#streams.set(name, stream);
    this.#numbers.set(session, stream);
    this.#counters.sessions += 1;
    this.#retries.succeeded(name);
    if (name === "control") this.#controlIsUp(session);
    this.#doors.listener({ kind: "up", stream: name, session: stream.number });
    if (name === "control" && session.opener) this.#openSchemes();
  }

  message(session: LinkSession, octets: Uint8Array): void {
    const stream = this.#numbers.get(session);
    if (stream === undefined) return;
    this.#doors.listener({ kind: "message", stream: stream.name, session: stream.number, octets });
  }

  quiet(session: LinkSession): void {
    const stream = this.#numbers.get(session);
    if (stream === undefined) return;
    const { silentMs } = session;
    this.#doors.listener({ kind: "quiet", stream: stream.name, session: stream.number, silentMs });
  }

  heard(session: LinkSession): void {
    const stream = this.#numbers.get(session);
    if (stream !== undefined) this.#doors.listener({ kind: "heard", stream: stream.name, session: stream.number });
  }

  ended(session: LinkSession, because: string, refused: boolean): void {
    this.#unjudged.delete(session);
    const stream = this.#numbers.get(session);
    if (stream === undefined) this.#failed(session, because, refused);
    else this.#lost(stream, because);
  }

  // How streams come and go.

  #start(): void {
    const settings = this.#settings;
    if (settings === undefined) return;
    const opens = opensStreams(settings);
    try {
      this.#transport = this.#doors.transport(settings, opens);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#downBecause = reason;
      this.#failingSince ??= monotonicMs();
      if (monotonicMs() - this.#failingSince >= TRANSPORT_PATIENCE_MS) {
        this.#alarm(reason, log.association.unusable({ ...number(settings), reason }));
      }
      this.#retries.later("transport", () => this.#start());
      return;
    }
    this.#failingSince = undefined;
    this.#downBecause = "the other member does not answer";
    if (opens) this.#open("control");
    else this.#transport.onStream(carrier => this.#answer(carrier));
  }

  #open(name: StreamName): void {
    if (this.#transport === undefined || !this.#wanted(name) || this.#streams.has(name)) return;
    const carrier = this.#transport.open();
    this.#unjudged.add(new LinkSession({ carrier, context: this.#context, stream: name }, this));
  }

  #openSchemes(): void {
    for (const scheme of this.#settings?.schemes ?? []) this.#open(schemeStream(scheme));
  }

  #answer(carrier: Duplex): void {
    if (this.#unjudged.size >= UNJUDGED_MAX || monotonicMs() < this.#pausedUntil) {
      carrier.destroy();
      return;
    }
    this.#unjudged.add(new LinkSession({ carrier, context: this.#context, stream: undefined }, this));
  }

  #controlIsUp(session: LinkSession): void {
    const settings = this.#settings;
    const peer = this.#peer;
    invariant(settings !== undefined && peer !== undefined, "a control stream that is up was judged");
    this.#doors.listener({ kind: "identity", ...peer, beaconKey: session.exported("beacons") });
    const fields = { ...number(settings), ...peer };
    this.#doors.report(log.association.up(fields));
    if (peer.trustedBy === "first-contact") this.#doors.report(log.association.unconfirmed(fields));
  }

  #failed(session: LinkSession, because: string, refused: boolean): void {
    const settings = this.#settings;
    if (settings === undefined) return;
    if (refused && because !== NOT_WANTED && because !== NOT_BOUND) {
      this.#counters.refused += 1;
      this.#alarm(because, log.association.refused({ ...number(settings), because }));
      this.#doors.listener({ kind: "refused", because });
      this.#refusalsInARow += 1;
      if (this.#refusalsInARow >= REFUSALS_IN_A_ROW) this.#pausedUntil = monotonicMs() + REFUSAL_PAUSE_MS;
    } else {
      this.#counters.failed += 1;
    }
    if (!this.#streams.has("control")) this.#downBecause = because;
    // After a starved second usrsctp was seen to take what it is given and send none of it, but for heartbeats. One
    // stream of several may be hit: it would be opened again and again on the same number.
    if (session.opener && because === HANDSHAKE_TOO_LONG) this.#transport?.renew();
    if (session.opener) this.#openLater(session.stream as StreamName);
  }

  #lost(stream: OpenStream, because: string): void {
    this.#numbers.delete(stream.session);
    this.#streams.delete(stream.name);
    this.#counters.lost += 1;
    const { silentMs } = stream.session;
    this.#doors.listener({ kind: "down", stream: stream.name, session: stream.number, because, silentMs });
    if (stream.name === "control") {
      this.#downBecause = because;
      const below = [...[...this.#streams.values()].map(each => each.session), ...this.#unjudged];
      for (const each of below) if (each.stream.startsWith("scheme ")) each.end("the control stream is down");
      if (this.#settings !== undefined) {
        this.#doors.report(log.association.down({ ...number(this.#settings), because }));
      }
    }
    if (stream.session.opener) this.#openLater(stream.name);
  }

  #openLater(name: StreamName): void {
    if (!this.#wanted(name)) return;
    if (name !== "control" && !this.#streams.has("control")) return;
    this.#retries.later(name, () => this.#open(name));
  }

  #keepSchemes(schemes: readonly string[]): void {
    const kept = new Set<StreamName>(["control", ...schemes.map(schemeStream)]);
    for (const stream of [...this.#streams.values()]) {
      if (kept.has(stream.name)) continue;
      this.#retries.forget(stream.name);
      stream.session.end("its scheme is not configured any more");
    }
    if (this.#streams.get("control")?.session.opener) this.#openSchemes();
  }

  #endAll(because: string): void {
    clearInterval(this.#tick);
    this.#retries.clear();
    const control = this.#streams.get("control");
    control?.session.end(because);
    for (const session of [...this.#unjudged]) session.end(because);
    this.#retries.clear();
    this.#transport?.close();
    this.#transport = undefined;
    this.#refusalsInARow = 0;
    this.#pausedUntil = 0;
  }

  #ticked(): void {
    const now = monotonicMs();
    const passed = now - this.#tickedAt;
    this.#tickedAt = now;
    for (const session of [...this.#numbers.keys(), ...this.#unjudged]) session.tick(passed);
  }

  // Who the peer is.

  #judge(fingerprint: string, proved: boolean): ReturnType<typeof judge> {
    invariant(this.#settings !== undefined, "sessions end with the configuration");
    const { trust } = this.#settings;
    return judge({ fingerprint, proved }, { trust, pin: this.#doors.store.pin, own: this.#identity.fingerprint });
  }

  #trust(fingerprint: string, trustedBy: TrustedBy): string | undefined {
    try {
      this.#doors.store.keepPin({ fingerprint, confirmed: trustedBy !== "first-contact" });
    } catch (error) {
      // Who cannot remember a key would take any other after the next start.
      return error instanceof Error ? error.message : String(error);
    }
    this.#peer = { fingerprint, trustedBy };
    return undefined;
  }

  #bindingOf(stream: string): Uint8Array {
    const control = this.#streams.get("control");
    return stream === "control" || control === undefined
      ? new Uint8Array(BINDING_OCTETS)
      : control.session.exported("streams");
  }

  #wanted(name: string): name is StreamName {
    return name === "control" || (this.#settings?.schemes ?? []).some(scheme => schemeStream(scheme) === name);
  }

  #byNumber(number: number): OpenStream | undefined {
    return [...this.#streams.values()].find(each => each.number === number);
  }

  #alarm(about: string, event: LogEvent): void {
    const now = monotonicMs();
    const last = this.#alarms.get(about);
    if (last !== undefined && now - last < ALARM_INTERVAL_MS) return;
    for (const [each, at] of this.#alarms) if (now - at >= ALARM_INTERVAL_MS) this.#alarms.delete(each);
    this.#alarms.set(about, now);
    this.#doors.report(event);
  }
}

/** The lower first address, as a number, opens. */
function opensStreams({ local, remote }: PeerLinkSettings): boolean {
  const [mine, theirs] = [local.addresses[0], remote.addresses[0]];
  invariant(mine !== undefined && theirs !== undefined, "an association has an address at both ends");
  return Buffer.compare(ipToOctets(mine), ipToOctets(theirs)) < 0;
}

/** But for the streams. */
function likeBefore(before: PeerLinkSettings, after: PeerLinkSettings): boolean {
  return JSON.stringify({ ...before, schemes: [] }) === JSON.stringify({ ...after, schemes: [] });
}

function number({ association }: PeerLinkSettings): { association: number } {
  return { association };
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

function streamView(name: StreamName, stream: OpenStream | undefined, now: number): StreamView {
  return {
    name,
    session: stream?.number,
    upForMs: stream && now - stream.since,
    waitingOctets: stream?.session.waitingOctets ?? 0,
    ...(stream?.session.traffic ?? { messagesSent: 0, messagesReceived: 0, octetsSent: 0, octetsReceived: 0 }),
  };
}
