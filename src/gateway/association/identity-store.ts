/**
 * Who this gateway is and whom it knows, on disk: its own key, made once, and the fingerprint of the other member.
 * The key never leaves this folder; the other member recognises it, so a copied disk is two gateways with one name.
 */
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { mkdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { SystemError } from "../../core/errors.ts";
import { selfSigned } from "../../linux/self-signed.ts";
import { syncFolder, writeDurably } from "../durable-file.ts";

export interface Identity {
  /** Both PEM. */
  readonly key: string;
  readonly certificate: string;
  readonly fingerprint: string;
}

/** The key that was trusted last. Unconfirmed: it was only the first that came. */
export interface Pin {
  readonly fingerprint: string;
  readonly confirmed: boolean;
}

const AGREED_KEY_OCTETS = 32;

export class IdentityStore {
  readonly #folder: string;
  #agreed: Uint8Array | undefined;
  #pin: Pin | undefined;

  constructor(stateDir: string) {
    this.#folder = join(stateDir, "identity");
    this.#pin = pinOf(this.#read("peer"));
    this.#agreed = agreedOf(this.#read("beacons"));
  }

  /** Made at the first call. Throws a `SystemError`: a gateway that would be another one at each start is none. */
  identity(): Identity {
    const stored = this.#read("key.pem");
    if (stored !== undefined) return identityOf(this.#parse(stored));
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
    this.#write("key.pem", String(privateKey.export({ type: "pkcs8", format: "pem" })));
    return identityOf(privateKey);
  }

  get pin(): Pin | undefined {
    return this.#pin;
  }

  /** What was confirmed once stays so. Throws a `SystemError`; the old one then stands. */
  keepPin({ fingerprint, confirmed }: Pin): void {
    const same = fingerprint === this.#pin?.fingerprint;
    const pin = { fingerprint, confirmed: confirmed || (same && this.#pin?.confirmed === true) };
    if (same && pin.confirmed === this.#pin?.confirmed) return;
    this.#write("peer", `${pin.fingerprint}${pin.confirmed ? " confirmed" : ""}\n`);
    this.#pin = pin;
  }

  /** The key that both members took from their last association; it stays good while there is none. */
  get agreedKey(): Uint8Array | undefined {
    return this.#agreed;
  }

  /** Good from here on, and on disk for the next process. Throws a `SystemError` where that fails. */
  keepAgreedKey(key: Uint8Array): void {
    this.#agreed = key;
    this.#write("beacons", `${Buffer.from(key).toString("hex")}\n`);
  }

  #parse(pem: string): KeyObject {
    try {
      return createPrivateKey(pem);
    } catch (cause) {
      throw new SystemError("read the identity key", { file: join(this.#folder, "key.pem") }, cause);
    }
  }

  #read(name: string): string | undefined {
    const file = join(this.#folder, name);
    try {
      return readFileSync(file, "utf8");
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw new SystemError("read the identity", { file }, cause);
    }
  }

  #write(name: string, text: string): void {
    const file = join(this.#folder, name);
    try {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      writeDurably(`${file}.new`, text);
      renameSync(`${file}.new`, file);
      syncFolder(this.#folder);
    } catch (cause) {
      throw new SystemError("write the identity", { file }, cause);
    }
  }
}

/** As SSH prints one, over the key alone (SubjectPublicKeyInfo): a new certificate around it changes nothing. */
export function fingerprintOf(key: KeyObject): string {
  const spki = key.export({ type: "spki", format: "der" });
  return `SHA256:${createHash("sha256").update(spki).digest("base64").replace(/=+$/, "")}`;
}

function pinOf(text: string | undefined): Pin | undefined {
  const [fingerprint, confirmed] = text?.trim().split(" ") ?? [];
  return fingerprint ? { fingerprint, confirmed: confirmed === "confirmed" } : undefined;
}

function agreedOf(text: string | undefined): Uint8Array | undefined {
  const key = Buffer.from(text?.trim() ?? "", "hex");
  return key.length === AGREED_KEY_OCTETS ? new Uint8Array(key) : undefined;
}

function identityOf(key: KeyObject): Identity {
  return {
    key: String(key.export({ type: "pkcs8", format: "pem" })),
    certificate: selfSigned(key, "understudy"),
    fingerprint: fingerprintOf(createPublicKey(key)),
  };
}
