/**
 * What strangers can send, against a gateway that has a tunnel under traffic: floods of first messages (I43), peers by
 * the hundred that make it compute (I44), ESP that belongs to nothing. The engine's own tests have the catalogue.
 */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { clearMessage } from "../../src/core/ike/v1/isakmp-message.ts";
import { offerPhaseOne } from "../../src/core/ike/v1/phase-one-proposals.ts";
import { saPayload } from "../../src/core/ike/v1/sa-payload-codec.ts";
import { encode } from "../../src/core/wire/codec.ts";
import { processesIn } from "../../src/lab/namespaces.ts";
import type { StrongSwan } from "../../src/lab/strongswan.ts";
import { Tap, type TapFrame } from "../../src/lab/tap.ts";
import { computeDiffieHellman } from "../../src/linux/diffie-hellman.ts";
import { packet } from "../lab/forge.ts";
import { ROOT, until } from "../lab/harness.ts";
import { CHILD, CONNECTION, startFarEnd } from "./far-end.ts";
import { Gateway } from "./near-end.ts";
import { row } from "./proposals.ts";
import { Site } from "./site.ts";

const GROUP = 19;
const { near, far } = row(128, "sha256", GROUP);
const POLICY = {
  keyBits: 128,
  hash: "sha256",
  authentication: "pre-share",
  group: GROUP,
  lifetimeSeconds: 86_400,
} as const;
const OFFER = { kind: "sa", body: encode(saPayload, offerPhaseOne([POLICY])) } as const;
/** Whoever asks may be a peer: what strangers get is what the limits leave them. */
const OPEN = [
  "crypto isakmp key of-anybody address 0.0.0.0 0.0.0.0",
  "crypto dynamic-map D 5",
  " set transform-set T",
  "crypto map M 20 ipsec-isakmp dynamic D",
];
const BATCH = 500;
/** Of an Ethernet frame with IPv4 and UDP: where the source's port and what it says begin. */
const [PORT_AT, PAYLOAD_AT] = [34, 42];
/** What an answer begins with says which one it is: message 2 with an SA, message 4, which is computed, with a key. */
const [NEXT_SA, NEXT_KEY] = [1, 4];
const COOKIE_FILL = 7;

const cookieOf = (number: number): Uint8Array => {
  const cookie = new Uint8Array(8).fill(COOKIE_FILL);
  new DataView(cookie.buffer).setUint32(4, number);
  return cookie;
};
const strangerOf = (number: number): string =>
  `198.${18 + ((number >>> 16) & 1)}.${(number >>> 8) & 255}.${number & 255}`;

describe.skipIf(!ROOT)("strangers against a gateway under traffic", () => {
  const site = new Site("interopa");
  let gateway: Gateway;
  let strongSwan: StrongSwan;
  let stranger: Tap;
  let envelope: { destination: string; destinationMac: string; ttl: number };

  beforeAll(async () => {
    site.up();
    await site.inside("a", "ip", "route", "add", "198.18.0.0/15", "via", site.outsideB);
    await site.inside("b", "ip", "route", "add", "blackhole", "198.18.0.0/15");
    strongSwan = await startFarEnd(site, "b", far);
    gateway = await Gateway.start(site, { ...near, global: OPEN });
    stranger = await Tap.open(site.name, "b", { devices: ["wan"], keptOctets: 600 });
    const { out } = await site.inside("a", "cat", "/sys/class/net/wan/address");
    envelope = { destination: site.outsideA, destinationMac: out.trim(), ttl: 64 };
    expect((await site.ping(1)).received).toBe(1);
  });

  afterAll(async () => {
    stranger.close();
    await gateway.stop();
    await strongSwan.stop();
    site.down();
  });

  const datagram = (source: string, payload: Uint8Array, port = 500): Uint8Array =>
    packet(payload, { ...envelope, source, sourcePort: port, destinationPort: port });
  const message = (
    number: number,
    responderCookie: Uint8Array,
    payloads: Parameters<typeof clearMessage>[1],
  ): Uint8Array =>
    clearMessage({ initiatorCookie: cookieOf(number), responderCookie, exchange: "main", messageId: 0 }, payloads);
  const firstMessage = (number: number): Uint8Array => message(number, new Uint8Array(8), [OFFER]);

  /**
   * Pings through the tunnel from when it is called until `work` is done. Those behind the last answer are still under
   * way and not lost. A noisy machine may lose one in a hundred.
   */
  async function expectTunnel(work: () => Promise<void>): Promise<void> {
    const ping = site.inside("ha", "ping", "-i", "0.01", "10.2.0.2");
    await work();
    for (const pid of processesIn(site.namespace("ha"))) process.kill(pid, "SIGINT");
    const answered = [...(await ping).out.matchAll(/icmp_seq=(\d+) ttl/g)].map(each => Number(each[1]));
    const last = Math.max(...answered);
    expect(last).toBeGreaterThan(50);
    expect(last - new Set(answered).size).toBeLessThanOrEqual(last / 100);
    expect((await gateway.cli("show crypto session")).out).toContain("Session status: UP-ACTIVE");
  }

  /** Of the largest process there: the gateway itself. */
  function megabytes(): number {
    const sizes = processesIn(site.namespace("a")).map(pid =>
      Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0),
    );
    return Math.max(...sizes) / 1_024;
  }

  async function halfOpen(): Promise<number> {
    return ((await gateway.cli("show crypto isakmp sa")).out.match(/ MM_SA_SETUP /g) ?? []).length;
  }

  async function flood(from: number, to: number, source: (number: number) => string): Promise<number> {
    let most = 0;
    for (let first = from; first < to; first += BATCH) {
      const numbers = Array.from({ length: BATCH }, (_, at) => first + at);
      await stranger.send(
        "wan",
        numbers.map(each => datagram(source(each), firstMessage(each))),
      );
      if (first % 10_000 === 0) most = Math.max(most, await halfOpen());
    }
    return most;
  }

  test("I43: 100,000 first messages, from everywhere and from one: a peer connects, memory is bounded", async () => {
    await expectTunnel(async () => {
      const most = await flood(0, 50_000, strangerOf);
      expect(most).toBeGreaterThan(500);
      expect(most).toBeLessThanOrEqual(1_005);
      const before = megabytes();
      expect(await strongSwan.swanctl("--terminate", "--ike", CONNECTION)).toMatchObject({ ok: true });
      expect(await strongSwan.swanctl("--initiate", "--child", CHILD)).toMatchObject({ ok: true });
      expect(await flood(50_000, 100_000, () => "198.18.0.1")).toBeLessThanOrEqual(1_005);
      expect(megabytes() - before).toBeLessThan(64);
    });
    expect(gateway.log().match(/IKMP_HALF_OPEN: .* the last from 198\.1/g)?.length).toBeGreaterThanOrEqual(1);
  });

  test("I44: 1,000 peers, each of which makes it compute", async () => {
    await until(async () => (await halfOpen()) === 0);
    const generated = computeDiffieHellman({ kind: "dh-generate", group: GROUP });
    const publicValue = generated.kind === "generated" ? generated.publicValue : new Uint8Array(0);
    const proof = [
      { kind: "ke", body: publicValue },
      { kind: "nonce", body: new Uint8Array(32).fill(9) },
    ] as const;
    const computed = new Set<number>();
    await expectTunnel(async () => {
      for (let first = 200_000; first < 201_000; first += 50) {
        const waiting = new Set(Array.from({ length: 50 }, (_, at) => first + at));
        await stranger.send(
          "wan",
          [...waiting].map(each => datagram(strangerOf(each), firstMessage(each))),
        );
        await until(async () => {
          const heard = answers(await stranger.take());
          const thirds = heard.filter(({ number, next }) => next === NEXT_SA && waiting.delete(number));
          await stranger.send(
            "wan",
            thirds.map(({ number, cookie }) => datagram(strangerOf(number), message(number, cookie, proof))),
          );
          for (const { number, next } of heard) if (next === NEXT_KEY) computed.add(number);
          return waiting.size === 0;
        });
      }
      await until(async () => {
        for (const { number, next } of answers(await stranger.take())) if (next === NEXT_KEY) computed.add(number);
        return computed.size === 1_000;
      });
    });
  });

  /** What the gateway said to strangers: to whom, by the number in the cookie, and by which cookie of its own. */
  function answers(frames: readonly TapFrame[]): { number: number; cookie: Uint8Array; next: number }[] {
    return frames.flatMap(({ hex }) => {
      const octets = Buffer.from(hex, "hex");
      const head = octets.subarray(PAYLOAD_AT);
      if (head.length < 28 || octets.readUInt16BE(PORT_AT) !== 500 || head[0] !== COOKIE_FILL) return [];
      return [{ number: head.readUInt32BE(4), cookie: Uint8Array.from(head.subarray(8, 16)), next: head[16] ?? 0 }];
    });
  }

  test("ESP of no SA: named with peer and SPI, and once a second at most, however much there is", async () => {
    const began = performance.now();
    let seconds = 0;
    const lines = (): string[] =>
      gateway
        .log()
        .split("\n")
        .filter(each => each.includes("%CRYPTO-4-RECVD_PKT_INV_SPI"));
    await expectTunnel(async () => {
      for (let first = 0; first < 20_000; first += BATCH) {
        const frames = Array.from({ length: BATCH }, (_, at) => {
          const esp = new Uint8Array(100);
          new DataView(esp.buffer).setUint32(0, 0x0bad_0000 + first + at);
          return datagram("198.18.0.9", esp, 4_500);
        });
        await stranger.send("wan", frames);
      }
      const drops = async (): Promise<string> => (await gateway.cli("show platform dataplane")).out;
      await until(async () => /unknown SPI +[12]\d{4}$/m.test(await drops()));
      seconds = (performance.now() - began) / 1_000;
    });
    expect(lines()[0]).toContain(
      ": decaps: rec'd IPSEC packet has invalid spi for destaddr=192.0.2.1, prot=50, " +
        "spi=0xBAD0000(195887104), srcaddr=198.18.0.9",
    );
    expect(lines().length).toBeLessThanOrEqual(Math.ceil(seconds) + 1);
  });
});
