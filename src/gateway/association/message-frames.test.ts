import fc from "fast-check";
import { expect, test } from "vitest";
import { FrameReader, frameOf, KEEPALIVE } from "./message-frames.ts";
import { MESSAGE_OCTETS_MAX } from "./peer-link.ts";

test("messages come out as they went in, however the octets are cut", () => {
  const message = fc.uint8Array({ minLength: 1, maxLength: 50 });
  const cuts = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 });
  fc.assert(
    fc.property(fc.array(message), cuts, (messages, sizes) => {
      const octets = Buffer.concat(messages.flatMap(each => [KEEPALIVE, frameOf(each)]));
      const reader = new FrameReader();
      const found: Uint8Array[] = [];
      for (let at = 0, turn = 0; at < octets.length; turn++) {
        const size = sizes[turn % sizes.length] ?? 1;
        found.push(...(reader.take(octets.subarray(at, at + size)) ?? []));
        at += size;
      }
      expect(found).toEqual(messages);
    }),
  );
});

test("a message is in memory of its own", () => {
  const octets = frameOf(Uint8Array.of(1, 2, 3));
  const [message] = new FrameReader().take(octets) ?? [];
  octets.fill(9);
  expect(message).toEqual(Uint8Array.of(1, 2, 3));
});

test("the longest message passes; one octet more, and all behind it, is refused", () => {
  const longest = new Uint8Array(MESSAGE_OCTETS_MAX).fill(7);
  expect(new FrameReader().take(frameOf(longest))).toEqual([longest]);
  const reader = new FrameReader();
  expect(reader.take(frameOf(new Uint8Array(MESSAGE_OCTETS_MAX + 1)).subarray(0, 4))).toBeUndefined();
  expect(reader.take(frameOf(Uint8Array.of(1)))).toBeUndefined();
});
