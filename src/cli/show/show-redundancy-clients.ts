/** `show redundancy clients` and `counters`: who takes part in a switchover, in which order, and what was counted. */
import type { ReplicationCounter, ReplicationSnapshot } from "../../core/redundancy/replication-port.ts";

/** In the order in which they are told of a role: IOS's frame, and between its ends what takes part here. */
export const REDUNDANCY_CLIENTS = [
  { id: 0, sequence: 0, name: "RF_INTERNAL_MSG" },
  { id: 10, sequence: 10, name: "HSRP" },
  { id: 20, sequence: 20, name: "IPsec data plane" },
  { id: 30, sequence: 30, name: "IPsec sequence numbers" },
  { id: 40, sequence: 40, name: "ISAKMP" },
  { id: 65_000, sequence: 65_000, name: "RF_LAST_CLIENT" },
] as const;

export function showRedundancyClients(): string[] {
  return REDUNDANCY_CLIENTS.map(
    ({ id, sequence, name }) => ` clientID = ${String(id).padEnd(6)} clientSeq = ${String(sequence).padEnd(6)} ${name}`,
  );
}

const COUNTERS: Readonly<Record<ReplicationCounter, string>> = {
  sessions: "comm link up",
  "messages-sent": "messages tx",
  "octets-sent": "octets tx",
  "messages-received": "messages rx",
  "octets-received": "octets rx",
  malformed: "errored peer msg rx",
  "other-join": "msg of another sync rx",
  "older-epoch": "msg of an older epoch rx",
  "bulk-syncs": "bulk syncs",
  "bulk-syncs-failed": "bulk syncs failed",
  transactions: "transactions",
  "records-asked": "records asked for again",
  "edges-late": "replay edges told late",
  "checksum-mismatches": "table checksums that differ",
  "not-hot": "standby declared not hot",
};

const WIDTH = 30;

export function showRedundancyCounters(schemes: readonly ReplicationSnapshot[]): string[] {
  return schemes.flatMap(({ scheme, counters, lag }) => [
    `Redundancy Facility OMs, scheme standby ${scheme}`,
    ...Object.entries(COUNTERS).map(([name, words]) => line(words, counters[name as ReplicationCounter])),
    line("entries not acknowledged", lag.entries),
    line("records not acknowledged", lag.records),
    line("oldest of them (ms)", lag.ms),
    line("sequence numbers not held", lag.sequenceNumbers),
  ]);
}

function line(words: string, count: number): string {
  return `${words.padStart(WIDTH)} = ${count}`;
}
