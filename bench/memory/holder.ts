/**
 * One member of a pair in a process of its own, which says by how many octets N more tunnels make its resident
 * memory grow.
 *
 * For each tunnel it holds an IKE SA as version 1 has it, the Child SA's two directions in the fast path, and both
 * records in the table of replication. Not in it: what the data plane's keeper and IKE remember of the Child SA
 * besides, and steering.
 */

import { Secret } from "../../src/core/crypto/secret.ts";
import { IkeSa } from "../../src/core/ike/v1/ike-sa.ts";
import { readRecord, restoreIkeSa, writeRecord } from "../../src/core/ike/v1/ike-sa-record.ts";
import { encodePeerMessage } from "../../src/core/redundancy/peer-message.ts";
import { childKey } from "../../src/core/redundancy/replication-port.ts";
import { ipv4FromNumber } from "../../src/core/wire/address.ts";
import { monotonicMs } from "../../src/linux/clock.ts";
import { loadFastPathAddon } from "../../src/linux/fastpath-addon.ts";
import { encodeSas } from "../../src/linux/fastpath-records.ts";
import { RoleWords } from "../../src/linux/role-words.ts";
import { Member } from "../bulk-sync/member.ts";
import { type GatewayOrders, GROUP, saOf } from "../esp/keyed-sas.ts";

const CHILD_OCTETS = 400;
const SLICE = 500;
/** Tunnels that are there before: with the first of them code and heap grow, once. */
const WARM = 1_000;
/** Beginning, end, hot: the log of an active that has nothing. */
const LOGGED = 3;
const HOUR_MS = 3_600_000;

const [role = "active", count = "1"] = process.argv.slice(2);
const tunnels = Number(count);
const orders: GatewayOrders = { side: "a", encryption: "aes-gcm-128", udp: true, crypto: "auto", sas: WARM + tunnels };

const roles = RoleWords.allocate(1);
roles.write(GROUP, { role: role === "active" ? "active" : "standby", epoch: 1, leaseUntilMs: monotonicMs() + HOUR_MS });
const { FastPath } = loadFastPathAddon();
const path = new FastPath({
  roles: roles.octets,
  edges: new BigUint64Array(new SharedArrayBuffer(16 * (WARM + tunnels))),
  dirty: new Uint32Array(new SharedArrayBuffer(4 * Math.ceil((2 * (WARM + tunnels)) / 32))),
  member: 0,
  crypto: "auto",
});
const sas: IkeSa[] = [];
const toStandby: Uint8Array[] = [];
const toActive: Uint8Array[] = [];
const members = { active: new Member("A", o => toStandby.push(o)), standby: new Member("B", o => toActive.push(o)) };

begin();
fill(0, WARM);
const before = resident();
fill(WARM, WARM + tunnels);
console.log(resident() - before);
const { held } = role === "active" ? members.active : members.standby;
if (sas.length !== WARM + tunnels || held !== WARM + tunnels)
  throw new Error(`${sas.length} IKE SAs and ${held} records`);
path.close();

function fill(first: number, end: number): void {
  for (let n = first; n < end; n++) {
    const octets = hold(n, ikeRecord(n));
    if (role === "active") decide(members.active, n, octets);
    else tell(n, octets);
  }
  for (let at = first; at < end; at += SLICE) installSas(at, Math.min(SLICE, end - at));
}

/** An active without a tunnel makes the standby HOT. */
function begin(): void {
  const { active, standby } = members;
  active.do({ kind: "role", role: "active", epoch: 1 });
  if (role === "active") return;
  standby.do({ kind: "role", role: "standby", epoch: 1 });
  standby.link(1);
  active.link(1);
  talk();
}

/** What that one would say next is written here, so that no second table is in this process. */
function tell(n: number, octets: Uint8Array): void {
  const [ike, child] = recordsOf(n, octets);
  const numbers = { version: n + 1, held: 4_096, inboundEdge: 0, ageMs: 0 };
  const puts = [
    { ...ike, ...numbers, esn: false },
    { ...child, ...numbers },
  ];
  const entry = { is: "transaction" as const, position: n + 1, puts, deletes: [], more: false };
  members.standby.hear(encodePeerMessage(1, { is: "entry", join: 1, number: LOGGED + n + 1, entry }));
  toActive.length = 0;
}

function talk(): void {
  while (toActive.length + toStandby.length > 0) {
    for (const octets of toStandby.splice(0)) members.standby.hear(octets);
    for (const octets of toActive.splice(0)) members.active.hear(octets);
  }
}

function decide(active: Member, n: number, octets: Uint8Array): void {
  const effects = recordsOf(n, octets).map(put => ({ do: "checkpoint" as const, checkpoint: { put } }));
  active.do({ kind: "decided", sa: `${n}`, effects });
}

function recordsOf(n: number, octets: Uint8Array) {
  const child = { kind: "child", key: childKey(n + 256), esn: false, octets: new Uint8Array(CHILD_OCTETS) } as const;
  return [{ kind: "ike", key: `ike ${n}`, octets } as const, child] as const;
}

function ikeRecord(n: number): Uint8Array {
  const id = `ike ${n}`;
  const [initiatorCookie, responderCookie] = [cookie(n), cookie(n + 1)];
  const sa = new IkeSa({
    ...{ id, connection: n, owner: "OUT", now: 0, role: "responder", localPort: 500, remotePort: 500 },
    ...{ local: ipv4FromNumber(0x0a00000f), remote: ipv4FromNumber(0xac100012), initiatorCookie, responderCookie },
  });
  sa.established = true;
  sa.policy = { keyBits: 256, hash: "sha256", authentication: "pre-share", group: 14, lifetimeSeconds: 86_400 };
  sa.keys = { hash: "sha256", derive: secret(n), authenticate: secret(n), cipher: secret(n) };
  sa.lastBlock = new Uint8Array(16).fill(n);
  sa.peer = { ...sa.peer, identity: { octets: new Uint8Array(8).fill(n), shown: "172.16.0.18" } };
  // Main mode and one quick mode, whose last messages may be asked for again.
  for (let used = 0; used < 2; used++) sa.usedIds.add(n * 2 + used);
  sa.main.answer = new Uint8Array(300).fill(n);
  return writeRecord(sa, 0);
}

/** The engine's own, made of the record as a successor makes it. */
function hold(n: number, octets: Uint8Array): Uint8Array {
  const record = readRecord(octets);
  if ("refused" in record) throw new Error(record.refused);
  const sa = restoreIkeSa(record, { id: `ike ${n}`, owner: "OUT", ageMs: 0 }, n, 0);
  if ("refused" in sa) throw new Error(sa.refused);
  sas.push(sa);
  return octets;
}

function installSas(first: number, size: number): void {
  const numbers = Array.from({ length: size }, (_, at) => first + at);
  path.installSas(encodeSas(numbers.flatMap(n => [saOf(orders, n, "ab"), saOf(orders, n, "ba")])));
  path.steer(Uint32Array.from(numbers.flatMap(n => [n, 2 * n])));
}

function cookie(n: number): Uint8Array {
  return new Uint8Array(8).fill(n + 1);
}

function secret(n: number): Secret {
  return new Secret(new Uint8Array(32).fill(n));
}

function resident(): number {
  for (let turn = 0; turn < 3; turn++) globalThis.gc?.();
  return process.memoryUsage.rss();
}
