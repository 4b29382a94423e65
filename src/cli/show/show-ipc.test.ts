import { expect, test } from "vitest";
import type { PeerLinkView } from "../../core/redundancy/link-model.ts";
import { parseIpv4 } from "../../core/wire/address.ts";
import { MemoryGateway, typist } from "../memory-gateway.test-support.ts";

const addresses = (...list: readonly string[]) => list.flatMap(each => parseIpv4(each) ?? []);
const UP: PeerLinkView = {
  settings: {
    association: 1,
    local: { port: 5005, addresses: addresses("10.0.0.1", "10.2.0.1") },
    remote: { port: 5006, addresses: addresses("10.0.0.2", "10.2.0.2") },
    udpPort: undefined,
    timing: { retransmitMinMs: 20, retransmitMaxMs: 200, pathRetransmits: 2, associationRetransmits: 6 },
    trust: { fingerprint: undefined, secret: "KnownToBoth" },
    schemes: ["OUT"],
  },
  fingerprint: "SHA256:mine",
  peer: { fingerprint: "SHA256:theirs", trustedBy: "secret" },
  downBecause: undefined,
  transport: "SCTP",
  paths: [
    { local: "10.0.0.1", remote: "10.0.0.2", state: "up", primary: true, roundTripMs: 1 },
    { local: "10.2.0.1", remote: "10.2.0.2", state: "down", primary: false, roundTripMs: undefined },
  ],
  streams: [
    {
      name: "control",
      session: 3,
      upForMs: 61_000,
      messagesSent: 0,
      messagesReceived: 0,
      octetsSent: 0,
      octetsReceived: 0,
      waitingOctets: 0,
    },
    {
      name: "scheme OUT",
      session: undefined,
      upForMs: undefined,
      messagesSent: 0,
      messagesReceived: 0,
      octetsSent: 0,
      octetsReceived: 0,
      waitingOctets: 0,
    },
  ],
  counters: { sessions: 3, lost: 2, refused: 1, failed: 4 },
};

async function shown(link: PeerLinkView, line: string): Promise<string[]> {
  const gateway = new MemoryGateway();
  gateway.link = link;
  return (await typist(gateway).type(line)).shown;
}

test("an association that is up: paths, keys, streams, and never the secret", async () => {
  expect(await shown(UP, "show ipc zone")).toEqual(["Zone default", "  Association 1: up"]);
  expect(await shown(UP, "show ipc association")).toEqual([
    "Association 1: up",
    "  Transport: SCTP, sealed by TLS 1.3",
    "  Local port 5005, addresses 10.0.0.1 10.2.0.1",
    "  Remote port 5006, addresses 10.0.0.2 10.2.0.2",
    "  Retransmit timeout 20 to 200 ms, path retransmits 2, association retransmits 6",
    "  Path 10.0.0.1 to 10.0.0.2: up, primary, 1 ms",
    "  Path 10.2.0.1 to 10.2.0.2: down",
    "  Key of this member: SHA256:mine",
    "  Key of the peer: SHA256:theirs (proved that it knows the 'security key')",
    "  Stream control: up for 00:01:01, session 3",
    "    0 messages sent (0 octets), 0 received (0 octets), 0 octets wait",
    "  Stream scheme OUT: down",
    "  Sessions 3, lost 2, failed 4, refused 1",
  ]);
});

test("one that is down says why; without any, this member's key is shown all the same", async () => {
  const down = { ...UP, downBecause: "the other member does not answer", peer: undefined };
  expect((await shown(down, "show ipc zone"))[1]).toBe("  Association 1: down, the other member does not answer");
  expect(await shown({ ...UP, settings: undefined }, "show ipc zone")).toEqual(["There is no association"]);
  expect(await shown({ ...UP, settings: undefined }, "show ipc association")).toEqual([
    "There is no association",
    "  Key of this member: SHA256:mine",
  ]);
});
