/**
 * Loads the native addon and says what it exports: system calls that Node lacks, checked and undecided.
 *
 * Descriptors are numbers and non-blocking. A transfer answers how many octets went, or -1 when it would have
 * blocked. A refusal of the system throws an
 * Error with `code`, `errno` and `syscall`; `attempt` in system-call.ts gives it words. A wrong argument throws a
 * TypeError or RangeError that names it.
 */
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { SystemError } from "../core/errors.ts";

export type IntegerOption =
  | "reuseAddress"
  | "reusePort"
  | "broadcast"
  | "receiveBuffer"
  | "receiveBufferForce"
  | "sendBuffer"
  | "mark"
  | "priority"
  | "headerIncluded"
  | "packetInfo"
  | "freebind"
  | "transparent"
  | "ttl"
  | "tos"
  | "receiveTtl"
  | "multicastTtl"
  | "multicastLoop"
  | "multicastAll"
  | "pathMtuDiscovery"
  | "v6Only"
  | "v6HeaderIncluded"
  | "v6PacketInfo"
  | "v6Freebind"
  | "v6Transparent"
  | "v6HopLimit"
  | "v6ReceiveHopLimit"
  | "v6MulticastHopLimit"
  | "v6MulticastLoop"
  | "v6MulticastAll"
  | "v6PathMtuDiscovery"
  | "v6ChecksumOffset"
  | "udpEncapsulation"
  | "ignoreOutgoing"
  | "extendedAck"
  | "capAck"
  | "strictCheck";

/** The event loop's notice that a descriptor can be read or has failed. Close it before the descriptor. */
export interface Watch {
  close(): void;
  ref(): void;
  unref(): void;
}

/** The thread of native/sys/hello-thread.h; `lease` is a line of role words, or -1. */
export interface Hello {
  readonly realtime: boolean;
  repeat(slot: number, fd: number, frame: Uint8Array, lease: number, firstNs: bigint, intervalNs: bigint): void;
  stop(slot: number): void;
  /** `targets` holds 6 octets for each of `fds`: an IPv4 address and a port. */
  ring(
    ring: number,
    octets: Uint8Array,
    lengths: Int32Array,
    fds: Int32Array,
    targets: Uint8Array,
    lease: number,
    firstNs: bigint,
    intervalNs: bigint,
  ): void;
  stopRing(ring: number): void;
  /** Octets sent, -1 when there is no room, -2 when the lease forbids it. */
  send(fd: number, frame: Uint8Array, lease: number): number;
  counters(): { sent: number; heldBack: number; failed: number; latestMs: number };
  close(): void;
}

/** Addresses are 4 or 16 octets; interface 0 is "any"; `protocol` of a packet socket is an EtherType. */
export interface Addon {
  monotonicNs(): bigint;
  monotonicMs(): number;
  timerfdOpen(): number;
  timerfdSet(fd: number, deadlineNs: bigint | null, intervalNs: bigint | null): void;
  timerfdDrain(fd: number): number;

  read(fd: number, buffer: Uint8Array): number;
  write(fd: number, octets: Uint8Array): number;
  close(fd: number): void;
  setNonBlocking(fd: number): void;
  eventfdOpen(): number;
  eventfdSignal(fd: number): void;
  eventfdDrain(fd: number): boolean;

  /** Blocks the thread. Up to 64 descriptors; those that can be read or have failed, none at the deadline. */
  wait(fds: Int32Array, deadlineNs: bigint | null): number[];
  readonly Hello: new (lines: Uint8Array, priority: number) => Hello;
  readonly Watch: new (fd: number, callback: () => void) => Watch;

  setOption(fd: number, name: IntegerOption, value: number): void;
  socketError(fd: number): number;
  errorName(errno: number): string;
  bindToDevice(fd: number, name: string | null): void;

  udpOpen(family: 4 | 6): number;
  rawOpen(family: 4 | 6, protocol: number): number;
  inetBind(fd: number, address: Uint8Array, port: number, interfaceIndex: number): void;
  inetPort(fd: number): number;
  inetMembership(fd: number, group: Uint8Array, interfaceIndex: number, join: boolean): void;
  multicastInterface(fd: number, family: 4 | 6, interfaceIndex: number): void;
  inetSend(
    fd: number,
    octets: Uint8Array,
    destination: Uint8Array,
    port: number,
    source: Uint8Array | null,
    interfaceIndex: number,
  ): number;
  /** `meta` takes 48 octets, read by datagram-meta.ts. */
  inetReceive(fd: number, buffer: Uint8Array, meta: Uint8Array): number;

  netlinkOpen(protocol: number): number;
  netlinkJoin(fd: number, group: number): void;
  netlinkSend(fd: number, octets: Uint8Array): number;
  netlinkReceive(fd: number, buffer: Uint8Array): number;

  packetOpen(raw: boolean): number;
  packetBind(fd: number, interfaceIndex: number, protocol: number): void;
  packetMembership(fd: number, interfaceIndex: number, mac: Uint8Array, join: boolean): void;
  attachFilter(fd: number, program: Uint8Array): void;
  packetSend(fd: number, interfaceIndex: number, protocol: number, mac: Uint8Array | null, octets: Uint8Array): number;
  /**
   * `meta` takes 16 octets, read by packet-socket.ts. The answer is the frame's true length, which may exceed the
   * buffer's.
   */
  packetReceive(fd: number, buffer: Uint8Array, meta: Uint8Array): number;

  tunOpen(name: string, vnetHeader: boolean, multiQueue: boolean): number;
  tunName(fd: number): string;
  tunOffload(fd: number, checksum: boolean, tso4: boolean, tso6: boolean, uso: boolean): void;
  tunPersist(fd: number, persist: boolean): void;

  unixDatagramOpen(): number;
  unixBind(fd: number, path: string): void;
  unixSend(fd: number, path: string, octets: Uint8Array): number;

  interfaceIndex(name: string): number;
  interfaceName(index: number): string;

  /** Where the octets lie, modulo a power of two: what atomics and cache lines care about. */
  addressModulo(octets: Uint8Array, boundary: number): number;

  effectiveCapabilities(): number;
  realtimeLimit(): number;
  setRealtime(priority: number): void;
  lockMemory(): void;
  setDumpable(permitted: boolean): void;
  dumpable(): boolean;
  setParentDeathSignal(signal: number): void;
}

/** Beside `src/` and beside `dist/` alike. The tests point it at the build with sanitizers. */
const BUILD_FOLDER = process.env.UNDERSTUDY_NATIVE_BUILD ?? fileURLToPath(new URL("../../build", import.meta.url));

let loaded: Addon | undefined;

/** Throws a `SystemError` that says what to do when the addon has not been built. */
export function loadAddon(): Addon {
  if (loaded === undefined) {
    const file = `${BUILD_FOLDER}/sys.node`;
    try {
      loaded = createRequire(import.meta.url)(file) as Addon;
    } catch (error) {
      const missing = (error as { code?: unknown }).code === "MODULE_NOT_FOUND";
      const because = missing
        ? new Error("it is not built; run 'npm run build', which needs g++", { cause: error })
        : error;
      throw new SystemError("load the native addon", { file }, because);
    }
  }
  return loaded;
}
