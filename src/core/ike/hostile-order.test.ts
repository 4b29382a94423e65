/**
 * The catalogue of attacks, second part: messages before or after their time, from peers that have the key as well, and
 * what goes on for ever if nobody counts.
 */
import { describe, expect, test } from "vitest";
import { encode } from "../wire/codec.ts";
import { HERE, ip, mirrored, Pair, POLICY, settings, THERE } from "./ike-pair.test-support.ts";
import type { IkeMessageDatagram } from "./ike-port.ts";
import { Insider } from "./v1/insider.test-support.ts";
import { clearMessage } from "./v1/isakmp-message.ts";
import type { Payload } from "./v1/payloads.ts";
import { offerPhaseOne } from "./v1/phase-one-proposals.ts";
import { saPayload } from "./v1/sa-payload-codec.ts";

const STRANGER = ip("203.0.113.66");
const EXCHANGE_AT = 18;
const FLAGS_AT = 19;
const ENCRYPTED = 1;
const MAIN = 2;
const AGGRESSIVE = 4;
const TRANSACTION = 6;
/** A payload of private use: the vendors' fragmentation. */
const FRAGMENT = 132;

function up(pair: Pair): Pair {
  pair.initiate(pair.here);
  pair.run(3_000);
  expect([pair.esp(pair.here), pair.esp(pair.there)]).toEqual([true, true]);
  return pair;
}

function toThere(remote: ReturnType<typeof ip>, octets: Uint8Array, port = 500): IkeMessageDatagram {
  return { local: THERE, localPort: port, remote, remotePort: port, octets };
}

/** A responder that takes anybody who has the key. */
function open(): Pair {
  const other = mirrored(settings());
  return new Pair(settings(), { ...other, negotiables: other.negotiables.map(each => ({ ...each, peers: [] })) });
}

function stateOf({ now, here, there }: Pair) {
  return [here, there].map(end => ({
    installed: [...end.installed.keys()],
    ikeSas: end.engine.snapshot(now).ikeSas.map(each => [each.id, each.state, each.peerIdentity]),
  }));
}

test("I03: a hundred thousand keepalives are nothing", () => {
  const pair = up(new Pair(settings({ udpEncapsulation: "always" })));
  const before = [stateOf(pair), pair.there.sent.length, pair.there.engine.next];
  const { counters } = pair.there.engine.snapshot(pair.now);
  let decisions = 0;
  for (let number = 0; number < 100_000; number++) {
    const datagram = toThere(number % 2 === 0 ? HERE : STRANGER, Uint8Array.of(0xff), 4500);
    decisions += pair.there.engine.handle({ kind: "datagram", datagram }, pair.now).length;
  }
  expect(decisions).toBe(0);
  expect([stateOf(pair), pair.there.sent.length, pair.there.engine.next]).toEqual(before);
  expect(pair.there.engine.snapshot(pair.now).counters).toEqual(counters);
});

describe("I21: what belongs to an authenticated SA comes before the proof", () => {
  /** Up to message 6, which the responder keeps: it has the keys, and an SA that the initiator has not. */
  function withheld(): Pair {
    const pair = new Pair();
    pair.lets = (from, { octets }) => from === pair.here || octets[EXCHANGE_AT] !== MAIN || octets[FLAGS_AT] === 0;
    pair.initiate(pair.here);
    pair.run(200);
    expect(pair.there.engine.snapshot(pair.now).ikeSas[0]?.state).toBe("QM_IDLE");
    return pair;
  }

  test.each([
    ["a quick mode", pair => pair.initiate(pair.there)],
    ["a deletion", pair => pair.input(pair.there, { kind: "clear", what: { kind: "ike", id: undefined } })],
  ] as [string, (pair: Pair) => void][])("to an initiator that waits for it: %s", (_, deed) => {
    const pair = withheld();
    const [view] = pair.here.engine.snapshot(pair.now).ikeSas;
    const answers = pair.here.sent.length;
    deed(pair);
    pair.run(50);
    expect([pair.here.engine.snapshot(pair.now).ikeSas, pair.here.sent.length]).toEqual([[view], answers]);
    expect(pair.here.installed.size).toBe(0);
    expect(pair.here.reports.at(-1)).toMatch(/IKMP_MODE_FAILURE.*not authenticated yet|IKMP_BAD_MESSAGE.*not authen/);
  });

  test.each([TRANSACTION, 33])("exchange %i, of configuration (I49) or new groups, at any time", kind => {
    const pair = up(new Pair());
    const before = stateOf(pair);
    const octets = Uint8Array.from(pair.there.sent.at(-1)?.octets ?? []);
    octets[EXCHANGE_AT] = kind;
    const answers = pair.here.sent.length;
    pair.deliver(pair.here, { local: THERE, localPort: 500, remote: HERE, remotePort: 500, octets });
    expect([stateOf(pair), pair.here.sent.length]).toEqual([before, answers]);
  });

  test("main mode begun once more under the cookies of an SA that nobody has proved", () => {
    const pair = open();
    const head = { initiatorCookie: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8), exchange: "main", messageId: 0 } as const;
    const offer = { kind: "sa", body: encode(saPayload, offerPhaseOne([POLICY])) } as const;
    const first = clearMessage({ ...head, responderCookie: new Uint8Array(8) }, [offer]);
    pair.input(pair.there, { kind: "datagram", datagram: toThere(STRANGER, first) });
    const [view] = pair.there.engine.snapshot(pair.now).ikeSas;
    const responderCookie = Uint8Array.from(Buffer.from(view?.cookies.responder ?? "", "hex"));
    const other = encode(saPayload, offerPhaseOne([{ ...POLICY, keyBits: 256 }, POLICY]));
    for (const octets of [
      clearMessage({ ...head, responderCookie }, [offer]),
      clearMessage({ ...head, responderCookie: new Uint8Array(8) }, [{ kind: "sa", body: other }]),
    ])
      pair.input(pair.there, { kind: "datagram", datagram: toThere(STRANGER, octets) });
    expect([pair.there.sent.length, pair.there.engine.snapshot(pair.now).ikeSas]).toEqual([1, [view]]);
  });
});

test("I22: a second proof, of another identity, comes when the first was taken: it proves nothing", () => {
  const pair = new Pair();
  const insider = new Insider(pair, pair.here);
  const other = Uint8Array.of(1, 0, 0, 0, 203, 0, 113, 66);
  insider.changes.set(2, list => list.map(each => (each.kind === "id" ? { ...each, body: other } : each)));
  const { lets } = pair;
  let proofs = 0;
  // The first message 6 is lost, so message 5 comes again, now with another name in it.
  pair.lets = (from, datagram) => {
    const { octets } = datagram;
    const isProof = from === pair.there && octets[EXCHANGE_AT] === MAIN && octets[FLAGS_AT] === ENCRYPTED;
    if (isProof) proofs += 1;
    return !(isProof && proofs === 1) && lets(from, datagram);
  };
  pair.initiate(pair.here);
  pair.run(30_000);
  expect([proofs, insider.sealed > 2]).toEqual([2, true]);
  const views = pair.there.engine.snapshot(pair.now).ikeSas;
  expect(views.map(each => [each.state, each.peerIdentity])).toEqual([["QM_IDLE", HERE]]);
});

test("I34, I37: aggressive mode and fragments, whole or damaged, are answered by nothing and leave nothing", () => {
  const pair = open();
  const head = { responderCookie: new Uint8Array(8), exchange: "main", messageId: 0 } as const;
  const payloads: Payload[] = [{ kind: "sa", body: encode(saPayload, offerPhaseOne([POLICY])) }];
  const whole = clearMessage({ ...head, initiatorCookie: Uint8Array.of(9, 9, 9, 9, 9, 9, 9, 9) }, payloads);
  for (let at = 28; at < whole.length; at++) {
    const damaged = Uint8Array.from(whole, (octet, n) => (n === at ? octet ^ 0xff : octet));
    damaged[EXCHANGE_AT] = AGGRESSIVE;
    const fragment = Uint8Array.from(whole);
    fragment[16] = FRAGMENT;
    for (const octets of [damaged, fragment])
      pair.input(pair.there, { kind: "datagram", datagram: toThere(STRANGER, octets) });
  }
  expect([pair.there.sent.length, pair.there.engine.snapshot(pair.now).ikeSas]).toEqual([0, []]);
});

describe("I40: a peer with the key says what means nothing", () => {
  const deletion = (protocol: number, ...spis: readonly Uint8Array[]): Payload => ({
    kind: "delete",
    body: Uint8Array.from([0, 0, 0, 1, protocol, spis[0]?.length ?? 4, 0, spis.length, ...spis.flatMap(e => [...e])]),
  });
  const NOBODYS = Uint8Array.of(0x5e, 0x5e, 0x5e, 0x5e);
  test.each([
    ["a deletion of an SPI of nobody's", [deletion(3, NOBODYS)]],
    ["of two hundred of them", [deletion(3, ...Array.from({ length: 200 }, () => NOBODYS))]],
    ["of an AH SA", [deletion(2, NOBODYS)]],
    ["of an IKE SA of nobody's", [deletion(1, new Uint8Array(16).fill(7))]],
    ["of an IKE SA with half a cookie", [deletion(1, new Uint8Array(8).fill(7))]],
    [
      "a notification of no type that there is",
      [{ kind: "notify", body: Uint8Array.of(0, 0, 0, 1, 1, 0, 0x4e, 0x4e) }],
    ],
  ] as [string, Payload[]][])("%s", (_, payloads) => {
    const pair = new Pair();
    const insider = new Insider(pair, pair.here);
    up(pair);
    const before = pair.there.engine.snapshot(pair.now).ikeSas.map(each => each.id);
    // Its deletion of its pair becomes something else.
    insider.changes.set(insider.sealed + 1, list => [...list.slice(0, 1), ...payloads]);
    pair.input(pair.here, { kind: "clear", what: { kind: "map", map: "map" } });
    const answers = pair.there.sent.length;
    pair.run(100);
    expect([pair.here.installed.size, pair.there.installed.size]).toEqual([0, 1]);
    expect(pair.there.engine.snapshot(pair.now).ikeSas.map(each => each.id)).toEqual(before);
    expect(pair.there.sent.length).toBe(answers);
  });
});

test("I50: of what a new active cannot know it begins one main mode at most, with a named peer, and soon", () => {
  const begun = (takesOver: boolean, remote: ReturnType<typeof ip>, afterMs: number): number => {
    const pair = new Pair();
    pair.lets = () => false;
    if (takesOver) pair.takeOver(pair.here, "failover");
    pair.run(afterMs);
    for (let number = 0; number < 100; number++) {
      const responderCookie = Uint8Array.of(number, 1, 1, 1, 1, 1, 1, 1);
      const head = { initiatorCookie: Uint8Array.of(number, 2, 2, 2, 2, 2, 2, 2), responderCookie, messageId: 0 };
      const octets = clearMessage({ ...head, exchange: "main" }, [{ kind: "nonce", body: new Uint8Array(32) }]);
      const datagram = { local: HERE, localPort: 500, remote, remotePort: 500, octets };
      pair.input(pair.here, { kind: "datagram", datagram });
    }
    return pair.here.sent.length;
  };
  expect(begun(true, THERE, 1_000)).toBe(1);
  expect(begun(true, STRANGER, 1_000)).toBe(0);
  expect(begun(true, THERE, 200_000)).toBe(0);
  expect(begun(false, THERE, 1_000)).toBe(0);
});
