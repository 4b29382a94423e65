/** Our gateway as a or b of a site: one crypto map towards strongSwan, written as an operator would. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { processesIn } from "../../src/lab/namespaces.ts";
import { MAIN, type Result, understudy, until } from "../lab/harness.ts";
import { PRESHARED_KEY } from "./far-end.ts";
import { INSIDE, type Site } from "./site.ts";

export interface NearEnd {
  /** Lines of `crypto isakmp policy 10`. */
  readonly policy: readonly string[];
  readonly transforms: string;
  readonly pfs?: number;
  /** More lines at the top, and in the entry of the map. */
  readonly global?: readonly string[];
  readonly entry?: readonly string[];
}

export type Side = "a" | "b";

export class Gateway {
  readonly #folder: string;
  readonly #namespace: string;
  readonly #child: ChildProcess;

  private constructor(folder: string, namespace: string, child: ChildProcess) {
    this.#folder = folder;
    this.#namespace = namespace;
    this.#child = child;
  }

  static start(site: Site, near: NearEnd, side: Side = "a"): Promise<Gateway> {
    return Gateway.run(site, side, configOf(site, near, side));
  }

  /** With a configuration of its own, whose crypto map has `policies` permits. */
  static async run(site: Site, side: Side, config: string, policies = 1): Promise<Gateway> {
    const folder = join("/run", `us-${site.name}-${side}`);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const file = join(folder, "gateway.cfg");
    writeFileSync(file, config, { mode: 0o600 });
    const log = openSync(join(folder, "gateway.log"), "a", 0o600);
    const options = ["--state", folder, "--socket", join(folder, "cli.sock")];
    const command = [process.execPath, MAIN, "run", file, ...options];
    const namespace = site.namespace(side);
    const child = spawn("ip", ["netns", "exec", namespace, ...command], { stdio: ["ignore", log, log] });
    const gateway = new Gateway(folder, namespace, child);
    child.once("exit", code => {
      if (code !== 0) process.stderr.write(`the gateway ended with ${code}: ${gateway.log()}\n`);
    });
    await until(async () => gateway.log().includes("Line protocol on Interface wan, changed state to up"));
    const ready = new RegExp(`Policies +${policies}\\b`);
    await until(async () => ready.test((await gateway.cli("show platform dataplane")).out));
    return gateway;
  }

  cli(...commands: string[]): Promise<Result> {
    return understudy("cli", "--socket", join(this.#folder, "cli.sock"), ...commands.flatMap(each => ["-c", each]));
  }

  log(): string {
    return readFileSync(join(this.#folder, "gateway.log"), "utf8");
  }

  /** Without a farewell to anybody, supervisor and gateway at once. */
  async kill(): Promise<void> {
    for (const pid of processesIn(this.#namespace)) process.kill(pid, "SIGKILL");
    await this.stop();
  }

  async stop(): Promise<void> {
    const ended = new Promise(resolve => this.#child.once("exit", resolve));
    const { exitCode, signalCode } = this.#child;
    if (exitCode === null && signalCode === null && this.#child.kill("SIGTERM")) await ended;
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function configOf(site: Site, { policy, transforms, pfs, global = [], entry = [] }: NearEnd, side: Side): string {
  const isA = side === "a";
  const [own, other] = isA ? [site.outsideA, site.outsideB] : [site.outsideB, site.seenA];
  const [from, to] = isA ? ["10.1.0.0", "10.2.0.0"] : ["10.2.0.0", "10.1.0.0"];
  return `hostname ${side.toUpperCase()}
crypto isakmp policy 10
 ${policy.join("\n ")}
 authentication pre-share
crypto isakmp key ${PRESHARED_KEY} address ${other}
crypto ipsec transform-set T ${transforms}
${global.join("\n")}
ip access-list extended L
 permit ip ${from} 0.0.0.255 ${to} 0.0.0.255
crypto map M 10 ipsec-isakmp
 set peer ${other}
 set transform-set T
 match address L
${pfs === undefined ? "" : ` set pfs group${pfs}`}
${entry.map(line => ` ${line}`).join("\n")}
interface lan
 ip address ${INSIDE[side]} 255.255.255.0
interface wan
 ip address ${own} 255.255.255.0
 crypto map M
${site.nat && isA ? "ip route 0.0.0.0 0.0.0.0 198.51.100.254" : ""}
end
`.replaceAll(/\n+/g, "\n");
}
