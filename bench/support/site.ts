/**
 * Where a benchmark runs: two gateways with a wire between them and a host behind each, in namespaces of its own.
 *
 *     host1 .2 --10.9.1.0/24-- .1 A .1 --192.0.2.0/24-- .2 B .1 --10.9.2.0/24-- .2 host2
 *
 * Traffic is measured between the gateways themselves ("pair": A 10.9.1.1 to B 10.9.2.1) or between the hosts
 * ("routed"). The MTU of every wire is 1500.
 */
import { execFileSync } from "node:child_process";
import { execIn, ipBatch, namespaceOf, namespacesOf, processesIn } from "../../src/lab/namespaces.ts";

export type Place = "pair" | "routed";
export type Host = "host1" | "a" | "b" | "host2";

const HOSTS: readonly Host[] = ["host1", "a", "b", "host2"];
export const OUTSIDE = { a: "192.0.2.1", b: "192.0.2.2" } as const;
export const INSIDE = { host1: "10.9.1.2", a: "10.9.1.1", b: "10.9.2.1", host2: "10.9.2.2" } as const;
export const NETS = { a: "10.9.1.0/24", b: "10.9.2.0/24" } as const;
/** The wire between the gateways, on both. */
export const OUTSIDE_LINK = "wire";
/** What plain routing takes off the largest segment that fits: nothing. */
export const WIRE_MTU = 1500;

export class Site {
  readonly #name: string;

  /** Whoever interrupts a benchmark finds nothing of its site afterwards either. */
  constructor(name: string) {
    this.#name = name;
    for (const [signal, code] of [
      ["SIGINT", 130],
      ["SIGTERM", 143],
    ] as const) {
      process.once(signal, () => {
        this.remove();
        process.exit(code);
      });
    }
  }

  namespace(host: Host): string {
    return namespaceOf(this.#name, host);
  }

  /** Between whom traffic is measured. */
  ends(place: Place): { from: Host; to: Host; source: string; destination: string } {
    const [from, to]: readonly [Host, Host] = place === "pair" ? ["a", "b"] : ["host1", "host2"];
    return { from, to, source: INSIDE[from], destination: INSIDE[to] };
  }

  run(host: Host, ...command: string[]): string {
    return execIn(this.namespace(host), command);
  }

  ip(host: Host, ...lines: string[]): void {
    ipBatch(this.namespace(host), lines);
  }

  /** Everybody in it: gateways, generators and sinks. */
  processes(): number[] {
    return HOSTS.flatMap(host => processesIn(this.namespace(host)));
  }

  /** What went wrong leaves nothing behind. */
  build(): void {
    this.remove();
    try {
      this.#build();
    } catch (error) {
      this.remove();
      throw error;
    }
  }

  #build(): void {
    ipBatch(
      undefined,
      HOSTS.map(host => `netns add ${this.namespace(host)}`),
    );
    for (const host of HOSTS) this.ip(host, "link set lo up");
    this.#wire("a", OUTSIDE_LINK, `${OUTSIDE.a}/24`, "b", OUTSIDE_LINK, `${OUTSIDE.b}/24`);
    this.#wire("a", "lan", `${INSIDE.a}/24`, "host1", "lan", `${INSIDE.host1}/24`);
    this.#wire("b", "lan", `${INSIDE.b}/24`, "host2", "lan", `${INSIDE.host2}/24`);
    this.ip("host1", `route add default via ${INSIDE.a}`);
    this.ip("host2", `route add default via ${INSIDE.b}`);
    for (const host of ["a", "b"] as const) this.run(host, "sysctl", "-qw", "net.ipv4.ip_forward=1");
    // iperf3 asks for cubic when it is connected already: under bbr, which may be the machine's default, its socket
    // would be paced by then, for good. A namespace may choose reno by itself, and cubic not on every machine.
    for (const host of HOSTS) this.run(host, "sysctl", "-qw", "net.ipv4.tcp_congestion_control=reno");
  }

  remove(): void {
    for (const namespace of namespacesOf(this.#name)) {
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

  #wire(left: Host, leftName: string, leftAddress: string, right: Host, rightName: string, rightAddress: string): void {
    this.ip(left, `link add ${leftName} type veth peer name ${rightName} netns ${this.namespace(right)}`);
    this.ip(left, `address add ${leftAddress} dev ${leftName}`, `link set ${leftName} up`);
    this.ip(right, `address add ${rightAddress} dev ${rightName}`, `link set ${rightName} up`);
  }
}
