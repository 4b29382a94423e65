/**
 * The commands that judge everything else: `./test` must count what failed, what was skipped and what died, and end
 * with one sum;
 * `scripts/install` and the launcher must say in one sentence what they cannot do. Each runs in a small repository of
 * stubs.
 */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";

const repository = fileURLToPath(new URL("../..", import.meta.url));
const temporary = mkdtempSync(join(tmpdir(), "understudy-commands-"));
afterAll(() => rmSync(temporary, { recursive: true }));

let stubs = 0;

/** A repository with these npm scripts, in which nothing needs installing. */
function stubRepository(scripts: Readonly<Record<string, string>>): string {
  stubs += 1;
  const root = join(temporary, `repository-${stubs}`);
  cpSync(join(repository, "scripts"), join(root, "scripts"), { recursive: true });
  // Suites that are scripts would run for real here.
  for (const suite of ["test-native", "test-fuzz", "test-model"]) rmSync(join(root, "scripts", suite), { force: true });
  write(root, "scripts/install", "#!/bin/sh\nexit 0\n");
  writeScripts(root, { build: "true", ...scripts });
  return root;
}

/**
 * With a stand-in that runs them: npm itself takes longer to start than all else that happens here, and one test that
 * uses it tells whether the two agree.
 */
function writeScripts(root: string, scripts: Readonly<Record<string, string>>): void {
  write(root, "package.json", JSON.stringify({ scripts }));
  for (const [name, text] of Object.entries(scripts)) write(root, `scripts-of-npm/${name}`, `#!/bin/sh\n${text}\n`);
  write(root, "bin-of-stubs/npm", `#!/bin/sh\n[ "$1 $2" = "run --silent" ] && exec scripts-of-npm/"$3"\n`);
}

function write(root: string, path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text, { mode: 0o755 });
}

interface Outcome {
  readonly code: number | null;
  readonly lines: readonly string[];
  readonly complaint: string;
}

function run(root: string, command: string, words: readonly string[] = [], environment = {}): Outcome {
  const env = { ...process.env, PATH: `${root}/bin-of-stubs:${process.env.PATH}`, ...environment };
  const { status, stdout, stderr } = spawnSync(join(root, command), words, { cwd: root, env, encoding: "utf8" });
  return { code: status, lines: stdout.trimEnd().split("\n"), complaint: stderr.trim() };
}

describe("./test", () => {
  test("sums what passed", () => {
    const root = stubRepository({ test: "echo '3 passed, 0 failed'", "test:sim": "echo '39 passed, 0 failed'" });
    rmSync(join(root, "bin-of-stubs"), { recursive: true });
    const { code, lines } = run(root, "scripts/test-all");
    expect([code, lines.at(-1)]).toEqual([0, "42 passed, 0 failed"]);
  });

  const failures: readonly (readonly [what: string, script: string, last: string])[] = [
    ["a test that failed", "echo '1 passed, 2 failed'; exit 1", "4 passed, 2 failed"],
    ["a test that was skipped", "echo '1 passed, 0 failed, 1 skipped'", "4 passed, 1 failed"],
    ["more skipped than an octal number has digits for", "echo '1 passed, 0 failed, 9 skipped'", "4 passed, 9 failed"],
    ["a runner that died without a closing line", "echo '1 passed, 0 fai'; kill -9 $$", "3 passed, 1 failed"],
    ["a runner that ended well and said nothing", "true", "3 passed, 1 failed"],
    ["a runner that ran no test", "echo '0 passed, 0 failed'", "3 passed, 1 failed"],
    ["a runner that failed though no test did", "echo '1 passed, 0 failed'; exit 3", "4 passed, 1 failed"],
  ];

  test.each(failures)("counts %s, and goes on", (_, script, last) => {
    const root = stubRepository({ "test:sim": script, "test:lab": "echo '3 passed, 0 failed'" });
    const { code, lines } = run(root, "scripts/test-all");
    expect([code, lines.at(-1)]).toEqual([1, last]);
  });

  test("says at the end what failed, with the suite, since of a long output only the end may be kept", () => {
    const failed = "echo 'FAILED  a test: of the quick'; echo 'much else'; echo '3 passed, 1 failed'; exit 1";
    const root = stubRepository({ test: failed, "test:sim": "echo '5 passed, 0 failed'" });
    const { lines } = run(root, "scripts/test-all");
    expect(lines.at(-4)).toBe("quick: a test: of the quick");
    expect(lines.slice(-3).map(line => line.split(/\s+/).slice(0, 3).join(" "))).toEqual([
      "quick 3 passed",
      "sim 5 passed",
      "8 passed, 1",
    ]);
  });

  test("counts a suite whose means cannot be installed, and a build that fails", () => {
    const root = stubRepository({
      test: "echo '3 passed, 0 failed'",
      "test:lab": "echo '5 passed, 0 failed'",
      build: "false",
    });
    expect(run(root, "scripts/test-all").lines.at(-1)).toBe("3 passed, 2 failed");
    writeScripts(root, { build: "true", "test:kernel": "echo '5 passed, 0 failed'" });
    write(root, "scripts/install", '#!/bin/sh\ncase "$*" in *vm*) echo "no qemu"; exit 1 ;; esac\n');
    const { lines } = run(root, "scripts/test-all");
    expect(lines.join("\n")).toContain("SKIPPED: no qemu");
    expect(lines.at(-1)).toBe("0 passed, 1 failed");
  });

  test("runs the suites that are named, and knows no others", () => {
    const root = stubRepository({ test: "echo '3 passed, 0 failed'", "test:sim": "echo '5 passed, 0 failed'" });
    expect(run(root, "scripts/test-all", ["sim"]).lines.at(-1)).toBe("5 passed, 0 failed");
    const { code, complaint } = run(root, "scripts/test-all", ["lab"]);
    expect([code, complaint]).toEqual([2, "usage: ./test [--full] [SUITE...]; suites here: quick sim"]);
  });
});

describe("npm test", () => {
  const stubTools = (vitest: string): string => {
    const root = stubRepository({});
    for (const tool of ["biome", "tsc"]) write(root, `node_modules/.bin/${tool}`, "#!/bin/sh\nexit 0\n");
    write(root, "node_modules/.bin/vitest", `#!/bin/sh\n${vitest}\n`);
    return root;
  };

  test("counts its checks and its tests", () => {
    expect(run(stubTools("echo '4 passed, 0 failed'"), "scripts/test-quick").lines.at(-1)).toBe("7 passed, 0 failed");
  });

  test("fails when a check does, when vitest dies and when vitest runs nothing", () => {
    const root = stubTools("echo '4 passed, 0 failed'");
    write(root, "node_modules/.bin/biome", "#!/bin/sh\nexit 1\n");
    const lasts = [root, stubTools("kill -9 $$"), stubTools("echo '0 passed, 0 failed'")].map(each => {
      const { code, lines } = run(each, "scripts/test-quick");
      return [code, lines.at(-1)];
    });
    expect(lasts).toEqual([
      [1, "6 passed, 1 failed"],
      [1, "3 passed, 1 failed"],
      [1, "3 passed, 1 failed"],
    ]);
  });
});

describe("scripts/install", () => {
  /** Everything of this machine's PATH but what is named, which is replaced or, where empty, left out. */
  function pathWith(replaced: Readonly<Record<string, string>>): string {
    stubs += 1;
    const folder = join(temporary, `path-${stubs}`);
    mkdirSync(folder);
    for (const from of (process.env.PATH ?? "").split(":")) linkPrograms(from, folder, replaced);
    for (const [name, text] of Object.entries(replaced)) if (text !== "") write(folder, name, text);
    return folder;
  }

  const sentences: readonly (readonly [
    what: string,
    words: readonly string[],
    path: Record<string, string>,
    says: RegExp,
  ])[] = [
    ["no group", [], {}, /^install: name the groups to install: build lab interop native model fuzz vm page /],
    ["an unknown group", ["build", "zork"], {}, /^install: there is no group "zork"; there are: build lab /],
    ["a Node that is too old", ["build"], { node: "#!/bin/sh\necho 18.20.4\n" }, /^install: this is Node 18.20.4 and /],
    ["no Node", ["build"], { node: "" }, /^install: there is no node: .* install a newer one/],
    ["no dpkg", ["lab"], { "dpkg-query": "" }, /^install: this system has no dpkg: .* use Debian 12 or 13$/],
    [
      "no root and something missing",
      ["lab"],
      { "dpkg-query": "#!/bin/sh\nexit 1\n", id: "#!/bin/sh\necho 1000\n" },
      /^install: cannot install iproute2 .* \(not root\): as root, run apt-get install .* iproute2 /,
    ],
    [
      "no apt and something missing",
      ["lab"],
      { "dpkg-query": "#!/bin/sh\nexit 1\n", "apt-get": "" },
      /^install: cannot install iproute2 .* \(no apt-get\): as root, /,
    ],
  ];

  test.each(sentences)("says what it cannot: %s", (_, words, path, says) => {
    // What is installed here is not the question: every package counts as installed unless the case says otherwise.
    const allHere = '#!/bin/sh\nshift 3\nfor package; do printf "%s=installed " "$package"; done\n';
    const { code, complaint } = run(repository, "scripts/install", words, {
      PATH: pathWith({ "dpkg-query": allHere, ...path }),
    });
    expect([code, complaint.split("\n").length]).toEqual([1, 1]);
    expect(complaint).toMatch(says);
  });
});

function linkPrograms(from: string, to: string, except: Readonly<Record<string, string>>): void {
  let names: string[];
  try {
    names = readdirSync(from);
  } catch {
    return; // PATH may name folders that are not there
  }
  const here = new Set(readdirSync(to));
  for (const name of names) if (!(name in except) && !here.has(name)) symlinkSync(join(from, name), join(to, name));
}

describe("the launcher", () => {
  test("says in one sentence that nothing is built", () => {
    const root = stubRepository({});
    write(root, "package.json", '{ "type": "module" }');
    cpSync(join(repository, "bin"), join(root, "bin"), { recursive: true });
    const { code, complaint } = run(root, "bin/understudy", ["--version"]);
    expect(code).toBe(1);
    expect(complaint).toMatch(
      /^Understudy is not built \(.*main\.js is missing\): run "scripts\/install build && npm run build" in .*\.$/,
    );
  });

  test("hands over to what is built", () => {
    const root = stubRepository({});
    write(root, "package.json", '{ "type": "module" }');
    cpSync(join(repository, "bin"), join(root, "bin"), { recursive: true });
    write(root, "dist/main.js", "console.log(process.argv.slice(2).join(' '));\n");
    expect(run(root, "bin/understudy", ["lab", "up"])).toMatchObject({ code: 0, lines: ["lab up"] });
  });
});
