import { expect, test } from "vitest";
import { type Claim, judge, type Known } from "./trust.ts";

const PIN_A = { fingerprint: "A", confirmed: true };
const PIN_B = { fingerprint: "B", confirmed: true };
const nothing: Known = { trust: { fingerprint: undefined, secret: undefined }, pin: undefined, own: "OWN" };
const pinned: Known = { ...nothing, pin: PIN_A };
const named: Known = { ...nothing, trust: { fingerprint: "A", secret: undefined } };
const secret: Known = { ...nothing, trust: { fingerprint: undefined, secret: "s" } };
const both: Known = { ...nothing, trust: { fingerprint: "A", secret: "s" } };

const a: Claim = { fingerprint: "A", proved: false };
const b: Claim = { fingerprint: "B", proved: false };
const proved = (claim: Claim): Claim => ({ ...claim, proved: true });

/** Who comes, what is known, why it is trusted; no reason where it is refused. */
const cases: readonly (readonly [string, Claim, Known, string | undefined])[] = [
  ["the first key ever is taken", a, nothing, "first-contact"],
  ["the key that was trusted before is trusted", a, pinned, "pin"],
  ["a key that was never confirmed stays so", a, { ...nothing, pin: { ...PIN_A, confirmed: false } }, "first-contact"],
  ["another key is not", b, pinned, undefined],
  ["the key that is named is trusted", a, named, "fingerprint"],
  ["another than the named one is not", b, named, undefined],
  ["the name wins over what was trusted before", a, { ...named, pin: PIN_B }, "fingerprint"],
  ["what was trusted before is nothing against the name", b, { ...named, pin: PIN_B }, undefined],
  ["whoever proves the secret is trusted", proved(b), secret, "secret"],
  ["even with another key than before", proved(b), { ...secret, pin: PIN_A }, "secret"],
  ["without proof nobody is", a, { ...secret, pin: PIN_A }, undefined],
  ["of name and secret both are needed", proved(a), both, "fingerprint"],
  ["the name alone is not enough", a, both, undefined],
  ["the secret alone is not enough", proved(b), both, undefined],
  ["this gateway's own key is nobody's", { fingerprint: "OWN", proved: true }, secret, undefined],
  ["not at first contact either", { fingerprint: "OWN", proved: false }, nothing, undefined],
];

for (const [what, claim, known, trustedBy] of cases) {
  test(what, () => {
    const verdict = judge(claim, known);
    expect("trustedBy" in verdict ? verdict.trustedBy : undefined).toBe(trustedBy);
  });
}
