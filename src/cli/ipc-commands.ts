/** Exec commands about the association: `show ipc zone`, `show ipc association`. */
import { keyword, seq } from "../core/command/grammar.ts";
import { type ExecCommand, execCommand } from "./exec-command.ts";
import { showIpcAssociation, showIpcZone } from "./show/show-ipc.ts";

const show = keyword("show", "Show running system information");
const ipc = keyword("ipc", "Interprocess communications");

export const ipcShowCommands: readonly ExecCommand[] = [
  execCommand({
    grammar: seq(show, ipc, keyword("zone", "IPC zones")),
    summary: "Whether the association with the other member is up, and why not.",
    async *run({ gateway }) {
      yield* showIpcZone(await gateway.association());
    },
  }),
  execCommand({
    grammar: seq(show, ipc, keyword("association", "The association with the other member")),
    summary: "Its paths, its streams, and both members' keys: what the other one's 'security fingerprint' has to name.",
    async *run({ gateway }) {
      yield* showIpcAssociation(await gateway.association());
    },
  }),
];
