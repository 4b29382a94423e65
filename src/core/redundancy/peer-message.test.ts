import { create, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { WireError } from "../errors.ts";
import { SchemeMessageSchema } from "../proto/replication_pb.ts";
import type { Entry } from "./entry-message.ts";
import { decodePeerMessage, encodePeerMessage, type KnownBody, MESSAGE_LIMIT } from "./peer-message.ts";
import { RF_STATES, type RfState } from "./rf-table.ts";

const number = fc.maxSafeNat();
const spi = fc.integer({ min: 256, max: 0xffff_ffff });
const text = fc.string({ maxLength: 40 });
const octets = (maxLength: number) => fc.uint8Array({ maxLength });
const name = fc.oneof(
  fc.record({ kind: fc.constant("ike" as const), key: fc.string({ minLength: 1, maxLength: 40 }) }),
  spi.map(each => ({ kind: "child" as const, key: String(each) })),
);
const record = fc
  .tuple(name, number, octets(200), fc.boolean(), number, number, number)
  .map(([each, version, content, esn, held, inboundEdge, ageMs]) => ({
    ...each,
    version,
    octets: content,
    esn,
    held,
    inboundEdge,
    ageMs,
  }));
const numbers = fc.array(fc.record({ spi, outbound: number, inbound: number }), { maxLength: 8 });
const u32 = fc.integer({ min: 0, max: 0xffff_ffff });

const entry: fc.Arbitrary<Entry> = fc.oneof(
  fc.record({ is: fc.constant("begin" as const), records: u32 }),
  fc.record({ is: fc.constant("records" as const), records: fc.array(record, { maxLength: 6 }) }),
  fc.record({ is: fc.constant("end" as const), position: number, records: u32 }),
  fc.record({
    is: fc.constant("transaction" as const),
    position: number,
    puts: fc.array(record, { maxLength: 4 }),
    deletes: fc.array(name, { maxLength: 4 }),
    more: fc.boolean(),
  }),
  fc.record({ is: fc.constant("counters" as const), numbers }),
  fc.record({ is: fc.constant("handover" as const), epoch: number, numbers, more: fc.boolean() }),
  fc.record({ is: fc.constant("hot" as const) }),
  fc.record({ is: fc.constant("not-hot" as const), because: text }),
  fc.record({ is: fc.constant("checksum" as const), records: u32, low: u32, high: u32 }),
);
const sections = fc.array(fc.record({ name: text, digest: octets(32) }), { maxLength: 4 });
const status = {
  role: fc.constantFrom("init" as const, "standby" as const, "active" as const, "draining" as const),
  state: fc.constantFrom(...(Object.keys(RF_STATES) as RfState[])),
  inStateMs: fc.option(number, { nil: undefined }),
};
const hello = fc.record({
  ...status,
  major: u32,
  minor: u32,
  scheme: text,
  member: text,
  boot: text,
  features: fc.array(text, { maxLength: 3 }),
  requiredFeatures: fc.array(text, { maxLength: 3 }),
  software: text,
  sections,
  insideAddresses: fc.array(text, { maxLength: 2 }),
});
const body: fc.Arbitrary<KnownBody> = fc.oneof(
  hello.map(each => ({ is: "hello" as const, hello: each })),
  fc.record({
    is: fc.constant("status" as const),
    status: fc.record(status),
    sections: fc.option(sections, { nil: undefined }),
  }),
  fc.record({ is: fc.constant("join" as const), join: number, epoch: number }),
  fc.record({ is: fc.constant("entry" as const), join: number, number, entry }),
  fc.record({ is: fc.constant("applied" as const), join: number, number }),
  fc.record({ is: fc.constant("ask" as const), join: number, names: fc.array(name, { maxLength: 5 }) }),
  fc.record({ is: fc.constant("leave" as const), because: text }),
);

test("what is encoded is decoded again", () => {
  fc.assert(
    fc.property(number, body, (epoch, each) => {
      expect(decodePeerMessage(encodePeerMessage(epoch, each))).toEqual({ epoch, body: each });
    }),
  );
});

describe("Y03: what is no message of ours", () => {
  const total = (given: Uint8Array): boolean => {
    const found = decodePeerMessage(given);
    return found instanceof WireError || found.epoch >= 0;
  };

  test("any octets give a message or an error, never anything else", () => {
    fc.assert(fc.property(octets(400), given => total(given)));
  });

  test("every truncation and every changed octet of a message does", () => {
    fc.assert(
      fc.property(body, fc.nat(), fc.integer({ min: 1, max: 255 }), (each, at, change) => {
        const whole = encodePeerMessage(3, each);
        const changed = Uint8Array.from(whole);
        const place = at % whole.length;
        changed[place] = (changed[place] ?? 0) ^ change;
        return total(whole.subarray(0, place)) && total(changed);
      }),
    );
  });

  const wire = (init: Parameters<typeof create<typeof SchemeMessageSchema>>[1]) =>
    decodePeerMessage(toBinary(SchemeMessageSchema, create(SchemeMessageSchema, init)));
  const counters = (value: object) => wire({ body: { case: "entry", value: { entry: { case: "counters", value } } } });

  test.each([
    ["a number of 64 bits", wire({ epoch: 2n ** 60n }), "replication.epoch"],
    ["an SPI that is reserved", counters({ spis: [255], outbound: [1n], inbound: [1n] }), "replication.counters.spi"],
    ["lists that do not match", counters({ spis: [300], outbound: [1n] }), "replication.counters: "],
    ["a state without a name", wire({ body: { case: "status", value: { state: 99 } } }), "replication.status.state"],
    [
      "a role without a name",
      wire({ body: { case: "status", value: { role: 9, state: 8 } } }),
      "replication.status.role",
    ],
    ["a hello without a status", wire({ body: { case: "hello", value: {} } }), "replication.hello.status"],
    ["a record without a name", wire({ body: { case: "ask", value: { names: [{}] } } }), "replication.ask"],
    [
      "a Child SA that is no SPI",
      wire({ body: { case: "ask", value: { names: [{ kind: 2, key: "0300" }] } } }),
      "replication.ask",
    ],
    ["a text without end", wire({ body: { case: "leave", value: { because: "x".repeat(300) } } }), "replication.leave"],
    ["a message over the limit", decodePeerMessage(new Uint8Array(MESSAGE_LIMIT + 1)), "replication.length"],
  ])("%s is refused", (_, found, path) => {
    expect(found).toBeInstanceOf(WireError);
    expect(String(found)).toContain(path);
  });
});

test("Y07: what a later release adds is skipped, or known to be needed", () => {
  // Field 90 of a message, and field 90 of an entry: length-delimited, empty.
  const later = [0xd2, 0x05, 0x00];
  expect(decodePeerMessage(Uint8Array.of(...later))).toEqual({ epoch: 0, body: { is: "unknown", required: false } });
  expect(decodePeerMessage(Uint8Array.of(0x10, 1, ...later))).toEqual({
    epoch: 0,
    body: { is: "unknown", required: true },
  });
  const entryOfLater = Uint8Array.of(0x32, 4 + later.length, 0x08, 7, 0x10, 5, ...later);
  expect(decodePeerMessage(entryOfLater)).toEqual({
    epoch: 0,
    body: { is: "unknown", required: false, place: { join: 7, number: 5 } },
  });
});
