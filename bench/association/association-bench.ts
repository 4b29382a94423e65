/**
 * What the cut of a path costs the association: scripts/bench association [--cuts N]
 *
 * Both ends are in this process, in a network namespace of its own, each with two addresses. Messages go both ways 200
 * times a second; then the path in use stops to carry anything, in either direction, without any other sign (the
 * kernel's filter drops it on arrival). The gap is the longest time between two messages that came. It needs root, and
 * a machine with nothing else to do.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { STEERING_MARK } from "../../src/core/net/steering.ts";
import type { LinkEnd, PeerLinkSettings } from "../../src/core/redundancy/link-model.ts";
import { parseIpv4 } from "../../src/core/wire/address.ts";
import { AssociationLink } from "../../src/gateway/association/association-link.ts";
import { IdentityStore } from "../../src/gateway/association/identity-store.ts";
import { monotonicMs } from "../../src/linux/clock.ts";
import { loadSctpAddon } from "../../src/linux/sctp-addon.ts";
import { rawFilter, udpFilter } from "../../src/linux/sctp-filter.ts";
import { SctpTransport } from "../../src/linux/sctp-transport.ts";
import { spreadOf } from "../support/statistics.ts";

const INTERVAL_MS = 5;
const SETTLE_MS = 1_000;
const WATCHED_MS = 1_000;
const BOUND_MS = 100;
const A = ["10.61.0.1", "10.62.0.1"];
const B = ["10.61.0.2", "10.62.0.2"];
const STREAM = "scheme BENCH";

/** One end, and how long at most nothing came since it was last asked. */
class End {
  readonly link: AssociationLink;
  readonly folder = mkdtempSync(join(tmpdir(), "understudy-bench-"));
  #lastMs = monotonicMs();
  #gapMs = 0;

  constructor(local: readonly string[], remote: readonly string[]) {
    this.link = new AssociationLink({
      store: new IdentityStore(this.folder),
      transport: (settings, opens) => new SctpTransport(settings, opens),
      listener: event => {
        if (event.kind === "message") this.#heard();
      },
      report: () => {},
    });
    this.link.configure(settingsOf(local, remote));
  }

  get session(): number | undefined {
    return this.link.view().streams.find(each => each.name === STREAM)?.session;
  }

  say(): void {
    this.link.send(this.session ?? 0, new Uint8Array(200));
  }

  takeGapMs(): number {
    this.#heard();
    const gap = this.#gapMs;
    this.#gapMs = 0;
    return gap;
  }

  close(): void {
    this.link.close();
    rmSync(this.folder, { recursive: true });
  }

  #heard(): void {
    const now = monotonicMs();
    this.#gapMs = Math.max(this.#gapMs, now - this.#lastMs);
    this.#lastMs = now;
  }
}

function settingsOf(local: readonly string[], remote: readonly string[]): PeerLinkSettings {
  return {
    association: 1,
    local: endOf(local),
    remote: endOf(remote),
    udpPort: undefined,
    timing: { retransmitMinMs: 20, retransmitMaxMs: 200, pathRetransmits: 2, associationRetransmits: 6 },
    trust: { fingerprint: undefined, secret: undefined },
    schemes: ["BENCH"],
  };
}

function endOf(addresses: readonly string[]): LinkEnd {
  return { port: 5005, addresses: addresses.flatMap(each => parseIpv4(each) ?? []) };
}

/** Lets through what goes to these addresses. */
function passOnly(places: readonly number[]): void {
  const [toA, toB] = [A, B].map(list => endOf(list.filter((_, at) => places.includes(at))));
  if (toA === undefined || toB === undefined) return;
  const flows = [
    { local: toA, remote: endOf(B) },
    { local: toB, remote: endOf(A) },
  ];
  loadSctpAddon().guard(STEERING_MARK, rawFilter(flows), udpFilter(flows));
}

async function cutOnce(ends: readonly End[]): Promise<number> {
  await sleep(SETTLE_MS);
  const inUse = ends[0]?.link.view().paths.findIndex(each => each.primary) ?? 0;
  for (const each of ends) each.takeGapMs();
  passOnly([1 - inUse]);
  await sleep(WATCHED_MS);
  const gaps = ends.map(each => each.takeGapMs());
  passOnly([0, 1]);
  return Math.max(...gaps);
}

async function measure(cuts: number): Promise<void> {
  execFileSync("ip", ["link", "set", "lo", "up"]);
  for (const [at, place] of [A, B].flatMap(list => [...list.entries()])) {
    const wire = `wire${at}`;
    if (place === A[at]) execFileSync("ip", ["link", "add", wire, "type", "veth", "peer", "name", `far${at}`]);
    execFileSync("ip", ["link", "set", wire, "up"]);
    execFileSync("ip", ["address", "add", `${place}/24`, "dev", wire]);
  }
  const ends = [new End(B, A), new End(A, B)];
  while (ends.some(each => each.session === undefined)) await sleep(10);
  const sessions = ends.map(each => each.session);
  const clock = setInterval(() => {
    for (const each of ends) each.say();
  }, INTERVAL_MS);
  const gaps: number[] = [];
  for (let cut = 0; cut < cuts; cut++) gaps.push(await cutOnce(ends));
  clearInterval(clock);
  const { median, min, max } = spreadOf(gaps);
  const [low, middle, high] = [min, median, max].map(each => each.toFixed(0));
  console.log(`longest gap after the cut of a path: median ${middle} ms (${low} to ${high}, ${cuts} cuts)`);
  console.log(`bound ${BOUND_MS} ms: ${median <= BOUND_MS ? "kept" : "BROKEN"}`);
  const kept = ends.every((each, at) => each.session === sessions[at]);
  console.log(`sessions: ${kept ? "the same throughout" : "LOST"}`);
  for (const each of ends) each.close();
  process.exitCode = median <= BOUND_MS && kept ? 0 : 1;
}

const { values } = parseArgs({ options: { cuts: { type: "string", default: "10" }, inside: { type: "boolean" } } });
if (values.inside === true) {
  await measure(Number(values.cuts));
} else {
  const [node, program = ""] = process.argv;
  const args = ["--net", String(node), program, "--inside", "--cuts", values.cuts];
  process.exitCode = spawnSync("unshare", args, { stdio: "inherit" }).status ?? 1;
}
