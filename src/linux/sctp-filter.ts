/**
 * What the kernel lets through to the SCTP stack: packets between the addresses and ports of an association. Anybody
 * else on the segment sends to a wall, before a single octet of SCTP is read.
 */
import type { LinkEnd } from "../core/redundancy/link-model.ts";
import { ipToOctets } from "../core/wire/address.ts";
import { Bpf, type BpfInstruction, encodeBpf } from "./bpf.ts";

export interface SctpFlow {
  readonly local: LinkEnd;
  readonly remote: LinkEnd;
}

/** linux/filter.h, SKF_NET_OFF: from here on offsets count from the IP header, wherever the packet begins. */
const IP_HEADER = 0xfff00000;
const SOURCE_AT = IP_HEADER + 12;
const DESTINATION_AT = IP_HEADER + 16;
const UDP_HEADER = 8;
const PASS: BpfInstruction = [Bpf.return, 0, 0, 0xffff_ffff];
const DROP: BpfInstruction = [Bpf.return, 0, 0, 0];
/** linux/bpf_common.h: a half word at x. */
type Half = (at: number) => BpfInstruction;

/** For a raw socket, whose packets begin with the IP header. */
export function rawFilter(flows: readonly SctpFlow[]): Uint8Array {
  const headerLengthToX: BpfInstruction = [Bpf.headerLengthToX, 0, 0, 0];
  return filter(flows, [headerLengthToX], at => [Bpf.loadHalfAtX, 0, 0, at]);
}

/** For SCTP in UDP (RFC 6951): what the socket takes begins with the UDP header. */
export function udpFilter(flows: readonly SctpFlow[]): Uint8Array {
  return filter(flows, [], at => [Bpf.loadHalf, 0, 0, UDP_HEADER + at]);
}

function filter(flows: readonly SctpFlow[], before: readonly BpfInstruction[], half: Half): Uint8Array {
  const tests = flows.flatMap(({ local, remote }) =>
    remote.addresses.flatMap(from =>
      local.addresses.flatMap(to =>
        matching([
          [[[Bpf.loadWord, 0, 0, SOURCE_AT]], wordOf(from)],
          [[[Bpf.loadWord, 0, 0, DESTINATION_AT]], wordOf(to)],
          [[...before, half(0)], remote.port],
          [[...before, half(2)], local.port],
        ]),
      ),
    ),
  );
  return encodeBpf([...tests, DROP]);
}

/** Passes where every load gives its value; else goes on behind it. */
function matching(loads: readonly (readonly [readonly BpfInstruction[], number])[]): BpfInstruction[] {
  const program: BpfInstruction[] = [PASS];
  for (const [load, value] of [...loads].reverse()) {
    program.unshift(...load, [Bpf.jumpIfEqual, 0, program.length, value]);
  }
  return program;
}

function wordOf(address: LinkEnd["addresses"][number]): number {
  return new DataView(Uint8Array.from(ipToOctets(address)).buffer).getUint32(0);
}
