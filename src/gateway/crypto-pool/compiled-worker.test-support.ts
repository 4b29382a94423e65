/** A worker for tests: a thread of Node reads no TypeScript, so the worker and what it imports are compiled. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { transformSync } from "@swc/core";

const SOURCE = fileURLToPath(new URL("../..", import.meta.url));
const WORKER = "gateway/crypto-pool/crypto-worker.ts";
const IMPORTS = /(from ")(\.[^"]*)\.ts"/g;

export interface CompiledWorker {
  readonly program: URL;
  readonly remove: () => void;
}

export function compiledWorker(): CompiledWorker {
  const folder = mkdtempSync(join(tmpdir(), "crypto-worker-"));
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  const left = [WORKER];
  const done = new Set<string>();
  for (let file = left.pop(); file !== undefined; file = left.pop()) {
    if (done.has(file)) continue;
    done.add(file);
    const options = { swcrc: false, jsc: { parser: { syntax: "typescript" }, target: "es2022" } } as const;
    const { code } = transformSync(readFileSync(join(SOURCE, file), "utf8"), options);
    const here = dirname(file);
    for (const [, , path] of code.matchAll(IMPORTS)) left.push(join(here, `${path}.ts`));
    mkdirSync(join(folder, here), { recursive: true });
    writeFileSync(join(folder, file.replace(/\.ts$/, ".js")), code.replaceAll(IMPORTS, '$1$2.js"'));
  }
  const program = pathToFileURL(join(folder, WORKER.replace(/\.ts$/, ".js")));
  return { program, remove: () => rmSync(folder, { recursive: true }) };
}
