/** Our gateway as a of a site: one crypto map towards strongSwan at b, written as an operator would. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { MAIN, type Result, understudy, until } from "../lab/harness.ts";
import { PRESHARED_KEY } from "./far-end.ts";
import type { Site } from "./site.ts";

export interface NearEnd {
  /** Lines of `crypto isakmp policy 10`. */
  readonly policy: readonly string[];
  readonly transforms: string;
  readonly pfs?: number;
  /** More lines at the top, and in the entry of the map. */
  readonly global?: readonly string[];
  readonly entry?: readonly string[];
}

export class Gateway {
  readonly #folder: string;
  readonly #child: ChildProcess;

  private constructor(folder: string, child: ChildProcess) {
    this.#folder = folder;
    this.#child = child;
  }

  static async start(site: Site, near: NearEnd): Promise<Gateway> {
    const folder = join("/run", `us-${site.name}-a`);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(join(folder, "a.cfg"), configOf(site, near), { mode: 0o600 });
    const log = openSync(join(folder, "gateway.log"), "a", 0o600);
    const options = ["--state", folder, "--socket", join(folder, "cli.sock")];
    const command = [process.execPath, MAIN, "run", join(folder, "a.cfg"), ...options];
    const child = spawn("ip", ["netns", "exec", site.namespace("a"), ...command], { stdio: ["ignore", log, log] });
    const gateway = new Gateway(folder, child);
    await until(async () => gateway.log().includes("Line protocol on Interface wan, changed state to up"));
    await until(async () => /Policies +1/.test((await gateway.cli("show platform dataplane")).out));
    return gateway;
  }

  cli(...commands: string[]): Promise<Result> {
    return understudy("cli", "--socket", join(this.#folder, "cli.sock"), ...commands.flatMap(each => ["-c", each]));
  }

  log(): string {
    return readFileSync(join(this.#folder, "gateway.log"), "utf8");
  }

  async stop(): Promise<void> {
    const ended = new Promise(resolve => this.#child.once("exit", resolve));
    if (this.#child.exitCode === null && this.#child.kill("SIGTERM")) await ended;
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function configOf(site: Site, { policy, transforms, pfs, global = [], entry = [] }: NearEnd): string {
  return `hostname A
crypto isakmp policy 10
 ${policy.join("\n ")}
 authentication pre-share
crypto isakmp key ${PRESHARED_KEY} address ${site.outsideB}
crypto ipsec transform-set T ${transforms}
${global.join("\n")}
ip access-list extended L
 permit ip 10.1.0.0 0.0.0.255 10.2.0.0 0.0.0.255
crypto map M 10 ipsec-isakmp
 set peer ${site.outsideB}
 set transform-set T
 match address L
${pfs === undefined ? "" : ` set pfs group${pfs}`}
${entry.map(line => ` ${line}`).join("\n")}
interface lan
 ip address 10.1.0.1 255.255.255.0
interface wan
 ip address ${site.outsideA} 255.255.255.0
 crypto map M
${site.nat ? "ip route 0.0.0.0 0.0.0.0 198.51.100.254" : ""}
end
`.replaceAll(/\n+/g, "\n");
}
