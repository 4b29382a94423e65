import { beforeEach, expect, test } from "vitest";
import type { IpAddress } from "../wire/address.ts";
import { HERE, ip, mirrored, negotiable, Pair, settings, THERE } from "./ike-pair.test-support.ts";

/** What the NAT in front of "here" makes of it: an address, and how far its ports are moved. */
interface Mapping {
  address: IpAddress;
  ports: number;
}

const FIRST: Mapping = { address: ip("198.51.100.7"), ports: 10_000 };
const OTHER_PORT: Mapping = { ...FIRST, ports: 20_000 };
const OTHER_ADDRESS: Mapping = { address: ip("203.0.113.9"), ports: 30_000 };

let mapping: Mapping;
let pair: Pair;

beforeEach(() => {
  mapping = FIRST;
  const own = settings({ udpEncapsulation: "auto", keepalive: { seconds: 10, retrySeconds: 2, mode: "periodic" } });
  pair = new Pair(own, { ...mirrored(settings()), udpEncapsulation: "auto" });
  const [{ selector } = negotiable()] = pair.there.settings.negotiables;
  const anybody = negotiable({ local: THERE, peers: [], selector });
  pair.input(pair.there, { kind: "configure", settings: { ...pair.there.settings, negotiables: [anybody] } });
  const deliver = pair.deliver.bind(pair);
  pair.deliver = (to, datagram) => {
    const { address, ports } = mapping;
    if (to === pair.there) deliver(to, { ...datagram, local: address, localPort: datagram.localPort + ports });
    // Only the way in that stands now is one.
    else if (datagram.remote === address && [500, 4_500].includes(datagram.remotePort - ports))
      deliver(to, { ...datagram, remote: HERE, remotePort: datagram.remotePort - ports });
  };
  pair.initiate(pair.here);
  pair.run(3_000);
  expect(ways()).toEqual({ ike: ["198.51.100.7:14500"], esp: ["198.51.100.7:14500"] });
});

/** Where "there" sends what is for its peer. */
function ways(): { ike: string[]; esp: string[] } {
  return {
    ike: pair.there.engine.snapshot(pair.now).ikeSas.map(({ remote, remotePort }) => `${remote}:${remotePort}`),
    esp: [...pair.there.installed.values()].map(each => `${each.remote}:${each.encapsulation?.remotePort}`),
  };
}

/** An authenticated ESP packet came in from where the NAT sends it now. */
function espComes(): void {
  const [child] = pair.there.installed.values();
  const event = { kind: "peer-moved", remote: mapping.address, remotePort: 4_500 + mapping.ports } as const;
  pair.input(pair.there, { kind: "child", spi: child?.spi ?? 0, event });
}

test.each([
  { what: "another port", to: OTHER_PORT, way: "198.51.100.7:24500" },
  { what: "another address", to: OTHER_ADDRESS, way: "203.0.113.9:34500" },
])("a packet of ESP from $what moves IKE too: a renewal reaches the peer", ({ to, way }) => {
  mapping = to;
  espComes();
  expect(ways()).toEqual({ ike: [way], esp: [way] });
  const [before] = pair.there.installed.keys();
  pair.input(pair.there, { kind: "child", spi: before ?? 0, event: { kind: "soft-limit" } });
  pair.run(60_000);
  expect(pair.there.installed.size).toBe(1);
  expect([...pair.there.installed.keys()]).not.toContain(before);
  expect(pair.there.engine.snapshot(pair.now).counters.mainModeUp).toBe(1);
});

test.each([
  { what: "another port", to: OTHER_PORT, way: "198.51.100.7:24500" },
  { what: "another address", to: OTHER_ADDRESS, way: "203.0.113.9:34500" },
])("a message of IKE from $what moves ESP too", ({ to, way }) => {
  mapping = to;
  // The next dead peer detection of the one behind the NAT.
  pair.run(12_000);
  expect(ways()).toEqual({ ike: [way], esp: [way] });
});

test("whoever moved to another address still deletes what is its", () => {
  mapping = OTHER_ADDRESS;
  espComes();
  const [spi] = pair.here.installed.keys();
  pair.input(pair.here, { kind: "clear", what: { kind: "child", spi: spi ?? 0 } });
  pair.run(100);
  expect([pair.here.installed.size, pair.there.installed.size]).toEqual([0, 0]);
});

test("without a NAT nothing moves, wherever a packet comes from", () => {
  const plain = new Pair(settings({ keepalive: { seconds: 10, retrySeconds: 2, mode: "periodic" } }));
  plain.initiate(plain.here);
  plain.run(3_000);
  const { there } = plain;
  const [before] = there.installed.values();
  const received = there.engine.snapshot(plain.now).counters.messagesIn;
  const deliver = plain.deliver.bind(plain);
  plain.deliver = (to, datagram) => {
    deliver(to, to === there ? { ...datagram, local: OTHER_ADDRESS.address } : { ...datagram, remote: HERE });
  };
  plain.run(12_000);
  const event = { kind: "peer-moved", remote: OTHER_ADDRESS.address, remotePort: 34_500 } as const;
  plain.input(there, { kind: "child", spi: before?.spi ?? 0, event });
  const { ikeSas, counters } = there.engine.snapshot(plain.now);
  expect(counters.messagesIn).toBeGreaterThan(received);
  expect(ikeSas.map(({ remote }) => remote)).toEqual([HERE]);
  expect([...there.installed.values()].map(({ remote }) => remote)).toEqual([HERE]);
});
