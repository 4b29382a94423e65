/** What is said in which order, and to whom. */
import { expect, test } from "vitest";
import { WireError } from "../errors.ts";
import type { Ipv4 } from "../wire/address.ts";
import { readBeacon } from "./beacon-seal.ts";
import { GateVoice, type Saying } from "./gate-voice.ts";
import type { LivenessEffect } from "./liveness-port.ts";
import { ip, primitives } from "./toy-network.test-support.ts";

const path = {
  local: ip("192.168.0.1") as Ipv4,
  remote: ip("192.168.0.2") as Ipv4,
  localPort: 1,
  remotePort: 2,
  interface: "sync",
};
const scheme = { name: "tunnels", paths: [path], key: new Uint8Array(32), storedEpoch: 0, drainMs: 0, holdDownMs: 0 };
const saying: Saying = {
  epoch: 1,
  state: "active",
  flags: { hot: false, healthy: true, preempt: false, deaf: false },
  priority: 100,
  holdMs: 750,
  address: ip("10.0.0.1"),
};

function voiceTo(effects: LivenessEffect[]): GateVoice {
  const emit = (effect: LivenessEffect): number => effects.push(effect);
  const voice = new GateVoice(scheme, { primitives: primitives(), emit, boot: new Uint8Array(8).fill(1) });
  voice.configure(scheme, ["outside", "inside"]);
  return voice;
}

const sequences = (effect: LivenessEffect | undefined): number[] => {
  const all = effect?.do === "beacons" ? effect.octets : effect?.do === "beacon" ? [effect.octets] : [];
  return all.map(octets => {
    const said = readBeacon(octets);
    if (said instanceof WireError) throw said;
    return said.sequence;
  });
};

test("what is said between two beacons of the ring lies between them", () => {
  const effects: LivenessEffect[] = [];
  const voice = voiceTo(effects);
  voice.keepSaying(saying, false, "tunnels", 1_000);
  voice.say("ask", saying, 1_100);
  const ring = sequences(effects[0]);
  const [ask = 0] = sequences(effects[1]);
  expect(ring).toHaveLength(32);
  // Every 75 ms: the second is for 1,075 ms, the third for 1,150 ms.
  expect([(ring[1] ?? 0) < ask, ask < (ring[2] ?? 0)]).toEqual([true, true]);
});

test("numbers rise though the clock does not", () => {
  const effects: LivenessEffect[] = [];
  const voice = voiceTo(effects);
  for (let times = 0; times < 3; times++) voice.say("ask", saying, 1_000);
  const said = [...new Set(effects.flatMap(sequences))];
  expect(said).toEqual([1_000_000, 1_000_001, 1_000_002]);
});

test("the ring stands until half of it is gone, or what it says is not so any more", () => {
  const effects: LivenessEffect[] = [];
  const voice = voiceTo(effects);
  const rings = (): number => effects.splice(0).filter(each => each.do === "beacons").length;
  voice.keepSaying(saying, false, "tunnels", 0);
  voice.keepSaying(saying, false, "tunnels", 1_199);
  expect([rings(), voice.refillAt]).toEqual([1, 1_200]);
  voice.keepSaying(saying, false, "tunnels", 1_200);
  voice.keepSaying({ ...saying, priority: 90 }, false, "tunnels", 1_201);
  voice.keepSaying({ ...saying, priority: 90 }, true, "tunnels", 1_202);
  expect(rings()).toBe(3);
});

test("the ring of an active leaves under its lease; to the segments only where that is asked", () => {
  const effects: LivenessEffect[] = [];
  const voice = voiceTo(effects);
  voice.keepSaying(saying, false, "tunnels", 0);
  expect(effects.at(-1)).toMatchObject({ do: "beacons", lease: "tunnels", everyMs: 75, to: [path] });
  voice.keepSaying(saying, true, "tunnels", 0);
  const segments = ["outside", "inside"].map(segment => ({ segment, remotePort: 2 }));
  expect(effects.at(-1)).toMatchObject({ to: [path, ...segments] });
});

test("beacons come every tenth of the hold time, but never more often than every 5 ms", () => {
  const effects: LivenessEffect[] = [];
  voiceTo(effects).keepSaying({ ...saying, holdMs: 20 }, false, undefined, 0);
  expect(effects.at(-1)).toMatchObject({ everyMs: 5 });
});

test("without a token there is nothing to bequeath; each token is another", () => {
  const voice = voiceTo([]);
  expect(voice.tokens(saying)).toEqual([]);
  voice.newToken();
  const first = voice.tokens(saying)[0]?.octets;
  voice.newToken();
  expect(voice.tokens(saying)[0]?.octets).not.toEqual(first);
  voice.dropToken();
  expect(voice.tokens(saying)).toEqual([]);
});
