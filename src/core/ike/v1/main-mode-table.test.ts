import { expect, test } from "vitest";
import { type End, Pair } from "../ike-pair.test-support.ts";
import { rowFor } from "./exchange-rows.ts";
import { mainModeTable } from "./main-mode-table.ts";

/** What each end did in main mode while a tunnel came up, and what it sent for it. */
function story(end: (pair: Pair) => End): string[] {
  const pair = new Pair();
  const told: string[] = [];
  pair.watch = (who, effect) => {
    if (who !== end(pair)) return;
    if (effect.do === "debug" && effect.text.includes("main mode: "))
      told.push(effect.text.split("main mode: ")[1] ?? "");
    if (effect.do === "transmit" && effect.datagram.octets[18] === 2) told.push("sends");
  };
  for (const each of [pair.here, pair.there]) each.engine.debugging = true;
  pair.initiate(pair.here);
  pair.run(1_000);
  return told;
}

const examples = [
  {
    name: "traffic makes the initiator send message 1",
    role: "initiator",
    tells: "idle, start -> offer-sent",
    sends: true,
  },
  {
    name: "message 2 makes it make a key",
    role: "initiator",
    tells: "offer-sent, message-2 -> key-making",
    sends: false,
  },
  { name: "with the key it sends message 3", role: "initiator", tells: "key-making, ready -> key-sent", sends: true },
  {
    name: "message 4 makes it agree on a secret",
    role: "initiator",
    tells: "key-sent, message-4 -> agreeing",
    sends: false,
  },
  {
    name: "with the secret it proves itself by message 5",
    role: "initiator",
    tells: "agreeing, ready -> proof-sent",
    sends: true,
  },
  {
    name: "message 6 proves the responder",
    role: "initiator",
    tells: "proof-sent, message-6 -> established",
    sends: false,
  },
  {
    name: "the responder answers message 1 by message 2",
    role: "responder",
    tells: "idle, message-1 -> choice-sent",
    sends: true,
  },
  {
    name: "message 3 makes it make a key and a secret",
    role: "responder",
    tells: "choice-sent, message-3 -> answering",
    sends: false,
  },
  { name: "with both it sends message 4", role: "responder", tells: "answering, ready -> key-answered", sends: true },
  {
    name: "message 5 proves the initiator and gets message 6",
    role: "responder",
    tells: "key-answered, message-5 -> established",
    sends: true,
  },
] as const;

test.each(examples)("$name", ({ role, tells, sends }) => {
  const told = story(pair => (role === "initiator" ? pair.here : pair.there));
  const at = told.indexOf(tells);
  expect(at).toBeGreaterThanOrEqual(0);
  expect(told[at - 1] === "sends").toBe(sends);
});

test("each row has an example, and a pair without a row has no effect", () => {
  const rows = mainModeTable.map(([from, on, , then]) => `${from}, ${on} -> ${then}`);
  expect(examples.map(each => each.tells as string).sort()).toEqual(rows.sort());
  expect(rowFor(mainModeTable, "established", "message-1")).toBeUndefined();
});
