/**
 * One HSRP group's way to the host: its packets as frames on the parent interface, its slot in the hello thread, its
 * virtual addresses. What is said as active leaves only under the lease of the group's owner.
 */
import { createHash } from "node:crypto";
import type { LivenessEffect } from "../../core/gate/liveness-port.ts";
import { hsrpFrame } from "../../core/hsrp/hsrp-frame.ts";
import type { HsrpGroup } from "../../core/hsrp/hsrp-group.ts";
import type { HsrpMessage } from "../../core/hsrp/hsrp-message.ts";
import { encodeHsrp } from "../../core/hsrp/hsrp-packet.ts";
import type { MacAddress } from "../../core/wire/address.ts";
import type { HelloThread } from "../../linux/hello-thread.ts";
import type { Request } from "../../linux/netlink/request.ts";
import type { Rtnetlink } from "../../linux/netlink/rtnetlink.ts";
import { EtherType, type Packet, PacketSocket } from "../../linux/packet-socket.ts";
import type { AddressKeeper } from "./address-keeper.ts";
import { type Parent, VirtualAddress } from "./virtual-address.ts";

type Transmit = Extract<LivenessEffect, { do: "hsrp" }>;

export interface GroupDoorContext {
  readonly rtnetlink: Rtnetlink;
  readonly hellos: HelloThread;
  /** This group's alone. */
  readonly slot: number;
  /** The line of role words of the group's owner, which may change. */
  readonly lease: () => number;
  readonly retireLink: (index: number) => void;
  readonly keeper: AddressKeeper;
}

export class GroupDoor {
  /** As configured now. Settings that the host does not see may change under it. */
  group: HsrpGroup;
  readonly parent: Parent;
  readonly address: VirtualAddress;
  readonly #frames: PacketSocket;
  readonly #virtualMac: MacAddress | undefined;
  readonly #device: string;
  readonly #context: GroupDoorContext;

  /** CAP_NET_RAW, CAP_NET_ADMIN. Throws a `SystemError`. */
  constructor(group: HsrpGroup, parent: Parent, context: GroupDoorContext) {
    this.group = group;
    this.parent = parent;
    this.#context = context;
    this.#virtualMac = group.virtualMac;
    this.#device = group.device;
    this.#frames = new PacketSocket({ linkIndex: parent.index, etherType: EtherType.none, kind: "frames" });
    try {
      this.address = new VirtualAddress(group, parent, context.rtnetlink, {
        sendAsActive: frame => this.sendAsActive(frame),
        retireLink: context.retireLink,
        keep: (changes, now) => this.#keep(changes, now),
      });
    } catch (error) {
      this.#frames.close();
      throw error;
    }
  }

  /** Another door is needed for this group: what is on the host would be different. */
  differsFor(group: HsrpGroup): boolean {
    return group.virtualMac !== this.#virtualMac || group.device !== this.#device;
  }

  /**
   * What is meant for everybody comes in on the parent and, copied, on the virtual link; what is sent to the virtual
   * MAC address on the virtual link alone. Each is heard once.
   */
  hears({ linkIndex, addressedTo }: Pick<Packet, "linkIndex" | "addressedTo">): boolean {
    if (linkIndex === this.parent.index) return true;
    return linkIndex === this.address.virtualLink && addressedTo === "us";
  }

  /** `line` is that of the owner under whose lease it leaves, if any. */
  transmit({ message, fromVirtualMac, repeatMs }: Transmit, line: number | undefined, now: number): void {
    const { hellos, slot } = this.#context;
    const frame = this.frame(message, fromVirtualMac);
    hellos.send(this.#frames.fd, frame, line);
    if (repeatMs === undefined) return;
    hellos.repeat(slot, { fd: this.#frames.fd, frame, lease: line, firstMs: now + repeatMs, everyMs: repeatMs });
  }

  quiet(): void {
    this.#context.hellos.stop(this.#context.slot);
  }

  sendAsActive(frame: Uint8Array): void {
    this.#context.hellos.send(this.#frames.fd, frame, this.#context.lease());
  }

  frame(message: HsrpMessage, fromVirtualMac: boolean): Uint8Array {
    const { settings, auth } = this.group;
    const mac = fromVirtualMac ? this.address.mac : this.parent.mac;
    const source = { address: settings.address, mac };
    const hash = (name: string, octets: Uint8Array): Uint8Array => createHash(name).update(octets).digest();
    return hsrpFrame(
      settings.version,
      source.address,
      mac,
      encodeHsrp(message, source, {
        version: settings.version,
        auth,
        hash,
      }),
    );
  }

  close(): void {
    this.quiet();
    this.#frames.close();
    this.address.close();
  }

  #keep(changes: readonly Request<void>[], now: number): void {
    const { keeper, slot, lease } = this.#context;
    if (changes.length === 0) keeper.drop(slot);
    else keeper.keep(slot, changes, lease(), now);
  }
}
