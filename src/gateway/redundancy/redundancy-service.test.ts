/** What a configuration makes of schemes: when one begins, and what is left when it is taken away. */
import { afterEach, expect, test } from "vitest";
import { loadConfig } from "../../core/config/config-document.ts";
import type { RecordHolder } from "../../core/redundancy/record-holder.ts";
import type { RoleWord } from "../../core/redundancy/replication-port.ts";
import { RedundancyService } from "./redundancy-service.ts";

const SESSION = 1;
const STREAM = "scheme OUT";
const SCHEME = "redundancy inter-device\n scheme standby OUT\n security key Secret123\n";
const association = (local: number): string => `ipc zone default
 association 1
  no shutdown
  protocol sctp
   local-port 5005
    local-ip 10.0.0.${local}
   remote-port 5005
    remote-ip 10.0.0.${3 - local}
`;

const configOf = (text: string) => {
  const { config, problems } = loadConfig(text);
  expect(problems.filter(({ severity }) => severity === "error")).toEqual([]);
  return config;
};

class Member {
  readonly service: RedundancyService;
  readonly number: number;
  /** What the standby's holder was told: names of records, with a sign. */
  readonly held: string[] = [];
  peer: Member | undefined;
  #word: RoleWord = { role: "init", epoch: 0 };

  constructor(number: number) {
    this.number = number;
    this.service = new RedundancyService({
      link: {
        configure: () => {},
        send: (session, octets) => {
          waiting.push(() => this.peer?.service.linkEvent({ kind: "message", stream: STREAM, session, octets }));
          return true;
        },
        reset: () => {},
        view: () => ({ link: undefined }) as never,
        close: () => {},
        heardMs: () => 0,
      },
      roles: {
        word: () => this.#word,
        heardMs: () => 0,
        synced: () => {},
        notHot: () => {},
        drained: () => {},
        divert: (_, _to, done) => done(),
      },
      plane: () => undefined,
      expectRoutes: () => {},
      children: { find: () => undefined, bySa: () => undefined, of: () => [], edgesTold: () => {} } as never,
      records: {
        apply: (
          _: string,
          { puts, deletes }: { puts: readonly { key: string }[]; deletes: readonly { key: string }[] },
        ) => {
          this.held.push(...puts.map(({ key }) => `+${key}`), ...deletes.map(({ key }) => `-${key}`));
        },
      } as unknown as RecordHolder,
      turned: () => {},
      report: () => {},
      debug: () => {},
      now: () => 0,
      software: "test",
    });
  }

  configure(...parts: readonly string[]): void {
    this.service.configure(configOf(parts.join("")));
  }

  become(role: "active" | "standby", epoch: number): void {
    this.#word = { role, epoch };
    this.service.role("OUT", { ...this.#word, how: "failover" } as never);
    run();
  }

  get state() {
    const snapshot = this.service.snapshots()[0];
    return [snapshot?.state, snapshot?.peer?.incompatible];
  }
}

/** Messages in order; nothing is done inside of something else. */
let waiting: (() => void)[] = [];

function run(): void {
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) next();
}

function pairOf(): readonly [Member, Member] {
  const [one, two] = [new Member(1), new Member(2)];
  [one.peer, two.peer] = [two, one];
  made.push(one, two);
  return [one, two];
}

/** Both have been configured. */
function meet(pair: readonly [Member, Member]): void {
  pair[0].become("active", 1);
  pair[1].become("standby", 1);
  for (const { service } of pair) service.linkEvent({ kind: "up", stream: STREAM, session: SESSION });
  run();
}

const made: Member[] = [];
afterEach(() => {
  for (const member of made.splice(0)) member.service.close();
  waiting = [];
});

test("members whose scheme was typed before their association know each other apart", () => {
  const pair = pairOf();
  for (const member of pair) {
    member.configure(SCHEME);
    member.configure(SCHEME, association(member.number));
  }
  meet(pair);
  expect(pair.map(({ state }) => state)).toEqual([
    ["ACTIVE", undefined],
    ["STANDBY HOT", undefined],
  ]);
});

test("a standby whose scheme is taken away lets go of what it held", () => {
  const pair = pairOf();
  const [one, two] = pair;
  for (const member of pair) member.configure(SCHEME, association(member.number));
  meet(pair);
  const put = { kind: "ike", key: "peer", octets: Uint8Array.of(1) } as const;
  one.service.decided("OUT", "sa", [{ do: "checkpoint", checkpoint: { put } }]);
  run();
  expect([two.state, two.held]).toEqual([["STANDBY HOT", undefined], ["+peer"]]);
  two.configure(association(2));
  expect(two.held).toEqual(["+peer", "-peer"]);
});
