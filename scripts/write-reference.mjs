// Writes docs/commands.md and docs/exec-commands.md from the command objects.
// Needs a build: npm run reference does both.
import { writeFileSync } from "node:fs";
import { execReference } from "../dist/cli/exec-reference.js";
import { commandReference } from "../dist/core/config/command-reference.js";

writeFileSync(new URL("../docs/commands.md", import.meta.url), commandReference());
writeFileSync(new URL("../docs/exec-commands.md", import.meta.url), execReference());
