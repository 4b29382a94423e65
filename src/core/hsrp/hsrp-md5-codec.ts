/** The MD5 authentication that stands behind a version 1 packet and in a version 2 one: type 4, 28 octets. */
import { ipv4 } from "../wire/address-codec.ts";
import { constant, octets, struct, u8, u16, u32, type ValueOf } from "../wire/codec.ts";

export const MD5_TAG = 4;
export const DIGEST_LENGTH = 16;

export const md5Body = struct({
  algorithm: constant(u8, 1),
  padding: u8,
  flags: u16,
  /** The sender's; the digest covers it. */
  address: ipv4,
  keyId: u32,
  digest: octets(DIGEST_LENGTH),
});
export type Md5Body = ValueOf<typeof md5Body>;
