import { expect, test } from "vitest";
import { HERE, ip, mirrored, negotiable, Pair, settings, THERE } from "./ike-pair.test-support.ts";

const SECOND_PEER = ip("172.16.0.19");

function up(own = settings()): Pair {
  const pair = new Pair(own);
  pair.initiate(pair.here);
  pair.run(3_000);
  expect([pair.esp(pair.here), pair.esp(pair.there)]).toEqual([true, true]);
  return pair;
}

const keepalive = (mode: "on-demand" | "periodic") => settings({ keepalive: { seconds: 10, retrySeconds: 2, mode } });

test("periodic: a silent peer is asked five times in a row, then it is dead and all of it goes", () => {
  const pair = up(keepalive("periodic"));
  pair.lets = () => false;
  const before = pair.here.sent.length;
  pair.run(9_000);
  expect(pair.here.sent.length).toBe(before);
  pair.run(12_000);
  const asked = pair.here.sent.slice(before).map(each => Buffer.from(each.octets).toString("hex"));
  expect(asked.length).toBe(5);
  expect(new Set(asked).size).toBe(1);
  expect(pair.here.installed.size).toBe(0);
  expect(pair.here.engine.snapshot(pair.now).ikeSas).toEqual([]);
  expect(pair.here.reports.some(each => each.startsWith("%CRYPTO-4-IKMP_PEER_DEAD: Peer 172.16.0.18:500"))).toBe(true);
});

test("a peer that answers stays, for an hour, and each question has its own number", () => {
  const pair = up(keepalive("periodic"));
  pair.run(3_600_000);
  expect(pair.here.installed.size).toBeGreaterThanOrEqual(1);
  expect(pair.here.engine.snapshot(pair.now).counters.deadPeers).toBe(0);
  expect(pair.here.sent.length).toBeGreaterThan(300);
});

test("a lost answer is asked for again, and the peer is not dead", () => {
  const pair = up(keepalive("periodic"));
  let lost = 0;
  pair.lets = () => {
    lost += 1;
    return lost > 2;
  };
  pair.run(60_000);
  expect(pair.here.installed.size).toBe(1);
  expect(pair.there.installed.size).toBe(1);
});

test("on demand: nobody asks without traffic, and a packet that gets no answer asks", () => {
  const pair = up(keepalive("on-demand"));
  pair.lets = () => false;
  pair.run(120_000);
  expect(pair.here.installed.size).toBe(1);
  const [child] = pair.here.installed.values();
  pair.here.usage.set(child?.spi ?? 0, { inboundMs: 0, outboundMs: pair.now });
  pair.run(40_000);
  expect(pair.here.installed.size).toBe(0);
});

test("a peer that does not answer is given up for the next of the permit, which is the first one from then on", () => {
  const own = settings({ negotiables: [negotiable({ peers: [SECOND_PEER, THERE] })] });
  const pair = new Pair(own, mirrored(settings()));
  pair.initiate(pair.here);
  pair.run(120_000);
  expect(pair.here.installed.size).toBe(1);
  expect([...pair.here.installed.values()][0]?.remote).toBe(THERE);
  expect(pair.here.reports[0]).toMatch(
    /^%CRYPTO-5-IKMP_SETUP_FAILURE: IKE SETUP FAILED for local:10.99.0.1 remote:172.16.0.19/,
  );
  const before = pair.here.sent.length;
  pair.input(pair.here, { kind: "clear", what: { kind: "all" } });
  pair.initiate(pair.here);
  pair.run(2_000);
  expect(pair.here.sent.slice(before + 2).every(each => each.remote === THERE)).toBe(true);
  expect(pair.here.installed.size).toBe(1);
});

test("a first message goes out fourteen times within a minute, always the same, then nothing is left of it", () => {
  const pair = new Pair();
  pair.lets = () => false;
  pair.initiate(pair.here);
  pair.run(70_000);
  const octets = pair.here.sent.map(each => Buffer.from(each.octets).toString("hex"));
  expect(octets.length).toBe(14);
  expect(new Set(octets).size).toBe(1);
  expect(pair.here.engine.snapshot(pair.now).ikeSas).toEqual([]);
  pair.initiate(pair.here);
  expect(pair.here.sent.length).toBe(15);
});

test("behind a NAT an octet keeps the mapping every 20 seconds, and the peer's ESP goes where it comes from", () => {
  const pair = new Pair(settings({ udpEncapsulation: "auto" }), { ...mirrored(settings()), udpEncapsulation: "never" });
  const outside = ip("198.51.100.7");
  const own = {
    ...pair.there.settings,
    negotiables: [
      negotiable({ local: THERE, peers: [], selector: pair.there.settings.negotiables[0]?.selector as never }),
    ],
  };
  pair.input(pair.there, { kind: "configure", settings: own });
  // A NAT in front of "here": what it sends comes from somewhere else.
  const deliver = pair.deliver.bind(pair);
  pair.deliver = (to, datagram) => {
    if (to === pair.there) deliver(to, { ...datagram, local: outside, localPort: datagram.localPort + 10_000 });
    else deliver(to, { ...datagram, remote: HERE, remotePort: datagram.remotePort - 10_000 });
  };
  pair.initiate(pair.here);
  pair.run(3_000);
  const [child] = pair.there.installed.values();
  expect([child?.remote, child?.encapsulation?.remotePort, child?.peerMayMove]).toEqual([outside, 14_500, true]);
  const before = pair.here.sent.length;
  pair.run(61_000);
  const kept = pair.here.sent.slice(before);
  expect(kept.map(each => [each.octets.length, each.octets[0], each.remotePort])).toEqual(
    Array(3).fill([1, 255, 4500]),
  );
});
