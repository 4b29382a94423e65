import { beforeEach, describe, expect, test } from "vitest";
import { addressOn } from "./addresses.ts";
import { type Frame, LossyWire, PERFECT, type Port } from "./lossy-wire.ts";
import { ModelStream } from "./model-stream.ts";
import { Random } from "./random.ts";
import { VirtualClock } from "./virtual-clock.ts";

const MANY = 1_000;
let clock: VirtualClock;
let wire: LossyWire;
let [a, b, c]: readonly Port[] = [];

function port(name: string, index: number): Port {
  return wire.attach(name, addressOn(0, index));
}

/** How many of so many frames come to whom, in which order they were sent. */
function carried(from: Port | undefined, to: Port | undefined, destination?: Frame["destination"]): number[] {
  const came: number[] = [];
  if (to !== undefined) to.receive = frame => came.push(frame.octets[0] ?? -1);
  for (let n = 0; n < MANY; n++) {
    from?.send({ kind: "hsrp", source: addressOn(0, 0), destination, octets: Uint8Array.of(n % 256) });
  }
  clock.runUntil(clock.now + 1_000, () => {});
  return came;
}

beforeEach(() => {
  clock = new VirtualClock();
  wire = new LossyWire("segment", clock, new Random(1));
  [a, b, c] = ["A", "B", "C"].map(port);
});

describe("a wire", () => {
  test("carries everything to everybody else while nothing is wrong", () => {
    expect(carried(a, b)).toHaveLength(MANY);
    expect(carried(a, c)).toHaveLength(MANY);
    expect(carried(a, a)).toHaveLength(0);
  });

  test("carries to one address what is for one", () => {
    expect(carried(a, b, addressOn(0, 2))).toHaveLength(0);
    expect(carried(a, c, addressOn(0, 2))).toHaveLength(MANY);
  });

  test("loses and doubles as often as it is told", () => {
    wire.conditions = { ...PERFECT, loss: 0.3 };
    const left = carried(a, b).length;
    expect(left).toBeGreaterThan(MANY * 0.65);
    expect(left).toBeLessThan(MANY * 0.75);
    wire.conditions = { ...PERFECT, duplication: 0.1 };
    const doubled = carried(a, b).length;
    expect(doubled).toBeGreaterThan(MANY * 1.07);
    expect(doubled).toBeLessThan(MANY * 1.13);
  });

  test("lets one overtake another where delays differ", () => {
    const numbers = carried(a, b);
    expect(numbers).not.toEqual([...numbers].sort((x, y) => x - y));
  });

  test("is deaf in one direction alone", () => {
    wire.cutOneWay("A", "B");
    expect(carried(a, b)).toHaveLength(0);
    expect(carried(b, a)).toHaveLength(MANY);
    expect(carried(a, c)).toHaveLength(MANY);
    expect([wire.joins("A", "B"), wire.joins("B", "A")]).toEqual([false, true]);
    wire.mendOneWay("A", "B");
    expect(carried(a, b)).toHaveLength(MANY);
  });

  test("carries nothing while it is cut, or to and from a port without a cable", () => {
    wire.cut = true;
    expect(carried(a, b)).toHaveLength(0);
    wire.cut = false;
    b?.unplug(false);
    expect(carried(a, b)).toHaveLength(0);
    expect(carried(b, a)).toHaveLength(0);
    expect(carried(a, c)).toHaveLength(MANY);
  });

  test("has a cable back when everybody who pulled it has put it back, and its carrier likewise", () => {
    const facts = (): object => ({ unplugged: b?.unplugged, carrier: b?.carrier });
    const unseen = b?.unplug(false);
    expect(facts()).toEqual({ unplugged: true, carrier: true });
    const seen = b?.unplug(true);
    expect(facts()).toEqual({ unplugged: true, carrier: false });
    unseen?.();
    expect(facts()).toEqual({ unplugged: true, carrier: false });
    seen?.();
    expect(facts()).toEqual({ unplugged: false, carrier: true });
  });
});

describe("a stream", () => {
  const positions: number[] = [];
  const sessions: number[] = [];
  let broken = 0;
  const MUTE = { quiet: () => {}, heard: () => {} };
  const end = {
    ...MUTE,
    connected: (session: number) => void sessions.push(session),
    broken: () => {
      broken += 1;
    },
    receive: (session: number, [position = 0]: Uint8Array) => {
      if (session === sessions.at(-1)) positions.push(position);
    },
  };

  test("keeps the order through a stall, and what outlives a session comes under its name", () => {
    const stream = new ModelStream(clock, new Random(1));
    stream.attach("A", { ...MUTE, connected: () => {}, broken: () => {}, receive: () => {} });
    stream.attach("B", end);
    clock.runUntil(1_000, () => {});
    expect(sessions).toEqual([1]);
    stream.send("A", 1, Uint8Array.of(1));
    stream.stall(50);
    stream.send("A", 1, Uint8Array.of(2));
    stream.send("A", 1, Uint8Array.of(3));
    clock.runUntil(1_040, () => {});
    expect(positions).toEqual([1]);
    clock.runUntil(1_060, () => {});
    expect(positions).toEqual([1, 2, 3]);
    stream.send("A", 1, Uint8Array.of(4));
    stream.reset("cut");
    stream.send("A", 1, Uint8Array.of(5));
    clock.runUntil(2_000, () => {});
    expect({ positions, sessions, broken }).toEqual({ positions: [1, 2, 3], sessions: [1, 2], broken: 1 });
  });
});
