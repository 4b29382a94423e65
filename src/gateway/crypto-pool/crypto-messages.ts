/**
 * What crosses between the crypto pool and its workers. A `Secret` does not cross a thread: its octets move, in memory
 * of their own, so that no copy stays behind.
 */
import { Secret } from "../../core/crypto/secret.ts";
import type { ComputeFailure, ComputeJob, ComputeResult } from "../../core/ike/compute-job.ts";

/** The same value with octets where a `Secret` was. */
type Bare<T> = { readonly [K in keyof T]: T[K] extends Secret ? BareSecret : T[K] };
type EachBare<T> = T extends unknown ? Bare<T> : never;

/** Says of octets that they are a secret, so that the other end can tell. */
interface BareSecret {
  readonly secretOctets: Uint8Array<ArrayBuffer>;
}

export interface WorkerOrder {
  readonly serial: number;
  readonly job: EachBare<ComputeJob>;
}

export interface WorkerAnswer {
  readonly serial: number;
  readonly result: EachBare<ComputeResult | ComputeFailure>;
}

/** For `postMessage`: the value without a `Secret`, and the memory that moves with it. The secret is not touched. */
export function bare<T extends object>(value: T): { readonly value: EachBare<T>; readonly moved: ArrayBuffer[] } {
  const moved: ArrayBuffer[] = [];
  const entries = Object.entries(value).map(([name, field]) => {
    if (!(field instanceof Secret)) return [name, field];
    const secretOctets = new Uint8Array(field.reveal());
    moved.push(secretOctets.buffer);
    return [name, { secretOctets }];
  });
  return { value: Object.fromEntries(entries) as EachBare<T>, moved };
}

/** The value again, at the other end. What came is wiped: the secret has memory of its own. */
export function clothed<T extends object>(value: EachBare<T>): T {
  const entries = Object.entries(value as object).map(([name, field]) => {
    if (!isBareSecret(field)) return [name, field];
    const secret = new Secret(field.secretOctets);
    field.secretOctets.fill(0);
    return [name, secret];
  });
  return Object.fromEntries(entries) as T;
}

function isBareSecret(field: unknown): field is BareSecret {
  return typeof field === "object" && field !== null && "secretOctets" in field;
}
