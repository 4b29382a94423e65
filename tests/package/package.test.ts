/**
 * The Debian package as it is installed: what is in it, what lintian says, and that what it unpacks runs as its unit
 * would have it run, as nobody with three capabilities, and tells the service manager so.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fromUtf8 } from "../../src/core/wire/utf8.ts";
import { UnixDatagram } from "../../src/linux/unix-datagram.ts";
import { NOBODY, ROOT, run, UNPRIVILEGED, until } from "../lab/harness.ts";

const CHECKOUT = fileURLToPath(new URL("../..", import.meta.url));
const NAMESPACE = "us-package";

describe.skipIf(!ROOT)("the Debian package", () => {
  const folder = mkdtempSync("/run/us-package-");
  const root = join(folder, "root");
  let file = "";
  let service: ChildProcess | undefined;
  const manager = new UnixDatagram();
  const said: string[] = [];
  const hear = (): string[] => {
    for (let next = manager.receive(); next !== undefined; next = manager.receive()) said.push(fromUtf8(next));
    return said;
  };
  const cli = (command: string) =>
    run(process.execPath, [
      join(root, "usr/lib/understudy/bin/understudy"),
      "cli",
      "--socket",
      join(folder, "cli.sock"),
      "-c",
      command,
    ]);

  beforeAll(async () => {
    const built = await run(join(CHECKOUT, "scripts/package-deb"), []);
    expect(built).toMatchObject({ code: 0, err: "" });
    file = join(CHECKOUT, built.out.trim().split(" ").at(-1) ?? "");
    expect(await run("dpkg-deb", ["-x", file, root])).toMatchObject({ code: 0 });
  });

  afterAll(async () => {
    const ended = new Promise(resolve => service?.once("exit", resolve));
    if (service?.kill("SIGTERM")) await ended;
    await run("ip", ["netns", "delete", NAMESPACE]);
    manager.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test("lintian has nothing to say that is not explained", async () => {
    // Debian 13's does not know any more a tag that Debian 12's must be given a reason for.
    const options = ["--allow-root", "-I", "--pedantic", "--suppress-tags", "alien-tag"];
    const { code, out, err } = await run("lintian", [...options, file]);
    expect({ code, out, err }).toEqual({ code: 0, out: "", err: "" });
  });

  test("it has a manual page for the program, the configuration and the exec commands", async () => {
    const pages = [8, 5, 7].flatMap(section => readdirSync(join(root, `usr/share/man/man${section}`)));
    expect(pages.sort()).toEqual(["understudy-exec.7.gz", "understudy.8.gz", "understudy.cfg.5.gz"]);
  });

  test("it brings no map, no test and no tool of development", async () => {
    const { out } = await run("dpkg-deb", ["-c", file]);
    expect(out).toContain("usr/lib/understudy/build/fastpath.node");
    expect(out).not.toMatch(/\.map$|\.test\.js|node_modules\/(vitest|typescript|@biomejs)/m);
  });

  test("the unit names what the package has", () => {
    const unit = readFileSync(join(root, "usr/lib/systemd/system/understudy.service"), "utf8");
    const [, program = "", config = ""] = /^ExecStart=(\S+) run (\S+)/m.exec(unit) ?? [];
    expect(existsSync(join(root, program))).toBe(true);
    expect(config).toBe("/etc/understudy/startup.cfg");
    expect(readFileSync(join(root, "usr/share/understudy/startup.cfg"), "utf8")).toContain("hostname understudy");
  });

  test("it runs as nobody, says when it is ready, feeds the watchdog, and says that it stops", async () => {
    await run("ip", ["netns", "add", NAMESPACE]);
    manager.bind(join(folder, "notify"));
    for (const path of [folder, join(folder, "notify")]) chownSync(path, NOBODY, NOBODY);
    const config = join(root, "usr/share/understudy/startup.cfg");
    const program = join(root, "usr/lib/understudy/bin/understudy");
    const command = ["run", config, "--state", join(folder, "state"), "--socket", join(folder, "cli.sock")];
    const environment = { ...process.env, NOTIFY_SOCKET: join(folder, "notify"), WATCHDOG_USEC: "400000" };
    const netns = ["netns", "exec", NAMESPACE, "setpriv", ...UNPRIVILEGED, "--", process.execPath, program, ...command];
    service = spawn("ip", netns, { stdio: "ignore", env: environment });
    await until(async () => hear().some(each => each.startsWith("READY=1")));
    expect((await cli("show version")).out).toContain("Understudy");
    await until(async () => hear().filter(each => each === "WATCHDOG=1").length >= 2);
    const ended = new Promise<number | null>(resolve => service?.once("exit", resolve));
    service.kill("SIGTERM");
    expect(await ended).toBe(0);
    expect(hear().some(each => each.startsWith("STOPPING=1"))).toBe(true);
  });
});
