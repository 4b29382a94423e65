/** What an operator reads when two ends do not agree, in the log of either: each line names the peer and the reason. */
import { expect, test } from "vitest";
import type { EspCipher } from "../ipsec/ipsec-model.ts";
import { mirrored, negotiable, PAIR_SECRET, Pair, POLICY, selector, settings } from "./ike-pair.test-support.ts";
import type { IkeSettings } from "./ike-port.ts";

/** Nothing comes up, and both ends say why. */
function refused(other: Partial<IkeSettings>): { initiator: readonly string[]; responder: readonly string[] } {
  const pair = new Pair(settings(), { ...mirrored(settings()), ...other });
  pair.initiate(pair.here);
  pair.run(120_000);
  expect([pair.here.installed.size, pair.there.installed.size]).toEqual([0, 0]);
  return { initiator: pair.here.reports, responder: pair.there.reports };
}

const negotiables = (change: Parameters<typeof negotiable>[0]): Partial<IkeSettings> => ({
  negotiables: mirrored(settings({ negotiables: [negotiable(change)] })).negotiables,
});
const NO_ANSWER = /^%CRYPTO-5-IKMP_SETUP_FAILURE: .* remote:172\.16\.0\.18:500 fail_reason:no answer after \d+ tries$/;

test("phase 1, no proposal chosen: what was asked", () => {
  const { initiator, responder } = refused({ policies: [{ ...POLICY, group: 14 }] });
  expect(initiator.at(-1)).toMatch(NO_ANSWER);
  expect(responder[0]).toBe(
    "%CRYPTO-6-IKMP_NO_PROPOSAL: No proposal of 10.99.0.1:500 is acceptable: " +
      "no policy of ours among aes 128 sha256 group 19",
  );
});

test("phase 1, no preshared key", () => {
  expect(refused({ keys: [] }).responder[0]).toBe(
    "%CRYPTO-4-IKMP_NO_PRESHARED_KEY: Pre-shared key for remote peer at 10.99.0.1 is missing",
  );
});

test("phase 1, another preshared key: the message that would prove it cannot be read", () => {
  const { initiator, responder } = refused({ keys: [{ ...PAIR_SECRET, key: "another" }] });
  expect(initiator.at(-1)).toMatch(NO_ANSWER);
  expect(responder[0]).toBe(
    "%CRYPTO-6-IKMP_MODE_FAILURE: Processing of Main mode failed with peer at 10.99.0.1:500: " +
      "it cannot be read; the preshared keys may differ",
  );
});

test("phase 2, no proposal chosen: what was asked, and the other end hears of it", () => {
  const cipher: EspCipher = { kind: "aes-cbc", bits: 256 };
  const { initiator, responder } = refused(
    negotiables({ proposals: [{ name: "ts", cipher, hash: "sha256", mode: "tunnel" }] }),
  );
  const failed = "%CRYPTO-6-IKMP_MODE_FAILURE: Processing of Quick mode failed with peer at";
  expect(initiator).toEqual([`${failed} 172.16.0.18:500: the peer refuses: NO-PROPOSAL-CHOSEN (14)`]);
  expect(responder).toEqual([`${failed} 10.99.0.1:500: no transform set of ours among aes 128 sha256 tunnel no PFS`]);
});

test("phase 2, proxy identities: both of them, and the other end hears of it", () => {
  const { initiator, responder } = refused(negotiables({ selector: selector("10.99.0.0/16", "172.16.6.0/24") }));
  expect(initiator[0]).toMatch(/with peer at 172\.16\.0\.18:500: the peer refuses: INVALID-ID-INFORMATION \(18\)$/);
  expect(responder).toEqual([
    "%CRYPTO-4-IPSEC_PROXY_MISMATCH: proxy identities not supported: 10.99.0.1:500 asked for " +
      "local 172.16.5.0-172.16.5.255/0/0 remote 10.99.0.0-10.99.255.255/0/0: proxy identities not supported",
  ]);
});

test("a peer that has the key cannot fill the log with what it is refused: eight lines in ten seconds", () => {
  const pair = new Pair(settings(), {
    ...mirrored(settings()),
    ...negotiables({ selector: selector("10.99.0.0/16", "172.16.6.0/24") }),
  });
  const ask = (times: number): void => {
    for (let time = 0; time < times; time++) {
      pair.initiate(pair.here);
      pair.run(50);
    }
  };
  ask(100);
  const { counters } = pair.there.engine.snapshot(pair.now);
  expect(counters.quickModeFailed).toBeGreaterThan(90);
  expect(pair.there.reports).toHaveLength(8);
  pair.run(10_000);
  ask(1);
  expect(pair.there.reports).toHaveLength(9);
});
