/** The association on real SCTP: two paths, cuts, strangers, addresses that come late, SCTP in UDP. */
import { expect, test } from "vitest";
import { type End, endOn, mnemonics, text, until } from "../../src/gateway/association/pair.test-support.ts";
import { RawSocket } from "../../src/linux/raw-socket.ts";
import { SctpTransport } from "../../src/linux/sctp-transport.ts";
import { blockUntil, describeInNamespace } from "./namespace.ts";
import {
  ADDRESSES,
  end,
  giveAddresses,
  initChunk,
  ipv4,
  letThrough,
  packetOf,
  pairOnSctp,
  passOnly,
  STRANGER,
  withAddresses,
} from "./sctp-kit.ts";

const STREAM = "scheme A";
const INIT_ACK = 2;
const SCTP = 132;

async function bothUp(a: End, b: End): Promise<readonly [number, number]> {
  return until(() => {
    const [one, two] = [a.up(STREAM), b.up(STREAM)];
    return one !== undefined && two !== undefined && ([one, two] as const);
  });
}

function pathStates(of: End): string[] {
  return of.link.view().paths.map(each => each.state);
}

describeInNamespace("an association on SCTP", () => {
  withAddresses();

  test("comes up on both paths; messages of any size cross in order", async () => {
    const { a, b } = pairOnSctp();
    const [one, two] = await bothUp(a, b);
    const messages = [1, 100, 8_191, 8_192, 8_193, 65_536].map((size, at) => String(at).repeat(size));
    for (const each of messages) {
      a.link.send(one, text(each));
      b.link.send(two, text(each));
    }
    await until(() => a.messages().length === messages.length && b.messages().length === messages.length);
    expect(b.messages()).toEqual(messages);
    expect(a.messages()).toEqual(messages);
    await until(() => [...pathStates(a), ...pathStates(b)].every(each => each === "up"));
    expect(a.link.view()).toMatchObject({ transport: "SCTP", paths: [{ primary: true }, { primary: false }] });
  });

  test("a cut path costs no message and no session, in whichever direction", async () => {
    const { a, b } = pairOnSctp();
    const [one, two] = await bothUp(a, b);
    await until(() => [...pathStates(a), ...pathStates(b)].every(each => each === "up"));
    let sent = 0;
    const say = (count: number): void => {
      for (let each = 0; each < count; each++, sent++) {
        a.link.send(one, text(`${sent}`));
        b.link.send(two, text(`${sent}`));
      }
    };
    const arrived = (): boolean => a.messages().length === sent && b.messages().length === sent;
    for (const at of [0, 1]) {
      say(100);
      passOnly(ADDRESSES.a[at] ?? "", ADDRESSES.b[at] ?? "");
      say(100);
      await until(arrived);
      await until(() => pathStates(a)[1 - at] === "down");
      passOnly(...ADDRESSES.a, ...ADDRESSES.b);
      await until(() => [...pathStates(a), ...pathStates(b)].every(each => each === "up"));
    }
    expect(a.messages()).toEqual(Array.from({ length: sent }, (_, each) => `${each}`));
    expect(b.messages()).toEqual(a.messages());
    expect([a.up(STREAM), b.up(STREAM)]).toEqual([one, two]);
  });

  test("each path has its own addresses at both ends", async () => {
    const [here, there] = [ADDRESSES.a[0], ADDRESSES.b[0]];
    const taps = [here, there].map(each => new RawSocket({ family: 4, protocol: SCTP, address: ipv4(each) }));
    const { a, b } = pairOnSctp();
    const [one, two] = await bothUp(a, b);
    await until(() => [...pathStates(a), ...pathStates(b)].every(each => each === "up"));
    for (let count = 0; count < 50; count++) {
      a.link.send(one, text("over"));
      b.link.send(two, text("over"));
    }
    await until(() => a.messages().length === 50 && b.messages().length === 50);
    const sources = taps.map(tap => {
      const found = new Set<string>();
      for (let seen = tap.receive(); seen !== undefined; seen = tap.receive()) found.add(String(seen.from));
      tap.close();
      return [...found];
    });
    expect(sources).toEqual([[there], [here]]);
  });

  test("with both paths cut it falls, and comes again when they are back", async () => {
    const { a, b } = pairOnSctp();
    await bothUp(a, b);
    passOnly();
    await until(() => a.up(STREAM) === undefined && b.up(STREAM) === undefined);
    passOnly(...ADDRESSES.a, ...ADDRESSES.b);
    const [one] = await bothUp(a, b);
    a.link.send(one, text("again"));
    await until(() => b.messages().includes("again"));
    expect(b.messages()).toEqual(["again"]);
  });

  test("streams end and begin by themselves on the association that stands", async () => {
    const { a, b } = pairOnSctp({ schemes: ["A", "B"] });
    await bothUp(a, b);
    const other = await until(() => a.up("scheme B"));
    for (let turn = 0; turn < 5; turn++) {
      const [one, two] = await bothUp(a, b);
      if (turn % 2 === 0) a.link.reset(one, "for a test");
      else b.link.reset(two, "for a test");
      await until(() => a.up(STREAM) !== one && b.up(STREAM) !== two);
    }
    const [one] = await bothUp(a, b);
    a.link.send(one, text("last"));
    await until(() => b.messages().includes("last"));
    expect(a.up("scheme B")).toBe(other);
  });

  test("an address that comes late is used when it is there", async () => {
    const late = { a: ["10.63.0.1"], b: ["10.63.0.2"] };
    const a = endOn((settings, opens) => new SctpTransport(settings, opens), 1);
    const b = endOn((settings, opens) => new SctpTransport(settings, opens), 2);
    b.configure({ local: end(late.b), remote: end(late.a) });
    a.configure({ local: end(late.a), remote: end(late.b) });
    await until(() => mnemonics(b).includes("ASSOCIATION_UNUSABLE"));
    expect(a.link.view().downBecause).toContain("EADDRNOTAVAIL");
    giveAddresses(...late.a, ...late.b);
    await bothUp(a, b);
    expect(pathStates(a)).toEqual(["up"]);
  });
});

describeInNamespace("whoever is not the other member", () => {
  withAddresses();

  /** An INIT from this address; what comes back to it on SCTP next, by its first chunk. */
  function answered(from: string, to: string): () => number {
    const socket = new RawSocket({ family: 4, protocol: SCTP, address: ipv4(from) });
    socket.send(packetOf(0, initChunk()), { to: ipv4(to), from: ipv4(from) });
    return () => {
      const datagram = blockUntil(socket.fd, () => socket.receive());
      socket.close();
      return datagram.octets[20 + 12] ?? -1;
    };
  }

  test("gets nothing, not even a refusal; were it let through, it would", async () => {
    const { a, b } = pairOnSctp();
    const sessions = await bothUp(a, b);
    const [target] = ADDRESSES.b;
    const flow = { local: end(ADDRESSES.b), remote: end([STRANGER]) };
    answered(STRANGER, target);
    letThrough(flow);
    // The answer to the second is the first that comes: the one before went unanswered.
    expect(answered(STRANGER, target)()).toBe(INIT_ACK);
    passOnly(...ADDRESSES.a, ...ADDRESSES.b);
    expect([a.up(STREAM), b.up(STREAM)]).toEqual(sessions);
  });

  test("who sends from the peer's own address and ports breaks nothing", async () => {
    const { a, b } = pairOnSctp();
    const sessions = await bothUp(a, b);
    const [from] = ADDRESSES.a;
    const [to] = ADDRESSES.b;
    const socket = new RawSocket({ family: 4, protocol: SCTP });
    let seed = 7;
    const random = (): number => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
      return seed >>> 8;
    };
    for (let count = 0; count < 3_000; count++) {
      const chunks = Uint8Array.from({ length: 4 * (1 + (random() % 30)) }, () => random() & 0xff);
      chunks[0] = random() % 16;
      new DataView(chunks.buffer).setUint16(2, random() % 3 === 0 ? random() & 0xffff : chunks.length);
      socket.send(packetOf(random() % 4 === 0 ? 0 : random(), chunks), { to: ipv4(to), from: ipv4(from) });
    }
    socket.close();
    const [one] = sessions;
    a.link.send(one, text("still here"));
    await until(() => b.messages().includes("still here"));
    expect([a.up(STREAM), b.up(STREAM)]).toEqual(sessions);
  });
});
