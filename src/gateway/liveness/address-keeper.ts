/**
 * Renews the short lives of virtual addresses from a thread that may wait.
 *
 * The kernel has one lock for all that changes links and addresses, in every network namespace: a request waits until
 * whoever holds it is done (120 ms were seen while others made and removed links), and a liveness thread that waits
 * so long loses its lease. So it asks for an address itself only when it takes it; from then on a second hello thread
 * sends the prepared request again and again, under the same lease. CAP_NET_ADMIN.
 */
import { type SystemError, WireError } from "../../core/errors.ts";
import { loadAddon } from "../../linux/addon.ts";
import { HelloThread } from "../../linux/hello-thread.ts";
import { Flag, MessageType } from "../../linux/netlink/constants.ts";
import { acknowledgementOf, decodeMessages, encodeMessage, type Message } from "../../linux/netlink/message.ts";
import { refusal } from "../../linux/netlink/refusal.ts";
import type { Request } from "../../linux/netlink/request.ts";
import { openNetlink } from "../../linux/netlink/rtnetlink.ts";
import type { RoleWords } from "../../linux/role-words.ts";
import { attempt } from "../../linux/system-call.ts";

const EVERY_MS = 1_000;
const BUFFER_OCTETS = 8_192;

interface Kept {
  readonly lease: number;
  readonly octets: Uint8Array;
}

export class AddressKeeper {
  readonly #thread: HelloThread;
  readonly #fd = openNetlink(loadAddon());
  readonly #buffer = new Uint8Array(BUFFER_OCTETS);
  readonly #kept = new Map<number, Kept>();

  /** Throws a `SystemError`. */
  constructor(words: RoleWords) {
    this.#thread = new HelloThread(words, 0);
  }

  /**
   * These changes are asked for each second from now on, while the lease is fresh. The same again is no harm. Throws
   * what the kernel refused of those before, as a `SystemError`.
   */
  keep(slot: number, changes: readonly Request<void>[], lease: number, now: number): void {
    const octets = new Uint8Array(Buffer.concat(changes.map(encoded)));
    const before = this.#kept.get(slot);
    if (before === undefined || before.lease !== lease || Buffer.compare(before.octets, octets) !== 0) {
      this.#kept.set(slot, { lease, octets });
      this.#thread.repeat(slot, { fd: this.#fd, frame: octets, lease, firstMs: now, everyMs: EVERY_MS });
    }
    this.#check();
  }

  /** When it returns nothing of the slot is being asked for. */
  drop(slot: number): void {
    if (this.#kept.delete(slot)) this.#thread.stop(slot);
  }

  close(): void {
    this.#thread.close();
    loadAddon().close(this.#fd);
  }

  #check(): void {
    let refused: SystemError | undefined;
    for (let octets = this.#receive(); octets !== undefined; octets = this.#receive()) {
      const messages = decodeMessages(octets);
      if (!(messages instanceof WireError)) refused = messages.reduce(laterRefusal, refused);
    }
    if (refused !== undefined) throw refused;
  }

  #receive(): Uint8Array | undefined {
    const length = attempt("read from the kernel", {}, () => loadAddon().netlinkReceive(this.#fd, this.#buffer));
    return length < 0 ? undefined : this.#buffer.subarray(0, length);
  }
}

/** Without a wish for an acknowledgement only refusals come back. */
function encoded({ type, flags, body }: Request<void>): Uint8Array {
  return encodeMessage({ type, flags: Flag.request | flags, sequence: 0, body });
}

function laterRefusal(before: SystemError | undefined, message: Message): SystemError | undefined {
  if (message.type !== MessageType.error) return before;
  return refusal("renew a virtual address", {}, acknowledgementOf(message));
}
