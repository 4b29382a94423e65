import { expect, test } from "vitest";
import { Secret } from "../../crypto/secret.ts";
import { ip } from "../ike-pair.test-support.ts";
import { IkeSa } from "./ike-sa.ts";
import { readRecord, restoreIkeSa, writeRecord } from "./ike-sa-record.ts";

test("a copy keeps nothing of the record that it was read from, whose keys are wiped with it", () => {
  const cookie = (first: number) => new Uint8Array(8).fill(first);
  const given = {
    id: "a",
    connection: 1,
    owner: "OUT",
    now: 0,
    role: "responder",
    localPort: 500,
    remotePort: 500,
  } as const;
  const places = { local: ip("10.0.0.15"), remote: ip("172.16.0.18") };
  const sa = new IkeSa({ ...given, ...places, initiatorCookie: cookie(1), responderCookie: cookie(2) });
  sa.established = true;
  sa.policy = { keyBits: 256, hash: "sha256", authentication: "pre-share", group: 14, lifetimeSeconds: 86_400 };
  const key = (first: number) => new Secret(new Uint8Array(32).fill(first));
  sa.keys = { hash: "sha256", derive: key(3), authenticate: key(4), cipher: key(5) };
  sa.lastBlock = new Uint8Array(16).fill(6);
  sa.peer = { ...sa.peer, identity: { octets: new Uint8Array(8).fill(8), shown: "172.16.0.18" } };
  sa.main.answer = new Uint8Array(300).fill(7);
  const octets = writeRecord(sa, 0);
  const record = readRecord(octets);
  if ("refused" in record) throw new TypeError(record.refused);
  const copy = restoreIkeSa(record, { id: "a", owner: "OUT", ageMs: 0 }, 1, 0);
  if ("refused" in copy) throw new TypeError(copy.refused);
  octets.fill(0);
  expect(writeRecord(copy, 0)).toEqual(writeRecord(sa, 0));
  for (const { buffer } of [copy.main.answer, copy.lastBlock, copy.initiatorCookie].filter(each => each !== undefined))
    expect(buffer).not.toBe(octets.buffer);
});
