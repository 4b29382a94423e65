/**
 * A request is a value: what to send, what to answer with and in which words it fails.
 *
 * Links, addresses, routes and the rest make them; `Rtnetlink` performs any of them, at once or later.
 */
import type { Acknowledgement, Message } from "./message.ts";

export interface Request<T> {
  /** For people: "add the address". */
  readonly doing: string;
  readonly context: Readonly<Record<string, string | number>>;
  readonly type: number;
  /** Besides request and ack or dump. */
  readonly flags: number;
  readonly dump: boolean;
  readonly body: Uint8Array;
  /** The answers without the acknowledgement; throws a `WireError` for one that cannot be read. */
  readonly answer: (messages: readonly Message[]) => T;
  /** Failures that are as good as success: removing what is not there. */
  readonly tolerate?: (acknowledgement: Acknowledgement) => boolean;
}

/** A request that changes something and has no answer but its acknowledgement. */
export function change(
  doing: string,
  context: Readonly<Record<string, string | number>>,
  type: number,
  flags: number,
  body: Uint8Array,
): Request<void> {
  return { doing, context, type, flags, dump: false, body, answer: () => undefined };
}

/** The same, content when the thing was gone already. */
export function removal(
  doing: string,
  context: Readonly<Record<string, string | number>>,
  type: number,
  body: Uint8Array,
): Request<void> {
  return { ...change(doing, context, type, 0, body), tolerate: ({ errno }) => GONE.has(errno) };
}

/** ENOENT, ESRCH, ENODEV, EADDRNOTAVAIL. */
const GONE: ReadonlySet<number> = new Set([2, 3, 19, 99]);

/** A request for everything of a kind. `read` answers `undefined` for a message that is not of that kind. */
export function dump<T>(
  doing: string,
  type: number,
  body: Uint8Array,
  read: (message: Message) => T | undefined,
): Request<T[]> {
  const answer = (messages: readonly Message[]): T[] => messages.map(read).filter(each => each !== undefined);
  return { doing, context: {}, type, flags: 0, dump: true, body, answer };
}
