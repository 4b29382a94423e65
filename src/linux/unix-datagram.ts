/** Unix datagrams: to the service manager (sd_notify) and the system's logger (/dev/log). */
import { utf8 } from "../core/wire/utf8.ts";
import { Descriptor } from "./descriptor.ts";
import { attempt } from "./system-call.ts";

const BUFFER_OCTETS = 65_536;

export class UnixDatagram extends Descriptor {
  readonly #buffer = new Uint8Array(BUFFER_OCTETS);

  constructor() {
    super(addon => attempt("open a unix socket", {}, () => addon.unixDatagramOpen()));
  }

  /** A path, or `@name` in the abstract namespace. */
  bind(path: string): void {
    attempt("bind the unix socket", { path }, () => this.addon.unixBind(this.fd, path));
  }

  /** False when the receiver's queue is full. Throws a `SystemError`. */
  send(path: string, octets: Uint8Array): boolean {
    return attempt("send a unix datagram", { path }, () => this.addon.unixSend(this.fd, path, octets) >= 0);
  }

  /** `undefined` when there is none. */
  receive(): Uint8Array | undefined {
    const length = attempt("receive a unix datagram", {}, () => this.addon.read(this.fd, this.#buffer));
    return length < 0 ? undefined : this.#buffer.slice(0, length);
  }
}

/** Tells the service manager `READY=1`, `WATCHDOG=1`, `STATUS=…`; false when there is none that wants to know. */
export function notifyServiceManager(state: string, path = process.env.NOTIFY_SOCKET): boolean {
  if (!path) return false;
  const socket = new UnixDatagram();
  try {
    return socket.send(path, utf8(state));
  } finally {
    socket.close();
  }
}
