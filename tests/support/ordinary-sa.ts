/** What most tests of the fast path ask of an SA beyond its keys, ends and selectors: nothing out of the ordinary. */
import { type SaRecord, UNLIMITED } from "../../src/linux/fastpath-records.ts";

export const ORDINARY_SA = {
  mode: "tunnel",
  group: 0,
  esn: false,
  jump: 2 ** 28,
  reservationLow: 0,
  replayWindow: 64,
  edgeInterval: 0,
  peerMayMove: false,
  softOctets: UNLIMITED,
  hardOctets: UNLIMITED,
  softPackets: UNLIMITED,
  hardPackets: UNLIMITED,
  softAtMs: UNLIMITED,
  hardAtMs: UNLIMITED,
  pathMtu: 1500,
  df: "copy",
  fragmentation: "before-encryption",
  dscp: "copy",
  ecn: "normal",
  mss: undefined,
} as const satisfies Partial<SaRecord>;
