/**
 * Two gateways with a wire between them and a host behind each, in namespaces of their own; a NAT in between where it is
 * asked for.
 *
 *     ha .2 --10.1.0.0/24-- .1 a .1 --192.0.2.0/24-- .2 b .1 --10.2.0.0/24-- .2 hb
 *     ha .2 --10.1.0.0/24-- .1 a .1 --198.51.100.0/24-- .254 nat .1 --192.0.2.0/24-- .2 b .1 --10.2.0.0/24-- .2 hb
 */
import { execFileSync } from "node:child_process";
import { execIn, ipBatch, namespaceOf, namespacesOf, processesIn } from "../../src/lab/namespaces.ts";
import { type Result, run } from "../lab/harness.ts";

export type Host = "ha" | "a" | "nat" | "b" | "hb";
export const NETS = { a: "10.1.0.0/24", b: "10.2.0.0/24" } as const;
export const INSIDE = { ha: "10.1.0.2", a: "10.1.0.1", b: "10.2.0.1", hb: "10.2.0.2" } as const;

export class Site {
  readonly name: string;
  readonly nat: boolean;

  constructor(name: string, { nat = false } = {}) {
    this.name = name;
    this.nat = nat;
  }

  /** As the gateway itself knows it. */
  get outsideA(): string {
    return this.nat ? "198.51.100.1" : "192.0.2.1";
  }

  /** As b sees a. */
  get seenA(): string {
    return "192.0.2.1";
  }

  get outsideB(): string {
    return "192.0.2.2";
  }

  namespace(host: Host): string {
    return namespaceOf(this.name, host);
  }

  inside(host: Host, ...command: string[]): Promise<Result> {
    return run("ip", ["netns", "exec", this.namespace(host), ...command]);
  }

  /** From the host behind a to the one behind b. */
  async ping(count: number, from: "ha" | "hb" = "ha"): Promise<{ received: number }> {
    const to = INSIDE[from === "ha" ? "hb" : "ha"];
    const { out } = await this.inside(from, "ping", "-c", String(count), "-i", "0.02", "-W", "5", to);
    return { received: Number(/(\d+) received/.exec(out)?.[1] ?? 0) };
  }

  up(): void {
    this.down();
    const hosts: readonly Host[] = this.nat ? ["ha", "a", "nat", "b", "hb"] : ["ha", "a", "b", "hb"];
    ipBatch(
      undefined,
      hosts.map(host => `netns add ${this.namespace(host)}`),
    );
    for (const host of hosts) this.#ip(host, "link set lo up");
    this.#wire(["ha", "lan", `${INSIDE.ha}/24`], ["a", "lan", `${INSIDE.a}/24`]);
    this.#wire(["hb", "lan", `${INSIDE.hb}/24`], ["b", "lan", `${INSIDE.b}/24`]);
    if (this.nat) this.#withNat();
    else this.#wire(["a", "wan", `${this.outsideA}/24`], ["b", "wan", `${this.outsideB}/24`]);
    this.#ip("ha", `route add default via ${INSIDE.a}`);
    this.#ip("hb", `route add default via ${INSIDE.b}`);
    for (const host of ["a", "b"] as const) execIn(this.namespace(host), ["sysctl", "-qw", "net.ipv4.ip_forward=1"]);
  }

  down(): void {
    for (const namespace of namespacesOf(this.name)) {
      for (const pid of processesIn(namespace)) {
        try {
          process.kill(pid, "SIGKILL");
        } catch {
          // It ended by itself in between.
        }
      }
      execFileSync("ip", ["netns", "delete", namespace]);
    }
  }

  /** b cannot reach a before a has spoken, and sees it at another address and port. */
  #withNat(): void {
    this.#wire(["a", "wan", `${this.outsideA}/24`], ["nat", "in", "198.51.100.254/24"]);
    this.#wire(["nat", "out", `${this.seenA}/24`], ["b", "wan", `${this.outsideB}/24`]);
    this.#ip("a", "route add default via 198.51.100.254");
    const nat = this.namespace("nat");
    execIn(nat, ["sysctl", "-qw", "net.ipv4.ip_forward=1"]);
    const rules = [
      "table ip nat {",
      "  chain post {",
      "    type nat hook postrouting priority 100",
      "    oifname out ip protocol udp masquerade to :20000-30000",
      "    oifname out masquerade",
      "  }",
      "}",
    ];
    execIn(nat, ["nft", "-f", "-"], `${rules.join("\n")}\n`);
  }

  #ip(host: Host, ...lines: string[]): void {
    ipBatch(this.namespace(host), lines);
  }

  #wire(left: readonly [Host, string, string], right: readonly [Host, string, string]): void {
    this.#ip(left[0], `link add ${left[1]} type veth peer name ${right[1]} netns ${this.namespace(right[0])}`);
    for (const [host, device, address] of [left, right])
      this.#ip(host, `address add ${address} dev ${device}`, `link set ${device} up`);
  }
}
