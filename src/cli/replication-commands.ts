/** Exec commands about replication between two members: `show redundancy`, `show crypto ha`, `clear redundancy`. */
import { keyword, seq } from "../core/command/grammar.ts";
import { type ExecCommand, execCommand } from "./exec-command.ts";
import { showCryptoHa } from "./show/show-crypto-ha.ts";
import { showInterDevice, showRedundancyStates } from "./show/show-redundancy.ts";
import { showRedundancyClients, showRedundancyCounters } from "./show/show-redundancy-clients.ts";
import { showRedundancyHistory, showSwitchoverHistory } from "./show/show-redundancy-history.ts";
import { showRedundancySystem } from "./show/show-redundancy-system.ts";
import { shownGroups } from "./show/standby-groups.ts";

const show = keyword("show", "Show running system information");
const redundancy = keyword("redundancy", "Redundancy information");
const history = keyword("history", "What happened, the oldest first");
const counters = keyword("counters", "What was counted");

export const replicationCommands: readonly ExecCommand[] = [
  execCommand({
    grammar: seq(show, redundancy),
    summary: "The pair as a whole: how often the active changed, and what each member is and runs.",
    async *run({ gateway }) {
      yield* showRedundancySystem(gateway, await gateway.replication());
    },
  }),
  execCommand({
    grammar: seq(show, redundancy, keyword("states", "States of this member and of the peer")),
    summary:
      "The redundancy facility's states, of this member and of the other one; of each scheme where there are several.",
    async *run({ gateway }) {
      yield* showRedundancyStates(await gateway.replication(), gateway.debugging.on().has("redundancy"));
    },
  }),
  execCommand({
    grammar: seq(show, redundancy, keyword("inter-device", "Redundancy between two gateways")),
    summary: "Each scheme, whether the peer is there, how the association is secured, and how far the standby is.",
    async *run({ gateway }) {
      yield* showInterDevice(gateway.config(), await gateway.replication(), await shownGroups(gateway));
    },
  }),
  execCommand({
    grammar: seq(show, redundancy, history),
    summary: "The changes of state since the start, with the uptime at which each came and why.",
    async *run({ gateway }) {
      yield* showRedundancyHistory(await gateway.replication(), gateway.uptimeMs());
    },
  }),
  execCommand({
    grammar: seq(show, redundancy, keyword("switchover", "Switchovers"), history),
    summary: "Each change of the active member that this one saw.",
    async *run({ gateway }) {
      yield* showSwitchoverHistory(await gateway.replication(), gateway.now());
    },
  }),
  execCommand({
    grammar: seq(show, redundancy, keyword("clients", "Who takes part in a switchover")),
    summary: "What takes part in a switchover, in the order in which it is told.",
    run: () => showRedundancyClients(),
  }),
  execCommand({
    grammar: seq(show, redundancy, counters),
    summary: "Messages, bulk syncs and faults of each scheme, and how far the standby is behind.",
    async *run({ gateway }) {
      yield* showRedundancyCounters(await gateway.replication());
    },
  }),
  execCommand({
    grammar: seq(show, keyword("crypto", "Encryption module"), keyword("ha", "High availability")),
    summary: "The virtual addresses that IKE and IPsec use, and whether their tunnels are replicated.",
    async *run({ gateway }) {
      yield* showCryptoHa(gateway.config(), await shownGroups(gateway));
    },
  }),
  ...(["history", "counters"] as const).map(what =>
    execCommand({
      grammar: seq(
        keyword("clear", "Reset functions"),
        keyword("redundancy", "Redundancy"),
        what === "history" ? history : counters,
      ),
      summary: what === "history" ? "Forgets the history." : "Counts from zero.",
      level: 15,
      run({ gateway }) {
        gateway.clearReplication(what);
        return [];
      },
    }),
  ),
];
