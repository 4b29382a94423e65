/**
 * Peers that bring up their tunnels, one after the other as fast as the responder goes on: an engine of ours each, new
 * for each handshake, so that the responder meets a peer that has lost everything. Its argument is `InitiatorOrders`.
 *
 * Their private numbers are all 1. The public value is then the group's generator and the shared secret what the
 * responder's public value says, so that Diffie-Hellman costs nothing here, and everything at the responder.
 */

import { createECDH } from "node:crypto";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { Secret } from "../../src/core/crypto/secret.ts";
import type { ComputeJob, ComputeResult } from "../../src/core/ike/compute-job.ts";
import { dhGroup } from "../../src/core/ike/dh-groups.ts";
import { IkeEngine } from "../../src/core/ike/engine.ts";
import type { IkeDecision, IkeInput, IkeSettings } from "../../src/core/ike/ike-port.ts";
import { PLAIN_OWNER } from "../../src/core/ipsec/security-association.ts";
import { type IpAddress, parseIp } from "../../src/core/wire/address.ts";
import { parsePrefix } from "../../src/core/wire/prefix.ts";
import { betweenPrefixes } from "../../src/core/wire/selector.ts";
import { nodePrimitives } from "../../src/linux/node-primitives.ts";
import { type InitiatorOrders, type InitiatorReport, type Peer, PRESHARED_KEY, RESPONDER } from "./peers.ts";

const IKE_PORT = 500;
const NAT_PORT = 4500;
const MARKER = new Uint8Array(4);
const STALLED_MS = 10_000;
const TRAFFIC = "peer";

const orders = JSON.parse(process.argv[2] ?? "") as InitiatorOrders;
const counted = { handshakes: 0, stalled: 0 };

class Flow {
  readonly #peer: Peer;
  readonly #settings: IkeSettings;
  readonly #sockets: ReadonlyMap<number, Socket>;
  #engine: IkeEngine | undefined;
  #begunAtMs = 0;
  handshakes = 0;

  private constructor(peer: Peer, sockets: ReadonlyMap<number, Socket>) {
    this.#peer = peer;
    this.#settings = settingsOf(peer, orders);
    this.#sockets = sockets;
    for (const [port, socket] of sockets) socket.on("message", octets => this.#hear(port, octets));
  }

  static async open(peer: Peer): Promise<Flow> {
    const sockets = new Map<number, Socket>();
    for (const port of [IKE_PORT, NAT_PORT]) {
      const socket = createSocket("udp4").bind(port, peer.address);
      await once(socket, "listening");
      sockets.set(port, socket);
    }
    return new Flow(peer, sockets);
  }

  begin(): void {
    const engine = new IkeEngine({
      primitives: nodePrimitives,
      facts: { usage: () => undefined, edgeToldMs: () => 0 },
      jitter: Math.random,
    });
    this.#engine = engine;
    this.#begunAtMs = performance.now();
    engine.handle({ kind: "configure", settings: this.#settings }, performance.now());
    engine.handle({ kind: "role", owner: PLAIN_OWNER, role: "active", how: "start" }, performance.now());
    this.#input({ kind: "initiate", traffic: TRAFFIC });
  }

  /** What was lost is sent again, and what does not go on is begun anew. */
  look(): void {
    if (performance.now() - this.#begunAtMs > STALLED_MS) {
      counted.stalled += 1;
      this.begin();
    } else if (this.#engine !== undefined) this.#perform(this.#engine.handleTimeouts(performance.now()));
  }

  #hear(port: number, octets: Uint8Array): void {
    const bare = port === NAT_PORT ? octets.subarray(MARKER.length) : octets;
    if (port === NAT_PORT && !MARKER.every((octet, at) => octet === octets[at])) return;
    const [local, remote] = [addressOf(this.#peer.address), addressOf(orders.responder)];
    const datagram = { local, localPort: port, remote, remotePort: port, octets: bare };
    this.#input({ kind: "datagram", datagram });
  }

  #input(input: IkeInput): void {
    if (this.#engine !== undefined) this.#perform(this.#engine.handle(input, performance.now()));
  }

  /** With the pair the last message has gone. */
  #perform(decisions: readonly IkeDecision[]): void {
    let through = false;
    for (const effect of decisions.flatMap(each => each.effects)) {
      if (effect.do === "compute") this.#input({ kind: "computed", id: effect.id, result: computed(effect.job) });
      else if (effect.do === "transmit") {
        const { localPort, octets, remote, remotePort } = effect.datagram;
        const whole = localPort === NAT_PORT ? Buffer.concat([MARKER, octets]) : octets;
        this.#sockets.get(localPort)?.send(whole, remotePort, remote);
      } else if (effect.do === "child-up") through = true;
    }
    if (!through) return;
    counted.handshakes += 1;
    this.handshakes += 1;
    setImmediate(() => this.begin());
  }
}

function computed(job: ComputeJob): ComputeResult {
  const group = dhGroup(job.group);
  if (group === undefined) throw new Error(`there is no group ${job.group}`);
  const secret = new Secret(Uint8Array.of(1));
  switch (job.kind) {
    case "dh-generate":
      return { kind: "generated", publicValue: generatorOf(job.group, group.publicLength), secret };
    case "dh-agree":
      return { kind: "agreed", shared: new Secret(job.peerPublic.subarray(0, group.sharedLength)) };
    case "dh-exchange":
      throw new Error("an initiator was asked to answer");
  }
}

/** 2, or the curve's base point, without what it would cost to compute it each time. */
function generatorOf(group: number, length: number): Uint8Array {
  if (group !== 19) return Uint8Array.from({ length }, (_, at) => (at === length - 1 ? 2 : 0));
  const ecdh = createECDH("prime256v1");
  ecdh.setPrivateKey(Buffer.from("01".padStart(64, "0"), "hex"));
  return new Uint8Array(ecdh.getPublicKey()).subarray(1);
}

function settingsOf({ address, network }: Peer, { group, responder }: InitiatorOrders): IkeSettings {
  const [local, remote] = [addressOf(address), addressOf(responder)];
  const [inside, far] = [parsePrefix(`${network}/24`), parsePrefix(RESPONDER.network)];
  if (inside === undefined || far === undefined) throw new Error(`no networks: ${network} ${RESPONDER.network}`);
  return {
    policies: [{ keyBits: 128, hash: "sha256", authentication: "pre-share", group, lifetimeSeconds: 86_400 }],
    keys: [{ key: PRESHARED_KEY, address: remote, mask: undefined, noXauth: true }],
    keepalive: undefined,
    identity: "address",
    hostname: "",
    invalidSpiRecovery: false,
    udpEncapsulation: "always",
    memberBit: 0,
    negotiables: [
      {
        traffic: TRAFFIC,
        owner: PLAIN_OWNER,
        map: "M",
        interface: "wire",
        local,
        peers: [remote],
        proposals: [{ name: "T", cipher: { kind: "aes-cbc", bits: 128 }, hash: "sha256", mode: "tunnel" }],
        pfsGroup: undefined,
        lifetime: { seconds: 3_600, kilobytes: 4_608_000 },
        replayWindow: 64,
        selector: betweenPrefixes(inside, far),
      },
    ],
  };
}

function addressOf(text: string): IpAddress {
  const address = parseIp(text);
  if (address === undefined) throw new Error(`no address: ${text}`);
  return address;
}

const sleep = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms));

const flows = await Promise.all(orders.peers.map(peer => Flow.open(peer)));
for (const flow of flows) flow.begin();
setInterval(() => {
  for (const flow of flows) flow.look();
}, 100);
while (flows.some(each => each.handshakes < orders.warmUpHandshakes)) await sleep(20);
const start = performance.now();
const before = { ...counted };
console.log("begin");
await sleep(orders.seconds * 1_000);
const report: InitiatorReport = {
  handshakes: counted.handshakes - before.handshakes,
  stalled: counted.stalled - before.stalled,
  seconds: (performance.now() - start) / 1_000,
};
console.log(`report ${JSON.stringify(report)}`);
process.exit(0);
