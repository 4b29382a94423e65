/**
 * The directions between rooms, held by `.dependency-cruiser.cjs`. A cruiser that cruises nothing finds nothing, so it
 * is shown a tree in which every room imports every other one, and must find the upward half and nothing else.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { cruise, type ICruiseResult } from "dependency-cruiser";
import extractOptions from "dependency-cruiser/config-utl/extract-depcruise-options";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sourceTree, within } from "./source-tree.ts";

const repository = fileURLToPath(new URL("../..", import.meta.url));

/** The order as DESIGN has it, from the top down; stated here anew, so that a change of the rules is noticed. */
const core = "config redundancy commit gate ike ipsec hsrp net crypto command log wire errors".split(" ");
const allowedOutside: Readonly<Record<string, readonly string[]>> = {
  main: ["lab", "gateway", "cli", "linux", "core"],
  lab: ["gateway", "cli", "linux", "core"],
  gateway: ["cli", "linux", "core"],
  cli: ["linux", "core"],
  linux: ["core"],
  sim: ["core"],
  core: [],
};

async function cruiseTree(root: string): Promise<ICruiseResult> {
  const options = await extractOptions(join(repository, ".dependency-cruiser.cjs"));
  const { output } = await cruise(["src"], { ...options, validate: true, baseDir: root });
  return output as ICruiseResult;
}

const violations = ({ summary }: ICruiseResult): string[] =>
  summary.violations.map(({ from, to, rule }) => `${from} -> ${to} (${rule.name})`);

test("the repository keeps them", async () => {
  const modules = within(sourceTree(repository), "src/", ".ts");
  const result = await cruiseTree(repository);
  expect(violations(result)).toEqual([]);
  const cruised = new Set(result.modules.map(({ source }) => source));
  expect(modules.filter(({ path }) => !cruised.has(path)).map(({ path }) => path)).toEqual([]);
  expect(result.summary.totalDependenciesCruised ?? 0).toBeGreaterThan(modules.length);
});

describe("a tree that breaks them", () => {
  const root = mkdtempSync(join(tmpdir(), "understudy-layers-"));
  afterAll(() => rmSync(root, { recursive: true }));
  let found: readonly string[] = [];

  function write(path: string, text: string): void {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }

  /** A room that is one file has its place for imports in the file; the others have a file for each. */
  const moduleOf = (room: string): string => (/^(main|core\/errors)$/.test(room) ? `${room}.ts` : `${room}/index.ts`);

  /** `from` gets a module of its own that imports `to`, where it is a folder. */
  function writeImport(from: string, to: string): void {
    const up = "../".repeat(from.split("/").length);
    write(
      `src/${from}/imports-${to.replace("/", "-")}.ts`,
      `import type { here } from "${up}${moduleOf(to)}";\nexport type X = here;\n`,
    );
  }

  const coreRooms = core.map(room => `core/${room}`);
  const folders = (rooms: readonly string[]): string[] => rooms.filter(room => moduleOf(room).endsWith("/index.ts"));
  const outside = Object.keys(allowedOutside).filter(room => room !== "core");

  beforeAll(async () => {
    for (const room of [...coreRooms, ...outside]) write(`src/${moduleOf(room)}`, "export type here = 1;\n");
    for (const from of folders(coreRooms)) for (const to of coreRooms) if (from !== to) writeImport(from, to);
    for (const from of folders(outside))
      for (const to of [...outside, "core/wire"]) if (from !== to) writeImport(from, to);
    for (const to of outside) writeImport("core/wire", to);

    // The rooms that are one file: what each may not import, and has no cycle with.
    write("src/core/errors.ts", 'export type { here } from "./wire/index.ts";\n');
    write("src/main.ts", 'export type { here } from "./sim/index.ts";\n');

    const external = (name: string): string => `import { x } from "${name}";\nexport const y = x;\n`;
    write("src/core/log/node.ts", external("node:fs"));
    write("src/core/log/node.test.ts", external("node:fs"));
    write("src/core/ike/sa-record.ts", external("@bufbuild/protobuf"));
    write("src/core/ike/engine.ts", external("@bufbuild/protobuf"));
    write("src/cli/tested.ts", external("vitest"));
    write("src/cli/tested.test.ts", external("fast-check"));
    write("src/cli/helped.ts", external("./help.test-support.ts"));
    write("src/cli/help.test-support.ts", "export const x = 1;\n");
    write("src/linux/a.ts", external("./b.ts"));
    write("src/linux/b.ts", external("./a.ts"));
    write("src/linux/lost.ts", external("./nowhere.ts"));
    write("src/misc/index.ts", "export const x = 1;\n");
    write("src/linux/misplaced.ts", external("../misc/index.ts"));
    found = violations(await cruiseTree(root));
  });

  const pairs = (from: string, to: string): string =>
    `src/${from}/imports-${to.replace("/", "-")}.ts -> src/${moduleOf(to)}`;
  const foundPairs = (): Set<string> => new Set(found.map(line => line.replace(/ \(.*/, "")));

  test.each(folders(coreRooms))("%s imports downwards only", from => {
    const above = coreRooms.slice(0, coreRooms.indexOf(from));
    const below = coreRooms.slice(coreRooms.indexOf(from) + 1);
    for (const to of above) expect(foundPairs()).toContain(pairs(from, to));
    for (const to of below) expect(foundPairs()).not.toContain(pairs(from, to));
  });

  test.each(folders(outside))("%s imports downwards only", from => {
    for (const to of outside) {
      if (to === from) continue;
      if (allowedOutside[from]?.includes(to)) expect(foundPairs()).not.toContain(pairs(from, to));
      else expect(foundPairs()).toContain(pairs(from, to));
    }
    expect(foundPairs()).not.toContain(pairs(from, "core/wire"));
  });

  test("core imports nothing of the rest", () => {
    for (const to of outside) expect(foundPairs()).toContain(pairs("core/wire", to));
  });

  const rest = (): string[] => found.filter(line => !line.includes("/imports-"));

  test("what else must be found, and nothing more", () => {
    expect(
      rest()
        .map(line => line.replace(/-> .*node_modules\/([^/]+).* \(/, "-> $1 ("))
        .sort(),
    ).toEqual([
      "src/cli/helped.ts -> src/cli/help.test-support.ts (tests-are-imported-only-by-tests)",
      "src/cli/tested.test.ts -> fast-check (everything-resolves)",
      "src/cli/tested.ts -> vitest (everything-resolves)",
      "src/cli/tested.ts -> vitest (tools-of-testing-only-in-tests)",
      "src/core/errors.ts -> src/core/wire/index.ts (core-errors.ts-imports-only-downwards)",
      "src/core/ike/engine.ts -> @bufbuild/protobuf (everything-resolves)",
      "src/core/ike/engine.ts -> @bufbuild/protobuf (protobuf-only-in-records)",
      "src/core/ike/sa-record.ts -> @bufbuild/protobuf (everything-resolves)",
      "src/core/log/node.ts -> fs (core-imports-neither-node-nor-npm)",
      "src/linux/a.ts -> src/linux/b.ts (no-cycles)",
      "src/linux/lost.ts -> ./nowhere.ts (everything-resolves)",
      "src/linux/misplaced.ts -> src/misc/index.ts (every-room-has-its-place)",
      "src/linux/misplaced.ts -> src/misc/index.ts (linux-imports-only-downwards)",
      "src/main.ts -> src/sim/index.ts (main.ts-imports-only-downwards)",
    ]);
  });
});
