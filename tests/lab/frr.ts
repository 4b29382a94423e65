/** FRR in a namespace of a lab: zebra and ospfd, their sockets in a folder of their own, ended by their pids. */
import { chownSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { leavingDaemon } from "../../src/lab/routing-daemons.ts";
import { inside, type Result, run, until } from "./harness.ts";

const DAEMONS = "/usr/lib/frr";

export class Frr {
  readonly #lab: string;
  readonly #host: string;
  readonly #folder: string;

  constructor(lab: string, host: string) {
    this.#lab = lab;
    this.#host = host;
    this.#folder = `/run/us-frr-${lab}-${host}`;
  }

  async start(config: string): Promise<void> {
    const folder = this.#folder;
    const [uid, gid] = await Promise.all(
      ["-u", "-g"].map(async which => Number((await run("id", [which, "frr"])).out)),
    );
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "frr.conf"), config);
    for (const path of [folder, join(folder, "frr.conf")]) chownSync(path, uid ?? 0, gid ?? 0);
    for (const daemon of ["zebra", "ospfd"]) {
      const own = ["-z", join(folder, "zserv.api"), "-i", join(folder, `${daemon}.pid`), "--vty_socket", folder];
      const common = ["-d", "-u", "frr", "-g", "frr", "-f", join(folder, "frr.conf"), "-A", "127.0.0.1", "-P", "0"];
      const command = leavingDaemon(join(folder, `${daemon}.log`), [join(DAEMONS, daemon), ...common, ...own]);
      const { code, err } = await inside(this.#lab, this.#host, ...command);
      if (code !== 0) throw new Error(`${daemon}: ${err}`);
    }
    await until(async () => (await this.vtysh("show version")).code === 0);
  }

  vtysh(command: string): Promise<Result> {
    return inside(this.#lab, this.#host, "vtysh", "--vty_socket", this.#folder, "-c", command);
  }

  stop(): void {
    for (const daemon of ["ospfd", "zebra"]) {
      try {
        process.kill(Number(readFileSync(join(this.#folder, `${daemon}.pid`), "utf8")), "SIGTERM");
      } catch {
        // It did not start, or has ended.
      }
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
