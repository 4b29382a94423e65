/** Netlink messages: a header, a type's own structure, attributes; and the kernel's answers. linux/netlink.h. */
import { WireError } from "../../core/errors.ts";
import { Flag, MessageType } from "./constants.ts";
import { Attributes, aligned, OctetWriter, Structure } from "./octets.ts";

const HEADER = 16;
const ERROR_TEXT = 1;
const ERROR_OFFSET = 2;

export interface Message {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
  readonly body: Uint8Array;
}

/** What the kernel says to a request: 0, or an errno and often a sentence. */
export interface Acknowledgement {
  readonly errno: number;
  readonly text: string | undefined;
}

export function encodeMessage(message: Message): Uint8Array {
  return new OctetWriter()
    .u32(HEADER + message.body.length)
    .u16(message.type)
    .u16(message.flags)
    .u32(message.sequence)
    .u32(0)
    .octets(message.body)
    .finish();
}

/** All messages of one datagram, or a `WireError`. */
export function decodeMessages(octets: Uint8Array): Message[] | WireError {
  const messages: Message[] = [];
  for (let at = 0; at < octets.length; ) {
    const left = octets.length - at;
    if (left < HEADER) return new WireError("truncated", "netlink", at, `${left} octets left for a header`);
    const header = new Structure(octets.subarray(at), HEADER, "netlink");
    const length = header.u32(0);
    if (length < HEADER || length > left) {
      return new WireError("bad-value", "netlink.length", at, `${length}, ${left} left`);
    }
    messages.push({
      type: header.u16(4),
      flags: header.u16(6),
      sequence: header.u32(8),
      body: octets.subarray(at + HEADER, at + length),
    });
    at += aligned(length);
  }
  return messages;
}

/** Of a message of type error, or of the end of a dump, which may carry an error as well. Throws a `WireError`. */
export function acknowledgementOf(message: Message): Acknowledgement {
  // The end of a dump may come without a body, which means success.
  if (message.type === MessageType.done && message.body.length < 4) return { errno: 0, text: undefined };
  const errno = -new Structure(message.body, 4, "netlink.error").i32(0);
  if ((message.flags & Flag.ackAttributes) === 0) return { errno, text: undefined };
  const attributes = new Attributes(message.body.subarray(aligned(acknowledgedLength(message))), "netlink.error");
  const text = attributes.text(ERROR_TEXT);
  const offset = attributes.u32(ERROR_OFFSET);
  return { errno, text: text && offset !== undefined ? `${text} (octet ${offset})` : text };
}

/**
 * What stands before the attributes: the errno, and for an error the request that it answers, whole or its header
 * alone.
 */
function acknowledgedLength(message: Message): number {
  if (message.type === MessageType.done) return 4;
  if ((message.flags & Flag.capped) !== 0) return 4 + HEADER;
  return 4 + new Structure(message.body, 4 + HEADER, "netlink.error").u32(4);
}
