// Writes docs/commands.md from the command objects. Needs a build: npm run reference does both.
import { writeFileSync } from "node:fs";
import { commandReference } from "../dist/core/config/command-reference.js";

writeFileSync(new URL("../docs/commands.md", import.meta.url), commandReference());
