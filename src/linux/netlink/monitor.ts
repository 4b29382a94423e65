/**
 * Hears what changes in the kernel's links, addresses, routes, rules, neighbours and nexthops, whoever changed it.
 *
 * When changes come faster than they are read the kernel drops some and says so: `overrun` means "read everything
 * again".
 */
import { WireError } from "../../core/errors.ts";
import { type Addon, loadAddon, type Watch } from "../addon.ts";
import { attempt, errorCode } from "../system-call.ts";
import { decodeAddress, type LinkAddress } from "./address.ts";
import { Group, MessageType } from "./constants.ts";
import { decodeLink, type Link } from "./link.ts";
import { decodeMessages, type Message } from "./message.ts";
import { decodeNeighbour, type Neighbour } from "./neighbour.ts";
import { decodeNexthop, type Nexthop } from "./nexthop.ts";
import { decodeRoute, type Route } from "./route.ts";
import { openNetlink } from "./rtnetlink.ts";
import { decodeRule, type Rule } from "./rule.ts";

export type Change =
  | { readonly kind: "link"; readonly removed: boolean; readonly link: Link }
  | { readonly kind: "address"; readonly removed: boolean; readonly address: LinkAddress }
  | { readonly kind: "route"; readonly removed: boolean; readonly route: Route }
  | { readonly kind: "neighbour"; readonly removed: boolean; readonly neighbour: Neighbour }
  | { readonly kind: "rule"; readonly removed: boolean; readonly rule: Rule }
  | { readonly kind: "nexthop"; readonly removed: boolean; readonly nexthop: Nexthop }
  | { readonly kind: "overrun" };

export type Subject = keyof typeof Group;

const BUFFER_OCTETS = 65_536;
const QUEUE_OCTETS = 1_048_576;

/** For the main thread give `onChange`, for a thread that blocks use `fd` with `wait` and `read()`. */
export class RtnetlinkMonitor {
  readonly #addon: Addon = loadAddon();
  readonly #buffer = new Uint8Array(BUFFER_OCTETS);
  readonly #watch: Watch | undefined;
  readonly fd: number;
  #closed = false;

  constructor(subjects: readonly Subject[], onChange?: (change: Change) => void) {
    this.fd = openNetlink(this.#addon);
    attempt("listen for changes of the network", { subjects: subjects.join(",") }, () => {
      this.#enlargeQueue();
      for (const subject of subjects) this.#addon.netlinkJoin(this.fd, Group[subject]);
    });
    if (onChange) {
      this.#watch = new this.#addon.Watch(this.fd, () => {
        for (const each of this.read()) onChange(each);
      });
    }
  }

  /** Everything that has come since; nothing if nothing has. */
  *read(): Generator<Change> {
    while (!this.#closed) {
      let length = 0;
      try {
        length = attempt("hear of changes of the network", {}, () => this.#addon.netlinkReceive(this.fd, this.#buffer));
      } catch (error) {
        if (errorCode(error) !== "ENOBUFS") throw error;
        yield { kind: "overrun" };
        continue;
      }
      if (length < 0) return;
      const messages = decodeMessages(this.#buffer.slice(0, length));
      if (messages instanceof WireError) throw messages;
      for (const message of messages) {
        const found = changeOf(message);
        if (found) yield found;
      }
    }
  }

  /** Whether this keeps the process alive. */
  unref(): void {
    this.#watch?.unref();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#watch?.close();
    this.#addon.close(this.fd);
  }

  #enlargeQueue(): void {
    try {
      this.#addon.setOption(this.fd, "receiveBufferForce", QUEUE_OCTETS);
    } catch {
      // Without CAP_NET_ADMIN the queue is as long as the host permits.
      this.#addon.setOption(this.fd, "receiveBuffer", QUEUE_OCTETS);
    }
  }
}

const REMOVALS: ReadonlySet<number> = new Set([
  MessageType.delLink,
  MessageType.delAddress,
  MessageType.delRoute,
  MessageType.delNeighbour,
  MessageType.delRule,
  MessageType.delNexthop,
]);

/** `undefined` for what this product does not know. Throws a `WireError`. */
export function changeOf(message: Message): Change | undefined {
  const removed = REMOVALS.has(message.type);
  const link = decodeLink(message);
  if (link) return { kind: "link", removed, link };
  const address = decodeAddress(message);
  if (address) return { kind: "address", removed, address };
  const route = decodeRoute(message);
  if (route) return { kind: "route", removed, route };
  const neighbour = decodeNeighbour(message);
  if (neighbour) return { kind: "neighbour", removed, neighbour };
  const rule = decodeRule(message);
  if (rule) return { kind: "rule", removed, rule };
  const nexthop = decodeNexthop(message);
  return nexthop && { kind: "nexthop", removed, nexthop };
}
