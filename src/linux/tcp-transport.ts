/** Streams over TCP, one connection each: what carries the association where there is no SCTP yet. */
import { createConnection, createServer, type Server, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { PathView, PeerLinkSettings } from "../core/redundancy/link-model.ts";
import type { Transport } from "./transport.ts";

export class TcpTransport implements Transport {
  readonly name = "TCP";
  readonly #settings: PeerLinkSettings;
  readonly #server: Server | undefined;
  readonly #sockets = new Set<Socket>();
  #listener: (stream: Duplex) => void = stream => stream.destroy();

  constructor(settings: PeerLinkSettings, opens: boolean) {
    this.#settings = settings;
    if (opens) return;
    this.#server = createServer(socket => this.#accepted(socket));
    this.#server.on("error", () => setTimeout(() => this.#listen(), 200).unref());
    this.#listen();
  }

  open(): Duplex {
    const { local, remote } = this.#settings;
    const [localAddress, host = ""] = [local.addresses[0], remote.addresses[0]];
    return this.#kept(createConnection({ host, port: remote.port, localAddress, noDelay: true }));
  }

  onStream(listener: (stream: Duplex) => void): void {
    this.#listener = listener;
  }

  paths(): PathView[] {
    const [local = "", remote = ""] = [this.#settings.local.addresses[0], this.#settings.remote.addresses[0]];
    return [{ local, remote, state: this.#sockets.size > 0 ? "up" : "down", primary: true, roundTripMs: undefined }];
  }

  close(): void {
    this.#server?.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #listen(): void {
    this.#server?.listen({ host: this.#settings.local.addresses[0], port: this.#settings.local.port });
  }

  #accepted(socket: Socket): void {
    const known = this.#settings.remote.addresses.some(each => each === socket.remoteAddress);
    if (!known) socket.destroy();
    else this.#listener(this.#kept(socket.setNoDelay()));
  }

  #kept(socket: Socket): Socket {
    this.#sockets.add(socket);
    return socket.on("close", () => this.#sockets.delete(socket)).on("error", () => {});
  }
}
