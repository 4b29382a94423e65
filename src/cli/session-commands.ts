/** Exec commands about the session itself: privilege, terminal, leaving, and the way into configuration mode. */
import { integer } from "../core/command/arguments.ts";
import { argument, keyword, opt, seq } from "../core/command/grammar.ts";
import { type ExecCommand, execCommand } from "./exec-command.ts";
import { dateLine } from "./show/times.ts";

const terminal = keyword("terminal", "Set terminal line parameters");

export const sessionCommands: readonly ExecCommand[] = [
  execCommand({
    grammar: seq(keyword("enable", "Turn on privileged commands")),
    summary: "Turns on privileged commands. The socket's owner and group decide who gets that far.",
    run: session => session.setLevel(15),
  }),
  execCommand({
    grammar: seq(keyword("disable", "Turn off privileged commands")),
    summary: "Turns off privileged commands.",
    run: session => session.setLevel(1),
  }),
  ...(["exit", "logout", "quit"] as const).map(word =>
    execCommand({
      grammar: seq(keyword(word, "Exit from the EXEC")),
      summary: "Ends the session.",
      run: session => session.close(),
    }),
  ),
  execCommand({
    grammar: seq(
      keyword("configure", "Enter configuration mode"),
      opt(keyword("terminal", "Configure from the terminal")),
    ),
    summary: "Enters configuration mode. Each line is verified and applied as it is entered.",
    level: 15,
    *run(session) {
      yield "Enter configuration commands, one per line.  End with CNTL/Z.";
      session.enterConfig();
    },
  }),
  execCommand({
    grammar: seq(
      terminal,
      keyword("length", "Set number of lines on a screen"),
      argument("rows", integer(0, 512), "0 for no pausing"),
    ),
    summary: "Rows of a screen before `--More--`; 0 never pauses.",
    run: (session, { rows }) => {
      session.terminal.length = rows;
    },
  }),
  execCommand({
    grammar: seq(
      terminal,
      keyword("width", "Set width of the display terminal"),
      argument("columns", integer(0, 512), "Columns"),
    ),
    summary: "Columns of a line.",
    run: (session, { columns }) => {
      session.terminal.width = columns;
    },
  }),
  execCommand({
    grammar: seq(terminal, keyword("monitor", "Copy log messages to this terminal")),
    summary: "Shows log messages here as they come.",
    level: 15,
    run: session => {
      session.terminal.monitor = true;
    },
  }),
  execCommand({
    grammar: seq(
      terminal,
      keyword("no", "Negate a parameter"),
      keyword("monitor", "Stop copying log messages to this terminal"),
    ),
    summary: "Stops showing log messages here.",
    run: session => {
      session.terminal.monitor = false;
    },
  }),
  execCommand({
    grammar: seq(keyword("show", "Show running system information"), keyword("privilege", "Current privilege level")),
    summary: "The privilege level of this session.",
    run: session => [`Current privilege level is ${session.level}`],
  }),
  execCommand({
    grammar: seq(keyword("show", "Show running system information"), keyword("history", "The session command history")),
    summary: "What was typed in this session; lines with keys are not kept.",
    run: session => session.history.map(line => `  ${line}`),
  }),
  execCommand({
    grammar: seq(
      keyword("show", "Show running system information"),
      keyword("terminal", "Terminal settings of this session"),
    ),
    summary: "Terminal settings of this session.",
    run: ({ terminal: { length, width, monitor } }) => [
      `Length: ${length} lines, Width: ${width} columns`,
      `Monitoring is ${monitor ? "on" : "off"}`,
    ],
  }),
  execCommand({
    grammar: seq(keyword("show", "Show running system information"), keyword("users", "Sessions on this gateway")),
    summary: "Who is attached.",
    run: ({ gateway }) => [
      "    Line       User       Attached since",
      ...gateway
        .sessions()
        .map(each => `    ${each.line.padEnd(10)} ${each.user.padEnd(10)} ${dateLine(new Date(each.since))}`),
    ],
  }),
];
