import { expect, test } from "vitest";
import { Secret } from "../crypto/secret.ts";
import type { Ipv4 } from "../wire/address.ts";
import { anyTraffic } from "../wire/selector.ts";
import { ESP_ENCRYPTIONS } from "./esp-suite.ts";
import { type NewSa, Sad } from "./sad.ts";
import { assertSaConsistent, NO_LIMITS, type SecurityAssociation } from "./security-association.ts";

function newSa(spi: number, direction: "inbound" | "outbound" = "outbound"): NewSa {
  const common = {
    spi,
    owner: "plain",
    mode: "tunnel" as const,
    suite: { encryption: ESP_ENCRYPTIONS["aes-gcm-128"] },
    cipherKey: new Secret(new Uint8Array(20)),
    integrityKey: new Secret(new Uint8Array(0)),
    local: "10.0.0.1" as Ipv4,
    remote: "10.0.0.2" as Ipv4,
    encapsulation: undefined,
    esn: false,
    limits: NO_LIMITS,
    selectors: [anyTraffic(4)],
  };
  if (direction === "inbound")
    return {
      ...common,
      direction,
      replayWindow: 64,
      replayEdge: 0,
      edgePackets: 0,
      peerMayMove: false,
      mss: undefined,
    };
  const reservation = { acknowledged: 4_096, jump: 2 ** 28, step: 4_096 };
  const path = { df: "copy", pathMtu: 1_500, fragmentation: "before-encryption", mss: undefined } as const;
  return { ...common, direction, reservation, nextSequence: 1, epoch: 1, ...path };
}

test("gives places, finds by place and by bundle, gives places again", () => {
  const sad = new Sad();
  const first = sad.add(newSa(1_000), 7);
  const second = sad.add(newSa(1_001, "inbound"), 7);
  const third = sad.add(newSa(1_002), 7);
  expect([first?.id, second?.id, third?.id]).toEqual([0, 1, 2]);
  expect(sad.find(1)).toEqual({ sa: second, bundle: 7 });
  expect(sad.of(7)).toEqual([first, second, third]);
  expect(sad.outboundOf(7)).toBe(third);
  expect(sad.outboundOf(8)).toBeUndefined();
  expect(sad.remove(0)).toBe(first);
  expect(sad.remove(0)).toBeUndefined();
  expect(sad.add(newSa(1_003), 8)?.id).toBe(0);
  expect([...sad].map(({ sa }) => sa.spi)).toEqual([1_001, 1_002, 1_003]);
  expect(sad.size).toBe(3);
});

test.each<[string, object, string]>([
  ["a reserved SPI", { spi: 255 }, "SPI is reserved"],
  ["a key of another length", { cipherKey: new Secret(new Uint8Array(16)) }, "cipher key of 16 octets"],
  ["an integrity key beside an AEAD", { integrityKey: new Secret(new Uint8Array(20)) }, "integrity key of 20 octets"],
  ["outer addresses of two families", { remote: "2001:db8::1" }, "two families"],
  ["nothing to carry", { selectors: [] }, "may carry nothing"],
  ["a start past the cap", { nextSequence: 2 ** 28 + 4_097 }, "starts past its cap"],
])("%s is refused at every door", (_, change, message) => {
  const sound = { ...newSa(1_000), id: 0 } as SecurityAssociation;
  expect(() => assertSaConsistent(sound)).not.toThrow();
  expect(() => assertSaConsistent({ ...sound, ...change } as SecurityAssociation)).toThrow(message);
});

test("an inbound SA has a window that there is, or none", () => {
  const sound = { ...newSa(1_000, "inbound"), id: 0 } as SecurityAssociation;
  expect(() => assertSaConsistent({ ...sound, replayWindow: 0 } as SecurityAssociation)).not.toThrow();
  expect(() => assertSaConsistent({ ...sound, replayWindow: 100 } as SecurityAssociation)).toThrow("window of 100");
});
