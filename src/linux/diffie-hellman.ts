/**
 * IKE's Diffie-Hellman by node:crypto, for the crypto pool's workers: it takes milliseconds.
 *
 * Public values come from strangers. Their length is that of the group (I14). 0, 1, p - 1 and beyond are refused here
 * (RFC 6989 section 2.1, I15): Node alone takes 2^n - 1. OpenSSL refuses points off the curve (section 2.3, I16). All
 * MODP groups here have safe primes.
 */
import { createDiffieHellman, createECDH, type DiffieHellman, getDiffieHellman } from "node:crypto";
import { Secret } from "../core/crypto/secret.ts";
import type { ComputeFailure, ComputeJob, ComputeResult } from "../core/ike/compute-job.ts";
import { type DhGroup, dhGroup } from "../core/ike/dh-groups.ts";

/** By IANA's number, as OpenSSL and Node name them. */
const MODP: Readonly<Record<number, string>> = {
  2: "modp2",
  5: "modp5",
  14: "modp14",
  15: "modp15",
  16: "modp16",
};
const CURVES: Readonly<Record<number, string>> = { 19: "prime256v1", 20: "secp384r1", 21: "secp521r1" };
/** In front of an uncompressed point, which IKE leaves out (RFC 5903 section 7). */
const UNCOMPRESSED = 4;

/** Never throws for what a peer sent. */
export function computeDiffieHellman(job: ComputeJob): ComputeResult | ComputeFailure {
  const group = dhGroup(job.group);
  if (group === undefined) return { kind: "failed", because: `there is no group ${job.group}` };
  switch (job.kind) {
    case "dh-generate": {
      const { publicValue, secret } = generate(group);
      return { kind: "generated", publicValue, secret: owned(secret) };
    }
    case "dh-agree": {
      const shared = agree(group, job.secret.reveal(), job.peerPublic);
      return "kind" in shared ? shared : { kind: "agreed", shared: owned(shared) };
    }
    case "dh-exchange": {
      const { publicValue, secret } = generate(group);
      const shared = agree(group, secret, job.peerPublic);
      secret.fill(0);
      return "kind" in shared ? shared : { kind: "exchanged", publicValue, shared: owned(shared) };
    }
  }
  return job satisfies never;
}

function generate({ number, kind, publicLength }: DhGroup): { publicValue: Uint8Array; secret: Uint8Array } {
  if (kind === "modp") {
    const dh = getDiffieHellman(MODP[number] ?? "");
    return { publicValue: filled(dh.generateKeys(), publicLength), secret: dh.getPrivateKey() };
  }
  const ecdh = createECDH(CURVES[number] ?? "");
  return { publicValue: plain(ecdh.generateKeys()).subarray(1), secret: ecdh.getPrivateKey() };
}

function agree(group: DhGroup, secret: Uint8Array, peerPublic: Uint8Array): Uint8Array | ComputeFailure {
  const { number, kind, publicLength, sharedLength } = group;
  if (peerPublic.length !== publicLength) {
    const because = `a public value of ${peerPublic.length} octets, group ${number} has ${publicLength}`;
    return { kind: "failed", because };
  }
  try {
    const shared = kind === "modp" ? modpShared(number, secret, peerPublic) : ecpShared(number, secret, peerPublic);
    return filled(shared, sharedLength);
  } catch {
    return { kind: "failed", because: `a public value that is none of group ${number}` };
  }
}

function modpShared(number: number, secret: Uint8Array, peerPublic: Uint8Array): Uint8Array {
  const dh = withoutKey(number);
  const [value, prime] = [Buffer.from(peerPublic), dh.getPrime()];
  const [one, last] = [Buffer.alloc(prime.length), Buffer.from(prime)];
  one[one.length - 1] = 1;
  // A prime is odd: this is p - 1.
  last[last.length - 1] = (last.at(-1) ?? 0) - 1;
  if (value.compare(one) <= 0 || value.compare(last) >= 0) throw new RangeError("out of range");
  dh.setPrivateKey(secret);
  return dh.computeSecret(peerPublic);
}

/** Node's named groups take no key of ours; their numbers do, and are checked once, which takes long. */
const made = new Map<number, DiffieHellman>();
function withoutKey(number: number): DiffieHellman {
  const known = made.get(number);
  if (known !== undefined) return known;
  const named = getDiffieHellman(MODP[number] ?? "");
  const dh = createDiffieHellman(named.getPrime(), named.getGenerator());
  made.set(number, dh);
  return dh;
}

function ecpShared(number: number, secret: Uint8Array, peerPublic: Uint8Array): Uint8Array {
  const ecdh = createECDH(CURVES[number] ?? "");
  ecdh.setPrivateKey(secret);
  return ecdh.computeSecret(Uint8Array.of(UNCOMPRESSED, ...peerPublic));
}

/** Big-endian numbers lose their leading zeros; on the wire they have them. */
function filled(number: Uint8Array, length: number): Uint8Array {
  const out = new Uint8Array(length);
  out.set(number, length - number.length);
  return out;
}

function plain(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer);
}

function owned(octets: Uint8Array): Secret {
  const secret = new Secret(octets);
  octets.fill(0);
  return secret;
}
