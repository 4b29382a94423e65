/**
 * What crosses the vty socket between `understudy cli` and a gateway: frames of one type octet, a 32-bit length and a
 * body.
 *
 * The client says hello once (JSON: how wide, who, and the commands of a script if it is one), then sends what is
 * typed; the gateway sends what is to be
 * shown and at last an exit code. Both sides bound a frame, so a stray client costs no memory.
 */

export type Frame =
  | { readonly kind: "hello"; readonly hello: Hello }
  | { readonly kind: "input"; readonly octets: Uint8Array }
  | { readonly kind: "window"; readonly window: Window }
  | { readonly kind: "output"; readonly octets: Uint8Array }
  | { readonly kind: "exit"; readonly code: number };

export interface Window {
  /** Columns and rows of the terminal; 0 means no limit. */
  readonly width: number;
  readonly height: number;
}

export interface Hello extends Window {
  /** Who is there, for `show users` and `%SYS-5-CONFIG_I`. */
  readonly user: string;
  /** The commands of `cli -c`; absent for an interactive session. */
  readonly commands?: readonly string[];
}

export class FrameError extends Error {
  override readonly name = "FrameError";
}

const HEADER = 5;
/** A script may be long: its commands cross in one hello. */
const FRAME_LIMIT = 4 * 1024 * 1024;
const OUTPUT_CHUNK = 64 * 1024;
const TYPES: Readonly<Record<Frame["kind"], number>> = {
  hello: 0x48,
  input: 0x49,
  window: 0x57,
  output: 0x4f,
  exit: 0x58,
};

export function encodeFrame(frame: Frame): Uint8Array {
  const body = bodyOf(frame);
  const out = Buffer.alloc(HEADER + body.length);
  out.writeUInt8(TYPES[frame.kind], 0);
  out.writeUInt32BE(body.length, 1);
  out.set(body, HEADER);
  return out;
}

/** Output of any length, as frames that each fit. */
export function* outputFrames(text: string): Generator<Uint8Array> {
  const octets = Buffer.from(text);
  for (let at = 0; at < octets.length; at += OUTPUT_CHUNK) {
    yield encodeFrame({ kind: "output", octets: octets.subarray(at, at + OUTPUT_CHUNK) });
  }
}

/**
 * Cuts a stream into frames. `push` throws a `FrameError` on what no peer of ours sends; the connection is then of no
 * further use.
 */
export class FrameReader {
  #pending: Buffer = Buffer.alloc(0);

  push(chunk: Uint8Array): Frame[] {
    this.#pending = Buffer.concat([this.#pending, chunk]);
    const frames: Frame[] = [];
    while (this.#pending.length >= HEADER) {
      const length = this.#pending.readUInt32BE(1);
      if (length > FRAME_LIMIT) throw new FrameError(`vty frame of ${length} octets, at most ${FRAME_LIMIT} allowed`);
      if (this.#pending.length < HEADER + length) break;
      frames.push(decodeFrame(this.#pending.readUInt8(0), this.#pending.subarray(HEADER, HEADER + length)));
      this.#pending = this.#pending.subarray(HEADER + length);
    }
    return frames;
  }
}

function bodyOf(frame: Frame): Uint8Array {
  switch (frame.kind) {
    case "hello":
      return Buffer.from(JSON.stringify(frame.hello));
    case "window":
      return Buffer.from(JSON.stringify(frame.window));
    case "exit":
      return Buffer.from(JSON.stringify({ code: frame.code }));
    case "input":
    case "output":
      return frame.octets;
  }
  return frame satisfies never;
}

function decodeFrame(type: number, body: Buffer): Frame {
  switch (type) {
    case TYPES.input:
      return { kind: "input", octets: new Uint8Array(body) };
    case TYPES.output:
      return { kind: "output", octets: new Uint8Array(body) };
    case TYPES.hello:
      return { kind: "hello", hello: helloOf(parseObject(body)) };
    case TYPES.window:
      return { kind: "window", window: windowOf(parseObject(body)) };
    case TYPES.exit:
      return { kind: "exit", code: numberOf(parseObject(body), "code", 255) };
    default:
      throw new FrameError(`vty frame of type ${type}, which does not exist`);
  }
}

function parseObject(body: Buffer): Map<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(body.toString("utf8"));
  } catch {
    throw new FrameError("vty frame whose body is not JSON");
  }
  if (typeof value !== "object" || value === null) throw new FrameError("vty frame whose body is no object");
  return new Map(Object.entries(value));
}

function helloOf(fields: Map<string, unknown>): Hello {
  const commands = fields.get("commands");
  if (commands !== undefined && !(Array.isArray(commands) && commands.every(each => typeof each === "string"))) {
    throw new FrameError("vty hello whose commands are not a list of lines");
  }
  const user = fields.get("user");
  return {
    ...windowOf(fields),
    user: typeof user === "string" ? user.slice(0, 64) : "unknown",
    ...(commands !== undefined && { commands: commands as string[] }),
  };
}

function windowOf(fields: Map<string, unknown>): Window {
  return { width: numberOf(fields, "width", 512), height: numberOf(fields, "height", 512) };
}

function numberOf(fields: Map<string, unknown>, key: string, most: number): number {
  const value = fields.get(key);
  if (typeof value !== "number" || !Number.isInteger(value) || value < 0) {
    throw new FrameError(`vty frame whose ${key} is ${JSON.stringify(value)}, not a number`);
  }
  return Math.min(value, most);
}
