/**
 * What a takeover costs the data plane: the store of one word, and of each SA its first packet after it.
 *
 * With 1 SA and with 100,000 of one group: how long the store takes, and how long the first packet after it (which
 * jumps) takes beside the ones before it. Without doors: nothing but the packet functions is measured.
 */
import { monotonicMs } from "../../src/linux/clock.ts";
import { type FastPath, loadFastPathAddon } from "../../src/linux/fastpath-addon.ts";
import { encodePolicies, encodeSas } from "../../src/linux/fastpath-records.ts";
import { RoleWords } from "../../src/linux/role-words.ts";
import { spreadOf } from "../support/statistics.ts";
import { type GatewayOrders, GROUP, policiesOf, saOf } from "./keyed-sas.ts";

const SIZES = [1, 100_000] as const;
const FLIPS = 1000;
const SLICE = 1000;
const DAY_MS = 86_400_000;

export interface FlipCost {
  readonly sas: number;
  /** Nanoseconds, medians. */
  readonly storeNs: number;
  readonly firstPacketNs: number;
  readonly packetNs: number;
}

export function flipCosts(): FlipCost[] {
  return SIZES.map(flipCost);
}

export function flipCost(sas: number): FlipCost {
  const roles = RoleWords.allocate(1);
  const become = (epoch: number) => roles.write(GROUP, { role: "active", epoch, leaseUntilMs: monotonicMs() + DAY_MS });
  become(1);
  const path = installed(sas, roles);
  const packet = innerPacket();
  const stores: number[] = [];
  const firsts: number[] = [];
  const others: number[] = [];
  for (let flip = 0; flip < FLIPS; flip++) {
    path.encrypt(packet);
    others.push(nanoseconds(() => path.encrypt(packet)));
    stores.push(nanoseconds(() => become(flip + 2)));
    firsts.push(nanoseconds(() => path.encrypt(packet)));
  }
  path.close();
  const median = (values: readonly number[]) => spreadOf(values).median;
  return { sas, storeNs: median(stores), firstPacketNs: median(firsts), packetNs: median(others) };
}

function installed(sas: number, roles: RoleWords): FastPath {
  const orders: GatewayOrders = { side: "a", encryption: "aes-gcm-128", udp: true, crypto: "auto", sas };
  const { FastPath: Path } = loadFastPathAddon();
  const places = 2 * sas;
  const path = new Path({
    roles: roles.octets,
    edges: new BigUint64Array(new SharedArrayBuffer(8 * places)),
    dirty: new Uint32Array(new SharedArrayBuffer(4 * Math.ceil(places / 32))),
    member: 0,
    crypto: "auto",
  });
  for (let first = 0; first < sas; first += SLICE) {
    const numbers = Array.from({ length: Math.min(SLICE, sas - first) }, (_, at) => first + at);
    // A small jump: a thousand of them must fit into one number space.
    path.installSas(encodeSas(numbers.map(number => ({ ...saOf(orders, number, "ab"), jump: 4096 }))));
    path.steer(Uint32Array.from(numbers.flatMap(number => [number, 2 * number])));
  }
  path.changePolicies(new Uint32Array(0), encodePolicies(policiesOf(orders, 0)));
  return path;
}

/** From A's net to B's, UDP without a checksum. */
function innerPacket(): Uint8Array {
  const octets = new Uint8Array(64);
  octets.set([0x45, 0, 0, 64, 0, 1, 0, 0, 64, 17, 0, 0, 10, 9, 1, 1, 10, 9, 2, 1, 0, 5, 0, 6, 0, 44, 0, 0]);
  return octets;
}

function nanoseconds(work: () => void): number {
  const began = process.hrtime.bigint();
  work();
  return Number(process.hrtime.bigint() - began);
}
