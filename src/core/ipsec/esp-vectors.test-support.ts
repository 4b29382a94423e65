/**
 * Whole packets from the RFCs and their test drafts, with everything that makes them. Those of RFC 3602 carry no ICV,
 * which no suite of ours allows, so they have a suite of their own here.
 */
import { readFileSync } from "node:fs";
import { fromHex } from "../wire/codec-kit.test-support.ts";
import type { EspSa, EspSealing } from "./esp-seal.ts";
import { ESP_ENCRYPTIONS, ESP_SUITES, type EspSuite } from "./esp-suite.ts";

interface VectorFile {
  readonly source: string;
  readonly suite: string;
  readonly key: string;
  readonly salt: string;
  readonly spi: string;
  readonly sequence: string;
  /** Of a vector with extended sequence numbers. */
  readonly sequenceHigh?: string;
  readonly iv: string;
  readonly payload: string;
  readonly padding: number;
  readonly nextHeader: number;
  readonly packet: string;
}

export interface EspVector {
  readonly source: string;
  readonly suiteName: string;
  readonly sa: EspSa;
  readonly sealing: EspSealing & { readonly sequenceHigh: number; readonly padding: number };
  readonly packet: Uint8Array;
}

const WITHOUT_ICV: EspSuite = {
  encryption: ESP_ENCRYPTIONS["aes-cbc-128"],
  integrity: { hash: "sha256", keyLength: 0, icvLength: 0 },
};

export const ESP_VECTORS: readonly EspVector[] = (
  JSON.parse(readFileSync(new URL("./fixtures/esp-packets.json", import.meta.url), "utf8")) as VectorFile[]
).map(vector => ({
  source: vector.source,
  suiteName: vector.suite,
  sa: {
    spi: Number.parseInt(vector.spi, 16),
    suite: ESP_SUITES.get(vector.suite) ?? WITHOUT_ICV,
    keys: { encryption: fromHex(vector.key), salt: fromHex(vector.salt), integrity: new Uint8Array(0) },
    esn: vector.sequenceHigh !== undefined,
  },
  sealing: {
    sequence: Number.parseInt(vector.sequence, 16),
    sequenceHigh: Number.parseInt(vector.sequenceHigh ?? "0", 16),
    iv: fromHex(vector.iv),
    payload: fromHex(vector.payload),
    padding: vector.padding,
    nextHeader: vector.nextHeader,
  },
  packet: fromHex(vector.packet),
}));
