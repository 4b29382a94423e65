/** Somebody's ear and mouth on one wire: it hears everything there, whoever it is for, and sends whatever it likes. */
import { strangerOn } from "./addresses.ts";
import type { Frame, LossyWire, Port } from "./lossy-wire.ts";

const REMEMBERS = 300;
export const ATTACKER = "attacker";

export class Attacker {
  readonly port: Port;
  readonly #heard: Frame[] = [];

  constructor(wire: LossyWire, wireIndex: number) {
    this.port = wire.attach(ATTACKER, strangerOn(wireIndex));
    this.port.receive = frame => {
      this.#heard.push(frame);
      if (this.#heard.length > REMEMBERS) this.#heard.shift();
    };
    // It hears what goes to others too.
    wire.listener = this.port;
  }

  get heard(): readonly Frame[] {
    return this.#heard;
  }
}
