/**
 * Loads the addon of SCTP and says what it exports: usrsctp, one stack a process, that moves packets on threads of its
 * own. Absent where the library is absent; then only associations are missing.
 */
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { SystemError } from "../core/errors.ts";

/** Milliseconds, tries, octets. What an association inherits from the endpoint that it is made on. */
export interface SctpOptions {
  readonly retransmitFirstMs: number;
  readonly retransmitMinMs: number;
  readonly retransmitMaxMs: number;
  readonly heartbeatMs: number;
  readonly sackDelayMs: number;
  readonly pathRetransmits: number;
  readonly associationRetransmits: number;
  readonly initAttempts: number;
  readonly streams: number;
  /** What waits, each way. */
  readonly bufferOctets: number;
  /** Where the peer takes SCTP in UDP; 0 for straight over IP. */
  readonly remoteUdpPort: number;
}

/** The first word of what `receive` writes. */
export const Received = { data: 0, up: 1, lost: 2, restarted: 3, path: 4, other: 5 } as const;

export interface SctpPath {
  readonly address: string;
  /** 1 up, 2 down, 0x200 not yet seen to belong to the peer. */
  readonly state: number;
  readonly roundTripMs: number;
}

/** Addresses are 4 octets each, in a row. Refusals of the system throw an Error with `code`, `errno`, `syscall`. */
export interface SctpEndpoint {
  /** EADDRNOTAVAIL for an address that this host did not have when the stack was started. */
  bind(addresses: Uint8Array, port: number): void;
  listen(): void;
  accept(): SctpEndpoint | null;
  connect(addresses: Uint8Array, port: number): void;
  /** One message with its payload protocol identifier; -1 where there is no room for all of it. */
  send(stream: number, word: number, octets: Uint8Array): number;
  /** -1 where nothing waits. `meta` takes what it is (`Received`), the stream, the word. */
  receive(buffer: Uint8Array, meta: Int32Array): number;
  paths(): SctpPath[];
  /** The peer's address that is sent to now. */
  primary(): string;
  /** The peer is told at once. A second call does nothing. */
  close(): void;
}

export interface SctpAddon {
  /** An eventfd: something happened to some endpoint. */
  readonly bell: number;
  readonly Endpoint: new (options: SctpOptions) => SctpEndpoint;
  /** `udpPort` 0 for none. CAP_NET_RAW. */
  start(udpPort: number): void;
  /**
   * The mark (CAP_NET_ADMIN) and the filters on the sockets of the stack; IPv6 is closed. How many of IPv4 there are:
   * raw, UDP.
   */
  guard(mark: number, rawProgram: Uint8Array, udpProgram: Uint8Array): [number, number];
  /** Destination and source in turn, 4 octets each: from which address packets leave. At most 16. */
  sources(octets: Uint8Array): void;
  /** False while endpoints are closing. */
  stop(): boolean;
}

/** Beside `src/` and beside `dist/` alike. The tests point it at the build with sanitizers. */
const BUILD_FOLDER = process.env.UNDERSTUDY_NATIVE_BUILD ?? fileURLToPath(new URL("../../build", import.meta.url));

let loaded: SctpAddon | undefined;

/** Throws a `SystemError` that names the package. */
export function loadSctpAddon(): SctpAddon {
  if (loaded === undefined) {
    const file = `${BUILD_FOLDER}/sctp.node`;
    try {
      loaded = createRequire(import.meta.url)(file) as SctpAddon;
    } catch (error) {
      const missing = (error as { code?: unknown }).code === "MODULE_NOT_FOUND";
      const because = missing
        ? new Error("it was built without the package libusrsctp-dev; install that and build again", { cause: error })
        : new Error(`install the package libusrsctp2 (${(error as Error).message})`, { cause: error });
      throw new SystemError("load SCTP", { file }, because);
    }
  }
  return loaded;
}
