import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeFrame, type Frame, FrameError, FrameReader, outputFrames } from "./frames.ts";

const frames: fc.Arbitrary<Frame> = fc.oneof(
  fc.record({ kind: fc.constant("input" as const), octets: fc.uint8Array({ maxLength: 300 }) }),
  fc.record({ kind: fc.constant("output" as const), octets: fc.uint8Array({ maxLength: 300 }) }),
  fc.record({ kind: fc.constant("exit" as const), code: fc.nat(255) }),
  fc.record({ kind: fc.constant("window" as const), window: fc.record({ width: fc.nat(512), height: fc.nat(512) }) }),
  fc.record({
    kind: fc.constant("hello" as const),
    hello: fc.record(
      { width: fc.nat(512), height: fc.nat(512), user: fc.string({ maxLength: 60 }), commands: fc.array(fc.string()) },
      { requiredKeys: ["width", "height", "user"] },
    ),
  }),
);

test("frames survive any cut of the stream", () => {
  fc.assert(
    fc.property(
      fc.array(frames, { maxLength: 8 }),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
      (sent, cuts) => {
        const stream = Buffer.concat(sent.map(encodeFrame));
        const reader = new FrameReader();
        const got: Frame[] = [];
        for (let at = 0, turn = 0; at < stream.length; turn++) {
          const step = cuts[turn % cuts.length] ?? 1;
          got.push(...reader.push(stream.subarray(at, at + step)));
          at += step;
        }
        expect(JSON.stringify(got)).toBe(JSON.stringify(sent));
      },
    ),
  );
});

test("long output is cut into frames that fit", () => {
  const text = "x".repeat(150_000);
  const reader = new FrameReader();
  const got = [...outputFrames(text)].flatMap(frame => reader.push(frame));
  expect(got.length).toBe(3);
  expect(got.map(frame => (frame.kind === "output" ? frame.octets.length : 0)).reduce((a, b) => a + b)).toBe(150_000);
});

test("a stray client is refused, never served or buffered", () => {
  expect(() => new FrameReader().push(Buffer.from("GET / HTTP/1.1\r\n\r\n"))).toThrow(FrameError);
  expect(() => new FrameReader().push(Buffer.from([0x48, 0, 0, 0, 1, 0x7b]))).toThrow("is not JSON");
  expect(() => new FrameReader().push(Buffer.from([0x99, 0, 0, 0, 0]))).toThrow("type 153");
  const bad = Buffer.from('{"width":"80","height":24}');
  expect(() => new FrameReader().push(Buffer.concat([Buffer.from([0x57, 0, 0, 0, bad.length]), bad]))).toThrow("width");
});

test("any octets give frames or a FrameError", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), octets => {
      try {
        new FrameReader().push(octets);
      } catch (error) {
        expect(error).toBeInstanceOf(FrameError);
      }
    }),
  );
});
