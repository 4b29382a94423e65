import { expect, test } from "vitest";
import { type End, endOn, mnemonics, newFolder, text, until, Wire } from "./pair.test-support.ts";

function pair(): { wire: Wire; a: End; b: End } {
  const wire = new Wire();
  return { wire, a: endOn(() => wire.transport(), 1), b: endOn(() => wire.transport(), 2) };
}

async function both(a: End, b: End, stream: string): Promise<readonly [number, number]> {
  return until(() => {
    const [one, two] = [a.up(stream), b.up(stream)];
    return one !== undefined && two !== undefined && ([one, two] as const);
  });
}

test("messages cross both ways, in order, on their own streams", async () => {
  const { a, b } = pair();
  a.configure({ schemes: ["A", "B"] });
  b.configure({ schemes: ["B", "A"] });
  const [one, two] = await both(a, b, "scheme A");
  const [other] = await both(a, b, "scheme B");
  for (let count = 0; count < 50; count++) {
    expect(a.link.send(one, text(`a${count}`))).toBe(true);
    expect(b.link.send(two, text(`b${count}`))).toBe(true);
  }
  a.link.send(other, text("elsewhere"));
  await until(() => a.messages().length === 50 && b.messages().length === 51);
  expect(b.messages("scheme A")).toEqual(Array.from({ length: 50 }, (_, at) => `a${at}`));
  expect(a.messages("scheme A")).toEqual(Array.from({ length: 50 }, (_, at) => `b${at}`));
  expect(b.messages("scheme B")).toEqual(["elsewhere"]);
});

test("both export the same key for beacons, and another one for each association", async () => {
  const keys: string[] = [];
  for (let turn = 0; turn < 2; turn++) {
    const { a, b } = pair();
    a.configure();
    b.configure();
    await both(a, b, "control");
    const [mine, theirs] = [a, b].map(each => {
      const identity = each.events.find(event => event.kind === "identity");
      return Buffer.from(identity?.beaconKey ?? []).toString("hex");
    });
    expect(mine).toMatch(/^[0-9a-f]{64}$/);
    expect(theirs).toBe(mine);
    keys.push(mine ?? "");
  }
  expect(keys[0]).not.toBe(keys[1]);
});

test("the first key is pinned with a warning, and confirmed by its fingerprint", async () => {
  const { a, b } = pair();
  a.configure();
  b.configure();
  await both(a, b, "control");
  const { fingerprint } = b.store.identity();
  expect(a.link.view().peer).toEqual({ fingerprint, trustedBy: "first-contact" });
  expect(mnemonics(a)).toContain("PEER_UNCONFIRMED");
  a.configure({ trust: { fingerprint, secret: undefined } });
  await until(() => a.link.view().peer?.trustedBy === "fingerprint" && a.up("control"));
  a.configure();
  await until(() => a.link.view().peer?.trustedBy === "pin" && a.up("control"));
});

test("another key than the pinned one gets nothing and raises an alarm", async () => {
  const { wire, a, b } = pair();
  a.configure();
  b.configure();
  const known = a.store;
  await both(a, b, "control");
  b.link.close();
  const stranger = endOn(() => wire.transport(), 2);
  stranger.configure();
  await until(() => mnemonics(a).includes("PEER_REFUSED"));
  expect(a.up("control")).toBeUndefined();
  expect(stranger.events.filter(each => each.kind !== "refused")).toEqual([]);
  expect(known.pin?.fingerprint).toBe(b.store.identity().fingerprint);
});

test("a stranger that opens replaces nothing", async () => {
  const { wire, a, b } = pair();
  a.configure();
  b.configure();
  const [, session] = await both(a, b, "scheme A");
  const stranger = endOn(() => wire.transport(), 1);
  stranger.configure();
  await until(() => mnemonics(b).includes("PEER_REFUSED"));
  stranger.link.close();
  expect(b.up("scheme A")).toBe(session);
});

test("with a secret whoever knows it is trusted, whatever the key", async () => {
  const { wire, a, b } = pair();
  const trust = { fingerprint: undefined, secret: "known to both" };
  a.configure({ trust });
  b.configure({ trust });
  await both(a, b, "scheme A");
  expect(a.link.view().peer?.trustedBy).toBe("secret");
  expect(mnemonics(a)).not.toContain("PEER_UNCONFIRMED");
  b.link.close();
  const replaced = endOn(() => wire.transport(), 2);
  replaced.configure({ trust });
  await both(a, replaced, "scheme A");
});

for (const [what, mine, theirs] of [
  ["another secret", "one", "two"],
  ["no secret here", undefined, "two"],
  ["no secret there", "one", undefined],
] as const) {
  test(`${what}: no message goes either way`, async () => {
    const { a, b } = pair();
    a.configure({ trust: { fingerprint: undefined, secret: mine } });
    b.configure({ trust: { fingerprint: undefined, secret: theirs } });
    const careful = theirs === undefined ? a : b;
    await until(() => mnemonics(careful).includes("PEER_REFUSED"));
    expect([a.up("control"), b.up("control")]).toEqual([undefined, undefined]);
    expect(careful.store.pin).toBeUndefined();
  });
}

test("this gateway's own key is refused", async () => {
  const wire = new Wire();
  const folder = newFolder();
  const a = endOn(() => wire.transport(), 1, folder);
  const b = endOn(() => wire.transport(), 2, folder);
  a.configure();
  b.configure();
  await until(() => a.logs.some(each => each.text.includes("own identity key")));
  expect(a.up("control")).toBeUndefined();
});

test("what breaks comes up again in new sessions; what is said of an old one is void", async () => {
  const { wire, a, b } = pair();
  a.configure();
  b.configure();
  const [before] = await both(a, b, "scheme A");
  wire.breakAll();
  await until(() => a.up("scheme A") !== before && b.events.some(each => each.kind === "down"));
  const [after] = await both(a, b, "scheme A");
  expect(after).toBeGreaterThan(before);
  expect(a.link.send(before, text("late"))).toBe(false);
  expect(a.link.send(after, text("new"))).toBe(true);
  await until(() => b.messages().includes("new"));
  expect(b.messages()).toEqual(["new"]);
});

test("one stream is reset alone; without the control stream there is none", async () => {
  const { a, b } = pair();
  a.configure({ schemes: ["A", "B"] });
  b.configure({ schemes: ["A", "B"] });
  const [first] = await both(a, b, "scheme A");
  const [second] = await both(a, b, "scheme B");
  a.link.reset(first, "for a test");
  await until(() => a.up("scheme A") !== first && a.up("scheme A") !== undefined);
  expect(a.up("scheme B")).toBe(second);
  const control = a.up("control");
  b.link.reset(b.up("control") ?? 0, "for a test");
  await until(() => a.up("control") !== control && a.up("scheme B") !== undefined && a.up("scheme B") !== second);
});

test("a scheme that one member does not have stays down; it comes when it has", async () => {
  const { a, b } = pair();
  a.configure({ schemes: ["A", "B"] });
  b.configure({ schemes: ["A"] });
  const [first] = await both(a, b, "scheme A");
  expect(a.up("scheme B")).toBeUndefined();
  b.configure({ schemes: ["A", "B"] });
  await both(a, b, "scheme B");
  expect(a.up("scheme A")).toBe(first);
  expect(mnemonics(b)).not.toContain("PEER_REFUSED");
  a.configure({ schemes: ["B"] });
  await until(() => b.up("scheme A") === undefined);
});

test("a member that comes back replaces its old self", async () => {
  const { wire, a, b } = pair();
  a.configure();
  b.configure();
  const [, before] = await both(a, b, "scheme A");
  // As a process that died with its cable cut: the other end hears nothing of it.
  const again = endOn(() => wire.transport(), 1, a.folder);
  again.configure();
  await until(() => b.up("scheme A") !== before && again.up("scheme A"));
  expect(b.events.filter(each => each.kind === "down").map(each => each.because)).toContain(
    "the other member began anew",
  );
});

test("a peer that stops reading is given up, and not before 8 MB wait", async () => {
  const { wire, a, b } = pair();
  a.configure();
  b.configure();
  const [session] = await both(a, b, "scheme A");
  wire.stall();
  const message = new Uint8Array(65_536);
  let taken = 0;
  while (a.link.send(session, message)) taken += message.length;
  expect(taken).toBeGreaterThanOrEqual(7 * 2 ** 20);
  expect(taken).toBeLessThanOrEqual(9 * 2 ** 20);
  expect(a.events.at(-1)).toMatchObject({ kind: "down", session, because: "the other member does not read" });
});

test("silence is said, and ends a session when it lasts", async () => {
  const { wire, a, b } = pair();
  a.configure();
  b.configure();
  const [session] = await both(a, b, "control");
  wire.stall();
  await until(() => a.events.some(each => each.kind === "down" && each.because.includes("nothing was heard")));
  const said = a.events.filter(each => "session" in each && each.session === session);
  expect(said.map(each => each.kind)).toEqual(["up", "quiet", "down"]);
});

test("a session that was quiet for a moment goes on", async () => {
  const { wire, a, b } = pair();
  a.configure();
  b.configure();
  const sessions = await both(a, b, "control");
  wire.pause();
  await until(() => a.events.some(each => each.kind === "quiet" && each.stream === "control"));
  wire.resume();
  await until(() => a.events.some(each => each.kind === "heard" && each.stream === "control"));
  b.link.send(sessions[1] ?? 0, text("still here"));
  await until(() => a.messages("control").includes("still here"));
  expect([a.up("control"), b.up("control")]).toEqual(sessions);
});

test("a transport that carries nothing any more is renewed", async () => {
  const { wire, a, b } = pair();
  a.configure();
  b.configure();
  const [before] = await both(a, b, "control");
  wire.deaf = true;
  wire.breakAll();
  await until(() => (a.up("control") ?? before) !== before);
  expect(wire.deaf).toBe(false);
});

test("a transport that carries the control stream and no new one is renewed", async () => {
  const { wire, a, b } = pair();
  a.configure();
  b.configure();
  const [before = 0] = await both(a, b, "scheme A");
  wire.deaf = true;
  a.link.reset(before, "it is to be opened again");
  await until(() => (a.up("scheme A") ?? before) !== before);
  expect(wire.deaf).toBe(false);
});

test("a member that stood still does not take its own gap for the other's", async () => {
  const { a, b } = pair();
  a.configure();
  b.configure();
  const sessions = await both(a, b, "control");
  const until500 = performance.now() + 500;
  while (performance.now() < until500) Math.sqrt(2);
  for (let turn = 0; turn < 20; turn++) await new Promise(resolve => setTimeout(resolve, 5));
  expect([a.up("control"), b.up("control")]).toEqual(sessions);
});

test("a link that is not configured has nothing up and says why", async () => {
  const { a, b } = pair();
  expect(a.link.view().downBecause).toBe("it is not configured");
  a.configure();
  b.configure();
  await both(a, b, "scheme A");
  a.link.configure(undefined);
  expect(a.events.filter(each => each.kind === "down").map(each => each.stream)).toEqual(["control", "scheme A"]);
  expect(a.link.view().downBecause).toBe("it is not configured, or shut down");
});
