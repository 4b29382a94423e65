/**
 * Loads the fast path's addon and says what it exports: the native threads that move ESP packets, seen from JavaScript.
 *
 * Everything crosses in bulk: SAs, policies and updates go down as packed records (fastpath-records.ts), events and
 * datagrams come up as packed records, one eventfd rings for all of them. One thread of JavaScript calls; packets never
 * wait for it. Role words, edges and the dirty bitmap are shared memory that other threads may read. A wrong record
 * throws a RangeError that names it, and nothing of its batch is done; a refusal of the system throws an Error with
 * `code`, `errno` and `syscall`.
 */
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { SystemError } from "../core/errors.ts";

export interface FastPathOptions {
  /** role-words.ts's lines: begins at a multiple of 64, never moves. Line N is group N of every record. */
  readonly roles: Uint8Array;
  /**
   * Over shared memory, one word a place; its length is how many places there are, at most 2^20. Outbound: the highest
   * sequence number used. Inbound: the highest one accepted. Written by the fast path after the packet's fate is
   * sealed.
   */
  readonly edges: BigUint64Array;
  /** Over shared memory, a bit a place: its edge moved. A reader clears a word with `Atomics.exchange`, then reads. */
  readonly dirty: Uint32Array;
  /** 0 or 1: the low bit of the owner field in every IV, so that two members never share a nonce. */
  readonly member: 0 | 1;
  /** `auto` is libIPSec_MB where it is built in and the processor has AVX2, else the OpenSSL of the running Node. */
  readonly crypto: "auto" | "ipsec-mb" | "openssl";
  /** Absent in tests of the pure packet functions: then there are no devices, no sockets and no threads. */
  readonly doors?: FastPathDoors;
}

export interface FastPathDoors {
  /** Made if it is not there; CAP_NET_ADMIN. It is down and has no MTU of ours: the caller brings it up. */
  readonly tun: string;
  /** A second one, of what arrived from outside in clear: what an SA should have carried is dropped there. */
  readonly guard?: string;
  /** ESP in UDP (RFC 3948) and IKE behind it: 4500. Both families where the host has both. CAP_NET_BIND_SERVICE. */
  readonly port: number;
  /** SO_MARK of every socket here, so that steering lets them pass; 0 is none. CAP_NET_ADMIN. */
  readonly mark: number;
  /** Plain ESP too, through raw sockets. CAP_NET_RAW. */
  readonly rawEsp: boolean;
  /** 0 chooses: one where there are fewer than four processors, else two (outbound and inbound). */
  readonly threads: 0 | 1 | 2;
}

export interface FastPathFacts {
  readonly crypto: "ipsec-mb" | "openssl";
  /** What of it: `AVX2 1.3.0`, `OpenSSL 3.0.19`. */
  readonly cryptoVersion: string;
  readonly threads: number;
  readonly tun: string;
  /** What the TUN device took: checksum, tso4, tso6, uso4, uso6. */
  readonly offloads: readonly string[];
  /** UDP_SEGMENT and UDP_GRO work on the cipher side. */
  readonly udpSegmentation: boolean;
  /** Key memory is locked; false where RLIMIT_MEMLOCK was too small. */
  readonly locked: boolean;
  /** Octets of key and SA memory. */
  readonly memoryOctets: number;
  readonly sas: number;
  readonly policies: number;
}

export interface ReceivedInner {
  /** `accepted`, or the reason why not, of `dropReasons`. */
  readonly verdict: string;
  /** One inner packet, without offload; absent when it was dropped. */
  readonly packet?: Uint8Array;
}

export interface SentOuter {
  /** `sent`, `bypass`, `held` (it waits for an SA), or a reason of `dropReasons`. */
  readonly verdict: string;
  /** Payloads behind the outer IP header, and behind the UDP header where the SA has one: ESP begins at octet 0. */
  readonly packets: readonly Uint8Array[];
  /** What should go back to the sender inside: ICMP "too big". */
  readonly replies: readonly Uint8Array[];
}

export interface FastPath {
  /** Readable when an event, a datagram or an edge worth reporting waits. Level-triggered; drain it, then read. */
  readonly doorbell: number;

  /**
   * Packed `SaRecord`s. Inbound ones receive from now on; outbound ones send when `steer` says. A place in use is
   * refused, and so is an inbound SPI in use.
   */
  installSas(records: Uint8Array): void;
  /** Ends them at once; keys are wiped when no thread can be using them. Places may be used again at once. */
  removeSas(places: Uint32Array): void;
  /** Packed `SaUpdate`s; those of places that are free are passed over. */
  updateSas(records: Uint8Array): void;
  /** Pairs: bundle, place of the outbound SA that it uses from now on (0xffffffff: none). Packets held for it go. */
  steer(pairs: Uint32Array): void;
  /** Removes by id, adds packed `PolicyRecord`s (an id in use is replaced); all at one moment for packets. */
  changePolicies(removeIds: Uint32Array, add: Uint8Array): void;

  /** `COUNTERS_A_PLACE` words for each place asked, zero for a free one. */
  readCounters(places: Uint32Array, into: BigUint64Array): void;
  /** One word a reason, in the order of `dropReasons`. */
  readDrops(into: BigUint64Array): void;
  /** One word a gauge, in the order of `gauges`. */
  readGauges(into: BigUint64Array): void;
  /** Packed events, whole ones only; octets written. 0: none wait. */
  readEvents(into: Uint8Array): number;
  /** Packed datagrams of the UDP port that are not ESP; octets written. */
  readDatagrams(into: Uint8Array): number;
  /**
   * From the UDP port, as it is (an IKE message behind its four zero octets, or a keepalive). `local` and `remote` are
   * addresses of one family. False when it would have blocked.
   */
  sendDatagram(octets: Uint8Array, local: Uint8Array, remote: Uint8Array, remotePort: number): boolean;
  /**
   * An orderly switchover, `line` of the role words draining in `epoch`: what is queued inside is encrypted, then no
   * number of that epoch is given out any more, whatever the role word says. Takes up to 50 ms where others keep the
   * device busy.
   */
  conclude(line: number, epoch: number): void;
  /** Packets from inside for this line wait for its role to be active, until this monotonic time (whole ms). */
  expect(line: number, untilMs: number): void;
  /**
   * One word a place: outbound the first number that is free in the epoch of the role word, inbound the highest that
   * counts as seen; 0 of a free one.
   */
  readNumbers(places: Uint32Array, into: BigUint64Array): void;
  /** Reports packets of this SPI as events, at most 100 a second; 0 ends it. */
  trace(spi: number): void;
  /** Returns when every packet that was under way has left or been dropped: after it, a lowered role word holds. */
  settle(): void;
  facts(): FastPathFacts;

  /** The same code that the threads run, on one packet. Only without doors. */
  encrypt(inner: Uint8Array, arrived?: boolean): SentOuter;
  /** `outer` is ESP from its SPI on; the addresses are the outer header's, `tos` its traffic class. */
  receive(outer: Uint8Array, from: Uint8Array, fromPort: number, to: Uint8Array, tos: number): ReceivedInner;

  /** Threads end, descriptors close, keys are wiped. A second call does nothing. */
  close(): void;
}

export interface FastPathAddon {
  readonly FastPath: new (options: FastPathOptions) => FastPath;
  /** Why packets are dropped; order is the order of `readDrops`. Names as `show platform dataplane` prints them. */
  readonly dropReasons: readonly string[];
  /** What `readGauges` counts: rounds, packets and octets each way, system calls, largest batch. */
  readonly gauges: readonly string[];
  /** What this build can use here, best first. */
  readonly cryptoProviders: readonly ("ipsec-mb" | "openssl")[];
}

/** Beside `src/` and beside `dist/` alike. The tests point it at the build with sanitizers. */
const BUILD_FOLDER = process.env.UNDERSTUDY_NATIVE_BUILD ?? fileURLToPath(new URL("../../build", import.meta.url));

let loaded: FastPathAddon | undefined;

/** Throws a `SystemError` that says what to do when the addon has not been built. */
export function loadFastPathAddon(): FastPathAddon {
  if (loaded === undefined) {
    const file = `${BUILD_FOLDER}/fastpath.node`;
    try {
      loaded = createRequire(import.meta.url)(file) as FastPathAddon;
    } catch (error) {
      const missing = (error as { code?: unknown }).code === "MODULE_NOT_FOUND";
      const because = missing
        ? new Error("it is not built; run 'npm run build', which needs g++", { cause: error })
        : error;
      throw new SystemError("load the fast path", { file }, because);
    }
  }
  return loaded;
}
