/**
 * The article's lab with manually keyed SAs between the headquarters and the branch, for tests of ESP that need no IKE.
 *
 *      H1 ── inside ── R1, R2 ── outside ── R3 ── transit ── R4 ── branch ── B1
 *
 * R3 sees everything that leaves either gateway and counts it: what is ESP, and what goes in clear between the two
 * networks that the crypto maps protect.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { expect } from "vitest";
import { cli, gatewayPid, inside, MAIN, type Result, socketOf, supervisorPid, understudy, until } from "./harness.ts";

export const H1 = "10.99.0.101";
export const B1 = "172.16.5.101";

export interface Suite {
  /** As a transform set has it. */
  readonly transforms: string;
  readonly keyOctets: number;
  readonly integrityOctets: number;
  readonly udp: boolean;
}

export const CBC_IN_ESP: Suite = { transforms: "esp-aes esp-sha-hmac", keyOctets: 16, integrityOctets: 20, udp: false };
export const GCM_IN_UDP: Suite = { transforms: "esp-gcm", keyOctets: 20, integrityOctets: 0, udp: true };

export interface EspLabOptions {
  /** Those that run; the others are off. */
  readonly routers: readonly string[];
  /** A gateway that starts again counts from the beginning: a window would drop what it sends. */
  readonly replayWindow: number;
  /** Changes a router's configuration before it starts. */
  readonly edit: (config: string, router: string) => string;
}

/** Before fragments are put together. */
const HOOK = "{ type filter hook prerouting priority -450 ; }";

const HEADQUARTERS = { spi: 0x1001, fill: 0x11 };
const BRANCH = { spi: 0x1002, fill: 0x22 };

export class EspLab {
  readonly name: string;
  readonly suite: Suite;
  readonly #options: EspLabOptions;
  #watches = 0;
  readonly #started = new Map<string, ChildProcess>();

  constructor(name: string, suite: Suite, options: Partial<EspLabOptions> = {}) {
    this.name = name;
    this.suite = suite;
    this.#options = { routers: ["R1", "R4"], replayWindow: 0, edit: config => config, ...options };
  }

  async up(): Promise<void> {
    expect(await understudy("lab", "up", "article", "--name", this.name)).toMatchObject({ code: 0, err: "" });
    for (const router of ["R1", "R2", "R4"]) {
      process.kill(await supervisorPid(this.name, router), "SIGTERM");
      await until(async () => (await gatewayPid(this.name, router)) === 0);
    }
    await this.#watch();
    // What left in clear would arrive: nothing but the gateways keeps it.
    await this.inside("R3", "ip", "route", "add", "10.99.0.0/16", "via", "10.0.0.15");
    await this.inside("R3", "ip", "route", "add", "172.16.5.0/24", "via", "172.16.0.18");
    for (const router of this.#options.routers) await this.#start(router);
    await until(async () => (await this.ping(1)).code === 0);
  }

  async down(): Promise<void> {
    for (const router of this.#started.keys()) await this.stop(router);
    await understudy("lab", "down", this.name);
  }

  /** In an orderly way. */
  async stop(router: string): Promise<void> {
    this.#started.get(router)?.kill("SIGTERM");
    await until(async () => (await gatewayPid(this.name, router)) === 0);
  }

  inside(host: string, ...command: string[]): Promise<Result> {
    return inside(this.name, host, ...command);
  }

  cli(router: string, ...commands: string[]): Promise<Result> {
    return cli(this.name, router, ...commands);
  }

  ping(count: number, from = "H1", to = B1): Promise<Result> {
    return this.inside(from, "ping", "-c", String(count), "-i", "0.05", "-W", "1", to);
  }

  /** A program of Node's own in a host: no tool is needed there. */
  node(host: string, program: string): Promise<Result> {
    return this.inside(host, process.execPath, "-e", program);
  }

  gatewayPid(router: string): Promise<number> {
    return gatewayPid(this.name, router);
  }

  /** Packets that R3 has forwarded or taken in, by what they are. */
  async seen(): Promise<{ clear: number; esp: number; udp: number }> {
    const { out } = await this.inside("R3", "nft", "list", "chain", "inet", "watch", "seen");
    const [there = 0, back = 0, esp = 0, udp = 0] = [...out.matchAll(/counter packets (\d+)/g)].map(match =>
      Number(match[1]),
    );
    return { clear: there + back, esp, udp };
  }

  /** Packets that reached a host from now on, of those that a condition of nftables means. */
  async watch(host: string, ...condition: string[]): Promise<() => Promise<number>> {
    const table = `watch${this.#watches++}`;
    await this.inside(host, "nft", "add", "table", "inet", table);
    await this.inside(host, "nft", "add", "chain", "inet", table, "seen", HOOK);
    const { err } = await this.inside(host, "nft", "add", "rule", "inet", table, "seen", ...condition, "counter");
    expect(err).toBe("");
    return async () => {
      const { out } = await this.inside(host, "nft", "list", "table", "inet", table);
      return Number(/counter packets (\d+)/.exec(out)?.[1] ?? Number.NaN);
    };
  }

  /** The drops of a router, by reason. */
  async drops(router: string): Promise<string> {
    return (await this.cli(router, "show platform dataplane")).out.split("Dropped")[1] ?? "";
  }

  /** For tshark: the keys that these routers use. */
  get decryption(): string[] {
    const { transforms } = this.suite;
    const gcm = transforms.startsWith("esp-gcm");
    const encryption = gcm ? "AES-GCM with 16 octet ICV [RFC4106]" : "AES-CBC [RFC3602]";
    const integrity = gcm ? "NULL" : "HMAC-SHA-1-96 [RFC2404]";
    const table = [HEADQUARTERS, BRANCH].flatMap(({ spi, fill }) => {
      const key = `0x${this.#key(fill)}`;
      const second = gcm ? "" : `0x${this.#integrity(fill)}`;
      const number = `0x${spi.toString(16).padStart(8, "0")}`;
      const row = ["IPv4", "*", "*", number, encryption, key, integrity, second];
      return ["-o", `uat:esp_sa:${row.map(each => `"${each}"`).join(",")}`];
    });
    return [
      "-o",
      "esp.enable_encryption_decode:TRUE",
      "-o",
      `esp.enable_authentication_check:${gcm ? "FALSE" : "TRUE"}`,
      ...table,
    ];
  }

  /** Nobody holds what a member has used; without a scheme its keys count again when it starts again. */
  get #alone(): boolean {
    const { routers } = this.#options;
    return !(routers.includes("R1") && routers.includes("R2"));
  }

  async #watch(): Promise<void> {
    const chain = ["inet", "watch", "seen"];
    await this.inside("R3", "nft", "add", "table", "inet", "watch");
    await this.inside("R3", "nft", "add", "chain", ...chain, HOOK);
    for (const rule of [
      "ip saddr 10.99.0.0/16 ip daddr 172.16.5.0/24",
      "ip saddr 172.16.5.0/24 ip daddr 10.99.0.0/16",
      "ip protocol esp",
      "udp dport 4500",
    ]) {
      await this.inside("R3", "nft", "add", "rule", ...chain, ...rule.split(" "), "counter");
    }
  }

  async #start(router: string): Promise<void> {
    const folder = `/run/understudy/lab/${this.name}/${router}`;
    const config = readFileSync(`${folder}/${router}.cfg`, "utf8").replace(
      /esp-aes esp-sha-hmac/,
      this.suite.transforms,
    );
    const edited = this.#options.edit(this.#alone ? config.replace(/^ scheme standby .*\n/m, "") : config, router);
    writeFileSync(`${folder}/${router}.cfg`, edited, { mode: 0o600 });
    // It was active before it had keys, and used none of their numbers.
    rmSync(`${folder}/epochs`, { recursive: true, force: true });
    writeFileSync(`${folder}/keys.json`, JSON.stringify(this.#keys(router)), { mode: 0o600 });
    const socket = socketOf(this.name, router);
    const options = ["--state", folder, "--socket", socket, "--manual-keys", `${folder}/keys.json`];
    const command = [process.execPath, MAIN, "run", `${folder}/${router}.cfg`, ...options];
    const log = openSync(`${folder}/gateway.log`, "a", 0o600);
    const netns = ["netns", "exec", `us-${this.name}-${router}`];
    this.#started.set(router, spawn("ip", [...netns, ...command], { stdio: ["ignore", log, log] }));
    await until(async () => (await this.cli(router, "show privilege")).code === 0);
  }

  #keys(router: string): object {
    const [map, mine, theirs] =
      router === "R4" ? ["CORPORATE-MAP", BRANCH, HEADQUARTERS] : ["BRANCH-5-MAP", HEADQUARTERS, BRANCH];
    const sa = ({ spi, fill }: typeof BRANCH) => ({ spi, key: this.#key(fill), integrity: this.#integrity(fill) });
    const { replayWindow } = this.#options;
    return {
      tunnels: [{ map, entry: 10, udp: this.suite.udp, replayWindow, outbound: sa(mine), inbound: sa(theirs) }],
    };
  }

  #key(fill: number): string {
    return Buffer.alloc(this.suite.keyOctets, fill).toString("hex");
  }

  #integrity(fill: number): string {
    return Buffer.alloc(this.suite.integrityOctets, fill + 0x20).toString("hex");
  }
}
