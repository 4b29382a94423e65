/**
 * What `debug standby` tells of the liveness core's inputs and effects. The outside world hands both to
 * `DebugSwitches`, which decides whether anybody wants them.
 *
 * Packets are shown as they came, before anybody judged them; of their authentication nothing is shown.
 */
import { shortInterface } from "../command/interface-name.ts";
import { WireError } from "../errors.ts";
import type { HsrpState } from "../hsrp/hsrp-message.ts";
import { STATE_NAMES } from "../hsrp/hsrp-names.ts";
import { hsrpV1 } from "../hsrp/hsrp-v1-codec.ts";
import { hsrpV2 } from "../hsrp/hsrp-v2-codec.ts";
import type { DebugLine } from "../log/debug-flags.ts";
import { type IpAddress, ipFromOctets } from "../wire/address.ts";
import { decode } from "../wire/codec.ts";
import type { LivenessEffect, LivenessInput } from "./liveness-port.ts";

/** `versionOf` is that of the groups on an interface. */
export function debugOfInput(input: LivenessInput, versionOf: (interfaceName: string) => 1 | 2): DebugLine[] {
  switch (input.kind) {
    case "hsrp": {
      const { source, octets } = input.datagram;
      const seen = versionOf(input.interface) === 1 ? peekV1(octets) : peekV2(octets);
      return seen === undefined
        ? []
        : [packetLine(`${shortInterface(input.interface)} Grp ${seen.group}`, `in  ${source} `, seen)];
    }
    case "link":
      return [event(`${shortInterface(input.interface)} Interface ${input.up ? "up" : "down"}`)];
    case "claimed":
      return [event(`${groupText(input.group)} ${input.mac} answers for the virtual address`)];
    case "synced":
      return [event(`${input.scheme} ${input.synced ? "holds" : "does not hold"} what the active holds`)];
    case "persisted":
      return [event(`${input.scheme} epoch ${input.epoch} is on disk`)];
    case "switchover":
    case "drained":
    case "not-hot":
      return [event(`${input.scheme} ${input.kind}`)];
    case "stop":
      return [event("stop")];
    case "configure":
    case "beacon":
      return [];
  }
  return input satisfies never;
}

/** Roles and beacons are renewed many times a second and are no lines; changes of state are. */
export function debugOfEffect(effect: LivenessEffect): DebugLine[] {
  switch (effect.do) {
    case "hsrp": {
      const { message, repeatMs } = effect;
      const line = packetLine(groupText(effect.group), "out ", message);
      return [repeatMs === undefined ? line : { ...line, text: `${line.text}, every ${repeatMs} ms` }];
    }
    case "quiet":
      return [event(`${groupText(effect.group)} sends no hellos`)];
    case "take-address":
      return [event(`${groupText(effect.group)} takes ${effect.addresses.join(", ")}`)];
    case "release-address":
      return [event(`${groupText(effect.group)} gives its addresses up`)];
    case "announce":
      return [event(`${groupText(effect.group)} announces its addresses`)];
    case "changed": {
      const { from, to, because } = effect;
      return [event(`${groupText(effect.group)} ${STATE_NAMES[from]} -> ${STATE_NAMES[to]} (${because})`)];
    }
    case "released":
      return [event(`${groupText(effect.group)} is given up`)];
    case "refused": {
      const { interface: name, because, detail } = effect;
      return [{ flag: "hsrp-errors", text: `${shortInterface(name)} packet refused: ${because} (${detail})` }];
    }
    case "persist":
      return [event(`${effect.scheme} epoch ${effect.epoch} to disk`)];
    case "drain":
      return [event(`${effect.scheme} drains`)];
    case "told-not-hot":
      return [event(`${effect.scheme} is told that it is not hot`)];
    case "role":
    case "beacon":
    case "beacons":
    case "will":
    case "report":
      return [];
  }
  return effect satisfies never;
}

/** What a line says of a packet, whoever sent it. */
interface SeenPacket {
  readonly opcode: "hello" | "coup" | "resign";
  readonly state: HsrpState;
  readonly group: number;
  readonly priority: number;
  readonly virtualAddress: IpAddress | undefined;
}

/** `Fa0/0 Grp 1 Hello  in  10.0.0.2 Active  pri 100 vIP 10.0.0.15`, as on IOS. */
function packetLine(where: string, way: string, seen: SeenPacket): DebugLine {
  const { opcode, state, priority, virtualAddress } = seen;
  const word = `${opcode.substring(0, 1).toUpperCase()}${opcode.substring(1)}`.padEnd(6);
  const said = `${STATE_NAMES[state].padEnd(7)} pri ${priority} vIP ${virtualAddress ?? "unknown"}`;
  return { flag: opcode === "hello" ? "hsrp-hellos" : "hsrp-packets", text: `${where} ${word} ${way}${said}` };
}

function peekV1(octets: Uint8Array): SeenPacket | undefined {
  const value = decode(hsrpV1, octets, "hsrp");
  if (value instanceof WireError || value.message.kind === "advertise") return undefined;
  return { opcode: value.message.kind, ...value.message.body };
}

function peekV2(octets: Uint8Array): SeenPacket | undefined {
  const bodies = decode(hsrpV2, octets, "hsrp");
  if (bodies instanceof WireError) return undefined;
  const body = bodies.find(each => each.kind === "groupState")?.body;
  if (body === undefined) return undefined;
  const state = body.state === "disabled" ? "initial" : body.state;
  const virtual = body.family === "ipv4" ? body.virtualAddress.subarray(0, 4) : body.virtualAddress;
  return { ...body, state, virtualAddress: ipFromOctets(virtual) };
}

function event(text: string): DebugLine {
  return { flag: "hsrp-events", text };
}

/** `Fa0/0 Grp 1`, of a group's key; `Fa0/0 Grp 1 ipv6`. */
function groupText(key: string): string {
  const at = key.indexOf(" ");
  return `${shortInterface(key.substring(0, at))} Grp ${key.substring(at + 1)}`;
}
