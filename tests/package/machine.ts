/**
 * A Debian machine as an operator has it: systemd is its process 1, apt installs into it, its network is a namespace.
 * It stands on a root with nothing in it (`scripts/support/debian-root`), and all that it changes is in one folder.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execIn } from "../../src/lab/namespaces.ts";
import { type Result, run, until } from "../lab/harness.ts";

const BOOT = fileURLToPath(new URL("boot-machine", import.meta.url));

export class Machine {
  readonly #folder: string;
  readonly #name: string;
  #process: ChildProcess | undefined;

  constructor(folder: string, name: string) {
    this.#folder = folder;
    this.#name = name;
  }

  get namespace(): string {
    return `us-package-${this.#name}`;
  }

  /** Comes back when systemd has started what it starts. */
  async boot(): Promise<void> {
    this.#process = spawn("ip", ["netns", "exec", this.namespace, BOOT, this.#folder, this.#name], { stdio: "ignore" });
    await until(async () => /running|degraded/.test((await this.run("systemctl", "is-system-running")).out));
  }

  /** As a power cut does it. */
  async switchOff(): Promise<void> {
    const ended = new Promise(resolve => this.#process?.once("exit", resolve));
    if (this.#process?.kill("SIGKILL")) await ended;
    this.#process = undefined;
    const groups = join(this.#folder, this.#name, "groups");
    const remove = `find ${groups}/us-package-${this.#name} -depth -type d -exec rmdir {} +`;
    await until(async () => {
      const { code } = await run("unshare", ["--mount", "sh", "-c", `mount -t cgroup2 none ${groups} && ${remove}`]);
      return code === 0;
    });
  }

  /** A command of root's, with root's own environment. */
  run(...command: string[]): Promise<Result> {
    const first = this.#first();
    if (first === undefined) return Promise.resolve({ code: 1, out: "", err: "the machine is off" });
    const spaces = ["--mount", "--pid", "--uts", "--ipc", "--net", "--cgroup", "--root"];
    const environment = ["HOME=/root", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND=noninteractive"];
    return run("nsenter", ["-t", first, ...spaces, "env", "-i", "-C", "/", ...environment, ...command]);
  }

  /** One command of the console. */
  async console(command: string): Promise<string> {
    return (await this.run("understudy", "cli", "-c", command)).out;
  }

  /** Several, as somebody types them. */
  async type(...lines: string[]): Promise<void> {
    await this.run("understudy", "cli", ...lines.flatMap(each => ["-c", each]));
  }

  /** A file of the machine. */
  async write(path: string, text: string): Promise<void> {
    await this.run("sh", "-c", `cat >"$0" <<'END'\n${text}END\n`, path);
  }

  /** Whether `show redundancy states` has this member as the active of a pair that is ready. */
  async isActive(): Promise<boolean> {
    return /my state = 13 -ACTIVE.*peer state = 8 {2}-STANDBY HOT/s.test(await this.console("show redundancy states"));
  }

  /** What the kernel holds for the network: addresses, routes, rules, settings; without counters and times. */
  network(): string {
    const shows = [
      "ip -br address",
      "ip -br link",
      "ip route show table all",
      "ip rule",
      "ip -6 rule",
      "ip xfrm policy",
    ];
    const settings = "sysctl -a 2>/dev/null | grep -E '^net\\.ipv[46]\\.(conf|ip_|icmp)'";
    return execIn(this.namespace, ["sh", "-c", [...shows, settings].join("; ")]).replace(/@if\d+/g, "");
  }

  /** The process id of its systemd. */
  #first(): string | undefined {
    const pid = this.#process?.pid;
    if (pid === undefined) return undefined;
    try {
      return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim() || undefined;
    } catch {
      return undefined;
    }
  }
}
