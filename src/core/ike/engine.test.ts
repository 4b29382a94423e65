import { expect, test } from "vitest";
import { negotiable, Pair, settings } from "./ike-pair.test-support.ts";

test("traffic brings up an IKE SA and one pair, with the same keys at both ends", () => {
  const pair = new Pair();
  pair.initiate(pair.here);
  pair.run(1_000);
  expect([pair.here.installed.size, pair.there.installed.size]).toEqual([1, 1]);
  expect([pair.esp(pair.here), pair.esp(pair.there)]).toEqual([true, true]);
  expect(pair.here.sent.length + pair.there.sent.length).toBe(9);
  expect(pair.here.reports).toEqual([
    "%CRYPTO-5-SESSION_STATUS: Crypto tunnel is UP.  Peer 172.16.0.18:500       Id: 172.16.0.18",
  ]);
});

test("with perfect forward secrecy, and by UDP", () => {
  const own = settings({ negotiables: [negotiable({ pfsGroup: 19 })], udpEncapsulation: "auto" });
  const pair = new Pair(own);
  pair.initiate(pair.there);
  pair.run(1_000);
  const [child] = pair.here.installed.values();
  expect(child?.encapsulation).toEqual({ localPort: 4500, remotePort: 4500 });
  expect(child?.pfsGroup).toBe(19);
  expect([pair.esp(pair.here), pair.esp(pair.there)]).toEqual([true, true]);
});
