/** Runs commands on a gateway from a program, over the socket that `understudy cli` uses. */
import { connect } from "node:net";
import { encodeFrame, FrameReader } from "../cli/frames.ts";

export interface CommandResult {
  /** 0 every command was taken, 1 one was refused, 2 the gateway could not be reached. */
  readonly code: number;
  readonly output: string;
}

/** A gateway that is stopped takes a connection and never says a word. */
const SILENCE_LIMIT_MS = 20_000;

/** Ends when the gateway has said nothing for `limitMs`. */
export function runCommands(
  socket: string,
  commands: readonly string[],
  { show, limitMs = SILENCE_LIMIT_MS }: { show?: (text: string) => void; limitMs?: number } = {},
): Promise<CommandResult> {
  return new Promise(resolve => {
    const connection = connect(socket);
    connection.setTimeout(limitMs, () => connection.destroy());
    const reader = new FrameReader();
    const decoder = new TextDecoder();
    let output = "";
    let result: CommandResult | undefined;
    connection.once("connect", () => {
      connection.write(encodeFrame({ kind: "hello", hello: { width: 0, height: 0, user: "lab", commands } }));
    });
    connection.on("data", chunk => {
      for (const frame of reader.push(chunk)) {
        if (frame.kind === "exit") result = { code: frame.code, output };
        if (frame.kind !== "output") continue;
        const text = decoder.decode(frame.octets, { stream: true });
        output += text;
        show?.(text);
      }
      if (result) connection.end();
    });
    connection.on("error", () => {});
    connection.once("close", () => resolve(result ?? { code: 2, output }));
  });
}
