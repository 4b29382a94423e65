/** What is believed of the peer, and for how long. */
import { beforeEach, describe, expect, test } from "vitest";
import type { Beacon } from "./beacon-codec.ts";
import { GatePeer } from "./gate-peer.ts";
import { ip, primitives } from "./toy-network.test-support.ts";

const HOLD = 750;
const octets = (value: number, length = 8): Uint8Array => new Uint8Array(length).fill(value);
const OWN = octets(1);
const way = { path: true, interface: "sync" };

function said(more: Partial<Beacon> = {}): Beacon {
  return {
    kind: "beacon",
    scheme: octets(9),
    boot: octets(2),
    sequence: 10,
    epoch: 1,
    state: "active",
    flags: { hot: false, healthy: true, preempt: false, deaf: false },
    priority: 100,
    holdMs: HOLD,
    address: ip("10.0.0.2"),
    nonce: octets(0),
    token: octets(0, 32),
    extensions: [],
    seal: octets(0, 16),
    ...more,
  };
}

let peer: GatePeer;
beforeEach(() => {
  peer = new GatePeer(primitives(), OWN);
});

function introduce(now: number, more: Partial<Beacon> = {}): void {
  peer.hear(said({ kind: "answer", nonce: peer.renewNonce(now), ...more }), way, HOLD, now);
}

describe("a life", () => {
  test("counts once it answered our nonce, and not before", () => {
    expect(peer.hear(said(), way, HOLD, 0)).toEqual({ kind: "unknown" });
    const nonce = peer.nonce(0);
    expect(peer.hear(said({ kind: "answer", nonce: octets(3) }), way, HOLD, 0)).toEqual({ kind: "unknown" });
    // Only an answer answers.
    expect(peer.hear(said({ kind: "ask", nonce }), way, HOLD, 0)).toEqual({ kind: "unknown" });
    const heard = peer.hear(said({ kind: "answer", nonce }), way, HOLD, 0);
    expect(heard).toEqual({ kind: "word", before: undefined, reborn: false, answer: true });
    expect(peer.hear(said({ sequence: 11 }), way, HOLD, 1)).toMatchObject({ kind: "word", before: "active" });
  });

  test("that follows another is reborn, unless it is another member", () => {
    introduce(0);
    const nonce = peer.renewNonce(5);
    const reborn = said({ kind: "answer", boot: octets(4), nonce, sequence: 1, state: "standby" });
    const other = { ...reborn, address: ip("10.0.0.3") };
    expect(peer.hear(other, way, HOLD, 5)).toEqual({ kind: "refused", because: "third-member" });
    expect(peer.hear(reborn, way, HOLD, 5)).toMatchObject({ kind: "word", before: "active", reborn: true });
    // The old life is unknown again, and so is its answer to the nonce that the new one answered.
    expect(peer.hear(said({ sequence: 50 }), way, HOLD, 6)).toEqual({ kind: "unknown" });
    expect(peer.hear(said({ kind: "answer", nonce, sequence: 51 }), way, HOLD, 6)).toEqual({ kind: "unknown" });
  });

  test("an answer is fresh for a second", () => {
    const nonce = peer.nonce(0);
    expect(peer.nonce(999)).toEqual(nonce);
    expect(peer.hear(said({ kind: "answer", nonce }), way, HOLD, 1_000)).toEqual({ kind: "unknown" });
    expect(peer.nonce(1_000)).not.toEqual(nonce);
  });

  test("our own, come back, is a loop", () => {
    expect(peer.hear(said({ boot: OWN }), way, HOLD, 0)).toEqual({ kind: "refused", because: "loop" });
  });
});

describe("sequence", () => {
  test("rises; what came by another path is a copy, what never came is stale", () => {
    introduce(0, { sequence: 10 });
    peer.hear(said({ sequence: 20 }), way, HOLD, 1);
    expect(peer.hear(said({ sequence: 20 }), { path: true, interface: "outside" }, HOLD, 1)).toEqual({ kind: "copy" });
    expect(peer.hear(said({ sequence: 10 }), way, HOLD, 2)).toEqual({ kind: "copy" });
    expect(peer.hear(said({ sequence: 15 }), way, HOLD, 2)).toEqual({ kind: "refused", because: "stale" });
    expect(peer.channelsSince(0)).toBe(2);
  });

  test("a copy is remembered for 64 words", () => {
    introduce(0, { sequence: 0 });
    for (let sequence = 1; sequence <= 64; sequence++) peer.hear(said({ sequence }), way, HOLD, sequence);
    expect(peer.hear(said({ sequence: 1 }), way, HOLD, 70)).toEqual({ kind: "copy" });
    expect(peer.hear(said({ sequence: 0 }), way, HOLD, 70)).toEqual({ kind: "refused", because: "stale" });
  });

  test("a stale word and a copy are no sign of life", () => {
    introduce(0);
    peer.hear(said({ sequence: 5 }), way, HOLD, 500);
    peer.hear(said({ sequence: 10 }), way, HOLD, 500);
    expect(peer.isHeard(HOLD, 749)).toBe(true);
    expect(peer.isHeard(HOLD, 750)).toBe(false);
  });
});

describe("suspicion", () => {
  test("after one hold time without hellos, after three with them", () => {
    introduce(0);
    expect(peer.suspectAt(HOLD)).toBe(HOLD);
    peer.hello(ip("10.0.0.2"), "outside", 500);
    expect(peer.suspectAt(HOLD)).toBe(500 + HOLD);
    peer.hello(ip("10.0.0.2"), "outside", 5_000);
    expect(peer.suspectAt(HOLD)).toBe(3 * HOLD);
  });

  test("hellos of others do not count; nor is there any of a peer that owns nothing", () => {
    introduce(0);
    peer.hello(ip("10.0.0.66"), "outside", 500);
    expect(peer.suspectAt(HOLD)).toBe(HOLD);
    peer.hear(said({ sequence: 20, state: "standby" }), way, HOLD, 600);
    expect(peer.suspectAt(HOLD)).toBeUndefined();
  });

  test("beacons under another key keep its hellos believed", () => {
    introduce(0);
    peer.hello(ip("10.0.0.2"), "outside", 5_000);
    peer.badSeal(4_000);
    expect(peer.suspectAt(HOLD)).toBe(5_000 + HOLD);
  });

  test("the dead have ghosts, the living and those with another key have none", () => {
    introduce(0);
    expect(peer.isGhost(ip("10.0.0.2"), HOLD, 0)).toBe(false);
    peer.bury();
    expect(peer.isGhost(ip("10.0.0.2"), HOLD, 0)).toBe(true);
    expect(peer.isGhost(ip("10.0.0.66"), HOLD, 0)).toBe(false);
    peer.badSeal(0);
    expect(peer.isGhost(ip("10.0.0.2"), HOLD, 1)).toBe(false);
    peer.hear(said({ sequence: 20 }), way, HOLD, 9_000);
    expect(peer.isGhost(ip("10.0.0.2"), HOLD, 9_000)).toBe(false);
  });

  test("deaf when no path brought anything for half a hold time, whatever the segment brought", () => {
    introduce(0);
    expect(peer.isDeaf(HOLD, HOLD / 2 - 1)).toBe(false);
    peer.hear(said({ sequence: 20 }), { path: false, interface: "outside" }, HOLD, HOLD / 2 - 1);
    expect(peer.isDeaf(HOLD, HOLD / 2)).toBe(true);
  });
});

describe("the will", () => {
  const token = octets(5, 32);
  const hash = primitives().hash("sha256", token);

  test("is known by the hash that its life announced, and ends that life", () => {
    introduce(0, { token: hash });
    expect(peer.isWill(said({ kind: "will", token: octets(6, 32) }))).toBe(false);
    expect(peer.isWill(said({ kind: "will", token, boot: octets(4) }))).toBe(false);
    expect(peer.isWill(said({ kind: "will", token }))).toBe(true);
    peer.end();
    expect(peer.owns).toBe(false);
    expect(peer.hear(said({ sequence: 1_000 }), way, HOLD, 1)).toEqual({ kind: "refused", because: "stale" });
  });

  test("of one that announced none is none", () => {
    introduce(0);
    expect(peer.isWill(said({ kind: "will", token: octets(0, 32) }))).toBe(false);
  });
});

test("words are kept as copies, not as views of a packet", () => {
  const packet = octets(7, 40);
  introduce(0, { token: packet.subarray(0, 32) });
  packet.fill(0);
  expect(peer.word?.token).toEqual(octets(7, 32));
});
