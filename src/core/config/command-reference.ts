/** The reference of every configuration command, for `docs/commands.md`. */
import { referenceOf } from "../command/reference.ts";
import { configMode } from "./modes.ts";

export function commandReference(): string {
  return `${referenceOf(configMode, "Configuration commands").trimEnd()}\n`;
}
