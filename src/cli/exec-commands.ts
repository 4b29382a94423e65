/** Every command of exec mode. */
import type { ExecCommand } from "./exec-command.ts";
import { sessionCommands } from "./session-commands.ts";
import { showCommands } from "./show-commands.ts";
import { systemCommands } from "./system-commands.ts";

export const execCommands: readonly ExecCommand[] = [...sessionCommands, ...showCommands, ...systemCommands];
