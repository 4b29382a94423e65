/**
 * Classic BPF programs, so that the kernel hands a packet socket only what it is for. Written as instructions,
 * encoded for the addon.
 */

/** Instruction codes of linux/bpf_common.h that filters need. */
export const Bpf = {
  loadOctet: 0x30,
  loadHalf: 0x28,
  loadWord: 0x20,
  /** Loads relative to x. */
  loadHalfAtX: 0x48,
  /** x = 4 * (octet & 0xf): the length of an IPv4 header. */
  headerLengthToX: 0xb1,
  jumpIfEqual: 0x15,
  jumpIfGreater: 0x25,
  jumpIfSet: 0x45,
  and: 0x54,
  return: 0x06,
} as const;

/** Code, where to go if true and if false (counted from the next instruction), operand. */
export type BpfInstruction = readonly [code: number, ifTrue: number, ifFalse: number, operand: number];

/** struct sock_filter, in the host's (little-endian) order. */
export function encodeBpf(program: readonly BpfInstruction[]): Uint8Array {
  const octets = new Uint8Array(program.length * 8);
  const view = new DataView(octets.buffer);
  for (const [at, [code, ifTrue, ifFalse, operand]] of program.entries()) {
    view.setUint16(at * 8, code, true);
    view.setUint8(at * 8 + 2, ifTrue);
    view.setUint8(at * 8 + 3, ifFalse);
    view.setUint32(at * 8 + 4, operand, true);
  }
  return octets;
}
