/** Whole exchanges between two strongSwan 5.9.8, with the keys that it logged. */
import { readFileSync } from "node:fs";
import { WireError } from "../../errors.ts";
import { fromHex } from "../../wire/codec-kit.test-support.ts";
import { type IsakmpMessage, readMessage } from "./isakmp-message.ts";

export interface Recording {
  readonly ike: string;
  readonly esp: string;
  readonly presharedKey: string;
  readonly packets: readonly { readonly from: "initiator" | "responder"; readonly hex: string }[];
  readonly shared: string;
  readonly skeyid: string;
  readonly skeyidD: string;
  readonly skeyidA: string;
  readonly skeyidE: string;
  readonly cipherKey: string;
  readonly initialIv: string;
  readonly hashI: string;
  readonly hashR: string;
  /** Of the initiator's end, as it is. */
  readonly natSource: string;
  readonly quickShared: string | null;
  readonly initiatorEncryption: string;
  readonly responderEncryption: string;
  readonly initiatorIntegrity: string | null;
  readonly responderIntegrity: string | null;
}

export const RECORDINGS = JSON.parse(
  readFileSync(new URL("./fixtures/strongswan.json", import.meta.url), "utf8"),
) as readonly Recording[];

/** Without the marker of port 4500. */
export function packet(recording: Recording, at: number): Uint8Array {
  return fromHex(recording.packets[at]?.hex ?? "");
}

export function message(recording: Recording, at: number): IsakmpMessage {
  return taken(readMessage(packet(recording, at)));
}

export function taken<T>(value: T | WireError): T {
  if (value instanceof WireError) throw value;
  return value;
}
