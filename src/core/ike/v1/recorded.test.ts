/** What two strongSwans said to each other, read, derived and proved as they did. */
import { describe, expect, test } from "vitest";
import { nodePrimitives } from "../../../linux/node-primitives.ts";
import { Secret } from "../../crypto/secret.ts";
import { parseIpv4 } from "../../wire/address.ts";
import { decode } from "../../wire/codec.ts";
import { fromHex, toHex } from "../../wire/codec-kit.test-support.ts";
import { utf8 } from "../../wire/utf8.ts";
import { shownIdentity } from "./identity.ts";
import { clearMessage, clearPayloads, openPayloads, readMessage, sealedMessage } from "./isakmp-message.ts";
import {
  exchangeIv,
  hash1,
  hash2,
  hash3,
  type IkeHash,
  keymat,
  natHash,
  type PhaseOneFacts,
  phaseOneIv,
  phaseOneProof,
  skeyIds,
} from "./keys.ts";
import { identificationPayload } from "./payload-codec.ts";
import type { Payloads } from "./payloads.ts";
import { message, packet, RECORDINGS, type Recording, taken } from "./recorded.test-support.ts";
import { saPayload } from "./sa-payload-codec.ts";

const primitives = nodePrimitives;

function factsOf(recording: Recording): PhaseOneFacts {
  const clear = (at: number): Payloads => taken(clearPayloads(message(recording, at)));
  const [three, four] = [clear(2), clear(3)];
  const { initiatorCookie, responderCookie } = message(recording, 3).header;
  return {
    hash: (/sha\d+/.exec(recording.ike)?.[0] ?? "") as IkeHash,
    keyOctets: Number(/aes(\d+)/.exec(recording.ike)?.[1]) / 8,
    initiatorCookie,
    responderCookie,
    initiatorNonce: three.one("nonce") ?? new Uint8Array(0),
    responderNonce: four.one("nonce") ?? new Uint8Array(0),
    initiatorPublic: three.one("ke") ?? new Uint8Array(0),
    responderPublic: four.one("ke") ?? new Uint8Array(0),
  };
}

describe.each(RECORDINGS.map(each => [`${each.ike} / ${each.esp}`, each] as const))("%s", (_, recording) => {
  const facts = factsOf(recording);
  const { hash } = facts;
  const keys = skeyIds(primitives, facts, utf8(recording.presharedKey), new Secret(fromHex(recording.shared)));
  const cipher = (iv: Uint8Array) => ({ aesCbc: primitives.aesCbc, key: keys.cipher.reveal(), iv });
  const open = (at: number, iv: Uint8Array) => taken(openPayloads(message(recording, at), cipher(iv)));
  const five = open(4, phaseOneIv(primitives, facts));
  const six = open(5, five.lastBlock);
  const quick = (at: number, iv: Uint8Array) => ({ at, header: message(recording, at).header, ...open(at, iv) });
  const messageId = message(recording, 6).header.messageId;
  const one = quick(6, exchangeIv(primitives, hash, six.lastBlock, messageId));
  const two = quick(7, one.lastBlock);
  const three = quick(8, two.lastBlock);
  const nonces = [one, two].map(each => each.payloads.one("nonce") ?? new Uint8Array(0));
  const [initiatorNonce = new Uint8Array(0), responderNonce = new Uint8Array(0)] = nonces;

  test("the keys of phase 1, and its IV", () => {
    expect(toHex(keys.root.reveal())).toBe(recording.skeyid);
    expect(toHex(keys.derive.reveal())).toBe(recording.skeyidD);
    expect(toHex(keys.authenticate.reveal())).toBe(recording.skeyidA);
    expect(toHex(keys.cipher.reveal())).toBe(recording.cipherKey);
    expect(toHex(phaseOneIv(primitives, facts))).toBe(recording.initialIv);
  });

  test("both prove who they are", () => {
    const offer = taken(clearPayloads(message(recording, 0))).one("sa") ?? new Uint8Array(0);
    for (const [prover, { payloads }, logged] of [
      ["initiator", five, recording.hashI],
      ["responder", six, recording.hashR],
    ] as const) {
      const identity = payloads.one("id") ?? new Uint8Array(0);
      const proof = phaseOneProof(primitives, facts, keys.root, { prover, offer, identity });
      expect(toHex(proof)).toBe(logged);
      expect(toHex(payloads.one("hash") ?? new Uint8Array(0))).toBe(logged);
      const shown = shownIdentity(taken(decode(identificationPayload, identity, "id")));
      expect(shown).toBe(prover === "initiator" ? "192.0.2.1" : "192.0.2.2");
    }
  });

  test("where the ends are", () => {
    const address = parseIpv4("192.0.2.1");
    if (address === undefined) throw new Error("no address");
    const found = natHash(primitives, hash, facts, { address, port: 500 });
    expect(toHex(found)).toBe(recording.natSource);
    expect(
      taken(clearPayloads(message(recording, 3)))
        .all("natd")
        .map(toHex),
    ).toContain(recording.natSource);
  });

  test("the hashes of quick mode", () => {
    const proof = (each: typeof one) => ({
      hash,
      authenticate: keys.authenticate,
      messageId,
      behind: each.payloads.behindLeadingHash,
    });
    expect(toHex(one.payloads.leadingHash ?? new Uint8Array(0))).toBe(toHex(hash1(primitives, proof(one))));
    expect(toHex(two.payloads.leadingHash ?? new Uint8Array(0))).toBe(
      toHex(hash2(primitives, proof(two), initiatorNonce)),
    );
    expect(toHex(three.payloads.leadingHash ?? new Uint8Array(0))).toBe(
      toHex(hash3(primitives, proof(three), initiatorNonce, responderNonce)),
    );
  });

  test("informational messages prove themselves", () => {
    for (const at of [9, 10]) {
      const { header } = message(recording, at);
      const { payloads } = open(at, exchangeIv(primitives, hash, six.lastBlock, header.messageId));
      const behind = payloads.behindLeadingHash;
      const proof = { hash, authenticate: keys.authenticate, messageId: header.messageId, behind };
      expect(toHex(payloads.leadingHash ?? new Uint8Array(0))).toBe(toHex(hash1(primitives, proof)));
      expect(payloads.one("delete")).toBeDefined();
    }
  });

  test("the keys of both SAs", () => {
    const spiOf = (each: typeof one): number => {
      const sa = taken(decode(saPayload, each.payloads.one("sa") ?? new Uint8Array(0), "sa"));
      const spi = sa.proposals[0]?.spi ?? new Uint8Array(4);
      return new DataView(spi.buffer, spi.byteOffset).getUint32(0);
    };
    const shared = recording.quickShared === null ? undefined : new Secret(fromHex(recording.quickShared));
    const common = { hash, derive: keys.derive, shared, protocol: 3, initiatorNonce, responderNonce };
    // The initiator encrypts for the SPI that the responder chose.
    for (const [spi, encryption, integrity] of [
      [spiOf(two), recording.initiatorEncryption, recording.initiatorIntegrity ?? ""],
      [spiOf(one), recording.responderEncryption, recording.responderIntegrity ?? ""],
    ] as const) {
      const whole = encryption + integrity;
      expect(toHex(keymat(primitives, { ...common, spi }, whole.length / 2))).toBe(whole);
    }
  });

  test("messages are made again, octet for octet where padding is free", () => {
    const { initiatorCookie, responderCookie } = message(recording, 4).header;
    const head = { initiatorCookie, responderCookie, messageId: 0, exchange: "main" as const };
    const sealed = sealedMessage(head, five.payloads.list, cipher(phaseOneIv(primitives, facts))).octets;
    // strongSwan adds a block of padding where nothing needs to be filled up.
    const shorter = Math.min(sealed.length, packet(recording, 4).length);
    expect(toHex(sealed.subarray(28, shorter))).toBe(toHex(packet(recording, 4).subarray(28, shorter)));
    const again = openPayloads(taken(readMessage(sealed)), cipher(phaseOneIv(primitives, facts)));
    expect(taken(again).payloads.list).toEqual(five.payloads.list);
    const clear = taken(clearPayloads(message(recording, 0)));
    const first = { ...head, responderCookie: new Uint8Array(8) };
    expect(toHex(clearMessage(first, clear.list))).toBe(toHex(packet(recording, 0)));
  });
});
