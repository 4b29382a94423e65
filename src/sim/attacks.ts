/**
 * What an attacker on a segment does: HSRP packets in any name, with the right authentication or without, and what was
 * heard before once more, as it was or with a bit changed.
 */
import type { HsrpMessage, HsrpOpcode } from "../core/hsrp/hsrp-message.ts";
import type { Ipv4 } from "../core/wire/address.ts";
import { strangerOn } from "./addresses.ts";
import type { Bed } from "./bed.ts";
import { hsrpFrameOf } from "./liveness-actor.ts";
import type { Frame } from "./lossy-wire.ts";

export type Attack =
  | {
      readonly kind: "forge";
      readonly wire: string;
      readonly opcode: HsrpOpcode;
      readonly state: "active" | "standby" | "speak";
      readonly priority: number;
      /** A member's name, or nobody's: an address of its own. */
      readonly as: string | "stranger";
      readonly knowsKey: boolean;
      readonly times: number;
      readonly everyMs: number;
      readonly forMs: number;
    }
  | {
      readonly kind: "replay";
      readonly wire: string;
      /** One octet of each is changed. */
      readonly tampered: boolean;
      readonly times: number;
      readonly everyMs: number;
      readonly forMs: number;
    };

export function attack(bed: Bed, { times, everyMs, ...fault }: Attack): void {
  for (let n = 0; n < times; n++) {
    bed.clock.after(n * everyMs, () => {
      const attacker = bed.attackers.get(fault.wire);
      const frame = fault.kind === "forge" ? forged(bed, fault) : heardBefore(bed, fault);
      if (frame !== undefined) attacker?.port.send(frame);
    });
  }
}

function forged(bed: Bed, fault: Omit<Extract<Attack, { kind: "forge" }>, "times" | "everyMs">): Frame | undefined {
  const [member] = bed.members;
  const group = member?.plan.groups.find(each => each.settings.interface === fault.wire);
  if (group === undefined) return undefined;
  const { helloMs, holdMs, virtualAddress, group: number } = group.settings;
  const message: HsrpMessage = {
    opcode: fault.opcode,
    state: fault.state,
    group: number,
    priority: fault.priority,
    helloMs,
    holdMs,
    virtualAddress,
  };
  const source = bed.members.find(({ name }) => name === fault.as)?.ports.get(fault.wire)?.address;
  const auth = fault.knowsKey ? group.auth : ({ kind: "text", text: "guess" } as const);
  const address: Ipv4 = source ?? bed.attackers.get(fault.wire)?.port.address ?? strangerOn(0);
  return hsrpFrameOf({ ...group, auth }, message, fault.state === "active", address);
}

function heardBefore(bed: Bed, { wire, tampered }: { wire: string; tampered: boolean }): Frame | undefined {
  const heard = bed.attackers.get(wire)?.heard ?? [];
  if (heard.length === 0) return undefined;
  const frame = bed.world.random.pick(heard);
  if (!tampered) return frame;
  const octets = Uint8Array.from(frame.octets);
  const at = bed.world.random.integer(0, octets.length - 1);
  octets[at] = (octets[at] ?? 0) ^ (1 << bed.world.random.integer(0, 7));
  return { ...frame, octets };
}
