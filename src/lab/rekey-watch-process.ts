/**
 * Waits between the gateways for one message of a renewal and kills a process at that moment; `rekey-faults.ts` starts
 * it. Its sockets hear IKE alone, so that no flood keeps it from being in time.
 */
import { Bpf, type BpfInstruction } from "../linux/bpf.ts";
import { monotonicMs, waitUntil } from "../linux/clock.ts";
import { linkIndexOf } from "../linux/links.ts";
import { EtherType, PacketSocket } from "../linux/packet-socket.ts";
import { answer, hurry, REQUESTS, RequestLines } from "./program-lines.ts";
import type { RekeyWatchSettings } from "./rekey-faults.ts";
import { RekeySteps } from "./rekey-steps.ts";

const ETHERNET_OCTETS = 14;
const UDP_OCTETS = 8;
const MARKER_OCTETS = 4;
const UDP = 17;
const IKE_PORT = 500;
const NAT_PORT = 4_500;
const ACCEPT = 0x40000;
/** Of UDP's header and what follows it, where x is the length of IP's. */
const PORT_AT = ETHERNET_OCTETS + 2;
const MARKER_AT = ETHERNET_OCTETS + UDP_OCTETS;

/** IPv4, UDP, to port 500, or to 4500 with IKE's marker of zeros: RFC 3948 section 2.2. */
const ikeAlone: readonly BpfInstruction[] = [
  [Bpf.loadHalf, 0, 0, 12],
  [Bpf.jumpIfEqual, 0, 11, EtherType.ipv4],
  [Bpf.loadOctet, 0, 0, ETHERNET_OCTETS + 9],
  [Bpf.jumpIfEqual, 0, 9, UDP],
  [Bpf.headerLengthToX, 0, 0, ETHERNET_OCTETS],
  [Bpf.loadHalfAtX, 0, 0, PORT_AT],
  [Bpf.jumpIfEqual, 5, 0, IKE_PORT],
  [Bpf.jumpIfEqual, 0, 5, NAT_PORT],
  [Bpf.loadHalfAtX, 0, 0, MARKER_AT],
  [Bpf.jumpIfEqual, 0, 3, 0],
  [Bpf.loadHalfAtX, 0, 0, MARKER_AT + 2],
  [Bpf.jumpIfEqual, 0, 1, 0],
  [Bpf.return, 0, 0, ACCEPT],
  [Bpf.return, 0, 0, 0],
];

const { devices, step, pid } = JSON.parse(process.argv[2] ?? "{}") as RekeyWatchSettings;
hurry();
const sockets = devices.map(device => {
  const linkIndex = linkIndexOf(device);
  if (linkIndex === undefined) throw new Error(`no device ${device} here`);
  return new PacketSocket({ linkIndex, etherType: EtherType.ipv4, kind: "frames", filter: ikeAlone });
});
const steps = new RekeySteps();
const requests = new RequestLines();
const descriptors = Int32Array.from([REQUESTS, ...sockets.map(({ fd }) => fd)]);
let isAsked = false;
let killedAtMs: number | undefined;
answer({});
for (;;) {
  const readable = waitUntil(descriptors, undefined);
  for (const socket of sockets) {
    for (let frame = socket.receive(); frame !== undefined; frame = socket.receive()) see(frame.octets);
  }
  if (readable.includes(REQUESTS)) isAsked = requests.take().length > 0 || isAsked;
  if (!isAsked || killedAtMs === undefined) continue;
  answer({ killedAtMs });
  isAsked = false;
}

function see(frame: Uint8Array): void {
  const udpAt = ETHERNET_OCTETS + ((frame[ETHERNET_OCTETS] ?? 0) & 0xf) * 4;
  const port = ((frame[udpAt + 2] ?? 0) << 8) | (frame[udpAt + 3] ?? 0);
  const message = frame.subarray(udpAt + UDP_OCTETS + (port === NAT_PORT ? MARKER_OCTETS : 0));
  if (steps.see(message) !== step || killedAtMs !== undefined) return;
  process.kill(pid, "SIGKILL");
  killedAtMs = monotonicMs();
}
