/**
 * The network of `docs/two-machines.md`, and its configurations as they stand there: two Debian machines, the provider
 * between them and the branch, a host at either end.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execIn, ipBatch } from "../../src/lab/namespaces.ts";
import { MAIN, run } from "../lab/harness.ts";
import { Machine } from "./machine.ts";

const CHECKOUT = fileURLToPath(new URL("../..", import.meta.url));
const NAMES = ["fabric", "gw1", "gw2", "branch", "host", "shop"] as const;
type Name = (typeof NAMES)[number];

/** `host` is inside, `shop` is at the branch. */
export const SHOP = "172.16.5.101";

const BRANCH = `hostname branch
crypto isakmp policy 1
 encryption aes 256
 hash sha256
 authentication pre-share
 group 14
crypto isakmp key TheKeyThatTheBranchHas address 10.0.0.15
crypto ipsec transform-set STRONG esp-aes 256 esp-sha256-hmac
ip access-list extended HEADQUARTERS
 permit ip 172.16.5.0 0.0.0.255 10.99.0.0 0.0.255.255
crypto map HEADQUARTERS 10 ipsec-isakmp
 set peer 10.0.0.15
 set transform-set STRONG
 match address HEADQUARTERS
interface GigabitEthernet0/0
 linux-device outside
 ip address 172.16.0.18 255.255.255.252
 crypto map HEADQUARTERS
interface GigabitEthernet0/1
 linux-device inside
 ip address 172.16.5.1 255.255.255.0
ip route 0.0.0.0 0.0.0.0 172.16.0.17
end
`;

/** Both configurations of the manual: the second as it says, the first with other lines in their place. */
export function configurations(): readonly [string, string] {
  const manual = readFileSync(join(CHECKOUT, "docs/two-machines.md"), "utf8");
  const [first = "", other = ""] = [...manual.matchAll(/^```ios\n(.*?)^```$/gms)].map(([, text]) => text ?? "");
  const swap = new Map([
    ["gw1", "gw2"],
    ["10.0.0.1", "10.0.0.2"],
    ["10.0.0.2", "10.0.0.1"],
    ["10.99.0.1", "10.99.0.2"],
    ["10.99.0.2", "10.99.0.1"],
  ]);
  const second = first.replace(/[\w.]+/g, word => swap.get(word) ?? word);
  const lines = new Set(second.split("\n"));
  const strange = other.split("\n").filter(line => !lines.has(line));
  if (strange.length > 0) throw new TypeError(`the manual's gw2 is not gw1 with addresses exchanged: ${strange}`);
  return [first, second];
}

export class TwoMachines {
  readonly #folder = mkdtempSync("/var/tmp/us-package-");
  readonly gw1 = new Machine(this.#folder, "gw1");
  readonly gw2 = new Machine(this.#folder, "gw2");
  #branch: ChildProcess | undefined;

  /** Machines with nothing of ours on them but the package's file, and all cables plugged. */
  async build(root: string, deb: string): Promise<void> {
    const debian = join(this.#folder, "debian");
    mkdirSync(debian);
    const unpacked = await run("tar", ["-xf", root, "-C", debian, "--exclude=./dev/*"]);
    if (unpacked.code !== 0) throw new TypeError(`no Debian: ${unpacked.err}`);
    await run("cp", [deb, join(debian, "srv/understudy.deb")]);
    // No module is loaded in a namespace, whatever a machine would like.
    await run("ln", ["-s", "/dev/null", join(debian, "etc/systemd/system/systemd-modules-load.service")]);
    this.#network();
    await Promise.all([this.gw1.boot(), this.gw2.boot()]);
  }

  startBranch(): void {
    const config = join(this.#folder, "branch.cfg");
    writeFileSync(config, BRANCH);
    const options = ["--state", join(this.#folder, "branch.state"), "--socket", join(this.#folder, "branch.sock")];
    const command = ["netns", "exec", space("branch"), process.execPath, MAIN, "run", config, ...options];
    this.#branch = spawn("ip", command, { stdio: "ignore" });
  }

  /** What the branch has negotiated so far: main modes begun as either side. */
  async branchSays(command: string): Promise<string> {
    return (await run(process.execPath, [MAIN, "cli", "--socket", join(this.#folder, "branch.sock"), "-c", command]))
      .out;
  }

  /** Pulls or puts back a cable. */
  plug(machine: "gw1" | "gw2", side: "outside" | "inside", way: "up" | "down"): void {
    ipBatch(space("fabric"), [`link set ${machine}-${side === "outside" ? "out" : "in"} ${way}`]);
  }

  /** A ping from the inside host to the branch, until `stop` says what it counted. */
  ping(): Ping {
    return new Ping(space("host"));
  }

  async isReached(): Promise<boolean> {
    return (await run("ip", ["netns", "exec", space("host"), "ping", "-c", "1", "-W", "1", SHOP])).code === 0;
  }

  async remove(): Promise<void> {
    const ended = new Promise(resolve => this.#branch?.once("exit", resolve));
    if (this.#branch?.kill("SIGTERM")) await ended;
    await Promise.all([this.gw1.switchOff(), this.gw2.switchOff()]);
    for (const name of NAMES) await run("ip", ["netns", "delete", space(name)]);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #network(): void {
    ipBatch(
      undefined,
      NAMES.map(name => `netns add ${space(name)}`),
    );
    ipBatch(space("fabric"), [
      ...["out", "in"].flatMap(name => [`link add ${name} type bridge`, `link set ${name} up`]),
      "address add 10.0.0.254/24 dev out",
      ...cable("gw1-out", "gw1", "ens18", "out"),
      ...cable("gw1-in", "gw1", "ens19", "in"),
      ...cable("gw2-out", "gw2", "ens18", "out"),
      ...cable("gw2-in", "gw2", "ens19", "in"),
      ...cable("host", "host", "eth0", "in"),
      ...cable("branch", "branch", "outside"),
      "address add 172.16.0.17/30 dev branch",
    ]);
    execIn(space("fabric"), ["sysctl", "-qw", "net.ipv4.ip_forward=1"]);
    ipBatch(space("branch"), [...cable("inside", "shop", "eth0")]);
    for (const [name, address, gateway] of [
      ["host", "10.99.0.101/16", "10.99.0.15"],
      ["shop", `${SHOP}/24`, "172.16.5.1"],
    ] as const) {
      ipBatch(space(name), [`address add ${address} dev eth0`, "link set eth0 up", `route add default via ${gateway}`]);
    }
  }
}

/** Counts what went out and what came back. */
export class Ping {
  readonly #process: ChildProcess;
  #said = "";

  constructor(namespace: string) {
    this.#process = spawn("ip", ["netns", "exec", namespace, "ping", "-i", "0.2", SHOP], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    this.#process.stdout?.on("data", (text: Buffer) => {
      this.#said += text.toString("latin1");
    });
  }

  get received(): number {
    return this.#said.match(/bytes from/g)?.length ?? 0;
  }

  /** The numbers of those that were not answered; the last is not waited for. */
  async stop(): Promise<readonly number[]> {
    const ended = new Promise(resolve => this.#process.once("close", resolve));
    this.#process.kill("SIGINT");
    await ended;
    const answered = new Set([...this.#said.matchAll(/icmp_seq=(\d+)/g)].map(([, number]) => Number(number)));
    return Array.from({ length: Math.max(...answered) }, (_, index) => index + 1).filter(each => !answered.has(each));
  }
}

function space(name: Name): string {
  return `us-package-${name}`;
}

function cable(port: string, to: Name, device: string, bridge?: string): string[] {
  return [
    `link add ${port} type veth peer name ${device} netns ${space(to)}`,
    ...(bridge === undefined ? [] : [`link set ${port} master ${bridge}`]),
    `link set ${port} up`,
  ];
}
