/** The catalogue of attacks, as far as it concerns the machines of IKEv1; the wire's part is with its codecs. */
import { expect, test } from "vitest";
import { nodePrimitives } from "../../linux/node-primitives.ts";
import { encode } from "../wire/codec.ts";
import { HERE, ip, mirrored, negotiable, Pair, POLICY, selector, settings, THERE } from "./ike-pair.test-support.ts";
import type { IkeMessageDatagram } from "./ike-port.ts";
import { clearMessage } from "./v1/isakmp-message.ts";
import { offerPhaseOne } from "./v1/phase-one-proposals.ts";
import { saPayload } from "./v1/sa-payload-codec.ts";

const STRANGER = ip("203.0.113.66");

function up(own = settings()): Pair {
  const pair = new Pair(own);
  pair.initiate(pair.here);
  pair.run(3_000);
  expect([pair.esp(pair.here), pair.esp(pair.there)]).toEqual([true, true]);
  return pair;
}

/** A responder that takes anybody who has the key. */
function open(): Pair {
  const own = settings();
  const other = mirrored(own);
  const [one] = other.negotiables;
  return new Pair(own, { ...other, negotiables: one === undefined ? [] : [{ ...one, peers: [] }] });
}

function firstMessage(cookie: Uint8Array, policies = [POLICY]): Uint8Array {
  const head = { initiatorCookie: cookie, responderCookie: new Uint8Array(8), exchange: "main", messageId: 0 } as const;
  return clearMessage(head, [{ kind: "sa", body: encode(saPayload, offerPhaseOne(policies)) }]);
}

function from(remote: ReturnType<typeof ip>, octets: Uint8Array, local = THERE): IkeMessageDatagram {
  return { local, localPort: 500, remote, remotePort: 500, octets };
}

const cookie = (number: number): Uint8Array =>
  Uint8Array.of(1, 2, 3, 4, number >>> 24, number >>> 16, number >>> 8, number);

/** What an end holds and has sent, to be compared. */
function stateOf(pair: Pair) {
  return [pair.here, pair.there].map(end => ({
    installed: [...end.installed.keys()],
    outbound: [...end.outbound],
    ikeSas: end.engine.snapshot(pair.now).ikeSas.map(each => [each.id, each.state, each.remote, each.remotePort]),
  }));
}

test("I19: a message whose cookies belong to nothing changes nothing and is not answered", () => {
  const pair = up();
  const before = stateOf(pair);
  const sent = pair.there.sent.length;
  const [sample] = pair.here.sent.slice(-1);
  for (const at of [0, 8, 15]) {
    const octets = Uint8Array.from(sample?.octets ?? []);
    octets[at] = (octets[at] ?? 0) ^ 0xff;
    pair.input(pair.there, { kind: "datagram", datagram: from(HERE, octets) });
  }
  expect([stateOf(pair), pair.there.sent.length]).toEqual([before, sent]);
  expect(pair.there.reports.some(each => each.startsWith("%CRYPTO-4-IKMP_NO_SA: IKE message from 10.99.0.1:500"))).toBe(
    true,
  );
});

test.each([32, 5, 6, 33, 1, 3, 99])("I20, I33: exchange %i before main mode is through has no effect", kind => {
  const pair = new Pair();
  pair.lets = from_ => from_ === pair.here || pair.there.sent.length < 2;
  pair.initiate(pair.here);
  pair.run(200);
  const [view] = pair.there.engine.snapshot(pair.now).ikeSas;
  const [sample] = pair.here.sent.slice(-1);
  const octets = Uint8Array.from(sample?.octets ?? []);
  octets.set([kind, 1, 0, 0, 0, 7], 18);
  const before = pair.there.sent.length;
  pair.input(pair.there, { kind: "datagram", datagram: from(HERE, octets) });
  expect(pair.there.sent.length).toBe(before);
  expect(pair.there.engine.snapshot(pair.now).ikeSas[0]).toEqual(view);
});

test("I23, I58: a wrong preshared key proves nothing; the attempt waits for the true one and ends by itself", () => {
  const own = settings();
  const other = { ...mirrored(own), keys: own.keys.map(each => ({ ...each, key: "another secret" })) };
  const pair = new Pair(own, other);
  pair.initiate(pair.here);
  pair.run(5_000);
  expect([pair.here.installed.size, pair.there.installed.size, pair.there.records.size]).toEqual([0, 0, 1]);
  const said = pair.there.reports.filter(each => each.includes("IKMP_MODE_FAILURE"));
  expect(said.length).toBe(1);
  expect(said[0]).toMatch(
    /^%CRYPTO-6-IKMP_MODE_FAILURE: Processing of Main mode failed with peer at 10.99.0.1:500: .*keys may differ$/,
  );
  pair.run(120_000);
  for (const end of [pair.here, pair.there]) {
    expect(end.engine.snapshot(pair.now).ikeSas).toEqual([]);
    expect(end.records.size).toBe(0);
  }
});

test("I23: our own messages come back from a mirror and prove nothing", () => {
  const pair = new Pair();
  pair.lets = (end, datagram) => {
    const { local, localPort, remote, remotePort, octets } = datagram;
    const mirrored_ = { local: remote, localPort: remotePort, remote: local, remotePort: localPort, octets };
    pair.later(20, () => pair.deliver(end, mirrored_));
    return false;
  };
  pair.initiate(pair.here);
  pair.run(60_000);
  expect([pair.here.installed.size, pair.here.records.size]).toEqual([0, 0]);
});

test("I23: a mirror cannot answer for a dead peer", () => {
  const pair = up(settings({ keepalive: { seconds: 10, retrySeconds: 2, mode: "periodic" } }));
  pair.lets = (end, { local, localPort, remote, remotePort, octets }) => {
    pair.later(20, () =>
      pair.deliver(end, { local: remote, localPort: remotePort, remote: local, remotePort: localPort, octets }),
    );
    return false;
  };
  pair.run(60_000);
  expect(pair.here.installed.size).toBe(0);
  expect(pair.here.engine.snapshot(pair.now).counters.deadPeers).toBe(1);
});

test("I30: aggressive mode gets no answer and leaves nothing, however often it is tried", () => {
  const pair = open();
  for (let number = 0; number < 50; number++) {
    const octets = firstMessage(cookie(number));
    octets[18] = 4;
    pair.input(pair.there, { kind: "datagram", datagram: from(STRANGER, octets) });
  }
  expect([pair.there.sent.length, pair.there.engine.snapshot(pair.now).halfOpen]).toEqual([0, 0]);
  expect(pair.there.reports).toEqual([
    "%CRYPTO-5-IKMP_AG_MODE_DISABLED: Unable to initiate or respond to Aggressive Mode while disabled: " +
      "203.0.113.66:500 asked for it",
  ]);
});

test("I31: a first message that is repeated gets the same answer, once a second at most, and hardly larger", () => {
  const pair = open();
  const octets = firstMessage(cookie(1));
  for (let ms = 0; ms < 5_000; ms += 10) {
    pair.input(pair.there, { kind: "datagram", datagram: from(STRANGER, octets) });
    pair.run(10);
  }
  const answers = pair.there.sent.map(each => Buffer.from(each.octets).toString("hex"));
  expect(answers.length).toBeLessThanOrEqual(5);
  expect(answers.length).toBeGreaterThan(1);
  expect(new Set(answers).size).toBe(1);
  for (const each of pair.there.sent) expect(each.octets.length).toBeLessThanOrEqual(octets.length * 1.5);
});

test("I32, I50: what is said in clear about an SA has no effect, whatever it says", () => {
  const pair = up();
  const before = stateOf(pair);
  const sent = pair.there.sent.length;
  const [view] = pair.here.engine.snapshot(pair.now).ikeSas;
  const head = {
    initiatorCookie: Uint8Array.from(Buffer.from(view?.cookies.initiator ?? "", "hex")),
    responderCookie: Uint8Array.from(Buffer.from(view?.cookies.responder ?? "", "hex")),
    exchange: "informational",
    messageId: 77,
  } as const;
  const spis = [...pair.here.installed.keys(), ...pair.there.installed.keys()].map(spi =>
    Buffer.from(spi.toString(16).padStart(8, "0"), "hex"),
  );
  const deletion = Uint8Array.from([0, 0, 0, 1, 3, 4, 0, spis.length, ...Buffer.concat(spis)]);
  const invalidSpi = Uint8Array.from([0, 0, 0, 1, 3, 4, 0, 11, ...(spis[0] ?? [])]);
  for (let number = 0; number < 200; number++) {
    for (const payload of [
      { kind: "delete", body: deletion },
      { kind: "notify", body: invalidSpi },
    ] as const)
      pair.input(pair.there, {
        kind: "datagram",
        datagram: from(HERE, clearMessage({ ...head, messageId: number }, [payload])),
      });
  }
  expect(stateOf(pair)).toEqual(before);
  expect(pair.there.sent.length).toBe(sent);
  expect(pair.there.reports.filter(each => each.includes("IKMP_NOT_ENCRYPTED")).length).toBe(1);
});

test("I32: a deletion that comes twice, and a question that comes twice, do nothing the second time", () => {
  const pair = up(settings({ keepalive: { seconds: 10, retrySeconds: 2, mode: "periodic" } }));
  pair.run(11_000);
  const question = pair.here.sent.at(-2);
  const answers = pair.there.sent.length;
  for (let number = 0; number < 20; number++) if (question) pair.deliver(pair.there, question);
  expect(pair.there.sent.length).toBe(answers);
  const [spi] = pair.here.installed.keys();
  pair.input(pair.here, { kind: "clear", what: { kind: "child", spi: spi ?? 0 } });
  const deletion = pair.here.sent.at(-1);
  pair.run(100);
  pair.initiate(pair.here);
  pair.run(1_000);
  const before = stateOf(pair);
  if (deletion) pair.deliver(pair.there, deletion);
  expect(stateOf(pair)).toEqual(before);
});

test("I33, I41: a quick mode that comes again changes nothing, nor does one with other octets under its id", () => {
  const pair = up();
  const first = pair.here.sent.find(each => each.octets[18] === 32);
  const before = stateOf(pair);
  const sent = pair.there.sent.length;
  if (first === undefined) throw new Error("no quick mode was sent");
  const changed = Uint8Array.from(first.octets);
  changed[40] = (changed[40] ?? 0) ^ 1;
  pair.deliver(pair.there, { ...first, octets: changed });
  pair.deliver(pair.there, first);
  pair.run(120_000);
  pair.deliver(pair.there, first);
  expect([stateOf(pair), pair.there.sent.length]).toEqual([before, sent]);
});

test("I35: unknown vendor IDs are ignored", () => {
  const pair = open();
  const head = {
    initiatorCookie: cookie(1),
    responderCookie: new Uint8Array(8),
    exchange: "main",
    messageId: 0,
  } as const;
  const vendors = Array.from(
    { length: 19 },
    (_, at) => ({ kind: "vendor", body: Uint8Array.from({ length: at }, () => at) }) as const,
  );
  const octets = clearMessage(head, [{ kind: "sa", body: encode(saPayload, offerPhaseOne([POLICY])) }, ...vendors]);
  pair.input(pair.there, { kind: "datagram", datagram: from(STRANGER, octets) });
  expect(pair.there.sent.length).toBe(1);
});

/** Ten times as many as may be half open; `./test` sends ten times that. */
const FLOOD = Number(process.env.FUZZ_RUNS ?? 10_000);

test(`I43: ${FLOOD} first messages from everywhere, then from one: bounded, and a peer connects meanwhile`, () => {
  const pair = open();
  up_(pair);
  const tunnel = [...pair.there.installed.keys()];
  let most = 0;
  // Who floods under other names does not hear what it is told.
  pair.lets = () => false;
  const octets = firstMessage(cookie(0));
  const sources = Array.from({ length: 65_536 }, (_, number) => ip(`198.18.${number >>> 8}.${number & 255}`));
  for (let number = 0; number < FLOOD; number++) {
    const source = number >= FLOOD / 2 ? STRANGER : (sources[number] ?? STRANGER);
    octets.set(cookie(number));
    pair.there.sent.length = 0;
    pair.input(pair.there, { kind: "datagram", datagram: from(source, octets) });
    if (number % 1_000 === 0) most = Math.max(most, pair.there.engine.snapshot(pair.now).halfOpen);
  }
  pair.lets = () => true;
  expect(most).toBeLessThanOrEqual(1_000);
  expect([...pair.there.installed.keys()]).toEqual(tunnel);
  expect([pair.esp(pair.here), pair.esp(pair.there)]).toEqual([true, true]);
  expect(pair.there.reports.length).toBeLessThan(20);
  pair.input(pair.here, { kind: "clear", what: { kind: "all" } });
  up_(pair);
  // Not a bound: a busy machine takes its time for so many messages.
}, 300_000);

function up_(pair: Pair): void {
  pair.initiate(pair.here);
  pair.run(3_000);
  expect([pair.esp(pair.here), pair.esp(pair.there)]).toEqual([true, true]);
}

test("I43: one source has five negotiations half open, and a peer that is named still connects", () => {
  const pair = new Pair();
  pair.lets = () => false;
  for (let number = 0; number < 1_000; number++) {
    pair.input(pair.there, { kind: "datagram", datagram: from(HERE, firstMessage(cookie(number))) });
    expect(pair.there.engine.snapshot(pair.now).halfOpen).toBeLessThanOrEqual(5);
  }
  pair.lets = () => true;
  up_(pair);
});

test("I43: a host without a key gets no answer and no state", () => {
  const own = settings({ keys: [{ key: "k", address: THERE, mask: undefined, noXauth: true }] });
  const other = { ...mirrored(own), keys: [{ key: "k", address: HERE, mask: undefined, noXauth: true }] };
  const [one] = other.negotiables;
  const pair = new Pair(own, { ...other, negotiables: one === undefined ? [] : [{ ...one, peers: [] }] });
  for (let number = 0; number < 1_000; number++)
    pair.input(pair.there, { kind: "datagram", datagram: from(STRANGER, firstMessage(cookie(number))) });
  expect([pair.there.sent.length, pair.there.engine.snapshot(pair.now).halfOpen]).toEqual([0, 0]);
  expect(pair.there.reports).toEqual([
    "%CRYPTO-4-IKMP_NO_PRESHARED_KEY: Pre-shared key for remote peer at 203.0.113.66 is missing",
  ]);
});

test("I46: a forged refusal in clear ends nothing", () => {
  const pair = new Pair();
  pair.lets = (end, datagram) => {
    if (end === pair.here && datagram.octets[18] === 2) {
      const head = {
        initiatorCookie: datagram.octets.subarray(0, 8),
        responderCookie: cookie(9),
        exchange: "informational",
        messageId: 0,
      } as const;
      const octets = clearMessage(head, [{ kind: "notify", body: Uint8Array.of(0, 0, 0, 1, 1, 0, 0, 14) }]);
      pair.later(1, () => pair.input(pair.here, { kind: "datagram", datagram: from(THERE, octets, HERE) }));
    }
    return true;
  };
  up_(pair);
});

test("I46: an answer with what was not offered is not taken", () => {
  const own = settings({ policies: [{ ...POLICY, keyBits: 256 }] });
  const pair = new Pair(own, { ...mirrored(own), policies: [POLICY] });
  const forged = clearMessage(
    { initiatorCookie: cookie(0), responderCookie: cookie(5), exchange: "main", messageId: 0 },
    [{ kind: "sa", body: encode(saPayload, offerPhaseOne([{ ...POLICY, keyBits: 128, group: 14 }])) }],
  );
  pair.initiate(pair.here);
  forged.set(pair.here.sent[0]?.octets.subarray(0, 8) ?? []);
  pair.input(pair.here, { kind: "datagram", datagram: from(THERE, forged, HERE) });
  pair.run(1_000);
  expect(pair.here.engine.snapshot(pair.now).ikeSas[0]?.state).toBe("MM_NO_STATE");
  expect(pair.there.reports[0]).toMatch(
    /^%CRYPTO-6-IKMP_NO_PROPOSAL: No proposal of 10.99.0.1:500 is acceptable: .* among aes 256 sha256 group 19/,
  );
});

test("I47: nobody moves an SA by a message that proves nothing, nor by one that was heard before", () => {
  const pair = up(settings({ udpEncapsulation: "always" }));
  const before = stateOf(pair);
  for (const each of pair.here.sent) {
    const { octets } = each;
    pair.input(pair.there, {
      kind: "datagram",
      datagram: { local: THERE, localPort: 4500, remote: STRANGER, remotePort: 9, octets },
    });
    const garbled = Uint8Array.from(octets, (octet, at) => (at > 30 ? octet ^ 1 : octet));
    pair.input(pair.there, {
      kind: "datagram",
      datagram: { local: THERE, localPort: 4500, remote: HERE, remotePort: 9, octets: garbled },
    });
  }
  expect(stateOf(pair)).toEqual(before);
});

test("I48: INITIAL-CONTACT ends what the same peer had, and nothing of anybody else's", () => {
  const pair = open();
  up_(pair);
  const third = up(settings());
  // The third end comes from an address of its own, calls itself what it likes, and says INITIAL-CONTACT.
  const installed = [...pair.there.installed.keys()];
  expect(third.here.installed.size).toBe(1);
  pair.here.engine = pair.here.newEngine();
  pair.here.installed.clear();
  pair.here.outbound.clear();
  pair.here.engine.handle({ kind: "configure", settings: pair.here.settings }, pair.now);
  pair.here.engine.handle({ kind: "role", owner: "plain", role: "active", how: "start" }, pair.now);
  up_(pair);
  expect(pair.there.installed.size).toBe(1);
  expect([...pair.there.installed.keys()]).not.toEqual(installed);
});

test("I53, I54: a peer with the key gets what its permit says and no more, and its refusal names both", () => {
  const own = settings({ negotiables: [negotiable({ selector: selector("10.0.0.0/8", "172.16.0.0/16") })] });
  const pair = new Pair(own, mirrored(settings()));
  pair.initiate(pair.here);
  pair.run(3_000);
  expect([pair.here.installed.size, pair.there.installed.size]).toEqual([0, 0]);
  expect(pair.there.reports).toEqual([
    "%CRYPTO-4-IPSEC_PROXY_MISMATCH: proxy identities not supported: 10.99.0.1:500 asked for local " +
      "172.16.0.0-172.16.255.255/0/0 remote 10.0.0.0-10.255.255.255/0/0: proxy identities not supported",
  ]);
  expect(pair.here.reports.at(-1)).toMatch(
    /^%CRYPTO-6-IKMP_MODE_FAILURE: .*the peer refuses: INVALID-ID-INFORMATION \(18\)/,
  );
  expect(pair.there.engine.snapshot(pair.now).ikeSas[0]?.state).toBe("QM_IDLE");
});

test("I55: a computation that fails ends one exchange and nothing else", () => {
  const pair = up(settings({ negotiables: [negotiable({ pfsGroup: 19 })] }));
  const [spi] = pair.here.installed.keys();
  const carryOut = pair.carryOut.bind(pair);
  pair.carryOut = (end, decisions) => {
    for (const { effects } of decisions)
      for (const each of effects)
        if (each.do === "compute")
          pair.later(5, () =>
            pair.input(end, {
              kind: "computed",
              id: each.id,
              result: { kind: "failed", because: "the queue is full" },
            }),
          );
    carryOut(
      end,
      decisions.map(each => ({ ...each, effects: each.effects.filter(one => one.do !== "compute") })),
    );
  };
  pair.input(pair.here, { kind: "child", spi: spi ?? 0, event: { kind: "soft-limit" } });
  pair.run(5_000);
  expect([pair.esp(pair.here), pair.esp(pair.there)]).toEqual([true, true]);
  pair.carryOut = carryOut;
  pair.run(20_000);
  expect(pair.here.outbound.get("map 10")).not.toBe(spi);
});

test("I56: the key goes while an attempt is under way: it ends cleanly, and says why", () => {
  const pair = new Pair();
  pair.lets = from_ => from_ === pair.here || pair.there.sent.length < 2;
  pair.initiate(pair.here);
  pair.run(100);
  pair.lets = () => true;
  pair.input(pair.here, { kind: "configure", settings: settings({ keys: [] }) });
  pair.run(120_000);
  expect([pair.here.installed.size, pair.here.engine.snapshot(pair.now).ikeSas.length]).toEqual([0, 0]);
});

test("I24: what a peer calls itself is shown escaped, and is no other peer", () => {
  const own = settings({ identity: "hostname", hostname: 'evil\u001b[2J\n%FAKE-0-X: $(reboot) %s"' });
  const pair = new Pair(own, mirrored(settings()));
  pair.initiate(pair.here);
  pair.run(3_000);
  const shown = pair.there.engine.snapshot(pair.now).ikeSas[0]?.peerIdentity ?? "";
  expect(shown).not.toMatch(/\p{Cc}/u);
  expect(pair.there.installed.size).toBe(1);
  for (const each of pair.there.reports) expect(each).not.toMatch(/\p{Cc}/u);
});

test("a flood of garbage costs a header's look each, and changes nothing", () => {
  const pair = up();
  const before = stateOf(pair);
  const sent = pair.there.sent.length;
  for (let number = 0; number < 20_000; number++) {
    const octets = nodePrimitives.random(28 + (number % 300));
    pair.input(pair.there, { kind: "datagram", datagram: from(STRANGER, octets) });
  }
  expect([stateOf(pair), pair.there.sent.length]).toEqual([before, sent]);
});
