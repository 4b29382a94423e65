/** Two shells of one scheme whose streams lead to each other: what each does, in order. */
import { afterEach, beforeEach, expect, test } from "vitest";
import type { RecordHolder } from "../../core/redundancy/record-holder.ts";
import type { RoleWord } from "../../core/redundancy/replication-port.ts";
import type { ChildNumbers } from "./child-numbers.ts";
import { SchemeShell } from "./scheme-shell.ts";

const SESSION = 1;
/** What both do, by name of the member. */
let story: string[] = [];
/** Messages and completed diversions, in order; nothing is done inside of something else. */
let waiting: (() => void)[] = [];
const shells = new Map<string, SchemeShell>();
const words = new Map<string, RoleWord>();
let divertible = true;

function shell(name: string, peer: string): SchemeShell {
  const did = (what: string): void => void story.push(`${name} ${what}`);
  return new SchemeShell(
    { scheme: "OUT", member: name, boot: `${name}-1`, software: "test" },
    {
      link: {
        send: (session, octets) => {
          waiting.push(() => shells.get(peer)?.input({ kind: "message", session, octets }));
          return true;
        },
        reset: () => did("reset"),
      },
      roles: {
        word: () => words.get(name) ?? { role: "init", epoch: 0 },
        heardMs: () => 0,
        synced: (_, synced, epoch) => did(`synced ${synced} ${epoch}`),
        notHot: () => did("not hot"),
        drained: () => did("drained"),
        divert: (_, to, done) => {
          did(`divert ${to}`);
          if (divertible) waiting.push(done);
        },
      },
      records: {
        apply: (_: string, { puts }: { puts: readonly unknown[] }) => did(`holds ${puts.length}`),
      } as unknown as RecordHolder,
      numbers: {
        hold: () => {},
        acknowledge: () => {},
        goOn: (epoch: number) => did(`goes on in ${epoch}`),
        end: () => [{ spi: 256, outbound: 1000, inbound: 5 }],
      } as unknown as ChildNumbers,
      expect: () => did("expects"),
      conclude: (_, epoch) => did(`concludes ${epoch}`),
      debug: () => {},
      report: () => {},
      changed: () => {},
      now: () => 0,
    },
  );
}

function run(): void {
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) next();
}

function become(name: string, word: RoleWord): void {
  words.set(name, word);
  shells.get(name)?.input({ kind: "role", ...word });
  run();
}

beforeEach(() => {
  [story, waiting, divertible] = [[], [], true];
  for (const [name, peer] of [
    ["a", "b"],
    ["b", "a"],
  ] as const)
    shells.set(name, shell(name, peer));
  for (const each of shells.values()) {
    each.input({ kind: "configure", settings: { sections: [], insideAddresses: [] } });
    each.input({ kind: "link-up", session: SESSION });
  }
  become("a", { role: "active", epoch: 1 });
  become("b", { role: "standby", epoch: 0 });
  const put = { kind: "child", key: "256", esn: false, octets: Uint8Array.of(1) } as const;
  shells.get("a")?.input({
    kind: "decided",
    sa: "1",
    effects: [
      { do: "checkpoint", checkpoint: { put } },
      { do: "perform", effect: () => void story.push("a performs"), reveals: true },
    ],
  });
  run();
});
afterEach(() => {
  for (const each of shells.values()) each.close();
});

test("what reveals a record is performed once the standby holds it", () => {
  expect(story).toContain("b synced true 1");
  expect(story.indexOf("b holds 1")).toBeGreaterThanOrEqual(0);
  expect(story.indexOf("b holds 1")).toBeLessThan(story.indexOf("a performs"));
});

test("a handover: the successor takes traffic, then the active lets go of it, concludes, and offers", () => {
  story = [];
  become("a", { role: "draining", epoch: 1 });
  shells.get("a")?.drain(1);
  run();
  const handover = story.filter(each => !/synced|holds/.test(each));
  expect(handover).toEqual([
    "b goes on in 2",
    "b expects",
    "b divert here",
    "a divert peer",
    "a concludes 1",
    "a drained",
  ]);
});

test("the active lets go of nothing before the successor has turned traffic to itself", () => {
  divertible = false;
  story = [];
  become("a", { role: "draining", epoch: 1 });
  shells.get("a")?.drain(1);
  run();
  expect(story).toContain("b divert here");
  expect(story).not.toContain("a divert peer");
});
