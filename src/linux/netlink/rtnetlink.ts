/**
 * Asks the kernel over rtnetlink: changes and dumps, at once or without blocking.
 *
 * The kernel carries out a request while it is being sent, so `request` hardly waits; it serves the liveness thread,
 * shutdown and small changes. `requestLater` reads a long answer through the event loop. Each has a socket of its own,
 * so that they never read each other's answers. CAP_NET_ADMIN for every change.
 */
import { SystemError } from "../../core/errors.ts";
import { type Addon, loadAddon, type Watch } from "../addon.ts";
import { attempt } from "../system-call.ts";
import { NETLINK_ROUTE } from "./constants.ts";
import { Exchange } from "./exchange.ts";
import type { Request } from "./request.ts";

/** The kernel fills at most 32 KiB of a dump at a time. */
const BUFFER_OCTETS = 65_536;
const ANSWER_NS = 5_000_000_000n;
interface Waiting {
  readonly exchange: Exchange<unknown>;
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
}

export class Rtnetlink {
  readonly #addon: Addon = loadAddon();
  readonly #fd: number;
  readonly #buffer = new Uint8Array(BUFFER_OCTETS);
  readonly #queue: Waiting[] = [];
  #later: { readonly fd: number; readonly watch: Watch } | undefined;
  #sequence = 0;

  constructor() {
    this.#fd = openNetlink(this.#addon);
  }

  /** Throws a `SystemError` with what the kernel said. */
  request<T>(request: Request<T>): T {
    const exchange = new Exchange(request, () => this.#nextSequence());
    this.#send(this.#fd, exchange);
    const deadline = this.#addon.monotonicNs() + ANSWER_NS;
    while (!exchange.done) {
      const octets = this.#receive(this.#fd, request);
      if (octets !== undefined) {
        if (exchange.accept(octets)) this.#send(this.#fd, exchange);
      } else if (this.#addon.wait(Int32Array.of(this.#fd), deadline).length === 0) {
        throw new SystemError(request.doing, request.context, new Error("the kernel does not answer"));
      }
    }
    return exchange.result();
  }

  /** The same through the event loop, one after the other. */
  requestLater<T>(request: Request<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ exchange: new Exchange(request, () => this.#nextSequence()), resolve, reject });
      if (this.#queue.length === 1) this.#begin();
    });
  }

  close(): void {
    this.#later?.watch.close();
    if (this.#later) this.#addon.close(this.#later.fd);
    this.#later = undefined;
    this.#addon.close(this.#fd);
    const closed = new Error("the netlink socket was closed");
    for (const { exchange, reject } of this.#queue.splice(0)) {
      reject(new SystemError(exchange.request.doing, exchange.request.context, closed));
    }
  }

  #begin(): void {
    const first = this.#queue[0];
    if (first === undefined) {
      this.#later?.watch.unref();
      return;
    }
    try {
      this.#later ??= this.#openLater();
      this.#later.watch.ref();
      this.#send(this.#later.fd, first.exchange);
    } catch (error) {
      this.#finish(first, () => {
        throw error;
      });
    }
  }

  #openLater(): { fd: number; watch: Watch } {
    const fd = openNetlink(this.#addon);
    return { fd, watch: new this.#addon.Watch(fd, () => this.#readLater(fd)) };
  }

  /** One datagram a turn, so that a long dump leaves the loop to others. */
  #readLater(fd: number): void {
    const first = this.#queue[0];
    if (first === undefined) {
      // Nobody waits any more; what is left over is taken so that the loop does not spin.
      attempt("read from the kernel", {}, () => this.#addon.netlinkReceive(fd, this.#buffer));
      return;
    }
    try {
      const octets = this.#receive(fd, first.exchange.request);
      if (octets !== undefined && first.exchange.accept(octets)) this.#send(fd, first.exchange);
      if (first.exchange.done) this.#finish(first, () => first.exchange.result());
    } catch (error) {
      this.#finish(first, () => {
        throw error;
      });
    }
  }

  #finish(waiting: Waiting, result: () => unknown): void {
    this.#queue.shift();
    try {
      waiting.resolve(result() as never);
    } catch (error) {
      waiting.reject(error);
    }
    this.#begin();
  }

  #send(fd: number, exchange: Exchange<unknown>): void {
    const { request } = exchange;
    const sent = attempt(request.doing, request.context, () => this.#addon.netlinkSend(fd, exchange.begin()));
    if (sent < 0) throw new SystemError(request.doing, request.context, new Error("the kernel takes no more requests"));
  }

  #receive(fd: number, request: Request<unknown>): Uint8Array | undefined {
    const { doing, context } = request;
    const length = attempt(doing, context, () => this.#addon.netlinkReceive(fd, this.#buffer));
    // Copied: the answers of a dump outlive the next read.
    return length < 0 ? undefined : this.#buffer.slice(0, length);
  }

  #nextSequence(): number {
    this.#sequence = (this.#sequence % 0xffff_fffe) + 1;
    return this.#sequence;
  }
}

/** A netlink socket that explains its refusals. */
export function openNetlink(addon: Addon): number {
  return attempt("open a netlink socket", {}, () => {
    const fd = addon.netlinkOpen(NETLINK_ROUTE);
    addon.setOption(fd, "extendedAck", 1);
    addon.setOption(fd, "capAck", 1);
    addon.setOption(fd, "strictCheck", 1);
    return fd;
  });
}
