/**
 * What carries the streams between the two members: any number of duplex streams of octets that arrive in order or
 * break. Nothing here is authenticated; TLS above it is.
 */
import type { Duplex } from "node:stream";
import type { PathView } from "../core/redundancy/link-model.ts";

export interface Transport {
  /** For `show`. */
  readonly name: string;
  /** A new stream to the other member; breaks where there is no way. Only on the end that connects. */
  open(): Duplex;
  /** Called with each stream that the other member opens, on the end that listens. One listener. */
  onStream(listener: (stream: Duplex) => void): void;
  /** What there is carries nothing, whatever it says: the next stream goes over something new. On that end too. */
  renew(): void;
  paths(): PathView[];
  /** Every stream breaks. */
  close(): void;
}
