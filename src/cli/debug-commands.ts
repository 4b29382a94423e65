/**
 * `debug standby …`, `debug crypto …`, `debug redundancy`, their opposites, and `show debugging`.
 * Debug lines go to the log at severity 7.
 */
import { flag, keyword, oneOf, opt, seq } from "../core/command/grammar.ts";
import { DEBUG_FLAGS, type DebugFlag } from "../core/log/debug-flags.ts";
import { type ExecCommand, type ExecContext, execCommand } from "./exec-command.ts";

const debug = keyword("debug", "Debugging functions");
const undebug = keyword("undebug", "Disable debugging functions");
const no = keyword("no", "Disable debugging functions");
const redundancy = keyword("redundancy", "Redundancy facility debugging");
const all = keyword("all", "All debugging");
const standby = seq(
  keyword("standby", "HSRP debugging"),
  opt(
    oneOf(
      flag("topic", "errors", "HSRP errors", "errors"),
      flag("topic", "events", "HSRP events", "events"),
      flag("topic", "packets", "HSRP packets", "packets"),
      flag("topic", "terse", "All HSRP errors, events and packets, except hellos", "terse"),
    ),
  ),
);

const crypto = seq(
  keyword("crypto", "Encryption module"),
  oneOf(
    flag("subject", "isakmp", "What IKE sends, receives and decides", "isakmp"),
    flag("subject", "ipsec", "SAs that come and go, and what asks for them", "ipsec"),
  ),
);

const SUBJECTS = { isakmp: "Crypto ISAKMP", ipsec: "Crypto IPSEC" } as const;
type Subject = keyof typeof SUBJECTS;

type Topic = "errors" | "events" | "packets" | "terse";

const FLAGS_OF: Readonly<Record<Topic, readonly DebugFlag[]>> = {
  errors: ["hsrp-errors"],
  events: ["hsrp-events"],
  packets: ["hsrp-packets", "hsrp-hellos"],
  terse: ["hsrp-errors", "hsrp-events", "hsrp-packets"],
};
const HSRP_FLAGS: readonly DebugFlag[] = ["hsrp-errors", "hsrp-events", "hsrp-packets", "hsrp-hellos"];
const NAME_OF: Readonly<Record<Topic, string>> = {
  errors: "HSRP Errors",
  events: "HSRP Events",
  packets: "HSRP Packets",
  terse: "HSRP Errors, Events and Packets (terse)",
};

export const debugCommands: readonly ExecCommand[] = [
  execCommand({
    grammar: seq(debug, standby),
    summary: "Logs what HSRP refuses, does, sends and receives; `terse` leaves the hellos out. Bounded in its rate.",
    level: 15,
    run: (context, { topic }) => switchTopic(context, topic, true),
  }),
  execCommand({
    grammar: seq(debug, crypto),
    summary: "Logs what IKE says and decides, or what becomes of IPsec SAs. Bounded in its rate.",
    level: 15,
    run: (context, { subject }) => switchSubject(context, subject, true),
  }),
  execCommand({
    grammar: seq(debug, redundancy),
    summary: "Logs what redundancy decides: states, bulk syncs, who is hot, takeovers. Bounded in its rate.",
    level: 15,
    run: context => switchRedundancy(context, true),
  }),
  ...[seq(no, debug), undebug].flatMap(off => [
    execCommand({
      grammar: seq(off, crypto),
      summary: "Ends it.",
      level: 15,
      run: (context, { subject }) => switchSubject(context, subject, false),
    }),
    execCommand({
      grammar: seq(off, redundancy),
      summary: "Ends it.",
      level: 15,
      run: context => switchRedundancy(context, false),
    }),
    execCommand({
      grammar: seq(off, standby),
      summary: "Ends it.",
      level: 15,
      run: (context, { topic }) => switchTopic(context, topic, false),
    }),
    execCommand({
      grammar: seq(off, all),
      summary: "Ends all debugging.",
      level: 15,
      *run({ gateway }) {
        gateway.debugging.set(DEBUG_FLAGS, false);
        yield "All possible debugging has been turned off";
      },
    }),
  ]),
  execCommand({
    grammar: seq(
      keyword("show", "Show running system information"),
      keyword("debugging", "State of each debugging option"),
    ),
    summary: "What is being debugged.",
    run: ({ gateway }) => showDebugging(gateway.debugging.on()),
  }),
];

function* switchTopic({ gateway }: ExecContext, topic: Topic | undefined, on: boolean): Generator<string> {
  gateway.debugging.set(topic === undefined ? HSRP_FLAGS : FLAGS_OF[topic], on);
  yield `${topic === undefined ? "HSRP" : NAME_OF[topic]} debugging is ${on ? "on" : "off"}`;
}

function* switchRedundancy({ gateway }: ExecContext, on: boolean): Generator<string> {
  gateway.debugging.set(["redundancy"], on);
  yield `Redundancy debugging is ${on ? "on" : "off"}`;
}

function* switchSubject({ gateway }: ExecContext, subject: Subject, on: boolean): Generator<string> {
  gateway.debugging.set([subject], on);
  yield `${SUBJECTS[subject]} debugging is ${on ? "on" : "off"}`;
}

function showDebugging(on: ReadonlySet<DebugFlag>): string[] {
  const packets = [on.has("hsrp-hellos") ? ["Hello"] : [], on.has("hsrp-packets") ? ["Coup", "Resign"] : []].flat();
  const subjects = (["isakmp", "ipsec"] as const).filter(each => on.has(each));
  return [
    ...(subjects.length > 0 ? ["Cryptographic Subsystem:"] : []),
    ...subjects.map(each => `  ${SUBJECTS[each]} debugging is on`),
    ...(HSRP_FLAGS.some(each => on.has(each)) ? ["HSRP:"] : []),
    ...(on.has("hsrp-errors") ? ["  HSRP Errors debugging is on"] : []),
    ...(on.has("hsrp-events") ? ["  HSRP Events debugging is on"] : []),
    ...(packets.length > 0 ? ["  HSRP Packets debugging is on", `    (${packets.join(", ")})`] : []),
    ...(on.has("redundancy") ? ["Redundancy:", "  Redundancy debugging is on"] : []),
  ];
}
