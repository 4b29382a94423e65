/**
 * What the figures must be, as ratios inside one run: absolute numbers belong to one machine and one hour.
 *
 * `target` is what the product promises, `floor` where `npm run bench` fails. A row whose systems were not measured
 * undisturbed is told as such, never passed.
 */

export interface Bound {
  readonly what: string;
  readonly measure: string;
  readonly of: string;
  readonly over: string;
  readonly use: "figure" | "cost";
  readonly target: number;
  readonly floor: number;
}

const row = (
  what: string,
  measure: string,
  [of, over]: readonly [string, string],
  [target, floor]: readonly [number, number],
  use: Bound["use"] = "figure",
): Bound => ({ what, measure, of, over, use, target, floor });

export const BOUNDS: readonly Bound[] = [
  row("AES-GCM in UDP over strongSwan's", "tcp1", ["aes-gcm", "strongswan aes-gcm"], [12, 8]),
  row("AES-GCM in UDP over wireguard-go", "tcp1", ["aes-gcm", "wireguard-go"], [12, 8]),
  row("strongSwan's processor time over ours", "tcp1", ["strongswan aes-gcm", "aes-gcm"], [18, 12], "cost"),
  row("esp-aes esp-sha-hmac over strongSwan's", "tcp1", ["aes-cbc sha1", "strongswan aes-cbc sha1"], [11, 7]),
  row("plain ESP over strongSwan's", "tcp1", ["aes-gcm raw", "strongswan aes-gcm"], [3, 2]),
  row("without libIPSec_MB over strongSwan's", "tcp1", ["aes-gcm openssl", "strongswan aes-gcm"], [8, 5]),
  row("routed over plain routing", "tcp1", ["aes-gcm routed", "plain routing"], [0.3, 0.2]),
  row("64-byte packets over strongSwan's", "udp64", ["aes-gcm", "strongswan aes-gcm"], [4, 3]),
  row("strongSwan's round trip over ours", "ping", ["strongswan aes-gcm", "aes-gcm"], [2, 1.25]),
  row("10,000 SAs, one busy, over one SA", "tcp1", ["aes-gcm 10000 SAs", "aes-gcm"], [0.95, 0.9]),
  row(
    "plain routing past 10,000 entries over past one",
    "udp64",
    ["plain routing past 10000 entries", "plain routing past 1 entry"],
    [1, 0.9],
  ),
  row("10,000 SAs, all busy, over one SA", "many1400", ["aes-gcm 10000 SAs", "aes-gcm"], [0.7, 0.5]),
];
