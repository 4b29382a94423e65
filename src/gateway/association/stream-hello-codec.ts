/**
 * The first frame of a stream, each way, inside TLS: which stream this is, that both ends of the control stream are the
 * ends of this one, and that the sender knows the configured secret. Later versions add behind it; what is added means
 * nothing here.
 */
import { lengthPrefixed, octets, rest, struct, u8, u16, type ValueOf } from "../../core/wire/codec.ts";

export const BINDING_OCTETS = 32;
export const PROOF_OCTETS = 32;

export const streamHello = struct({
  version: u8,
  /** `StreamName` in UTF-8. */
  stream: lengthPrefixed(u16, rest),
  /** Exported from the control stream's session; zero on the control stream itself. */
  binding: octets(BINDING_OCTETS),
  /** HMAC under the secret over what this session exports; zero where no secret is configured. */
  proof: octets(PROOF_OCTETS),
  extension: rest,
});
export type StreamHello = ValueOf<typeof streamHello>;
