/**
 * The product as it is to run: an unprivileged user with CAP_NET_ADMIN, CAP_NET_RAW and CAP_NET_BIND_SERVICE can do
 * everything, and without them nothing that changes the host.
 */
import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { transformSync } from "@swc/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Capability } from "../../src/linux/process-rights.ts";
import { addTo, describeInNamespace, withVethPair } from "./namespace.ts";

/** "nobody" everywhere. */
const USER = 65534;
const RIGHTS = ["CAP_NET_ADMIN", "CAP_NET_RAW", "CAP_NET_BIND_SERVICE"] as const;
const HARMLESS: readonly string[] = ["read the links", "follow changes"];

interface Report {
  readonly user: number;
  readonly rights: number;
  readonly deeds: Readonly<Record<string, string>>;
}

describeInNamespace("an unprivileged user", () => {
  const pair = withVethPair();
  let folder = "";

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "us-native-"));
    chmodSync(folder, 0o755);
    compileInto(folder);
    provideTun(folder);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("with the three capabilities can do everything", () => {
    addTo(pair.rtnetlink, pair.left, "10.0.0.1/24");
    const report = run(folder, RIGHTS);
    expect(report.user).toBe(USER);
    expect(report.rights).toBe(RIGHTS.reduce((sum, name) => sum + 2 ** Capability[name], 0));
    expect(new Set(Object.values(report.deeds)), JSON.stringify(report.deeds)).toEqual(new Set(["done"]));
  });

  test("without them can look and change nothing", () => {
    addTo(pair.rtnetlink, pair.left, "10.0.0.1/24");
    const report = run(folder, []);
    expect(report).toMatchObject({ user: USER, rights: 0 });
    for (const [deed, outcome] of Object.entries(report.deeds)) {
      if (HARMLESS.includes(deed)) expect(outcome, deed).toBe("done");
      else expect(["EPERM", "EACCES"], `${deed}: ${outcome}`).toContain(outcome);
    }
  });

  test.each([
    ["CAP_NET_ADMIN", ["set a link up", "add a route", "add a rule", "make a TUN device", "write a sysctl"]],
    ["CAP_NET_RAW", ["open a packet socket", "send ESP", "send by IPv6"]],
    ["CAP_NET_BIND_SERVICE", ["bind UDP port 500"]],
  ] as const)("without %s cannot do what needs it", (missing, deeds) => {
    addTo(pair.rtnetlink, pair.left, "10.0.0.1/24");
    const report = run(
      folder,
      RIGHTS.filter(each => each !== missing),
    );
    for (const deed of deeds) expect(["EPERM", "EACCES"], deed).toContain(report.deeds[deed]);
    for (const deed of HARMLESS) expect(report.deeds[deed]).toBe("done");
  });
});

function run(folder: string, rights: readonly string[]): Report {
  const set = ["-all", ...rights.map(each => each.replace("CAP_", "+").toLowerCase())].join(",");
  const bounds = [`--reuid=${USER}`, `--regid=${USER}`, "--clear-groups", "--no-new-privs"];
  const sets = [`--inh-caps=${set}`, `--ambient-caps=${set}`, `--bounding-set=${set}`];
  const program = join(folder, "tests/native/unprivileged-program.js");
  // The sanitizers' runtime would come along by LD_PRELOAD; this suite also runs without it.
  const env = { PATH: process.env.PATH ?? "", UNDERSTUDY_NATIVE_BUILD: folder };
  const result = spawnSync("setpriv", [...bounds, ...sets, process.execPath, program], { encoding: "utf8", env });
  if (result.status !== 0) throw new Error(`the program ended with ${result.status}: ${result.stderr}`);
  return JSON.parse(result.stdout);
}

/** The checkout may lie where this user cannot read, so what it needs goes where it can. */
function compileInto(folder: string): void {
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  copyFileSync("build/sys.node", join(folder, "sys.node"));
  const sources = ["src/core", "src/linux"].flatMap(room =>
    readdirSync(room, { recursive: true, encoding: "utf8" }).map(file => join(room, file)),
  );
  const wanted = sources.filter(file => file.endsWith(".ts") && !file.endsWith(".test.ts"));
  for (const file of [...wanted, "tests/native/unprivileged-program.ts", "tests/native/values.ts"]) {
    const { code } = transformSync(readFileSync(file, "utf8"), {
      swcrc: false,
      jsc: { parser: { syntax: "typescript" }, target: "es2022" },
    });
    const target = join(folder, file.replace(/\.ts$/, ".js"));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, code.replaceAll(/(from "\.[^"]*)\.ts"/g, '$1.js"'));
  }
}

/**
 * Where only root may open /dev/net/tun, another of it that everybody may, seen by this run's mount namespace alone.
 */
function provideTun(folder: string): void {
  if ((statSync("/dev/net/tun").mode & 0o006) === 0o006) return;
  const devices = join(folder, "devices");
  mkdirSync(devices);
  execFileSync("mount", ["-t", "tmpfs", "-o", "mode=755", "us-native", devices]);
  execFileSync("mknod", ["-m", "666", join(devices, "tun"), "c", "10", "200"]);
  execFileSync("mount", ["--bind", join(devices, "tun"), "/dev/net/tun"]);
  execFileSync("umount", [devices]);
}
