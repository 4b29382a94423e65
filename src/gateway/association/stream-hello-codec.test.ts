import fc from "fast-check";
import { codecKit, fromHex } from "../../core/wire/codec-kit.test-support.ts";
import { streamHello } from "./stream-hello-codec.ts";

const octets = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const WHOLE = 1 + 2 + 7 + 32 + 32;

codecKit({
  name: "stream-hello",
  codec: streamHello,
  captured: [
    {
      source: "the control stream, by hand",
      hex: `01 0007 636f6e74726f6c ${"00".repeat(32)} ${"5a".repeat(32)}`,
      value: {
        version: 1,
        stream: fromHex("636f6e74726f6c"),
        binding: new Uint8Array(32),
        proof: fromHex("5a".repeat(32)),
        extension: new Uint8Array(0),
      },
    },
    {
      source: "a later version, by hand",
      hex: `02 0007 636f6e74726f6c ${"00".repeat(32)} ${"5a".repeat(32)} 0001`,
      value: {
        version: 2,
        stream: fromHex("636f6e74726f6c"),
        binding: new Uint8Array(32),
        proof: fromHex("5a".repeat(32)),
        extension: fromHex("0001"),
      },
    },
  ],
  mayEndAt: length => length >= WHOLE,
  arbitrary: fc.record({
    version: fc.nat(255),
    stream: fc.uint8Array({ maxLength: 80 }),
    binding: octets(32),
    proof: octets(32),
    extension: fc.uint8Array({ maxLength: 40 }),
  }),
});
