/** Frames as they pass a device of a lab, with their time; and frames of one's own making into it. */
import { LabProgram } from "./program.ts";

export interface TapSettings {
  readonly devices: readonly string[];
  /** Every frame, or those that can say who is active: these IPv4 addresses are the virtual ones. */
  readonly watch: "all" | readonly string[];
  /** Of each frame. */
  readonly keptOctets: number;
}

export type TapRequest =
  | {
      readonly what: "send";
      readonly device: string;
      /** In hex, sent one after the other. */
      readonly frames: readonly string[];
      readonly times: number;
      readonly everyMs: number;
    }
  /** Ends what is being sent. */
  | { readonly what: "quiet" }
  | { readonly what: "sending" }
  | { readonly what: "take"; readonly keep: boolean };

/** A frame that came in by `device`. */
export interface TapFrame {
  /** CLOCK_MONOTONIC, when the tap took it. */
  readonly atMs: number;
  readonly device: string;
  readonly hex: string;
}

const KEPT_OCTETS = 256;

export class Tap {
  readonly #program: LabProgram;

  private constructor(program: LabProgram) {
    this.#program = program;
  }

  /** Throws a `SystemError`. */
  static async open(
    lab: string,
    host: string,
    settings: Pick<TapSettings, "devices"> & Partial<TapSettings>,
  ): Promise<Tap> {
    const all = { watch: "all", keptOctets: KEPT_OCTETS, ...settings };
    return new Tap(await LabProgram.start(lab, host, "./tap-process.js", all));
  }

  /** Sends frames; goes on in the tap when they are to be repeated. */
  async send(device: string, frames: readonly Uint8Array[], repeat = { times: 1, everyMs: 0 }): Promise<void> {
    const hex = frames.map(each => Buffer.from(each).toString("hex"));
    await this.#program.ask({ what: "send", device, frames: hex, ...repeat });
  }

  async quiet(): Promise<void> {
    await this.#program.ask({ what: "quiet" });
  }

  async sending(): Promise<boolean> {
    return (await this.#program.ask<{ sending: boolean }>({ what: "sending" })).sending;
  }

  /** What was recorded; forgotten afterwards unless it is to be kept. */
  take(keep = false): Promise<TapFrame[]> {
    return this.#program.ask<TapFrame[]>({ what: "take", keep });
  }

  /** Safe to call twice. */
  close(): void {
    this.#program.close();
  }
}
