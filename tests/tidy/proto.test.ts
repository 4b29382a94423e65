/** The generated code is committed: what stands in src/core/proto/ must be what proto/ says. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

function generated(folder: string): Map<string, string> {
  const names = readdirSync(folder).filter(each => each.endsWith("_pb.ts"));
  return new Map(names.sort().map(name => [name, readFileSync(join(folder, name), "utf8")]));
}

test("src/core/proto is what proto says: 'npm run proto' writes it", () => {
  const anew = mkdtempSync(join(tmpdir(), "understudy-proto-"));
  try {
    execFileSync(join(ROOT, "scripts/write-proto"), [anew], { stdio: "pipe" });
    expect(generated(join(ROOT, "src/core/proto"))).toEqual(generated(join(anew, "src/core/proto")));
  } finally {
    rmSync(anew, { recursive: true });
  }
});
