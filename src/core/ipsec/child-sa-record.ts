/**
 * A Child SA as octets: what an active checkpoints and a standby installs. Times cross as what is left of them, so that
 * two clocks need not agree, and a record only ever shortens a life. The schema is `proto/child_sa.proto`.
 *
 * A record is the other member's word, so it is read as any input is: what it leaves out or what is not known here is
 * refused, naming the field.
 */
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { Secret } from "../crypto/secret.ts";
import { WireError } from "../errors.ts";
import { type ChildSaRecord, ChildSaRecordSchema, type RecordKeys } from "../proto/child_sa_pb.ts";
import { familyOf, ipToOctets } from "../wire/address.ts";
import type { ChildKeys, ChildLifetime, ChildSa, ChildStage } from "./child-sa.ts";
import { ESP_ENCRYPTIONS, ESP_INTEGRITIES, type EspSuite, isAead } from "./esp-suite.ts";
import { isReplayWindow } from "./replay-window.ts";
import { addressFrom, refused, selectorFrom, selectorRecord } from "./selector-record.ts";
import { keyLengths } from "./transform-suite.ts";

const STAGES: readonly ChildStage[] = ["fresh", "current", "old"];
const FIRST_SPI = 256;

/** The caller wipes what comes back: there are keys in it. */
export function encodeChildSa(child: ChildSa, nowMs: number): Uint8Array {
  const { encapsulation, selector, mode, suite, lifetime, local, remote, inbound, outbound, ...plain } = child;
  const left = (atMs: number | undefined): bigint | undefined =>
    atMs === undefined ? undefined : BigInt(Math.max(0, Math.floor(atMs - nowMs)));
  const record = create(ChildSaRecordSchema, {
    ...defined(plain),
    ...suiteNames(suite),
    selector: selectorRecord(selector),
    transportMode: mode === "transport",
    local: ipToOctets(local),
    remote: ipToOctets(remote),
    inbound: keysRecord(inbound),
    outbound: keysRecord(outbound),
    ...defined({
      encapsulation: encapsulation && { local: encapsulation.localPort, remote: encapsulation.remotePort },
      softMs: left(lifetime.softAtMs),
      hardMs: left(lifetime.hardAtMs),
      softOctets: lifetime.softOctets === undefined ? undefined : BigInt(lifetime.softOctets),
      hardOctets: lifetime.hardOctets === undefined ? undefined : BigInt(lifetime.hardOctets),
    }),
  });
  return toBinary(ChildSaRecordSchema, record);
}

/** The caller owns the keys; the octets stay as they are. */
export function decodeChildSa(octets: Uint8Array, nowMs: number): ChildSa | WireError {
  try {
    return childFrom(fromBinary(ChildSaRecordSchema, octets), nowMs);
  } catch (error) {
    // The library throws plain errors for what is no protobuf at all.
    return error instanceof WireError ? error : new WireError("bad-value", "child-sa", 0, String(error));
  }
}

function childFrom(record: ChildSaRecord, nowMs: number): ChildSa {
  const suite = suiteFrom(record);
  const stage = STAGES.find(each => each === record.stage);
  const [local, remote] = [addressFrom("local", record.local), addressFrom("remote", record.remote)];
  const { spi, replayWindow, encapsulation } = record;
  if (stage === undefined) throw refused("stage", record.stage);
  if (familyOf(local) !== familyOf(remote)) throw refused("remote", `${remote} beside ${local}`);
  if (replayWindow !== 0 && !isReplayWindow(replayWindow)) throw refused("replay_window", replayWindow);
  const inbound = keysFrom("inbound", record.inbound, suite);
  const outbound = keysFrom("outbound", record.outbound, suite);
  if (inbound.spi !== spi) throw refused("spi", spi);
  return {
    spi,
    owner: record.owner,
    traffic: record.traffic,
    selector: selectorFrom("selector", record.selector),
    ike: record.ike,
    stage,
    initiated: record.initiated,
    peerId: record.peerId,
    mode: record.transportMode ? "transport" : "tunnel",
    suite,
    esn: record.esn,
    local,
    remote,
    encapsulation: encapsulation && { localPort: encapsulation.local, remotePort: encapsulation.remote },
    inbound,
    outbound,
    lifetime: lifetimeFrom(record, nowMs),
    replayWindow,
    pfsGroup: record.pfsGroup,
    peerMayMove: record.peerMayMove,
    pathMtu: record.pathMtu,
  };
}

function lifetimeFrom({ softMs, hardMs, softOctets, hardOctets }: ChildSaRecord, nowMs: number): ChildLifetime {
  const at = (left: bigint | undefined) => (left === undefined ? undefined : nowMs + Number(left));
  const count = (octets: bigint | undefined) => (octets === undefined ? undefined : Number(octets));
  return {
    softAtMs: at(softMs),
    hardAtMs: at(hardMs),
    softOctets: count(softOctets),
    hardOctets: count(hardOctets),
  };
}

function keysRecord({ spi, cipherKey, integrityKey }: ChildKeys) {
  return { spi, cipher: cipherKey.reveal(), integrity: integrityKey.reveal() };
}

function keysFrom(field: string, keys: RecordKeys | undefined, suite: EspSuite): ChildKeys {
  if (keys === undefined) throw refused(field, "absent");
  const lengths = keyLengths(suite);
  const { spi, cipher, integrity } = keys;
  if (spi < FIRST_SPI) throw refused(`${field}.spi`, spi);
  if (cipher.length !== lengths.cipher) throw refused(`${field}.cipher`, `${cipher.length} octets`);
  if (integrity.length !== lengths.integrity) throw refused(`${field}.integrity`, `${integrity.length} octets`);
  return { spi, cipherKey: new Secret(cipher), integrityKey: new Secret(integrity) };
}

function suiteNames({ encryption, integrity }: EspSuite): { encryption: string; integrity?: string } {
  const named = nameIn(ESP_ENCRYPTIONS, encryption);
  return integrity === undefined
    ? { encryption: named }
    : { encryption: named, integrity: nameIn(ESP_INTEGRITIES, integrity) };
}

function suiteFrom(record: ChildSaRecord): EspSuite {
  const encryption = entryOf(ESP_ENCRYPTIONS, record.encryption);
  const integrity = record.integrity === undefined ? undefined : entryOf(ESP_INTEGRITIES, record.integrity);
  if (encryption === undefined) throw refused("encryption", record.encryption);
  if (record.integrity !== undefined && integrity === undefined) throw refused("integrity", record.integrity);
  if (isAead(encryption) !== (integrity === undefined)) throw refused("integrity", record.integrity ?? "absent");
  return integrity === undefined ? { encryption } : { encryption, integrity };
}

function nameIn<T>(table: Readonly<Record<string, T>>, value: T): string {
  const same = (each: T): boolean => JSON.stringify(each) === JSON.stringify(value);
  return Object.entries(table).find(([, each]) => same(each))?.[0] ?? "";
}

function entryOf<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

type Defined<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> };

/** Without the fields that are `undefined`, which the library would take for values. */
function defined<T extends object>(fields: T): Defined<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<T>;
}
