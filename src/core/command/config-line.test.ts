import { describe, expect, test } from "vitest";
import { completionIn, executeLine, helpIn, type LineOutcome, modeAt, type Place } from "./config-line.ts";
import { helpLines } from "./help.ts";
import { renderMode } from "./render.ts";
import { type SampleModel, sampleMode, sampleModel } from "./sample-modes.ts";

interface Session {
  config: SampleModel;
  place: Place;
  prompts: string[];
}

const PROMPT = "R1(config)#".length;

function enter(session: Session, line: string): LineOutcome<SampleModel> {
  const outcome = executeLine(sampleMode, session.config, session.place, line, PROMPT);
  if (outcome.kind === "edited") session.config = outcome.candidate;
  if (outcome.kind === "edited" || outcome.kind === "moved") session.place = outcome.place;
  session.prompts.push(modeAt(sampleMode, session.place).prompt);
  return outcome;
}

function typed(...lines: string[]): Session {
  const session: Session = { config: sampleModel(), place: [], prompts: [] };
  for (const line of lines) {
    const outcome = enter(session, line);
    if (outcome.kind === "refused") throw new Error(`${line}: ${outcome.lines.join("\n")}`);
  }
  return session;
}

function complaints(session: Session, line: string): readonly string[] {
  const outcome = enter(session, line);
  return outcome.kind === "refused" ? outcome.lines : [outcome.kind];
}

describe("modes", () => {
  test("the article's association, as it stands there", () => {
    const { prompts, config } = typed(
      "ipc zone default",
      " association 1",
      "  no shutdown",
      "  protocol sctp",
      "   local-port 5005",
      "  local-ip 10.0.0.1",
      "   remote-port 5005",
      "  remote-ip 10.0.0.2",
      "!",
      "hostname R1",
    );
    expect(prompts).toEqual([
      "config-ipczone",
      "config-ipczone-assoc",
      "config-ipczone-assoc",
      "config-ipc-protocol-sctp",
      "config-ipc-local-sctp",
      "config-ipc-local-sctp",
      "config-ipc-remote-sctp",
      "config-ipc-remote-sctp",
      "config-ipc-remote-sctp",
      "config",
    ]);
    expect(renderMode(sampleMode, config)).toEqual([
      "hostname R1",
      "!",
      "ipc zone default",
      " association 1",
      "  no shutdown",
      "  protocol sctp",
      "   local-port 5005",
      "    local-ip 10.0.0.1",
      "   remote-port 5005",
      "    remote-ip 10.0.0.2",
      "!",
    ]);
  });
  test("exit leaves one mode, end all, exit at the top the session", () => {
    const session = typed("ipc zone default", "association 1", "protocol sctp", "exit", "ex");
    expect(session.prompts.slice(-2)).toEqual(["config-ipczone-assoc", "config-ipczone"]);
    expect(enter(session, "end")).toEqual({ kind: "left" });
    expect(enter({ ...session, place: [] }, "exit")).toEqual({ kind: "left" });
    expect(enter({ ...session, place: [] }, "qui")).toEqual({ kind: "left" });
  });
  test("exit takes nothing after it", () => {
    expect(complaints(typed("interface eth0"), "exit now")).toEqual([
      `${" ".repeat(PROMPT + 5)}^`,
      "% Invalid input detected at '^' marker.",
      "",
    ]);
  });
  test("a line of the inner mode wins over the same words outside", () => {
    const { config } = typed("interface f0/0", "ip address 10.0.0.1 255.0.0.0", "ip route 0.0.0.0 0.0.0.0 10.0.0.2");
    expect(config.interfaces.get("FastEthernet0/0")?.address).toBe("10.0.0.1 255.0.0.0");
    expect(config.routes).toEqual(["ip route 0.0.0.0 0.0.0.0 10.0.0.2"]);
  });
  test("the way back is found in each candidate afresh", () => {
    const first = typed("interface eth0", "description a");
    const other = typed("interface eth0");
    const outcome = executeLine(sampleMode, first.config, other.place, "shutdown", 0);
    expect(outcome.kind === "edited" && outcome.candidate.interfaces.get("eth0")).toEqual({
      shutdown: true,
      description: "a",
      priorities: new Map(),
    });
  });
  test("a mode whose subject another session removed refuses its lines", () => {
    const session = typed("interface eth0");
    session.config = sampleModel();
    expect(complaints(session, "shutdown")).toEqual(["% Invalid input: what this mode was about has been removed"]);
    expect(complaints(session, "hostname R2")).toEqual(["edited"]);
    const deep = typed("ipc zone default", "association 1", "protocol sctp");
    deep.config = sampleModel();
    expect(complaints(deep, "local-port 5005")).toEqual(["% Invalid input: what this mode was about has been removed"]);
  });
});

describe("a candidate", () => {
  test("is a copy: the model at hand never changes", () => {
    const session = typed("interface eth0", "description before");
    const before = session.config;
    enter(session, "description after");
    expect(before.interfaces.get("eth0")?.description).toBe("before");
    expect(session.config.interfaces.get("eth0")?.description).toBe("after");
  });
  test("may be the model itself, for who says so", () => {
    const config = sampleModel();
    const outcome = executeLine(sampleMode, config, [], "hostname R9", 0, same => same);
    expect(outcome.kind === "edited" && outcome.candidate).toBe(config);
    expect(config.hostname).toBe("R9");
  });
  test("what the command refuses is told as it says", () => {
    expect(complaints(typed("interface eth0"), "ip address 0.0.0.0 0.0.0.0")).toEqual(["% Invalid address"]);
  });
  test("an inert line is taken and warned about, its negation is not", () => {
    const session = typed("interface eth0");
    expect(enter(session, "standby 1 timers 3 10")).toMatchObject({
      kind: "edited",
      warnings: ["% Accepted, but timers do not act yet"],
    });
    expect(enter(session, "no standby 1 timers")).toMatchObject({ kind: "edited", warnings: [] });
  });
});

describe("no and default", () => {
  test("negate, twice as well as once, also abbreviated", () => {
    const session = typed("interface eth0", "description x", "standby 2 priority 110", "shutdown");
    for (const line of ["no description", "no desc", "default standby 2 pri", "no stand 2 priority 110", "def shut"])
      expect([line, enter(session, line).kind]).toEqual([line, "edited"]);
    expect(session.config.interfaces.get("eth0")).toEqual({ shutdown: false, priorities: new Map() });
  });
  test("negate a mode from inside another", () => {
    const { config, prompts } = typed("interface eth0", "interface eth1", "no interface eth0");
    expect([...config.interfaces.keys()]).toEqual(["eth1"]);
    expect(prompts.at(-1)).toBe("config");
  });
  test("a command without such a form says so, without its text", () => {
    expect(complaints(typed(), "no ip route 0.0.0.0 0.0.0.0 10.0.0.1")).toEqual([
      "% Invalid input: this command has no such form",
    ]);
  });
  test("two letters are not enough for default", () => {
    expect(complaints(typed("interface eth0"), "de shutdown")).toEqual(['% Ambiguous command:  "de shutdown"']);
  });
  test("alone they are incomplete", () => {
    for (const line of ["no", "no ", "default", " no"])
      expect([line, complaints(typed(), line)]).toEqual([line, ["% Incomplete command.", ""]]);
  });
});

describe("complaints", () => {
  test.each<[string, string, string[]]>([
    ["the caret stands under the word", "hostnam R1 x", [`${" ".repeat(PROMPT + 11)}^`]],
    ["blanks in front count", "  frob", [`${" ".repeat(PROMPT + 2)}^`]],
    ["after no, too", "no frob", [`${" ".repeat(PROMPT + 3)}^`]],
    ["the second word", "ip rute 0.0.0.0", [`${" ".repeat(PROMPT + 3)}^`]],
  ])("%s", (_, line, [caret]) => {
    expect(complaints(typed(), line)).toEqual([caret, "% Invalid input detected at '^' marker.", ""]);
  });
  test("of the mode that got furthest with the line", () => {
    const session = typed("interface eth0");
    expect(complaints(session, "ip access-list extended bad;name")[0]).toBe(`${" ".repeat(PROMPT + 24)}^`);
    expect(complaints(session, "ip address 10.0.0.300 255.0.0.0")[0]).toBe(`${" ".repeat(PROMPT + 11)}^`);
  });
  test("of the inner mode, where the line is unfinished there", () => {
    expect(complaints(typed("interface eth0"), "ip address")).toEqual(["% Incomplete command.", ""]);
  });
  test("of a refused line leave the session where it was", () => {
    const session = typed("interface eth0");
    complaints(session, "frob");
    expect(session.prompts.at(-1)).toBe("config-if");
  });
  test("ambiguous, incomplete, too long", () => {
    expect(complaints(typed(), " i ")).toEqual(['% Ambiguous command:  "i"']);
    expect(complaints(typed(), "ip route 0.0.0.0")).toEqual(["% Incomplete command.", ""]);
    expect(complaints(typed(), `hostname ${"x".repeat(5000)}`)).toEqual(["% Line too long"]);
    expect(complaints(typed(), `hostname ${"x".repeat(100)}`)[1]).toBe("% Invalid input detected at '^' marker.");
  });
  test("a refused line says whether it held a secret", () => {
    expect(enter(typed(), "crypto isakmp key hush adress")).toMatchObject({ kind: "refused", secret: true });
    expect(enter(typed(), "crypto isakmp frob hush")).toMatchObject({ kind: "refused", secret: false });
    expect(enter(typed(), "crypto isakmp key hush address 1.2.3.4")).toMatchObject({ kind: "edited", secret: true });
  });
});

describe("help in a mode", () => {
  const { place } = typed("interface eth0");

  test("lists its commands and the words of every mode", () => {
    const help = helpIn(sampleMode, place, "");
    expect(help.kind === "words" && helpLines(help.words)).toEqual([
      "  default      Set a command to its defaults",
      "  description  Interface specific description",
      "  do           To run exec commands in config mode",
      "  end          Exit from configure mode",
      "  exit         Exit from the current mode",
      "  ip           IP commands",
      "  no           Negate a command or set its defaults",
      "  quit         Exit from the current mode",
      "  shutdown     Shutdown the selected interface",
      "  standby      HSRP interface configuration commands",
    ]);
  });
  test("after no, what may be negated, and where it may end", () => {
    expect(helpIn(sampleMode, place, "no s")).toEqual({ kind: "names", names: ["shutdown", "standby"] });
    const help = helpIn(sampleMode, place, "no description ");
    expect(help.kind === "words" && help.words.map(({ word }) => word)).toEqual(["LINE", "<cr>"]);
    const words = (text: string) => {
      const found = helpIn(sampleMode, place, text);
      return found.kind === "words" ? found.words.map(({ word }) => word) : found.kind;
    };
    expect(words("description to t")).toEqual(["LINE"]);
    expect(words("description to ")).toEqual(["LINE", "<cr>"]);
    expect(words("do show ")).toEqual(["LINE", "<cr>"]);
    expect(helpIn(sampleMode, place, "no")).toEqual({ kind: "names", names: ["no"] });
  });
  test("completion knows the same words", () => {
    expect(completionIn(sampleMode, place, "desc")).toBe("ription ");
    expect(completionIn(sampleMode, place, "no shut")).toBe("down ");
    expect(completionIn(sampleMode, place, "ex")).toBe("it ");
    expect(completionIn(sampleMode, place, "e")).toBeUndefined();
    expect(completionIn(sampleMode, place, "frob")).toBeUndefined();
    expect(completionIn(sampleMode, place, "ip ")).toBeUndefined();
  });
});
