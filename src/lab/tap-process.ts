/**
 * A tap on devices of one namespace: records frames that come in there, and sends frames as they are given. `tap.ts`
 * starts it, in the fabric to see what each host sends, or in a host to play a stranger.
 */
import { Bpf, type BpfInstruction } from "../linux/bpf.ts";
import { monotonicMs, waitUntil } from "../linux/clock.ts";
import { linkIndexOf } from "../linux/links.ts";
import { EtherType, PacketSocket } from "../linux/packet-socket.ts";
import { errorCode } from "../linux/system-call.ts";
import { answer, hurry, makeRoom, REQUESTS, RequestLines } from "./program-lines.ts";
import type { TapFrame, TapRequest, TapSettings } from "./tap.ts";

const RECEIVE_OCTETS = 16_777_216;
/** A storm is sent in bursts, so that what arrives meanwhile is taken. */
const BURST = 64;
/** The organisations that the virtual MAC addresses of both versions and families belong to. */
const VIRTUAL_OUIS = [0x00000c, 0x000573];
const HSRP_PORT = 1985;
const ACCEPT = 0x40000;

interface Sending {
  readonly socket: PacketSocket;
  readonly frames: readonly Uint8Array[];
  readonly everyMs: number;
  left: number;
  nextMs: number;
}

/**
 * Frames from virtual MAC addresses, ARP, IPv6, HSRP, and IPv4 from the addresses given: what can say who is active.
 */
function claimsFilter(addresses: readonly number[]): BpfInstruction[] {
  const tests: (readonly BpfInstruction[])[] = [
    [
      [Bpf.loadWord, 0, 0, 6],
      [Bpf.and, 0, 0, 0xffffff00],
    ],
    ...VIRTUAL_OUIS.map((oui): BpfInstruction[] => [[Bpf.jumpIfEqual, -1, 0, oui << 8]]),
    [
      [Bpf.loadHalf, 0, 0, 12],
      [Bpf.jumpIfEqual, -1, 0, EtherType.arp],
      [Bpf.jumpIfEqual, -1, 0, EtherType.ipv6],
      [Bpf.jumpIfEqual, 0, -2, EtherType.ipv4],
      [Bpf.loadWord, 0, 0, 26],
    ],
    ...addresses.map((address): BpfInstruction[] => [[Bpf.jumpIfEqual, -1, 0, address]]),
    [
      [Bpf.headerLengthToX, 0, 0, 14],
      [Bpf.loadHalfAtX, 0, 0, 16],
      [Bpf.jumpIfEqual, -1, -2, HSRP_PORT],
    ],
  ];
  return resolved(tests.flat());
}

/** -1 goes to the acceptance behind the program, -2 to the refusal behind that. */
function resolved(program: readonly BpfInstruction[]): BpfInstruction[] {
  const ends = program.length;
  const jump = (to: number, at: number): number => (to >= 0 ? to : ends - to - 1 - at - 1);
  return [
    ...program.map(([code, yes, no, operand], at): BpfInstruction => [code, jump(yes, at), jump(no, at), operand]),
    [Bpf.return, 0, 0, ACCEPT],
    [Bpf.return, 0, 0, 0],
  ];
}

class Tap {
  readonly descriptors: Int32Array;
  readonly #sockets: ReadonlyMap<string, PacketSocket>;
  readonly #keptOctets: number;
  readonly #sendings: Sending[] = [];
  #frames: TapFrame[] = [];

  constructor({ devices, watch, keptOctets }: TapSettings) {
    this.#keptOctets = keptOctets;
    const filter = watch === "all" ? {} : { filter: claimsFilter(watch.map(numberOf)) };
    this.#sockets = new Map(
      devices.map(device => {
        const linkIndex = linkIndexOf(device);
        if (linkIndex === undefined) throw new Error(`no device ${device} here`);
        const socket = new PacketSocket({ linkIndex, etherType: EtherType.all, kind: "frames", ...filter });
        makeRoom(socket.fd, RECEIVE_OCTETS);
        return [device, socket];
      }),
    );
    this.descriptors = Int32Array.from([REQUESTS, ...[...this.#sockets.values()].map(each => each.fd)]);
  }

  /** When the next frame is to be sent. */
  get nextMs(): number | undefined {
    return this.#sendings.reduce<number | undefined>(
      (least, { nextMs }) => (least === undefined ? nextMs : Math.min(least, nextMs)),
      undefined,
    );
  }

  handle(request: TapRequest): object {
    switch (request.what) {
      case "send": {
        const socket = this.#sockets.get(request.device);
        if (socket === undefined) throw new Error(`no device ${request.device} on this tap`);
        const frames = request.frames.map(hex => Uint8Array.from(Buffer.from(hex, "hex")));
        const { times, everyMs } = request;
        this.#sendings.push({ socket, frames, everyMs, left: times, nextMs: monotonicMs() });
        return {};
      }
      case "quiet":
        this.#sendings.length = 0;
        return {};
      case "sending":
        return { sending: this.#sendings.length > 0 };
      case "take": {
        const frames = this.#frames;
        if (!request.keep) this.#frames = [];
        return frames;
      }
    }
    return request satisfies never;
  }

  receive(): void {
    for (const [device, socket] of this.#sockets) {
      for (let frame = receive(socket); frame; frame = receive(socket)) {
        const octets = frame.octets.subarray(0, this.#keptOctets);
        this.#frames.push({ atMs: monotonicMs(), device, hex: Buffer.from(octets).toString("hex") });
      }
    }
  }

  send(): void {
    const now = monotonicMs();
    for (const sending of this.#sendings) {
      for (let burst = 0; burst < BURST && sending.left > 0 && sending.nextMs <= now; burst++) {
        for (const frame of sending.frames) sending.socket.send(frame);
        sending.left -= 1;
        sending.nextMs += sending.everyMs;
      }
    }
    const left = this.#sendings.filter(each => each.left > 0);
    this.#sendings.splice(0, this.#sendings.length, ...left);
  }
}

/** A device that goes down tells its sockets once. */
function receive(socket: PacketSocket): ReturnType<PacketSocket["receive"]> {
  try {
    return socket.receive();
  } catch (error) {
    if (errorCode(error) === "ENETDOWN") return undefined;
    throw error;
  }
}

function numberOf(address: string): number {
  return address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
}

const tap = new Tap(JSON.parse(process.argv[2] ?? "{}") as TapSettings);
const requests = new RequestLines();
answer({ priority: hurry() });
for (;;) {
  const readable = waitUntil(tap.descriptors, tap.nextMs);
  tap.receive();
  tap.send();
  if (!readable.includes(REQUESTS)) continue;
  for (const request of requests.take()) answer(tap.handle(request as TapRequest));
}
