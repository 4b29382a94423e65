/** What this program calls itself. The version stands once, in package.json. */
import { readFileSync } from "node:fs";

let known: string | undefined;

export function productVersion(): string {
  known ??= (JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { version: string })
    .version;
  return known;
}
