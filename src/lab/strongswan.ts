/**
 * A strongSwan in a namespace of a lab, as the far end that is not ours: charon with ESP in user space
 * (kernel-libipsec, always in UDP), configured and asked through vici, its files in a folder of its own.
 */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { SystemError } from "../core/errors.ts";

const DAEMON = "/usr/sbin/charon-systemd";
const PLUGINS = "/usr/lib/ipsec/plugins";
// libipsec is asked before the kernel, which may know no ESP.
const LOAD =
  "random nonce openssl sha1 sha2 hmac kdf pem x509 pkcs1 pubkey kernel-libipsec kernel-netlink " +
  "socket-default updown vici";
const LISTEN_LIMIT_MS = 20_000;
const LOOK_MS = 20;

export interface StrongSwanSettings {
  readonly namespace: string;
  /** Made here, and removed with the daemon. */
  readonly folder: string;
  /** `connections { … } secrets { … }`, as swanctl.conf has them. */
  readonly config: string;
  /** Lines for the daemon's section of strongswan.conf: timers of retransmission and keepalives, say. */
  readonly options?: readonly string[];
}

/** What swanctl said, and whether it was content. */
export interface SwanctlResult {
  readonly ok: boolean;
  readonly out: string;
}

export class StrongSwan {
  readonly #settings: StrongSwanSettings;
  readonly #child: ChildProcess;

  private constructor(settings: StrongSwanSettings, child: ChildProcess) {
    this.#settings = settings;
    this.#child = child;
  }

  /** Why there can be none here; `undefined` when there can. */
  static missing(): string | undefined {
    if (!existsSync(DAEMON)) return "charon-systemd is not installed; scripts/install interop brings it";
    const absent = ["kernel-libipsec", "openssl"].filter(each => !existsSync(`${PLUGINS}/libstrongswan-${each}.so`));
    return absent.length === 0 ? undefined : `strongSwan's plugins ${absent.join(" and ")} are not installed`;
  }

  /** Resolves when it listens and has its configuration. Throws a `SystemError`. */
  static async start(settings: StrongSwanSettings): Promise<StrongSwan> {
    const { folder, namespace } = settings;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const file = join(folder, "strongswan.conf");
    writeFileSync(file, daemonOptions(settings));
    writeFileSync(join(folder, "swanctl.conf"), settings.config, { mode: 0o600 });
    const child = spawn("ip", ["netns", "exec", namespace, DAEMON], {
      stdio: "ignore",
      env: { ...process.env, STRONGSWAN_CONF: file },
    });
    // A lab that stays up keeps its daemon, and nobody waits for it.
    child.unref();
    const daemon = new StrongSwan(settings, child);
    await daemon.#listening();
    await daemon.load();
    return daemon;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Its log so far, IKE and Child SAs in detail. */
  log(): string {
    const file = join(this.#settings.folder, "charon.log");
    return existsSync(file) ? readFileSync(file, "utf8") : "";
  }

  /** Reads its configuration again. Throws a `SystemError`. */
  async load(config = this.#settings.config): Promise<void> {
    const file = join(this.#settings.folder, "swanctl.conf");
    writeFileSync(file, config, { mode: 0o600 });
    const { ok, out } = await this.swanctl("--load-all", "--clear", "--noprompt", "--file", file);
    if (!ok) throw new SystemError("configure strongSwan", { file }, new Error(out.trim().split("\n").at(-1)));
  }

  swanctl(...words: string[]): Promise<SwanctlResult> {
    const { namespace } = this.#settings;
    const command = ["netns", "exec", namespace, "swanctl", ...words, "--uri", `unix://${this.#socket}`];
    return new Promise(resolve => {
      // Plugins that swanctl has and does not find are no business of ours.
      execFile("ip", command, { encoding: "utf8" }, (error, out) => resolve({ ok: error === null, out }));
    });
  }

  /** `swanctl --list-sas`. */
  async sas(): Promise<string> {
    return (await this.swanctl("--list-sas")).out;
  }

  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    const ended = new Promise(resolve => this.#child.once("close", resolve));
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      this.#child.kill(signal);
      await ended;
    }
    rmSync(this.#settings.folder, { recursive: true, force: true });
  }

  get #socket(): string {
    return join(this.#settings.folder, "vici");
  }

  async #listening(): Promise<void> {
    const end = performance.now() + LISTEN_LIMIT_MS;
    while (!existsSync(this.#socket)) {
      const { exitCode } = this.#child;
      const over = exitCode === null ? "it does not listen" : `it ended (exit code ${exitCode})`;
      if (exitCode !== null || performance.now() > end)
        throw new SystemError("start strongSwan", { namespace: this.#settings.namespace }, new Error(over));
      await sleep(LOOK_MS);
    }
  }
}

function daemonOptions({ folder, options = [] }: StrongSwanSettings): string {
  return `charon-systemd {
  load = ${LOAD}
  journal { default = -1 }
  filelog {
    log {
      path = ${join(folder, "charon.log")}
      time_format = %s
      time_add_ms = yes
      default = 1
      ike = 2
      chd = 2
      flush_line = yes
    }
  }
  plugins {
    kernel-libipsec { allow_peer_ts = yes }
    vici { socket = unix://${join(folder, "vici")} }
  }
${options.map(line => `  ${line}\n`).join("")}}
`;
}
