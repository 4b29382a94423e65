/**
 * Fresh keys for the tunnels of a topology, as `understudy run --manual-keys` reads them: both members of a pair have
 * the same, the branch has them the other way round.
 */
import { randomBytes, randomInt } from "node:crypto";

/** One end of a tunnel: who has it, and which entry of which crypto map it is there. */
export interface TunnelEnd {
  readonly hosts: readonly string[];
  readonly map: string;
  readonly entry: number;
}

export interface LabTunnel {
  readonly ends: readonly [TunnelEnd, TunnelEnd];
}

/** Octets of keys that a transform set takes, and of the IV that it puts into each packet. */
export interface TransformOctets {
  readonly cipher: number;
  readonly integrity: number;
  readonly iv: number;
}

/** What can be keyed by hand here, as a transform set has it. */
export const TRANSFORMS: Readonly<Record<string, TransformOctets>> = {
  "esp-aes esp-sha-hmac": { cipher: 16, integrity: 20, iv: 16 },
  "esp-gcm": { cipher: 20, integrity: 0, iv: 8 },
};

const SPI_LEAST = 256;
const SPI_PAST = 2 ** 32;

/** By host: what its file says. */
export function manualKeys(tunnels: readonly LabTunnel[], { cipher, integrity }: TransformOctets): Map<string, object> {
  const files = new Map<string, { tunnels: object[] }>();
  const sa = (): object => ({
    spi: randomInt(SPI_LEAST, SPI_PAST),
    key: randomBytes(cipher).toString("hex"),
    integrity: randomBytes(integrity).toString("hex"),
  });
  for (const { ends } of tunnels) {
    const there = sa();
    const back = sa();
    const directions = [
      { outbound: there, inbound: back },
      { outbound: back, inbound: there },
    ];
    for (const [at, { hosts, map, entry }] of ends.entries()) {
      for (const host of hosts) {
        const file = files.get(host) ?? { tunnels: [] };
        file.tunnels.push({ map, entry, udp: true, ...directions[at] });
        files.set(host, file);
      }
    }
  }
  return files;
}
