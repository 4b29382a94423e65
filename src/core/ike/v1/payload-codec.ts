/** The bodies of payloads that have fields: RFC 2408 sections 3.8, 3.14 and 3.15, RFC 2407 section 4.6. */
import { type Codec, constant, rest, struct, u8, u16, u32, type ValueOf } from "../../wire/codec.ts";

/** What `type` means decides what `data` is: `identity.ts`. */
export const identificationPayload = struct({ type: u8, protocol: u8, port: u16, data: rest });
export type IdentificationPayload = ValueOf<typeof identificationPayload>;

export interface NotificationPayload {
  readonly protocol: number;
  readonly type: number;
  readonly spi: Uint8Array;
  readonly data: Uint8Array;
}

const doi = constant(u32, 1);

export const notificationPayload: Codec<NotificationPayload> = {
  decode: reader => {
    reader.at("doi", r => doi.decode(r));
    const protocol = u8.decode(reader);
    const spiLength = u8.decode(reader);
    const type = u16.decode(reader);
    return { protocol, type, spi: reader.at("spi", r => r.take(spiLength)), data: rest.decode(reader) };
  },
  encode: (writer, { protocol, type, spi, data }) => {
    doi.encode(writer, undefined);
    u8.encode(writer, protocol);
    u8.encode(writer, spi.length);
    u16.encode(writer, type);
    writer.put(spi);
    writer.put(data);
  },
};

/** SPIs of one protocol, all of one length: the two cookies of an IKE SA, or four octets of an ESP SA each. */
export interface DeletePayload {
  readonly protocol: number;
  readonly spiLength: number;
  readonly spis: readonly Uint8Array[];
}

/** More in one message than any peer has with us at once would be a flood. */
const SPIS_MAX = 255;

export const deletePayload: Codec<DeletePayload> = {
  decode: reader => {
    reader.at("doi", r => doi.decode(r));
    const protocol = u8.decode(reader);
    const spiLength = u8.decode(reader);
    const offset = reader.offset;
    const count = u16.decode(reader);
    reader.demand(count <= SPIS_MAX, "count", offset, `${count}, at most ${SPIS_MAX}`);
    const spis = Array.from({ length: count }, () => reader.take(spiLength));
    return { protocol, spiLength, spis };
  },
  encode: (writer, { protocol, spiLength, spis }) => {
    doi.encode(writer, undefined);
    u8.encode(writer, protocol);
    u8.encode(writer, spiLength);
    u16.encode(writer, spis.length);
    for (const spi of spis) writer.put(spi);
  },
};
