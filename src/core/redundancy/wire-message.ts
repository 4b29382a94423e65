/** What every part of a message shares: numbers in range, names, lists with an end. Each refuses with a `WireError`. */
import { WireError } from "../errors.ts";
import type { RecordName } from "./replication-port.ts";

/** Of the smallest kind that fit into one message. */
export const RECORDS_LIMIT = 8_192;
const TEXT_LIMIT = 256;
const KINDS = [undefined, "ike", "child"] as const;

/** Counters are numbers below 2^53 here, and 64 bits there. */
export function numberFrom(value: bigint, path: string): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw refused(path, `${value}`);
  return Number(value);
}

export function textFrom(value: string, path: string): string {
  if (value.length > TEXT_LIMIT) throw refused(path, `${value.length} characters`);
  return value;
}

export function listFrom<T>(list: readonly T[], limit: number, path: string): readonly T[] {
  if (list.length > limit) throw refused(path, `${list.length} of at most ${limit}`);
  return list;
}

export function spiFrom(spi: number, path: string): number {
  if (spi < 256) throw refused(path, `${spi}`);
  return spi;
}

export function nameFrom(name: { readonly kind: number; readonly key: string } | undefined, path: string): RecordName {
  const kind = KINDS[name?.kind ?? 0];
  const key = textFrom(name?.key ?? "", path);
  if (kind === undefined || key === "") throw refused(path, `kind ${name?.kind}`);
  if (kind === "child" && !isSpi(key)) throw refused(path, `a Child SA ${key}`);
  return { kind, key };
}

export function nameToWire({ kind, key }: RecordName): { kind: number; key: string } {
  return { kind: kindToWire(kind), key };
}

export function kindToWire(kind: RecordName["kind"]): number {
  return kind === "ike" ? 1 : 2;
}

export function refused(path: string, detail: string): WireError {
  return new WireError("bad-value", `replication.${path}`, 0, detail);
}

function isSpi(key: string): boolean {
  const spi = Number(key);
  return /^[1-9][0-9]{0,9}$/.test(key) && spi >= 256 && spi <= 0xffff_ffff;
}
