/**
 * Main mode's messages in clear, damaged in every way of the attack catalogue and sent before the true ones, as whoever
 * reads along could. None may change anything: the true message comes after them all, and the tunnel comes up.
 */
import { describe, expect, test } from "vitest";
import { Pair, settings } from "../ike-pair.test-support.ts";
import {
  changed,
  doubled,
  filled,
  replaced,
  swaps,
  type Variant,
  withBody,
  without,
} from "./message-surgery.test-support.ts";

/** The tunnel comes up although `variants` of the message come first; every one of them was refused. */
function survives(message: 1 | 2 | 3 | 4, variants: (octets: Uint8Array) => Variant[], group = 19): void {
  const pair = new Pair(settings({ policies: settings().policies.map(each => ({ ...each, group })) }));
  let seen = 0;
  let tried = 0;
  pair.lets = (from, datagram) => {
    seen += 1;
    if (seen !== message) return true;
    const to = pair.other(from);
    for (const [what, octets] of variants(datagram.octets)) {
      const before = to.sent.length;
      pair.deliver(to, { ...datagram, octets });
      expect(to.sent.length, `answered: ${what}`).toBe(before);
      tried += 1;
    }
    return true;
  };
  pair.initiate(pair.here);
  pair.run(10_000);
  expect(tried).toBeGreaterThan(0);
  expect([pair.here.installed.size, pair.there.installed.size]).toEqual([1, 1]);
  expect([pair.esp(pair.here), pair.esp(pair.there)]).toEqual([true, true]);
}

const EACH = [1, 2, 3, 4] as const;

test.each(EACH)("I01, I02: message %s cut short everywhere, its length put right or not", message => {
  survives(message, octets => {
    const variants: Variant[] = [];
    for (let length = 0; length < octets.length; length++) {
      const cut = octets.subarray(0, length);
      variants.push([`${length}`, cut]);
      if (length >= 28) variants.push([`${length}, said so`, withBody(octets, octets[16] ?? 0, cut.subarray(28))]);
    }
    return variants;
  });
});

test.each(EACH)("I04: message %s of another major version", message => {
  survives(message, octets => [0, 2, 3, 15].map(major => [`${major}`, changed(octets, 17, major * 16)]));
});

test.each(EACH)("I05, I06: message %s that begins with what no message begins with", message => {
  survives(message, octets => [2, 3, 14, 22, 33, 34, 53, 127].map(type => [`${type}`, changed(octets, 16, type)]));
});

describe("I07: a payload that must be there is not", () => {
  test.each([
    [1, "sa"],
    [2, "sa"],
    [3, "ke"],
    [3, "nonce"],
    [4, "ke"],
    [4, "nonce"],
  ] as const)("message %s without %s", (message, kind) => {
    survives(message, octets => [[kind, without(octets, kind)]]);
  });

  test.each(EACH)("message %s without any", message => {
    survives(message, octets => [["nothing", withBody(octets, 0, filled(0))]]);
  });
});

describe("I08", () => {
  test.each([
    [1, "sa"],
    [2, "sa"],
    [3, "ke"],
    [3, "nonce"],
    [4, "ke"],
    [4, "nonce"],
  ] as const)("message %s with two of %s", (message, kind) => {
    survives(message, octets => [[kind, doubled(octets, kind)]]);
  });

  test("message 1 with its SA elsewhere than in front: RFC 2409 wants it there in quick mode only", () => {
    const pair = new Pair();
    pair.lets = (from, datagram) => {
      if (from !== pair.here || from.sent.length !== 1) return true;
      const [[, octets] = ["", filled(0)]] = swaps(datagram.octets);
      pair.deliver(pair.there, { ...datagram, octets });
      return false;
    };
    pair.initiate(pair.here);
    pair.run(1_000);
    expect([pair.here.installed.size, pair.there.installed.size]).toEqual([1, 1]);
  });
});

describe("I14 to I16: public values", () => {
  test.each([3, 4] as const)("message %s: of no length, one octet short, one long, 64 kB", message => {
    survives(message, octets =>
      [0, 63, 65, 65_000].map(length => [`${length}`, replaced(octets, "ke", filled(length, 3))]),
    );
  });

  test("message 3: a point off the curve, infinity, coordinates beyond the field", () => {
    survives(3, octets =>
      [filled(64, 1), filled(64), filled(64, 0xff)].map(v => [`${v[0]}`, replaced(octets, "ke", v)]),
    );
  });

  test("message 4: likewise, and the true one comes when message 3 is sent again", () => {
    const values = [filled(64, 1), filled(64), filled(64, 0xff)];
    survives(4, octets => values.map(value => [`${value[0]}`, replaced(octets, "ke", value)]));
  });

  test("message 3: 0, and a value beyond the prime", () => {
    survives(3, octets => [0, 0xff].map(octet => [`${octet}`, replaced(octets, "ke", filled(256, octet))]), 14);
  });
});

test.each([3, 4] as const)("I18: message %s with a nonce of 0, 7, 257 or 65,000 octets", message => {
  survives(message, octets =>
    [0, 7, 257, 65_000].map(length => [`${length}`, replaced(octets, "nonce", filled(length, 9))]),
  );
});

describe("I19: cookies", () => {
  test("message 1 with an initiator cookie of zeros, and with a responder cookie", () => {
    survives(1, octets => [
      ["zeros", changed(octets, 0, ...filled(8))],
      ["a responder's", changed(octets, 8, ...filled(8, 7))],
    ]);
  });

  test.each([2, 3, 4] as const)("message %s with either cookie wrong, or none of the responder", message => {
    survives(message, octets => [
      ["initiator", changed(octets, 0, ...filled(8, 7))],
      ...(message === 2 ? [] : ([["responder", changed(octets, 8, ...filled(8, 7))]] as Variant[])),
      ["none", changed(octets, 8, ...filled(8))],
    ]);
  });
});

test("I23: a gateway that hears its own messages does not take itself for its peer", () => {
  const pair = new Pair();
  pair.lets = (from, datagram) => {
    pair.later(10, () => pair.input(from, { kind: "datagram", datagram: { ...datagram, local: datagram.local } }));
    return false;
  };
  pair.initiate(pair.here);
  pair.run(20_000);
  expect(pair.here.engine.snapshot(pair.now).counters.mainModeUp).toBe(0);
  expect(pair.here.engine.snapshot(pair.now).ikeSas.map(({ role }) => role)).toEqual(["initiator"]);
  expect(pair.here.installed.size).toBe(0);
});

test("I15, I16: a false message 4 does not stop message 3 from being sent again until the true one comes", () => {
  const pair = new Pair();
  let seen = 0;
  pair.lets = (from, datagram) => {
    seen += 1;
    if (seen !== 4) return true;
    const octets = replaced(datagram.octets, "ke", filled(64, 1));
    pair.later(1, () => pair.deliver(pair.other(from), { ...datagram, octets }));
    return false;
  };
  pair.initiate(pair.here);
  pair.run(10_000);
  expect([pair.here.installed.size, pair.there.installed.size]).toEqual([1, 1]);
});
