/**
 * What a recorder between the gateways keeps of ESP: whether a sequence number or an IV was ever sent twice under one
 * SPI, and whether anything that should be protected went by in clear. Pure.
 */
import { WireError } from "../core/errors.ts";
import type { IpAddress } from "../core/wire/address.ts";
import { decode, padded } from "../core/wire/codec.ts";
import { ethernetFrame } from "../core/wire/ethernet-codec.ts";
import { ipv4Packet } from "../core/wire/ip-codec.ts";
import { type Prefix, parsePrefix, prefixContains } from "../core/wire/prefix.ts";
import { UDP, udpBetween } from "../core/wire/udp-codec.ts";
import { type IkeTallied, IkeTally } from "./ike-tally.ts";

export interface TallySettings {
  /** Octets of the IV in each packet: 16 for AES-CBC, 8 for counter modes. */
  readonly ivOctets: number;
  /** Pairs of networks between which nothing may go in clear. */
  readonly between: readonly (readonly [string, string])[];
}

export interface EspTallied {
  readonly packets: number;
  readonly spis: number;
  /** One line each: the SPI, and the number or IV that came again. */
  readonly repeated: readonly string[];
  readonly clear: number;
  readonly ike: IkeTallied;
}

const ESP = 50;
const IKE_PORT = 500;
const ESP_IN_UDP_PORT = 4_500;
const SEQUENCE_AT = 4;
const IV_AT = 8;
const REPEATED_KEPT = 20;

interface OfSpi {
  readonly numbers: Set<number>;
  readonly ivs: Set<string>;
}

export class EspTally {
  readonly #ivOctets: number;
  readonly #between: readonly (readonly [Prefix, Prefix])[];
  readonly #spis = new Map<number, OfSpi>();
  readonly #repeated: string[] = [];
  readonly #ike = new IkeTally();
  #packets = 0;
  #clear = 0;

  constructor({ ivOctets, between }: TallySettings) {
    this.#ivOctets = ivOctets;
    this.#between = between.map(([one, other]) => [networkOf(one), networkOf(other)]);
  }

  see(frame: Uint8Array): void {
    const ethernet = decode(ethernetFrame, frame, "frame");
    if (ethernet instanceof WireError || ethernet.type !== "ipv4") return;
    const packet = decode(padded(ipv4Packet), ethernet.payload, "packet");
    if (packet instanceof WireError) return;
    const { source, destination, protocol, payload } = packet;
    if (this.#protects(source, destination)) this.#clear += 1;
    if (protocol === ESP) this.#esp(payload);
    if (protocol !== UDP) return;
    const datagram = decode(udpBetween(source, destination, { checksumNotReady: true }), payload, "datagram");
    if (datagram instanceof WireError) return;
    if (datagram.destinationPort === IKE_PORT) this.#ike.see(datagram.payload);
    if (datagram.destinationPort === ESP_IN_UDP_PORT) this.#inUdp(datagram.payload);
  }

  result(): EspTallied {
    return {
      packets: this.#packets,
      spis: this.#spis.size,
      repeated: this.#repeated,
      clear: this.#clear,
      ike: this.#ike.result(),
    };
  }

  #protects(source: IpAddress, destination: IpAddress): boolean {
    return this.#between.some(
      ([a, b]) =>
        (prefixContains(a, source) && prefixContains(b, destination)) ||
        (prefixContains(b, source) && prefixContains(a, destination)),
    );
  }

  /** SPI 0 is IKE's marker, and one octet is a keepalive: RFC 3948 section 2. */
  #inUdp(octets: Uint8Array): void {
    if (octets.length < SEQUENCE_AT) return;
    const isIke = octets.subarray(0, SEQUENCE_AT).every(each => each === 0);
    if (isIke) this.#ike.see(octets.subarray(SEQUENCE_AT));
    else this.#esp(octets);
  }

  #esp(octets: Uint8Array): void {
    if (octets.length < IV_AT + this.#ivOctets) return;
    const view = new DataView(octets.buffer, octets.byteOffset);
    const spi = view.getUint32(0);
    this.#packets += 1;
    const known = this.#spis.get(spi) ?? { numbers: new Set(), ivs: new Set() };
    this.#spis.set(spi, known);
    const number = view.getUint32(SEQUENCE_AT);
    const iv = String.fromCharCode(...octets.subarray(IV_AT, IV_AT + this.#ivOctets));
    if (known.numbers.has(number)) this.#again(`SPI 0x${spi.toString(16)}: sequence number ${number}`);
    if (known.ivs.has(iv)) this.#again(`SPI 0x${spi.toString(16)}: an IV, with sequence number ${number}`);
    known.numbers.add(number);
    known.ivs.add(iv);
  }

  #again(what: string): void {
    if (this.#repeated.length < REPEATED_KEPT) this.#repeated.push(what);
  }
}

function networkOf(text: string): Prefix {
  const prefix = parsePrefix(text);
  if (prefix === undefined) throw new Error(`${text} is no network`);
  return prefix;
}
