/** On what a figure was measured, so that it can be judged later. */
import { readFileSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";

export interface Machine {
  readonly processor: string;
  readonly processors: number;
  /** Of the instruction sets that ciphers use, those that are here. */
  readonly instructions: readonly string[];
  readonly kernel: string;
  readonly memoryMiB: number;
  readonly node: string;
  readonly openssl: string;
  /** What sockets of this machine get by default; every measurement here says `cubic` itself. */
  readonly congestionControl: string;
}

const INSTRUCTIONS = ["aes", "avx", "avx2", "vaes", "vpclmulqdq", "avx512f", "avx512bw", "sha_ni"];

export function machine(): Machine {
  const flags = new Set(/^flags\s*:(.*)$/m.exec(readFileSync("/proc/cpuinfo", "utf8"))?.[1]?.trim().split(" "));
  return {
    processor: cpus()[0]?.model ?? "unknown",
    processors: cpus().length,
    instructions: INSTRUCTIONS.filter(name => flags.has(name)),
    kernel: release(),
    memoryMiB: Math.round(totalmem() / 2 ** 20),
    node: process.versions.node,
    openssl: process.versions.openssl,
    congestionControl: readFileSync("/proc/sys/net/ipv4/tcp_congestion_control", "utf8").trim(),
  };
}
