/**
 * The messages of a scheme's stream, as values and as octets: `proto/replication.proto`.
 *
 * Decoding is total: whatever comes gives a message or a `WireError`, and what a message says is in range. What this
 * release does not know is `unknown`; whether it may be skipped stands beside it.
 */
import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { invariant, WireError } from "../errors.ts";
import type { Role } from "../gate/liveness-port.ts";
import {
  type Hello as HelloOnWire,
  type SchemeMessage,
  SchemeMessageSchema,
  type ConfigSection as SectionOnWire,
  type Status as StatusOnWire,
} from "../proto/replication_pb.ts";
import { type Entry, entryFromWire, entryToWire } from "./entry-message.ts";
import { decodeRecords, encodeRecords } from "./records-message.ts";
import type { ConfigSection, RecordName } from "./replication-port.ts";
import { RF_STATES, type RfState, rfStateOf } from "./rf-table.ts";
import { listFrom, nameFrom, nameToWire, numberFrom, refused, textFrom } from "./wire-message.ts";

/** A message is never longer. */
export const MESSAGE_LIMIT = 65_536;
/** Of what is put into one, so that names and numbers around it fit as well. */
export const PAYLOAD_LIMIT = 56_000;

const LIST_LIMIT = 128;
export const NAMES_LIMIT = 1_024;
const DIGEST_LIMIT = 64;
const ROLES: readonly Role[] = ["init", "standby", "active", "draining", "grace"];

export interface PeerStatus {
  readonly role: Role;
  readonly state: RfState;
  /** How long it has been in it, milliseconds; `undefined` of a release that does not say. */
  readonly inStateMs: number | undefined;
}

export interface PeerHello extends PeerStatus {
  readonly major: number;
  readonly minor: number;
  readonly scheme: string;
  readonly member: string;
  readonly boot: string;
  readonly features: readonly string[];
  readonly requiredFeatures: readonly string[];
  readonly software: string;
  readonly sections: readonly ConfigSection[];
  readonly insideAddresses: readonly string[];
}

export type KnownBody =
  | { readonly is: "hello"; readonly hello: PeerHello }
  /** Sections only where they have changed. */
  | { readonly is: "status"; readonly status: PeerStatus; readonly sections: readonly ConfigSection[] | undefined }
  | { readonly is: "join"; readonly join: number; readonly epoch: number }
  | { readonly is: "entry"; readonly join: number; readonly number: number; readonly entry: Entry }
  | { readonly is: "applied"; readonly join: number; readonly number: number }
  | { readonly is: "ask"; readonly join: number; readonly names: readonly RecordName[] }
  | { readonly is: "leave"; readonly because: string };

export type PeerBody =
  | KnownBody
  /** Of a later release. An entry keeps its place in the log. */
  | { readonly is: "unknown"; readonly required: boolean; readonly place?: { readonly join: number; number: number } };

export interface PeerMessage {
  readonly epoch: number;
  readonly body: PeerBody;
}

export function encodePeerMessage(epoch: number, body: KnownBody): Uint8Array {
  const octets = (body.is === "entry" ? encodeLean(epoch, body) : undefined) ?? encodeAny(epoch, body);
  invariant(octets.length <= MESSAGE_LIMIT, `a ${body.is} of ${octets.length} octets`);
  return octets;
}

function encodeLean(epoch: number, { join, number, entry }: EntryBody): Uint8Array | undefined {
  return entry.is === "records" ? encodeRecords({ epoch, join, number, records: entry.records }) : undefined;
}

/** With the generated code; the same octets. */
export function encodeAny(epoch: number, body: KnownBody): Uint8Array {
  const message = create(SchemeMessageSchema, { epoch: BigInt(epoch), required: true, body: bodyToWire(body) });
  return toBinary(SchemeMessageSchema, message);
}

export function decodePeerMessage(octets: Uint8Array): PeerMessage | WireError {
  if (octets.length > MESSAGE_LIMIT) return refused("length", `${octets.length} octets`);
  const lean = decodeRecords(octets);
  if (lean === undefined) return decodeAny(octets);
  const { epoch, join, number, records } = lean;
  return { epoch, body: { is: "entry", join, number, entry: { is: "records", records } } };
}

/** With the generated code; the same message. */
export function decodeAny(octets: Uint8Array): PeerMessage | WireError {
  try {
    const message = fromBinary(SchemeMessageSchema, octets);
    return { epoch: numberFrom(message.epoch, "epoch"), body: bodyFromWire(message) };
  } catch (error) {
    if (error instanceof WireError) return error;
    // What the decoder throws at octets that are no message.
    return refused("message", error instanceof Error ? error.message : String(error));
  }
}

type EntryBody = Extract<KnownBody, { is: "entry" }>;
type BodyInit = NonNullable<MessageInitShape<typeof SchemeMessageSchema>["body"]>;

function bodyToWire(body: KnownBody): BodyInit {
  switch (body.is) {
    case "hello":
      return { case: "hello", value: helloToWire(body.hello) };
    case "status":
      return { case: "status", value: { ...statusToWire(body.status), ...changeToWire(body.sections) } };
    case "join":
      return { case: "join", value: { join: BigInt(body.join), epoch: BigInt(body.epoch) } };
    case "entry": {
      const { join, number, entry } = body;
      return { case: "entry", value: { join: BigInt(join), number: BigInt(number), entry: entryToWire(entry) } };
    }
    case "applied":
      return { case: "applied", value: { join: BigInt(body.join), number: BigInt(body.number) } };
    case "ask":
      return { case: "ask", value: { join: BigInt(body.join), names: body.names.map(nameToWire) } };
    case "leave":
      return { case: "leave", value: { because: body.because } };
  }
  return body satisfies never;
}

function bodyFromWire({ body, required }: SchemeMessage): PeerBody {
  switch (body.case) {
    case "hello":
      return { is: "hello", hello: helloFrom(body.value) };
    case "status": {
      const sections = sectionsFrom(body.value.sections);
      return { is: "status", status: statusFrom(body.value), sections: body.value.configured ? sections : undefined };
    }
    case "join":
      return {
        is: "join",
        join: numberFrom(body.value.join, "join"),
        epoch: numberFrom(body.value.epoch, "join.epoch"),
      };
    case "entry": {
      const place = { join: numberFrom(body.value.join, "join"), number: numberFrom(body.value.number, "number") };
      const entry = entryFromWire(body.value);
      return entry === undefined ? { is: "unknown", required, place } : { is: "entry", ...place, entry };
    }
    case "applied":
      return {
        is: "applied",
        join: numberFrom(body.value.join, "join"),
        number: numberFrom(body.value.number, "number"),
      };
    case "ask": {
      const names = listFrom(body.value.names, NAMES_LIMIT, "ask").map(each => nameFrom(each, "ask"));
      return { is: "ask", join: numberFrom(body.value.join, "join"), names };
    }
    case "leave":
      return { is: "leave", because: textFrom(body.value.because, "leave") };
    case undefined:
      return { is: "unknown", required };
  }
  return body satisfies never;
}

function helloToWire({ role, state, inStateMs, sections, ...hello }: PeerHello) {
  return {
    ...hello,
    features: [...hello.features],
    requiredFeatures: [...hello.requiredFeatures],
    insideAddresses: [...hello.insideAddresses],
    sections: sections.map(sectionToWire),
    status: statusToWire({ role, state, inStateMs }),
  };
}

function helloFrom(hello: HelloOnWire): PeerHello {
  const { major, minor, status, sections } = hello;
  const texts = (list: readonly string[], path: string) =>
    listFrom(list, LIST_LIMIT, path).map(each => textFrom(each, path));
  if (status === undefined) throw refused("hello.status", "missing");
  return {
    ...statusFrom(status),
    major,
    minor,
    scheme: textFrom(hello.scheme, "hello.scheme"),
    member: textFrom(hello.member, "hello.member"),
    boot: textFrom(hello.boot, "hello.boot"),
    software: textFrom(hello.software, "hello.software"),
    features: texts(hello.features, "hello.features"),
    requiredFeatures: texts(hello.requiredFeatures, "hello.required-features"),
    insideAddresses: texts(hello.insideAddresses, "hello.inside-addresses"),
    sections: sectionsFrom(sections),
  };
}

function statusToWire({ role, state, inStateMs }: PeerStatus) {
  const since = inStateMs === undefined ? {} : { inStateMs: BigInt(Math.max(0, Math.round(inStateMs))) };
  return { role: ROLES.indexOf(role), state: RF_STATES[state], ...since };
}

function statusFrom({ role: number, state: stateNumber, inStateMs }: StatusOnWire): PeerStatus {
  const role = ROLES[number];
  const state = rfStateOf(stateNumber);
  if (role === undefined) throw refused("status.role", `${number}`);
  if (state === undefined) throw refused("status.state", `${stateNumber}`);
  return { role, state, inStateMs: inStateMs === undefined ? undefined : numberFrom(inStateMs, "status.in_state_ms") };
}

function changeToWire(sections: readonly ConfigSection[] | undefined) {
  return { configured: sections !== undefined, sections: sections?.map(sectionToWire) ?? [] };
}

function sectionToWire({ name, digest }: ConfigSection) {
  return { name, digest: digest as Uint8Array<ArrayBuffer> };
}

function sectionsFrom(sections: readonly SectionOnWire[]): ConfigSection[] {
  return listFrom(sections, LIST_LIMIT, "sections").map(({ name, digest }) => {
    if (digest.length > DIGEST_LIMIT) throw refused("section.digest", `${digest.length} octets`);
    return { name: textFrom(name, "section.name"), digest };
  });
}
