/** The loader's one duty of its own: to say plainly what is missing. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";

afterEach(() => {
  vi.unstubAllEnvs();
  vi.resetModules();
});

test("an addon that is not built is one sentence with the remedy", async () => {
  vi.stubEnv("UNDERSTUDY_NATIVE_BUILD", "/nowhere");
  vi.resetModules();
  const { loadAddon } = await import("./addon.ts");
  expect(() => loadAddon()).toThrow(
    "cannot load the native addon (file=/nowhere/sys.node): it is not built; run 'npm run build', which needs g++",
  );
});

test("a file that is no addon is told apart from one that is not there", async () => {
  const folder = mkdtempSync(join(tmpdir(), "us-addon-"));
  writeFileSync(join(folder, "sys.node"), "no machine code");
  vi.stubEnv("UNDERSTUDY_NATIVE_BUILD", folder);
  vi.resetModules();
  const { loadAddon } = await import("./addon.ts");
  expect(() => loadAddon()).toThrow(/cannot load the native addon .*sys.node\): .*(too short|invalid ELF)/);
  rmSync(folder, { recursive: true });
});
