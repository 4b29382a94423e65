/**
 * Neighbour discovery for virtual addresses of IPv6, as `arp-door.ts` is for IPv4: heard on every interface by one
 * socket, answered for what is held under a fresh lease. The kernel answers nothing there: a link without ARP has no
 * neighbour discovery either (seen on Linux 6.18, for global and link-local addresses, asked by unicast and multicast).
 *
 * Nothing is open before the first group of IPv6. CAP_NET_RAW.
 */
import { answerTo, linkLocalCall } from "../../core/hsrp/link-local-call.ts";
import type { NeighbourQuestion } from "../../core/hsrp/neighbour-frame.ts";
import { advertisementFor, neighbourQuestion, solicitedNodeGroup } from "../../core/hsrp/neighbour-frame.ts";
import { type Ipv6, isIpv4 } from "../../core/wire/address.ts";
import { ICMPV6 } from "../../core/wire/icmpv6-codec.ts";
import { Bpf, type BpfInstruction } from "../../linux/bpf.ts";
import { EtherType, EVERY_LINK, type Packet, PacketSocket } from "../../linux/packet-socket.ts";
import { errorCode } from "../../linux/system-call.ts";
import { UdpSocket } from "../../linux/udp-socket.ts";
import type { GroupDoor } from "./group-door.ts";

const MOST_A_TURN = 128;
const NEXT_HEADER_AT = 6;
const ICMP_TYPE_AT = 40;
const SOLICITATION = 135;
const ECHO_REQUEST = 128;
const DESTINATION_AT = 24;
const LINK_LOCAL_PREFIX = 0xfe80;
/** Neighbour solicitations, and calls of link-local addresses: an interface may carry much else. */
const QUESTIONS: readonly BpfInstruction[] = [
  [Bpf.loadOctet, 0, 0, NEXT_HEADER_AT],
  [Bpf.jumpIfEqual, 0, 6, ICMPV6],
  [Bpf.loadOctet, 0, 0, ICMP_TYPE_AT],
  [Bpf.jumpIfEqual, 3, 0, SOLICITATION],
  [Bpf.jumpIfEqual, 0, 3, ECHO_REQUEST],
  [Bpf.loadHalf, 0, 0, DESTINATION_AT],
  [Bpf.jumpIfEqual, 0, 1, LINK_LOCAL_PREFIX],
  [Bpf.return, 0, 0, 0xffff],
  [Bpf.return, 0, 0, 0],
];

export class NeighbourDoor {
  #questions: PacketSocket | undefined;
  /** Only for its memberships, which tell the interface and the switches which questions are to be heard. */
  #memberships: UdpSocket | undefined;
  readonly #joined = new Map<string, () => void>();

  get fds(): number[] {
    return this.#questions === undefined ? [] : [this.#questions.fd];
  }

  /** Hears the questions for what is held now, and no others. Throws a `SystemError`. */
  follow(doors: Iterable<GroupDoor>): void {
    const wanted = new Set<string>();
    for (const { address, parent } of doors) {
      for (const each of address.addresses) {
        if (isIpv4(each)) continue;
        const group = solicitedNodeGroup(each);
        wanted.add(`${parent.index} ${group}`);
        if (!this.#joined.has(`${parent.index} ${group}`)) this.#join(group, parent.index);
      }
    }
    for (const [key, leave] of this.#joined) {
      if (wanted.has(key)) continue;
      this.#joined.delete(key);
      leave();
    }
  }

  answer(doors: Iterable<GroupDoor>): void {
    if (this.#questions === undefined) return;
    for (let count = 0; count < MOST_A_TURN; count++) {
      const packet = this.#questions.receive();
      if (packet === undefined) return;
      const question = neighbourQuestion(packet.octets);
      for (const door of doors) {
        if (!door.hears(packet)) continue;
        if (question === undefined) answerCall(packet, door);
        else answerQuestion(question, door);
      }
    }
  }

  close(): void {
    this.#questions?.close();
    this.#memberships?.close();
    this.#joined.clear();
  }

  #join(group: Ipv6, link: number): void {
    this.#questions ??= new PacketSocket({
      linkIndex: EVERY_LINK,
      etherType: EtherType.ipv6,
      kind: "payloads",
      filter: QUESTIONS,
    });
    this.#memberships ??= new UdpSocket({ family: 6, port: 0 });
    const socket = this.#memberships;
    socket.join(group, link);
    this.#joined.set(`${link} ${group}`, () => leaveQuietly(socket, group, link));
  }
}

/** An interface that is gone took its memberships along. */
function leaveQuietly(socket: UdpSocket, group: Ipv6, link: number): void {
  try {
    socket.leave(group, link);
  } catch (error) {
    if (errorCode(error) !== "EADDRNOTAVAIL" && errorCode(error) !== "ENODEV") throw error;
  }
}

function answerQuestion(question: NeighbourQuestion, door: GroupDoor): void {
  if (!door.address.answersFor(question.target)) return;
  const frame = advertisementFor(question, door.address.mac);
  if (frame !== undefined) door.sendAsActive(frame);
}

/**
 * The kernel cannot: its answer to a link-local address leaves by the virtual link, which asks nobody for MAC
 * addresses. Were it told them, it would answer solicitations too, lease or no lease.
 */
function answerCall({ octets, from }: Packet, door: GroupDoor): void {
  const call = linkLocalCall(octets);
  if (call === undefined || from === undefined || !door.address.answersFor(call.called)) return;
  door.sendAsActive(answerTo(call, door.address.mac, from));
}
