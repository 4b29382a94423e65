/** Exec commands about HSRP groups, tracked objects and the redundancy between two members. */
import { integer, interfaceName, name } from "../core/command/arguments.ts";
import { argument, keyword, opt, seq } from "../core/command/grammar.ts";
import type { SchemeSnapshot } from "../core/gate/liveness-port.ts";
import { type ExecCommand, type ExecContext, execCommand } from "./exec-command.ts";
import { showGate, showStandbyCounters } from "./show/show-gate.ts";
import { showStandby } from "./show/show-standby.ts";
import { showStandbyBrief, showStandbyDelay } from "./show/show-standby-brief.ts";
import { showTrack, showTrackBrief } from "./show/show-track.ts";
import { type GroupChoice, type ShownGroup, shownGroups } from "./show/standby-groups.ts";

const show = keyword("show", "Show running system information");
const standby = keyword("standby", "Hot Standby Router Protocol (HSRP) information");
const brief = keyword("brief", "Brief output");
const one = seq(
  argument("interface", interfaceName, "Interface name"),
  opt(argument("group", integer(0, 4095), "Group number")),
);

export const redundancyCommands: readonly ExecCommand[] = [
  execCommand({
    grammar: seq(show, standby),
    summary: "Every HSRP group with a virtual address: its state, its routers, its timers.",
    run: context => groups(context, {}, each => showStandby(each, false)),
  }),
  execCommand({
    grammar: seq(show, standby, keyword("all", "Include groups in disabled state")),
    summary: "The same, with groups that have no virtual address.",
    run: context => groups(context, {}, each => showStandby(each, true)),
  }),
  execCommand({
    grammar: seq(show, standby, one),
    summary: "The HSRP groups of one interface, or one of them.",
    run: (context, choice) => groups(context, choice, each => showStandby(each, true)),
  }),
  execCommand({
    grammar: seq(show, standby, brief),
    summary: "One line an HSRP group.",
    run: context => groups(context, {}, showStandbyBrief),
  }),
  execCommand({
    grammar: seq(show, standby, one, brief),
    summary: "One line a group of one interface.",
    run: (context, choice) => groups(context, choice, showStandbyBrief),
  }),
  execCommand({
    grammar: seq(show, standby, keyword("delay", "Group initialisation delay")),
    summary: "The interfaces whose groups start with a delay.",
    run: ({ gateway }) => showStandbyDelay(gateway.config()),
  }),
  execCommand({
    grammar: seq(show, standby, keyword("counters", "Packets refused, by reason")),
    summary: "What each group refused, by reason.",
    run: context => groups(context, {}, showStandbyCounters),
  }),
  execCommand({
    grammar: seq(
      show,
      keyword("track", "Tracking information"),
      opt(argument("object", integer(1, 1000), "Track object number")),
    ),
    summary: "The tracked objects, or one of them.",
    async *run({ gateway }, { object }) {
      const found = (await gateway.tracks()).filter(each => object === undefined || each.number === object);
      if (object !== undefined && found.length === 0) yield `% Track object ${object} does not exist`;
      else yield* showTrack(found);
    },
  }),
  execCommand({
    grammar: seq(show, keyword("track", "Tracking information"), brief),
    summary: "One line a tracked object.",
    async *run({ gateway }) {
      yield* showTrackBrief(await gateway.tracks());
    },
  }),
  execCommand({
    grammar: seq(
      show,
      keyword("redundancy", "Redundancy information"),
      keyword("gate", "Who may be active, and why"),
      opt(argument("scheme", name, "HSRP group name")),
    ),
    summary: "Each scheme's role and epoch, what was heard of the other member and over how many interfaces, counters.",
    async *run({ gateway }, { scheme }) {
      yield* showGate(gateway.config(), await gateway.hsrp(), await shownGroups(gateway), scheme);
    },
  }),
  execCommand({
    grammar: seq(
      keyword("redundancy", "Redundancy commands"),
      keyword("force-switchover", "Hand over to the standby"),
      opt(seq(keyword("group", "Only this scheme"), argument("scheme", name, "HSRP group name"))),
    ),
    summary: "Hands the role of active to a hot standby in an orderly way, after asking. Nothing restarts.",
    level: 15,
    run: (context, { scheme }) => forceSwitchover(context, scheme),
  }),
];

async function* groups(
  { gateway }: ExecContext,
  choice: GroupChoice,
  render: (groups: readonly ShownGroup[]) => string[],
): AsyncGenerator<string> {
  const { interface: interfaceName, group } = choice;
  if (interfaceName !== undefined && !gateway.config().net.interfaces.has(interfaceName)) {
    yield `% Invalid interface ${interfaceName}`;
    return;
  }
  const found = await shownGroups(gateway, choice);
  if (found.length === 0 && group !== undefined) yield `% Group ${group} is not configured on ${interfaceName}`;
  else yield* render(found);
}

async function* forceSwitchover(context: ExecContext, name: string | undefined): AsyncGenerator<string> {
  const { gateway } = context;
  const { schemes } = await gateway.hsrp();
  const asked = schemes.filter(each => name === undefined || each.name === name);
  if (asked.length === 0) {
    yield name === undefined ? "% No redundancy scheme is configured" : `% No redundancy scheme ${name}`;
    return;
  }
  const ready = asked.filter(each => refusalOf(each) === undefined);
  // Asked for all, what this member is only standby for has nothing to hand over and is no fault.
  const silent = name === undefined && ready.length > 0;
  for (const each of silent ? [] : asked) {
    const refusal = refusalOf(each);
    if (refusal !== undefined) yield `% ${each.name}: ${refusal}`;
  }
  if (ready.length === 0) return;
  const answer = await context.ask("Proceed with switchover to standby unit? [confirm]");
  if (!/^(y|yes)?$/i.test(answer)) return;
  yield "";
  for (const each of ready) {
    const refusal = await gateway.switchover(each.name);
    if (refusal !== undefined) yield `% ${each.name}: ${refusal}`;
  }
}

/** Nobody to hand over to, or nothing to hand over. */
function refusalOf({ role, peer, plainBecause }: SchemeSnapshot): string | undefined {
  if (plainBecause !== undefined) return `no switchover while the group is plain HSRP (${plainBecause})`;
  if (role !== "active") return `this member is ${role}, not active`;
  if (peer === undefined) return "the other member is not heard";
  return peer.hot ? undefined : "the other member is not hot: tunnels would be lost";
}
