/** Recorded frames as a capture file that tshark and others read: the classic format, Ethernet, microseconds. */
import type { TapFrame } from "../../src/lab/tap.ts";

const MAGIC = 0xa1b2c3d4;
const ETHERNET = 1;
const SNAP_OCTETS = 65_535;

export function pcapOf(frames: readonly TapFrame[]): Buffer {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(MAGIC, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(SNAP_OCTETS, 16);
  header.writeUInt32LE(ETHERNET, 20);
  return Buffer.concat([header, ...frames.flatMap(record)]);
}

function record({ atMs, hex }: TapFrame): Buffer[] {
  const octets = Buffer.from(hex, "hex");
  const header = Buffer.alloc(16);
  header.writeUInt32LE(Math.floor(atMs / 1000), 0);
  header.writeUInt32LE(Math.floor((atMs % 1000) * 1000), 4);
  header.writeUInt32LE(octets.length, 8);
  header.writeUInt32LE(octets.length, 12);
  return [header, octets];
}
