/** A recorder between the gateways, for as long as a lab is up: what it keeps is `esp-tally.ts`'s. */
import type { EspTallied, TallySettings } from "./esp-tally.ts";
import { DEFAULT_TRANSFORMS } from "./lab.ts";
import { TRANSFORMS } from "./manual-keying.ts";
import { LabProgram } from "./program.ts";
import type { Topology } from "./topology.ts";

export interface RecorderSettings extends TallySettings {
  /** Every device by which such traffic comes in: what goes out is not looked at. */
  readonly devices: readonly string[];
}

export class Recorder {
  readonly #program: LabProgram;

  private constructor(program: LabProgram) {
    this.#program = program;
  }

  /** Throws a `SystemError`. */
  static async open(lab: string, host: string, settings: RecorderSettings): Promise<Recorder> {
    return new Recorder(await LabProgram.start(lab, host, "./recorder-process.js", settings));
  }

  /** Since the beginning. */
  seen(): Promise<EspTallied> {
    return this.#program.ask<EspTallied>({ what: "seen" });
  }

  /** Safe to call twice. */
  close(): void {
    this.#program.close();
  }
}

/** Where a topology has room for one, and for its transform set. Throws a `SystemError`. */
export async function recorderOf(
  lab: string,
  { recorder }: Topology,
  transforms = DEFAULT_TRANSFORMS,
): Promise<Recorder | undefined> {
  if (recorder === undefined) return undefined;
  const { host, devices, between } = recorder;
  return Recorder.open(lab, host, { devices, between, ivOctets: TRANSFORMS[transforms]?.iv ?? 0 });
}
