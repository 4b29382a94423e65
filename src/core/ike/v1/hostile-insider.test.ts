/**
 * A peer that has the right keys, and damages what it seals (I53 with I07, I08, I14 to I18, I24 and I35): nothing comes
 * of what must not, and what was there before is untouched.
 */
import { describe, expect, test } from "vitest";
import { negotiable, Pair, settings } from "../ike-pair.test-support.ts";
import { type Change, Insider } from "./insider.test-support.ts";
import type { Payload, PayloadKind } from "./payloads.ts";

const PFS = settings({ negotiables: [negotiable({ pfsGroup: 19 })] });

/** The sealed messages by their number among those of their sender. */
const MESSAGES = {
  "message 5": ["initiator", 1],
  "message 6": ["responder", 1],
  "quick mode 1": ["initiator", 2],
  "quick mode 2": ["responder", 2],
  "quick mode 3": ["initiator", 3],
} as const;
type Name = keyof typeof MESSAGES;

interface Outcome {
  /** The honest end has an IKE SA. */
  readonly established: boolean;
  /** Pairs that the honest end has installed. */
  readonly pairs: number;
}

function outcome(name: Name, change: Change): Outcome {
  const pair = new Pair(PFS);
  const [role, number] = MESSAGES[name];
  const hostile = role === "initiator" ? pair.there : pair.here;
  const insider = new Insider(pair, hostile);
  // Whatever is sent again is changed as well.
  for (let at: number = number; at < number + 20; at++) insider.changes.set(at, change);
  pair.initiate(pair.there);
  pair.run(5_000);
  expect(insider.sealed).toBeGreaterThanOrEqual(number);
  const honest = pair.other(hostile);
  return { established: honest.engine.snapshot(pair.now).counters.mainModeUp > 0, pairs: honest.installed.size };
}

const drop =
  (kind: PayloadKind): Change =>
  list =>
    list.filter(each => each.kind !== kind);
const twice =
  (kind: PayloadKind): Change =>
  list =>
    list.flatMap(each => (each.kind === kind ? [each, each] : [each]));
const body =
  (kind: PayloadKind, to: (body: Uint8Array) => Uint8Array): Change =>
  list =>
    list.map(each => (each.kind === kind ? { kind, body: to(each.body) } : each));

test("what is left as it is comes up", () => {
  for (const name of Object.keys(MESSAGES) as Name[])
    expect(
      outcome(name, list => list),
      name,
    ).toEqual({ established: true, pairs: 1 });
});

test("I35: vendor ids that nobody knows change nothing", () => {
  const more: Change = list => [
    ...list,
    ...Array.from({ length: 10 }, () => ({ kind: "vendor" as const, body: new Uint8Array(9) })),
  ];
  for (const name of ["message 5", "message 6", "quick mode 1", "quick mode 2"] as const)
    expect(outcome(name, more), name).toMatchObject({ established: true });
  // The other end never reads what was damaged last, so the pair comes up here whatever follows.
  expect(outcome("quick mode 1", more).pairs).toBe(1);
  expect(outcome("quick mode 2", more).pairs).toBe(1);
});

describe("I07: a payload that must be there is not", () => {
  test.each([
    ["message 5", "id", { established: false, pairs: 0 }],
    ["message 5", "hash", { established: false, pairs: 0 }],
    ["message 6", "id", { established: false, pairs: 0 }],
    ["message 6", "hash", { established: false, pairs: 0 }],
    ["quick mode 1", "hash", { established: true, pairs: 0 }],
    ["quick mode 1", "sa", { established: true, pairs: 0 }],
    ["quick mode 1", "nonce", { established: true, pairs: 0 }],
    ["quick mode 1", "ke", { established: true, pairs: 0 }],
    ["quick mode 1", "id", { established: true, pairs: 0 }],
    ["quick mode 2", "hash", { established: true, pairs: 0 }],
    ["quick mode 2", "sa", { established: true, pairs: 0 }],
    ["quick mode 2", "nonce", { established: true, pairs: 0 }],
    ["quick mode 2", "ke", { established: true, pairs: 0 }],
    ["quick mode 2", "id", { established: true, pairs: 0 }],
  ] as const)("%s without %s", (name, kind, expected) => {
    expect(outcome(name, drop(kind))).toEqual(expected);
  });

  test("quick mode 1 with one identity alone", () => {
    const one: Change = list => list.filter((each, at) => each.kind !== "id" || list[at - 1]?.kind === "id");
    expect(outcome("quick mode 1", one)).toEqual({ established: true, pairs: 0 });
  });
});

describe("I08: what may stand once stands once", () => {
  test.each([
    ["message 5", "hash", { established: false, pairs: 0 }],
    ["message 6", "hash", { established: false, pairs: 0 }],
    ["quick mode 1", "hash", { established: true, pairs: 0 }],
    ["quick mode 1", "sa", { established: true, pairs: 0 }],
    ["quick mode 1", "nonce", { established: true, pairs: 0 }],
    ["quick mode 1", "ke", { established: true, pairs: 0 }],
    ["quick mode 1", "id", { established: true, pairs: 0 }],
    ["quick mode 2", "sa", { established: true, pairs: 0 }],
    ["quick mode 2", "nonce", { established: true, pairs: 0 }],
    ["quick mode 2", "ke", { established: true, pairs: 0 }],
    ["quick mode 2", "id", { established: true, pairs: 0 }],
  ] as const)("%s with twice %s", (name, kind, expected) => {
    expect(outcome(name, twice(kind))).toEqual(expected);
  });

  test("main mode's payloads in any order are taken, quick mode's hash must stand first", () => {
    const backwards: Change = list => list.toReversed();
    expect(outcome("message 5", backwards).established).toBe(true);
    expect(outcome("message 6", backwards).established).toBe(true);
    expect(outcome("quick mode 1", backwards).pairs).toBe(0);
    expect(outcome("quick mode 2", backwards).pairs).toBe(0);
    const othersBackwards: Change = ([hash, ...rest]) => [hash as Payload, ...rest.toReversed()];
    // Backwards the two identities mean other traffic.
    expect(outcome("quick mode 1", othersBackwards).pairs).toBe(0);
  });
});

describe("lengths", () => {
  const octets = (count: number) => () => new Uint8Array(count).fill(1);
  test.each([0, 7, 257, 60_000])("I18: quick mode with a nonce of %s octets", count => {
    expect(outcome("quick mode 1", body("nonce", octets(count)))).toEqual({ established: true, pairs: 0 });
    expect(outcome("quick mode 2", body("nonce", octets(count)))).toEqual({ established: true, pairs: 0 });
  });

  test.each([0, 63, 65, 60_000])("I14: quick mode with a public value of %s octets", count => {
    expect(outcome("quick mode 1", body("ke", octets(count)))).toEqual({ established: true, pairs: 0 });
    expect(outcome("quick mode 2", body("ke", octets(count)))).toEqual({ established: true, pairs: 0 });
  });

  test("I16: quick mode with a point off the curve", () => {
    expect(outcome("quick mode 1", body("ke", octets(64)))).toEqual({ established: true, pairs: 0 });
    expect(outcome("quick mode 2", body("ke", octets(64)))).toEqual({ established: true, pairs: 0 });
  });

  test.each([0, 4, 60_000])("I24: an identity of %s octets", count => {
    expect(outcome("message 5", body("id", octets(count)))).toEqual({ established: false, pairs: 0 });
    expect(outcome("quick mode 1", body("id", octets(count)))).toEqual({ established: true, pairs: 0 });
  });

  test.each([0, 4, 6, 7, 8, 12, 255])("I24: an identity of type %s, which is none of phase 1", type => {
    const typed = (id: Uint8Array) => Uint8Array.of(type, ...id.subarray(1));
    expect(outcome("message 5", body("id", typed))).toEqual({ established: false, pairs: 0 });
    expect(outcome("message 6", body("id", typed))).toEqual({ established: false, pairs: 0 });
  });

  test("I24: an address of an octet too many or too few", () => {
    for (const to of [(id: Uint8Array) => Uint8Array.of(...id, 1), (id: Uint8Array) => id.subarray(0, id.length - 1)]) {
      expect(outcome("message 5", body("id", to))).toEqual({ established: false, pairs: 0 });
      expect(outcome("message 6", body("id", to))).toEqual({ established: false, pairs: 0 });
    }
  });

  test("I48, I54: another identity, well proved, is another peer", () => {
    const other = (id: Uint8Array) => Uint8Array.from(id, (octet, at) => (at === id.length - 1 ? octet ^ 1 : octet));
    expect(outcome("message 5", body("id", other)).established).toBe(true);
  });

  test("a hash that is empty, or an octet short", () => {
    for (const to of [octets(0), (hash: Uint8Array) => hash.subarray(1)]) {
      expect(outcome("message 5", body("hash", to)).established).toBe(false);
      expect(outcome("message 6", body("hash", to)).established).toBe(false);
      expect(outcome("quick mode 1", body("hash", to)).pairs).toBe(0);
      expect(outcome("quick mode 2", body("hash", to)).pairs).toBe(0);
    }
  });
});
