/**
 * The octets of ESP: the packet (RFC 4303 section 2), what its plain text ends in, and what shares UDP port 4500 with
 * it (RFC 3948 section 2).
 *
 *     SPI (4) | sequence number, low half (4) | IV, ciphertext and ICV, whose lengths the SA knows
 *     payload | padding 1, 2, 3, ... | pad length (1) | next header (1)         the plain text
 *
 * Shapes only. Which SA, whether the ICV is right and what is done with the payload is said in `esp-seal.ts`.
 */
import { invariant } from "../errors.ts";
import { type Codec, rest, struct, u32, type ValueOf } from "../wire/codec.ts";

export const ESP = 50;
/** Of RFC 3948, and of IKE once a NAT was seen. */
export const UDP_ENCAPSULATION_PORT = 4500;
/** A packet that is to be thrown away: traffic flow confidentiality (RFC 4303 section 2.6). */
export const DUMMY = 59;

export const PADDING_MAX = 255;
/** Pad length and next header. */
export const TRAILER = 2;

export const espPacket = struct({ spi: u32, sequence: u32, sealed: rest });
export type EspPacket = ValueOf<typeof espPacket>;

export interface EspPlain {
  readonly payload: Uint8Array;
  readonly padding: number;
  readonly nextHeader: number;
}

/** Read from its end, where the length of the padding stands. Padding that is not 1, 2, 3, ... is refused. */
export const espPlain: Codec<EspPlain> = {
  decode: reader => {
    const start = reader.offset;
    const length = reader.remaining;
    if (length < TRAILER) throw reader.at("trailer", r => r.fault("truncated", `${length} octets`));
    const octets = reader.take(length);
    const [padding = 0, nextHeader = 0] = octets.subarray(length - TRAILER);
    const end = length - TRAILER - padding;
    reader.demand(end >= 0, "padLength", start + length - TRAILER, `${padding} in ${length} octets`);
    for (let at = 0; at < padding; at++) {
      const found = octets[end + at] ?? 0;
      reader.demand(found === at + 1, "padding", start + end + at, `${found} where ${at + 1} belongs`);
    }
    return { payload: octets.subarray(0, end), padding, nextHeader };
  },
  encode: (writer, { payload, padding, nextHeader }) => {
    invariant(padding >= 0 && padding <= PADDING_MAX, `${padding} octets of padding`);
    writer.put(payload);
    for (let at = 1; at <= padding; at++) writer.uint(1, at);
    writer.uint(1, padding);
    writer.uint(1, nextHeader);
  },
};

/** The least padding that makes payload and trailer a multiple of `block`. */
export function paddingFor(payload: number, block: number): number {
  return (block - ((payload + TRAILER) % block)) % block;
}

/** A datagram on port 4500. `ike` is what follows the marker; `esp` is a whole `espPacket`. */
export type UdpEncapsulated =
  | { readonly kind: "keepalive" }
  | { readonly kind: "ike"; readonly message: Uint8Array }
  | { readonly kind: "esp"; readonly packet: Uint8Array };

/** Four zeros, where an ESP packet has an SPI, which is never zero. */
const NON_ESP_MARKER = 4;
const KEEPALIVE = 0xff;

export const udpEncapsulated: Codec<UdpEncapsulated> = {
  decode: reader => {
    const octets = reader.take(reader.remaining);
    if (octets.length === 1) {
      const [octet = 0] = octets;
      reader.demand(octet === KEEPALIVE, "keepalive", reader.offset - 1, `${octet}`);
      return { kind: "keepalive" };
    }
    if (octets.length < NON_ESP_MARKER) throw reader.at("marker", r => r.fault("truncated", `${octets.length} octets`));
    const marked = octets.subarray(0, NON_ESP_MARKER).every(octet => octet === 0);
    return marked ? { kind: "ike", message: octets.subarray(NON_ESP_MARKER) } : { kind: "esp", packet: octets };
  },
  encode: (writer, datagram) => {
    if (datagram.kind === "keepalive") writer.uint(1, KEEPALIVE);
    else if (datagram.kind === "ike") {
      writer.put(new Uint8Array(NON_ESP_MARKER));
      writer.put(datagram.message);
    } else {
      const { packet } = datagram;
      const hasSpi = packet.length >= NON_ESP_MARKER && packet.subarray(0, NON_ESP_MARKER).some(octet => octet !== 0);
      invariant(hasSpi, "an ESP packet without an SPI would be taken for IKE");
      writer.put(packet);
    }
  },
};
