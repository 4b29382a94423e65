/** The guards of replication: each is missed by a test that needs no simulation. */
import type { Mutation } from "./mutations.ts";

const ROOM = "src/core/redundancy/";
const PAIR = [`${ROOM}replication.test.ts`, `${ROOM}replication-schedules.test.ts`];
const GOES = [`${ROOM}role-goes.test.ts`];
const RECEIVER = [`${ROOM}log-receiver.test.ts`];

type Row = readonly [name: string, file: string, text: string, replacement: string, caughtBy: readonly string[]];

const ROWS: readonly Row[] = [
  [
    "an acknowledgement leaves whatever the role word says",
    "standby-side.ts",
    "number }, wish.epoch, this.#at.role)",
    "number }, wish.epoch)",
    PAIR,
  ],
  [
    "a beacon that the active goes on alone is nothing to replication",
    "standby-side.ts",
    "if (!this.#at.owns && this.#at.synced) this.#doubt(",
    "if (this.#at.owns) this.#doubt(",
    PAIR,
  ],
  [
    "deletions are forgotten while a bulk lasts",
    "log-receiver.ts",
    "for (const name of names) this.#tombstones.set(idOf(name), position);",
    ";",
    RECEIVER,
  ],
  ["a bulk keeps what it does not confirm", "log-receiver.ts", "    this.#table.doubtAll();\n", "", PAIR],
  [
    "a bulk is whole however many records came",
    "log-receiver.ts",
    "if (this.#table.size === records) return taken;",
    "return taken;",
    RECEIVER,
  ],
  [
    "an entry out of its turn is taken",
    "log-receiver.ts",
    "if (number !== this.#number + 1) return",
    "if (number < 0) return",
    RECEIVER,
  ],
  [
    "messages of an older session are taken",
    "replication.ts",
    'if (session !== this.#at.session) return;\n    this.#at.count("messages-received");',
    "",
    PAIR,
  ],
  [
    "entries of an older epoch are taken",
    "standby-side.ts",
    "if (epoch !== wish.epoch || epoch < this.#at.epochKnown) {",
    "if (epoch < 0) {",
    PAIR,
  ],
  [
    "entries for another wish are taken",
    "standby-side.ts",
    "if (wish === undefined || wish.join !== message.join) {",
    "if (wish === undefined) {",
    PAIR,
  ],
  ["a wish for another epoch is answered", "active-side.ts", "if (epoch !== this.#at.role.epoch) return;", "", PAIR],
  [
    "an acknowledgement of what was never said counts",
    "log-sender.ts",
    "if (number > this.#number) return undefined;",
    "",
    PAIR,
  ],
  ["a bulk floods the stream", "log-sender.ts", "this.#bulkUnderWay() < BULK_WINDOW", "now >= 0", PAIR],
  [
    "whoever yields is as good as synced",
    "replication.ts",
    'this.#at.saySynced(false, epoch);\n    this.#at.move("yields"',
    'this.#at.move("yields"',
    PAIR,
  ],
  ["an old table is as good as a whole one", "standby-side.ts", "this.#wholeOf === epoch - 1", "epoch > 0", PAIR],
  [
    "what waited leaves when the role has gone",
    "../commit/commit.ts",
    'each => (each.after === "none" ? [each.effect] : [])',
    "each => [each.effect]",
    GOES,
  ],
  [
    "what waited and reveals nothing is dropped with the role",
    "active-side.ts",
    'this.#at.emit({ do: "perform", effect });\n    this.#commit',
    ";\n    this.#commit",
    GOES,
  ],
  [
    "a standby keeps what it held of a scheme that is gone",
    "replication.ts",
    "else this.#at.dropAll(this.#at.epochKnown);\n        return;",
    "return;",
    GOES,
  ],
  [
    "the numbers of a handover are passed before they are withdrawn",
    "active-side.ts",
    "this.#sender.handover(handover.epoch, [], now);",
    "return this.#withdrawn();",
    PAIR,
  ],
  [
    "a drain ends before the log is flushed",
    "active-side.ts",
    "const waits = this.peerHot && (this.#commit.timers.next !== undefined || !this.#sender.flushed);",
    "const waits = false;",
    PAIR,
  ],
  [
    "a snapshot is no higher than what was held (rule 4)",
    "sequence-book.ts",
    "if (line.shared) line.reservation = askMore(line.reservation, line.used);",
    "",
    PAIR,
  ],
  [
    "numbers of a shared SA need nobody's consent",
    "sequence-book.ts",
    "    if (line.shared) return { spi, sequence: line.reservation.asked };\n",
    "",
    PAIR,
  ],
  [
    "all that falls silent at once is a separation",
    "standby-side.ts",
    "peerHeardMs === undefined || now - peerHeardMs <= this.#associationAt + SEPARATED_MS",
    "peerHeardMs === undefined",
    PAIR,
  ],
  [
    "the gate learns no epoch by the association",
    "../gate/gate.ts",
    "if (synced.epoch !== undefined) this.#at.epochs.learn(synced.epoch);",
    "",
    ["src/core/gate/gate-sync.test.ts"],
  ],
];

export const replicationGuards: readonly Mutation[] = ROWS.map(([name, file, text, replacement, caughtBy]) => ({
  name,
  file: ROOM + file,
  text,
  replacement,
  caughtBy,
}));
