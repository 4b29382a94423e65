/**
 * The catalogue of attacks, third part: peers that have the key and ask for work (I44), peers that let us begin again
 * and again (I45), and octets that nobody wrote (I57).
 */
import { describe, expect, test } from "vitest";
import { computeDiffieHellman } from "../../linux/diffie-hellman.ts";
import { nodePrimitives } from "../../linux/node-primitives.ts";
import type { Primitives } from "../crypto/primitives.ts";
import { encode } from "../wire/codec.ts";
import { IkeEngine } from "./engine.ts";
import { type End, ip, mirrored, negotiable, OWNER, Pair, POLICY, settings, THERE } from "./ike-pair.test-support.ts";
import type { IkeEffect, IkeMessageDatagram } from "./ike-port.ts";
import { clearMessage } from "./v1/isakmp-message.ts";
import { offerPhaseOne } from "./v1/phase-one-proposals.ts";
import { saPayload } from "./v1/sa-payload-codec.ts";

const EXCHANGE_AT = 18;
const MAIN = 2;

function up(pair: Pair): Pair {
  pair.initiate(pair.here);
  pair.run(3_000);
  expect([pair.esp(pair.here), pair.esp(pair.there)]).toEqual([true, true]);
  return pair;
}

describe("I44: a thousand peers a second, each of which makes us compute", () => {
  const generated = computeDiffieHellman({ kind: "dh-generate", group: POLICY.group });
  const publicValue = generated.kind === "generated" ? generated.publicValue : new Uint8Array(0);
  const offer = { kind: "sa", body: encode(saPayload, offerPhaseOne([POLICY])) } as const;

  /** Main mode up to message 3, from a source of its own. Returns how many computations it asked for. */
  function honest(pair: Pair, number: number): number {
    const remote = ip(`198.18.${number >>> 8}.${number & 255}`);
    const head = {
      initiatorCookie: Uint8Array.of(1, 1, 1, 1, 0, 0, number >>> 8, number & 255),
      messageId: 0,
    } as const;
    const send = (octets: Uint8Array): IkeEffect[] => {
      const datagram = { local: THERE, localPort: 500, remote, remotePort: 500, octets };
      return pair.there.engine.handle({ kind: "datagram", datagram }, pair.now).flatMap(each => each.effects);
    };
    const first = clearMessage({ ...head, exchange: "main", responderCookie: new Uint8Array(8) }, [offer]);
    const [answer] = send(first).flatMap(each => (each.do === "transmit" ? [each.datagram.octets] : []));
    const responderCookie = answer?.subarray(8, 16) ?? new Uint8Array(8);
    const payloads = [{ kind: "ke", body: publicValue } as const, { kind: "nonce", body: new Uint8Array(32) } as const];
    const asked = send(clearMessage({ ...head, exchange: "main", responderCookie }, payloads));
    return asked.filter(each => each.do === "compute").length;
  }

  test("nothing is computed while a message is handled, and a tunnel is renewed meanwhile without loss", () => {
    const own = settings({ negotiables: [negotiable({ pfsGroup: 19 })] });
    const other = mirrored(own);
    const taking = [...other.negotiables, ...other.negotiables.map(each => ({ ...each, traffic: "any 1", peers: [] }))];
    const pair = up(new Pair(own, { ...other, negotiables: taking }));
    const [spi] = pair.here.installed.keys();
    let [computations, lost] = [0, 0];
    for (let number = 0; number < 1_000; number++) {
      computations += honest(pair, number);
      if (number === 500) pair.input(pair.here, { kind: "child", spi: spi ?? 0, event: { kind: "soft-limit" } });
      if (number % 5 !== 0) continue;
      pair.run(5);
      for (const end of [pair.here, pair.there]) if (!pair.esp(end)) lost += 1;
    }
    // Who would have more than a few half open while there are many is told to wait; each that goes on is handed out.
    expect(computations).toBe(1_000);
    pair.run(1_000);
    expect([lost, pair.esp(pair.here), pair.esp(pair.there)]).toEqual([0, true, true]);
    expect(pair.here.outbound.get("map 10")).not.toBe(spi);
  });
});

describe("I45: a responder that sends us round and round", () => {
  /** First messages of main mode that "here" sent, repetitions apart. */
  const begun = ({ here }: Pair): number =>
    new Set(
      here.sent
        .filter(({ octets }) => octets[EXCHANGE_AT] === MAIN && octets.subarray(8, 16).every(octet => octet === 0))
        .map(({ octets }) => Buffer.from(octets.subarray(0, 8)).toString("hex")),
    ).size;
  const quickModes = ({ here }: Pair): number =>
    new Set(
      here.sent
        .filter(({ octets }) => octets[EXCHANGE_AT] === 32)
        .map(({ octets }) => Buffer.from(octets.subarray(20, 24)).toString("hex")),
    ).size;

  test("refuses every quick mode", () => {
    const other = mirrored(settings());
    const wrong = other.negotiables.map(each => ({ ...each, proposals: [] }));
    const pair = new Pair(settings(), { ...other, negotiables: wrong });
    pair.initiate(pair.here);
    pair.run(600_000);
    expect([begun(pair), quickModes(pair), pair.here.installed.size]).toEqual([1, 1, 0]);
  });

  test.each(["ike", "all"] as const)("deletes what was made as soon as it is there (%s)", kind => {
    const pair = new Pair();
    let deletions = 0;
    pair.watch = (end, effect) => {
      const made = end === pair.there && effect.do === (kind === "ike" ? "checkpoint" : "enable-outbound");
      if (!made) return;
      deletions += 1;
      pair.later(kind === "ike" ? 11 : 25, () =>
        pair.input(pair.there, { kind: "clear", what: kind === "ike" ? { kind, id: undefined } : { kind } }),
      );
    };
    pair.initiate(pair.here);
    pair.run(600_000);
    expect(deletions).toBeGreaterThan(0);
    expect(begun(pair)).toBeLessThanOrEqual(3);
    expect(quickModes(pair)).toBeLessThanOrEqual(3);
  });

  test("refuses in clear, whatever comes", () => {
    const pair = new Pair();
    pair.lets = (from, datagram) => {
      if (from === pair.there) return false;
      const initiatorCookie = datagram.octets.subarray(0, 8);
      const head = { initiatorCookie, responderCookie: new Uint8Array(8).fill(5), exchange: "informational" } as const;
      for (const type of [4, 14, 17, 24]) {
        const payload = { kind: "notify", body: Uint8Array.of(0, 0, 0, 1, 1, 0, 0, type) } as const;
        const octets = clearMessage({ ...head, messageId: 0 }, [payload]);
        pair.later(1, () => pair.deliver(pair.here, { ...datagram, octets } as IkeMessageDatagram));
      }
      return false;
    };
    pair.initiate(pair.here);
    pair.run(600_000);
    expect(begun(pair)).toBe(1);
    expect(pair.here.engine.snapshot(pair.now).ikeSas).toEqual([]);
  });
});

describe("I57: every octet that leaves was written", () => {
  const POISON = 0xdb;
  /** The same octets in the middle of memory that nobody may see. */
  const poisoned = (octets: Uint8Array): Uint8Array => {
    const memory = new Uint8Array(octets.length + 256).fill(POISON);
    memory.set(octets, 128);
    return memory.subarray(128, 128 + octets.length);
  };
  const plain: Uint8Array[] = [];
  const { hash, hmac, aesCbc, random } = nodePrimitives;
  const primitives: Primitives = {
    ...nodePrimitives,
    hash: (...given) => poisoned(hash(...given)),
    hmac: (...given) => poisoned(hmac(...given)),
    random: count => poisoned(random(count)),
    aesCbc: {
      encrypt: (key, iv, text) => {
        plain.push(Uint8Array.from(text));
        return poisoned(aesCbc.encrypt(key, iv, text));
      },
      decrypt: (key, iv, sealed) => poisoned(aesCbc.decrypt(key, iv, sealed)),
    },
  };
  const isPoisoned = (octets: Uint8Array): boolean => Buffer.from(octets).includes(Buffer.alloc(3, POISON));

  function engineOf(end: End): void {
    end.engine = new IkeEngine({
      primitives,
      facts: { usage: spi => end.usage.get(spi), edgeToldMs: () => 0 },
      jitter: () => 0.5,
    });
    end.engine.handle({ kind: "configure", settings: end.settings }, 0);
    end.engine.handle({ kind: "role", owner: OWNER, role: "active", how: "start" }, 0);
  }

  test("in main mode, quick mode, questions, renewals and deletions, and in what the standby is given", () => {
    const keepalive = { seconds: 10, retrySeconds: 2, mode: "periodic" } as const;
    const pair = new Pair(settings({ keepalive, negotiables: [negotiable({ pfsGroup: 19 })] }));
    const kept: Uint8Array[] = [];
    pair.watch = (_, effect) => {
      if (effect.do === "checkpoint" && effect.octets !== undefined) kept.push(effect.octets);
    };
    for (const end of [pair.here, pair.there]) engineOf(end);
    const deliver = pair.deliver.bind(pair);
    pair.deliver = (to, datagram) => deliver(to, { ...datagram, octets: poisoned(datagram.octets) });
    up(pair);
    const [spi] = pair.here.installed.keys();
    pair.input(pair.here, { kind: "child", spi: spi ?? 0, event: { kind: "soft-limit" } });
    pair.run(40_000);
    pair.input(pair.there, { kind: "clear", what: { kind: "all" } });
    pair.run(1_000);
    const sent = [...pair.here.sent, ...pair.there.sent].map(each => each.octets);
    expect([sent.length > 20, plain.length > 10, kept.length > 10]).toEqual([true, true, true]);
    for (const octets of sent) {
      const view = new DataView(octets.buffer, octets.byteOffset, octets.length);
      expect(view.getUint32(24)).toBe(octets.length);
    }
    for (const octets of [...sent, ...plain, ...kept]) expect(isPoisoned(octets)).toBe(false);
    expect(isPoisoned(new Uint8Array(poisoned(sent[0] ?? new Uint8Array(1)).buffer))).toBe(true);
  });
});
