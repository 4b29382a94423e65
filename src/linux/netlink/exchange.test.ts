/** Which answers count, and when a dump is asked for again; without a socket. */
import { expect, test } from "vitest";
import { WireError } from "../../core/errors.ts";
import { Flag, MessageType } from "./constants.ts";
import { DUMP_TRIES, Exchange } from "./exchange.ts";
import { decodeMessages, encodeMessage, type Message } from "./message.ts";
import { change, dump } from "./request.ts";

const ACK = new Uint8Array(20);

function numbered(): { exchange: Exchange<number[]>; begin: () => Message } {
  let sequence = 0;
  const request = dump("list", MessageType.getLink, new Uint8Array(16), message => message.body[0]);
  const exchange = new Exchange(request, () => ++sequence);
  return { exchange, begin: () => (decodeMessages(exchange.begin()) as Message[])[0] as Message };
}

const part = (sequence: number, value: number, flags: number = Flag.multi): Uint8Array =>
  encodeMessage({ type: MessageType.newLink, flags, sequence, body: Uint8Array.of(value, 0, 0, 0) });
const end = (sequence: number, flags: number = Flag.multi): Uint8Array =>
  encodeMessage({ type: MessageType.done, flags, sequence, body: new Uint8Array(4) });

test("a dump is a request for everything, and ends with its end", () => {
  const { exchange, begin } = numbered();
  expect(begin()).toMatchObject({ type: MessageType.getLink, flags: Flag.request | Flag.dump, sequence: 1 });
  expect(exchange.accept(Uint8Array.from([...part(1, 7), ...part(1, 8)]))).toBe(false);
  expect(exchange.done).toBe(false);
  expect(exchange.accept(end(1))).toBe(false);
  expect(exchange.done).toBe(true);
  expect(exchange.result()).toEqual([7, 8]);
});

test("a change asks for an acknowledgement and ends with it", () => {
  const exchange = new Exchange(change("change", {}, MessageType.newLink, Flag.create, new Uint8Array(16)), () => 9);
  const [message] = decodeMessages(exchange.begin()) as Message[];
  expect(message).toMatchObject({ flags: Flag.request | Flag.ack | Flag.create, sequence: 9 });
  exchange.accept(encodeMessage({ type: MessageType.error, flags: 0, sequence: 9, body: ACK }));
  expect(exchange.done).toBe(true);
  expect(exchange.result()).toBeUndefined();
});

test("what answers a request that was given up is passed over", () => {
  const { exchange, begin } = numbered();
  begin();
  begin();
  exchange.accept(Uint8Array.from([...part(1, 7), ...end(1)]));
  expect(exchange.done).toBe(false);
  exchange.accept(Uint8Array.from([...part(2, 8), ...end(2)]));
  expect(exchange.result()).toEqual([8]);
});

test("an interrupted dump is asked for again, but not for ever", () => {
  const { exchange, begin } = numbered();
  for (let sequence = 1; sequence < DUMP_TRIES; sequence++) {
    begin();
    expect(exchange.accept(part(sequence, sequence, Flag.multi | Flag.dumpInterrupted))).toBe(false);
    expect(exchange.accept(end(sequence))).toBe(true);
    expect(exchange.done).toBe(false);
  }
  begin();
  exchange.accept(part(DUMP_TRIES, DUMP_TRIES));
  expect(exchange.accept(end(DUMP_TRIES, Flag.multi | Flag.dumpInterrupted))).toBe(false);
  expect(exchange.result()).toEqual([DUMP_TRIES]);
});

test("what cannot be read is thrown", () => {
  const { exchange, begin } = numbered();
  begin();
  expect(() => exchange.accept(new Uint8Array(3))).toThrow(WireError);
});
