import { expect, test } from "vitest";
import { negotiable, Pair, settings } from "../ike-pair.test-support.ts";
import { quickModeTable } from "./quick-mode-table.ts";

type Role = "initiator" | "responder";

/** What one end did in quick mode, in order: steps of the table, and what it had to carry out. */
function story(role: Role, pfsGroup: number | undefined, losesConfirmation: boolean): string[] {
  const pair = new Pair(settings({ negotiables: [negotiable({ pfsGroup })] }));
  const told: string[] = [];
  pair.watch = (who, effect) => {
    if ((who === pair.here) !== (role === "initiator")) return;
    if (effect.do === "debug" && effect.text.includes("quick mode: "))
      told.push(effect.text.split("quick mode: ")[1] ?? "");
    else if (effect.do === "transmit" && effect.datagram.octets[18] === 32) told.push("sends");
    else if (effect.do === "child-up" || effect.do === "enable-outbound") told.push(effect.do);
  };
  for (const each of [pair.here, pair.there]) each.engine.debugging = true;
  let quick = 0;
  pair.lets = (from, { octets }) => {
    if (from === pair.here && octets[18] === 32) quick += 1;
    return !losesConfirmation || quick < 2;
  };
  pair.initiate(pair.here);
  pair.run(400);
  pair.esp(pair.here);
  return told;
}

interface Example {
  readonly name: string;
  readonly role: Role;
  readonly tells: string;
  /** What is carried out just before that step is told. */
  readonly does: readonly string[];
  readonly losesConfirmation?: boolean;
}

const examples: readonly Example[] = [
  { name: "the initiator makes a key first", role: "initiator", tells: "idle, start -> making", does: [] },
  { name: "with it, it sends message 1", role: "initiator", tells: "making, ready -> offer-sent", does: ["sends"] },
  {
    name: "message 2 makes it agree on a secret",
    role: "initiator",
    tells: "offer-sent, message-2 -> agreeing",
    does: [],
  },
  {
    name: "with the secret it installs the pair and confirms; what leaves waits for the peer to have that",
    role: "initiator",
    tells: "agreeing, ready -> confirmed",
    does: ["child-up", "sends"],
  },
  { name: "message 1 makes the responder choose", role: "responder", tells: "idle, message-1 -> answering", does: [] },
  {
    name: "it can receive before it answers",
    role: "responder",
    tells: "answering, ready -> answered",
    does: ["child-up", "sends"],
  },
  {
    name: "message 3 makes it send",
    role: "responder",
    tells: "answered, message-3 -> done",
    does: ["enable-outbound"],
  },
  {
    name: "valid ESP says the same where message 3 is lost",
    role: "responder",
    tells: "answered, used -> done",
    does: ["enable-outbound"],
    losesConfirmation: true,
  },
];

test.each(examples)("$name", ({ role, tells, does, losesConfirmation = false }) => {
  for (const pfsGroup of [undefined, 19]) {
    const told = story(role, pfsGroup, losesConfirmation);
    const at = told.indexOf(tells);
    expect(at).toBeGreaterThanOrEqual(0);
    expect(told.slice(at - does.length, at)).toEqual(does);
  }
});

test("each row has an example", () => {
  const rows = quickModeTable.map(([from, on, , then]) => `${from}, ${on} -> ${then}`);
  expect(examples.map(each => each.tells).sort()).toEqual(rows.sort());
});
