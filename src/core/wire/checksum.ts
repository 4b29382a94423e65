/**
 * The Internet checksum (RFC 1071), alone and as part of a format, and the pseudo-headers that UDP and ICMPv6 put under
 * it (RFC 768, RFC 8200 section 8.1).
 */
import { invariant } from "../errors.ts";
import { type IpAddress, ipToOctets, isIpv4 } from "./address.ts";
import { type Codec, octetsOf } from "./reader.ts";

/** Of the parts in a row; only the last may have an odd number of octets. Zero over what holds its own checksum. */
export function internetChecksum(...parts: readonly Uint8Array[]): number {
  let sum = 0;
  for (const [at, part] of parts.entries()) {
    invariant(part.length % 2 === 0 || at === parts.length - 1, `part ${at} of a checksum has ${part.length} octets`);
    for (let word = 0; word < part.length; word += 2) sum += (part[word] ?? 0) * 256 + (part[word + 1] ?? 0);
  }
  while (sum > 0xffff) sum = (sum % 0x10000) + Math.floor(sum / 0x10000);
  return 0xffff - sum;
}

export function pseudoHeader(source: IpAddress, destination: IpAddress, protocol: number, length: number): Uint8Array {
  const from = ipToOctets(source);
  const to = ipToOctets(destination);
  invariant(from.length === to.length, `${source} and ${destination} are of two families`);
  invariant(length >= 0 && length <= 0xffff, `${length} octets under one checksum`);
  const tail = isIpv4(source)
    ? [0, protocol, length >> 8, length & 0xff]
    : [0, 0, length >> 8, length & 0xff, 0, 0, 0, protocol];
  return Uint8Array.from([...from, ...to, ...tail]);
}

export interface ChecksumLayout {
  /** Where in the format the 16 bits stand. The codec declares them as `padding(2)`. */
  readonly at: number;
  /** What is summed before the format itself, which is `length` octets long. */
  readonly before?: (length: number) => Uint8Array;
}

/** A format that takes all that is left and carries a checksum over it, which is refused if wrong. */
export function checksummed<T>(codec: Codec<T>, { at, before }: ChecksumLayout): Codec<T> {
  const under = (length: number): Uint8Array => before?.(length) ?? new Uint8Array(0);
  return {
    decode: reader => {
      const all = reader.peek();
      const field = reader.offset + at;
      const value = reader.within(all.length, inner => codec.decode(inner));
      const sum = internetChecksum(under(all.length), all);
      reader.demand(sum === 0, "checksum", field, `off by ${sum}`);
      return value;
    },
    encode: (writer, value) => {
      const all = octetsOf(codec, value);
      all.fill(0, at, at + 2);
      const sum = internetChecksum(under(all.length), all);
      all[at] = sum >> 8;
      all[at + 1] = sum & 0xff;
      writer.put(all);
    },
  };
}
