/**
 * ARP for virtual addresses: heard on every interface by one socket, answered for those that are held under a fresh
 * lease, by nobody else. CAP_NET_RAW.
 */
import { WireError } from "../../core/errors.ts";
import { arpAnswer } from "../../core/hsrp/hsrp-frame.ts";
import type { MacAddress } from "../../core/wire/address.ts";
import { arp } from "../../core/wire/arp-codec.ts";
import { decode, padded } from "../../core/wire/codec.ts";
import { EtherType, EVERY_LINK, PacketSocket } from "../../linux/packet-socket.ts";
import type { GroupDoor } from "./group-door.ts";

/** So that a flood leaves time for everything else. */
const MOST_A_TURN = 128;

export class ArpDoor {
  readonly #socket = new PacketSocket({ linkIndex: EVERY_LINK, etherType: EtherType.arp, kind: "payloads" });

  get fd(): number {
    return this.#socket.fd;
  }

  /** Answers what was asked; `claimed` hears who else says that an address of ours is theirs. */
  answer(doors: Iterable<GroupDoor>, claimed: (door: GroupDoor, mac: MacAddress) => void): void {
    const held = [...doors].filter(door => door.address.addresses.length > 0);
    for (let count = 0; count < MOST_A_TURN; count++) {
      const packet = this.#socket.receive();
      if (packet === undefined) return;
      const here = held.filter(door => door.hears(packet));
      if (here.length > 0) answerOne(packet.octets, here, claimed);
    }
  }

  close(): void {
    this.#socket.close();
  }
}

function answerOne(
  octets: Uint8Array,
  doors: readonly GroupDoor[],
  claimed: (door: GroupDoor, mac: MacAddress) => void,
): void {
  const question = decode(padded(arp), octets, "arp");
  if (question instanceof WireError) return;
  const { senderAddress, senderMac, targetAddress, operation } = question;
  for (const door of doors) {
    if (door.address.answersFor(senderAddress) && senderMac !== door.address.mac) claimed(door, senderMac);
    if (operation !== "request" || !door.address.answersFor(targetAddress)) continue;
    door.sendAsActive(arpAnswer(targetAddress, door.address.mac, { address: senderAddress, mac: senderMac }));
  }
}
