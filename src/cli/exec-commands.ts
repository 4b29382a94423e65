/** Every command of exec mode. */

import { cryptoCommands } from "./crypto-commands.ts";
import { cryptoShowCommands } from "./crypto-show-commands.ts";
import { debugCommands } from "./debug-commands.ts";
import type { ExecCommand } from "./exec-command.ts";
import { ipcShowCommands } from "./ipc-commands.ts";
import { redundancyCommands } from "./redundancy-commands.ts";
import { replicationCommands } from "./replication-commands.ts";
import { sessionCommands } from "./session-commands.ts";
import { showCommands } from "./show-commands.ts";
import { systemCommands } from "./system-commands.ts";
import { techSupportCommand } from "./tech-support.ts";

const commands: readonly ExecCommand[] = [
  ...sessionCommands,
  ...showCommands,
  ...cryptoShowCommands,
  ...cryptoCommands,
  ...redundancyCommands,
  ...replicationCommands,
  ...ipcShowCommands,
  ...debugCommands,
  ...systemCommands,
];

export const execCommands: readonly ExecCommand[] = [...commands, techSupportCommand(commands)];
