/**
 * The beacon: what one member's gate says to the other's, over UDP, on the port of the association. One layout
 * serves all kinds; what a kind does not need is zero. Numbers of kinds, states and flags are for ever: two
 * versions form a pair.
 *
 * The last 16 octets are HMAC-SHA256, truncated, over everything before them (`beacon-seal.ts`). Extensions that
 * this version does not know are kept and mean nothing.
 */
import { type IpAddress, ipFromOctets, ipToOctets } from "../wire/address.ts";
import {
  array,
  constant,
  flags,
  lengthPrefixed,
  octets,
  oneOf,
  refined,
  rest,
  struct,
  tagged,
  u8,
  u16,
  u32,
  u64,
  type ValueOf,
} from "../wire/codec.ts";

export const BOOT_LENGTH = 8;
export const NONCE_LENGTH = 8;
export const TOKEN_LENGTH = 32;
export const SEAL_LENGTH = 16;
/** Where the sequence number stands: it alone differs between the beacons of one ring. */
export const SEQUENCE_AT = 22;

/** More than any version will send. */
const EXTENSIONS_MAX = 16;

/** A counter, below 2^53 as all of ours. */
const counter = refined(
  u64,
  wire => (wire <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(wire) : undefined),
  value => BigInt(value),
);

const address = lengthPrefixed(
  u8,
  refined(
    rest,
    wire => (wire.length === 4 || wire.length === 16 ? ipFromOctets(wire) : undefined),
    (value: IpAddress) => ipToOctets(value),
  ),
);

const states = {
  init: 0,
  standby: 1,
  asking: 2,
  active: 3,
  contested: 4,
  draining: 5,
  handing: 6,
  doubting: 7,
} as const;

export const beacon = struct({
  magic: constant(u32, 0x554e4452),
  version: constant(u8, 1),
  kind: oneOf(u8, { beacon: 0, ask: 1, answer: 2, will: 3, "not-hot": 4, "preempt-request": 5, handover: 6 }),
  scheme: octets(8),
  boot: octets(BOOT_LENGTH),
  sequence: counter,
  /** Of the one who is or was active with it; else the highest that the sender knows. */
  epoch: u32,
  state: oneOf(u8, states),
  flags: flags(u8, { hot: 0x01, healthy: 0x02, preempt: 0x04, deaf: 0x08 }),
  priority: u8,
  holdMs: u32,
  /** The source of the leading group's hellos, which tells them from a stranger's. */
  address,
  /** Of an ask, and of the answer to it. */
  nonce: octets(NONCE_LENGTH),
  /** The hash of the token of the sender's last will; in a will, the token. */
  token: octets(TOKEN_LENGTH),
  extensions: lengthPrefixed(u16, array(tagged({ tag: u8, length: u16 }, {}), EXTENSIONS_MAX)),
  seal: octets(SEAL_LENGTH),
});
export type Beacon = ValueOf<typeof beacon>;
export type BeaconKind = Beacon["kind"];
/** What a gate can be in; its table is `gate-table.ts`. */
export type GateState = Beacon["state"];
