/**
 * Manually keyed SAs, for the lab and for tests: a file says SPIs and keys of what IKE would negotiate. Both ends are
 * keyed alike, nothing is ever rekeyed, and a gateway that starts again uses its keys again; so never in earnest.
 *
 *     {"tunnels": [{"map": "M", "entry": 10, "udp": true,
 *       "outbound": {"spi": 4097, "key": "00…", "integrity": "00…"}, "inbound": {…}}]}
 *
 * What protects, and for which traffic, is the crypto map's; `permit` chooses among its access list's entries.
 */
import { readFileSync } from "node:fs";
import { SystemError } from "../../core/errors.ts";
import type { ProtectedTraffic } from "../../core/ipsec/crypto-policies.ts";
import type { IpsecModel } from "../../core/ipsec/ipsec-model.ts";
import { isReplayWindow } from "../../core/ipsec/replay-window.ts";
import { keyLengths, suiteOf } from "../../core/ipsec/transform-suite.ts";

export interface ManualTunnel {
  readonly map: string;
  readonly entry: number;
  /** The access list's entry; by default every `permit` shares these keys, so then there should be one. */
  readonly permit: number | undefined;
  readonly udp: boolean;
  readonly esn: boolean;
  readonly replayWindow: number;
  readonly outbound: ManualSa;
  readonly inbound: ManualSa;
}

export interface ManualSa {
  readonly spi: number;
  readonly key: Uint8Array;
  readonly integrity: Uint8Array;
}

const DEFAULT_WINDOW = 64;

/** Throws a `SystemError` that says where the file is wrong. */
export function readManualKeys(file: string): ManualTunnel[] {
  try {
    const { tunnels } = JSON.parse(readFileSync(file, "utf8")) as { tunnels?: unknown };
    if (!Array.isArray(tunnels)) throw new TypeError('"tunnels" is missing');
    return tunnels.map((each, at) => tunnelOf(each as Fields, `tunnels[${at}]`));
  } catch (cause) {
    throw new SystemError("read the manual keys", { file }, cause);
  }
}

/** Those of `tunnels` that key this traffic. */
export function manualTunnelFor(
  tunnels: readonly ManualTunnel[],
  { map, sequence, key }: ProtectedTraffic,
): ManualTunnel | undefined {
  const permit = Number(key.slice(key.lastIndexOf(" ") + 1));
  return tunnels.find(
    each => each.map === map && each.entry === sequence && (each.permit === undefined || each.permit === permit),
  );
}

/** Why these keys do not fit the transform set of the crypto map entry. */
export function misfit(tunnel: ManualTunnel, traffic: ProtectedTraffic, ipsec: IpsecModel): string | undefined {
  const named = `manual keys of ${tunnel.map} ${tunnel.entry}`;
  const set = ipsec.transformSets.get(traffic.entry.transformSets[0] ?? "");
  if (set === undefined) return `${named}: the entry has no transform set`;
  if (traffic.entry.peers[0] === undefined) return `${named}: the entry has no peer`;
  const lengths = keyLengths(suiteOf(set));
  for (const { key, integrity } of [tunnel.outbound, tunnel.inbound]) {
    if (key.length !== lengths.cipher || integrity.length !== lengths.integrity)
      return `${named}: ${set.name} takes keys of ${lengths.cipher} and ${lengths.integrity} octets`;
  }
  return undefined;
}

type Fields = Readonly<Record<string, unknown>>;

function tunnelOf(fields: Fields, at: string): ManualTunnel {
  const { map, entry, permit, udp = false, esn = false, replayWindow = DEFAULT_WINDOW } = fields;
  if (typeof map !== "string") throw new TypeError(`${at}.map is no name`);
  if (typeof entry !== "number") throw new TypeError(`${at}.entry is no number`);
  if (permit !== undefined && typeof permit !== "number") throw new TypeError(`${at}.permit is no number`);
  if (typeof udp !== "boolean" || typeof esn !== "boolean") throw new TypeError(`${at}: udp and esn are true or false`);
  if (typeof replayWindow !== "number" || (replayWindow !== 0 && !isReplayWindow(replayWindow)))
    throw new TypeError(`${at}.replayWindow is no replay window`);
  const [outbound, inbound] = [saOf(fields.outbound, `${at}.outbound`), saOf(fields.inbound, `${at}.inbound`)];
  return { map, entry, permit, udp, esn, replayWindow, outbound, inbound };
}

function saOf(value: unknown, at: string): ManualSa {
  const { spi, key, integrity = "" } = (value ?? {}) as Fields;
  if (typeof spi !== "number" || !Number.isInteger(spi) || spi < 256 || spi > 0xffff_ffff)
    throw new TypeError(`${at}.spi is no SPI`);
  return { spi, key: octetsOf(key, `${at}.key`), integrity: octetsOf(integrity, `${at}.integrity`) };
}

function octetsOf(hex: unknown, at: string): Uint8Array {
  if (typeof hex !== "string" || !/^([0-9a-f]{2})*$/i.test(hex)) throw new TypeError(`${at} is not hexadecimal`);
  return new Uint8Array(Buffer.from(hex, "hex"));
}
