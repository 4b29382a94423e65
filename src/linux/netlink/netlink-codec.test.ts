/** The netlink codecs alone: what is written reads back, captured octets decode, and any octets at all are survived. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { WireError } from "../../core/errors.ts";
import { type IpAddress, ipFromOctets, type MacAddress, macFromOctets } from "../../core/wire/address.ts";
import { networkOf, type Prefix } from "../../core/wire/prefix.ts";
import { addAddress, decodeAddress } from "./address.ts";
import { MessageType } from "./constants.ts";
import { createLink, decodeLink, setLink } from "./link.ts";
import { acknowledgementOf, decodeMessages, encodeMessage, type Message } from "./message.ts";
import { changeOf } from "./monitor.ts";
import { decodeNeighbour, replaceNeighbour } from "./neighbour.ts";
import { decodeNexthop, replaceNexthop } from "./nexthop.ts";
import { Attributes, OctetWriter } from "./octets.ts";
import type { Request } from "./request.ts";
import { addRoute, decodeRoute } from "./route.ts";
import { addRule, decodeRule, type Rule } from "./rule.ts";

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(/\s/g, ""), "hex"));
const asMessage = ({ type, body }: Request<unknown>): Message => ({ type, flags: 0, sequence: 1, body });

const v4 = fc.uint8Array({ minLength: 4, maxLength: 4 }).map(octets => ipFromOctets(octets));
const v6 = fc.uint8Array({ minLength: 16, maxLength: 16 }).map(octets => ipFromOctets(octets));
const mac = fc.uint8Array({ minLength: 6, maxLength: 6 }).map(octets => macFromOctets(octets));
const u32 = fc.integer({ min: 1, max: 2 ** 31 - 1 });
const name = fc.stringMatching(/^[a-z][a-z0-9.-]{0,14}$/);
const prefixOf = (address: fc.Arbitrary<IpAddress>, bits: number): fc.Arbitrary<Prefix> =>
  fc.record({ address, length: fc.integer({ min: 0, max: bits }) }).map(networkOf);
const prefix = fc.oneof(prefixOf(v4, 32), prefixOf(v6, 128));

describe("what is written reads back", () => {
  test("addresses", () => {
    const wanted = fc.record(
      { linkIndex: u32, prefix, label: name, validSeconds: u32, protocol: fc.integer({ min: 0, max: 255 }) },
      { requiredKeys: ["linkIndex", "prefix"] },
    );
    fc.assert(
      fc.property(wanted, address => {
        const read = decodeAddress(asMessage(addAddress(address)));
        const defaults = { label: undefined, validSeconds: undefined, protocol: 0 };
        expect(read).toEqual({ ...defaults, ...address, secondary: false, tentative: false });
      }),
    );
  });

  test("routes", () => {
    const wanted = fc.record(
      {
        prefix,
        via: fc.oneof(v4, v6),
        linkIndex: u32,
        metric: u32,
        table: u32,
        protocol: fc.integer({ min: 1, max: 255 }),
        realm: u32,
      },
      { requiredKeys: ["prefix"] },
    );
    fc.assert(
      fc.property(wanted, route => {
        const { via, linkIndex } = route;
        const paths = via === undefined && linkIndex === undefined ? [] : [{ via, linkIndex }];
        expect(decodeRoute(asMessage(addRoute(route)))).toEqual({
          prefix: route.prefix,
          kind: "unicast",
          table: route.table ?? 254,
          protocol: route.protocol ?? 3,
          metric: route.metric ?? 0,
          paths,
          preferredSource: undefined,
          nexthop: undefined,
          realm: route.realm,
        });
      }),
    );
  });

  test("rules", () => {
    const wanted = fc.record(
      {
        family: fc.constant(4 as const),
        priority: u32,
        action: fc.constant("table" as const),
        table: u32,
        source: prefixOf(v4, 32),
        destination: prefixOf(v4, 32),
        inInterface: name,
        outInterface: name,
        mark: u32,
        markMask: u32,
        suppressGroup: u32,
        suppressLength: fc.integer({ min: 0, max: 32 }),
        invert: fc.constant(true as const),
        protocol: fc.integer({ min: 0, max: 255 }),
      },
      { requiredKeys: ["family", "priority", "action", "table"] },
    );
    fc.assert(
      fc.property(wanted, rule => {
        expect(decodeRule(asMessage(addRule(rule as Rule)))).toEqual(rule);
      }),
    );
  });

  test("nexthops and neighbours", () => {
    fc.assert(
      fc.property(u32, u32, v4, mac, (id, linkIndex, via, macAddress) => {
        const nexthop = replaceNexthop({ id, family: 4, to: { linkIndex, via }, protocol: 9 });
        const common = { id, family: 4, protocol: 9 };
        expect(decodeNexthop(asMessage(nexthop))).toEqual({ ...common, blackhole: false, linkIndex, via });
        const hole = replaceNexthop({ id, family: 4, to: { blackhole: true }, protocol: 9 });
        const nowhere = { linkIndex: undefined, via: undefined };
        expect(decodeNexthop(asMessage(hole))).toEqual({ ...common, blackhole: true, ...nowhere });
        const neighbour = replaceNeighbour(linkIndex, via, macAddress, "stale");
        expect(decodeNeighbour(asMessage(neighbour))).toEqual({ linkIndex, address: via, macAddress, state: "stale" });
      }),
    );
  });

  test("links", () => {
    const change = setLink({ index: 7, up: true, noArp: false, mtu: 1400, name: "x0", group: 3 });
    expect(decodeLink(asMessage(change))).toMatchObject({ index: 7, name: "x0", up: true, mtu: 1400, group: 3 });
    const macAddress = "0000.0c07.ac01" as MacAddress;
    const macvlan = createLink({ kind: "macvlan", name: "v1", parent: 2, mode: "private", macAddress, noArp: true });
    const read = decodeLink(asMessage(macvlan));
    expect(read).toMatchObject({ name: "v1", kind: "macvlan", parent: 2, macAddress, noArp: true, up: false });
  });
});

describe("what iproute2 6.1 sends (seen with strace -e write=all)", () => {
  const captured = {
    "ip addr add 10.0.0.1/24 dev lo label lo:1": {
      octets: hex(`34000000 14000506 fd82056b 00000000 02180000 01000000 08000200 0a000001 09000300 6c6f3a31 00000000
        08000100 0a000001`),
      request: addAddress({ linkIndex: 1, prefix: { address: "10.0.0.1" as IpAddress, length: 24 }, label: "lo:1" }),
      header: 8,
    },
    "ip route add unreachable 10.9.0.0/16 metric 4000 table 1000 proto 251": {
      octets: hex(`34000000 18000506 fd82056b 00000000 02100000 00fb0007 00000000 08000100 0a090000 08000600 a00f0000
        08000f00 e8030000`),
      request: addRoute({
        prefix: { address: "10.9.0.0" as IpAddress, length: 16 },
        kind: "unreachable",
        metric: 4000,
        table: 1000,
        protocol: 251,
      }),
      header: 12,
    },
  };

  test.each(Object.entries(captured))("%s", (_command, { octets, request, header }) => {
    const [message] = decodeMessages(octets) as Message[];
    expect(message).toMatchObject({ type: request.type, flags: request.flags | 0x5 });
    // The order of attributes is nobody's business.
    const parts = (body: Uint8Array): unknown => {
      const attributes = new Attributes(body.subarray(header), "x");
      const all = Array.from({ length: 40 }, (_, type) => attributes.octets(type));
      return [body.subarray(0, header), all];
    };
    expect(parts(request.body)).toEqual(parts(message?.body ?? hex("")));
    expect(changeOf(asMessage(request))).toEqual(changeOf(message as Message));
  });
});

describe("messages", () => {
  test("several in one datagram, each padded", () => {
    const first = { type: 16, flags: 2, sequence: 5, body: hex("0102030405") };
    const second = { type: 3, flags: 2, sequence: 5, body: hex("00000000") };
    const octets = Uint8Array.from([...encodeMessage(first), 0, 0, 0, ...encodeMessage(second)]);
    expect(decodeMessages(octets)).toEqual([first, second]);
    for (let length = 1; length < octets.length; length++) {
      // Cut between the first message and its padding, or after it, it is whole.
      if (length >= 21 && length <= 24) continue;
      expect(decodeMessages(octets.subarray(0, length))).toBeInstanceOf(WireError);
    }
  });

  test("a length that points back or beyond is refused", () => {
    for (const length of [0, 15, 17, 0xffffffff]) {
      const octets = new OctetWriter().u32(length).octets(new Uint8Array(12)).finish();
      expect(decodeMessages(octets)).toBeInstanceOf(WireError);
    }
  });

  test("an acknowledgement gives the errno and the kernel's words", () => {
    const attribute = new OctetWriter().textAttribute(1, "no way").u32Attribute(2, 20).finish();
    const request = new OctetWriter().u32(16).octets(new Uint8Array(12)).finish();
    const body = new OctetWriter().i32(-17).octets(request).octets(attribute).finish();
    const refusal = { type: MessageType.error, flags: 0x300, sequence: 1, body };
    expect(acknowledgementOf(refusal)).toEqual({ errno: 17, text: "no way (octet 20)" });
    expect(acknowledgementOf({ ...refusal, flags: 0 })).toEqual({ errno: 17, text: undefined });
    const whole = new OctetWriter().u32(20).octets(new Uint8Array(16)).finish();
    const uncut = new OctetWriter().i32(-1).octets(whole).octets(attribute).finish();
    const acknowledgement = acknowledgementOf({ ...refusal, flags: 0x200, body: uncut });
    expect(acknowledgement).toEqual({ errno: 1, text: "no way (octet 20)" });
    expect(acknowledgementOf({ ...refusal, type: MessageType.done, body: hex("") })).toMatchObject({ errno: 0 });
  });
});

describe("any octets", () => {
  const types = fc.constantFrom(...Object.values(MessageType));
  const valueOrWireError = (act: () => unknown): void => {
    try {
      act();
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
    }
  };

  test("as a datagram give messages or a WireError", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 128 }), octets => {
        const messages = decodeMessages(octets);
        if (!(messages instanceof WireError)) for (const each of messages) valueOrWireError(() => changeOf(each));
      }),
    );
  });

  test("as a message of any type give a value, nothing, or a WireError", () => {
    const message = fc.record({
      type: types,
      flags: fc.integer({ min: 0, max: 0xffff }),
      sequence: fc.constant(1),
      body: fc.uint8Array({ maxLength: 200 }),
    });
    fc.assert(
      fc.property(message, each => {
        valueOrWireError(() => changeOf(each));
        valueOrWireError(() => acknowledgementOf(each));
      }),
      { numRuns: 3000 },
    );
  });

  test("put in the place of any one octet of a true message are survived, and every truncation is", () => {
    const v4Prefix = { address: "10.0.0.0" as IpAddress, length: 8 };
    const via = "10.0.0.1" as IpAddress;
    const truths = [
      asMessage(addAddress({ linkIndex: 1, prefix: v4Prefix, label: "lo", validSeconds: 9 })),
      asMessage(addRoute({ prefix: v4Prefix, via, linkIndex: 1, mtu: 1400, preferredSource: via })),
      asMessage(addRule({ family: 4, priority: 1, action: "table", table: 9, source: v4Prefix, inInterface: "x" })),
      asMessage(createLink({ kind: "macvlan", name: "v", parent: 1, mode: "private" })),
      asMessage(replaceNexthop({ id: 1, family: 4, to: { linkIndex: 1, via } })),
      asMessage(multipathRoute()),
    ];
    for (const truth of truths) {
      expect(changeOf(truth)).toBeDefined();
      for (let at = 0; at < truth.body.length; at++) {
        valueOrWireError(() => changeOf({ ...truth, body: truth.body.subarray(0, at) }));
        for (const value of [0, 1, 0x7f, 0xff]) {
          const body = truth.body.slice();
          body[at] = value;
          valueOrWireError(() => changeOf({ ...truth, body }));
        }
      }
    }
  });

  test("as attributes that claim too much or too little are refused with their place", () => {
    expect(() => new Attributes(hex("0300 0100"), "x")).toThrow(/x: bad-value at octet 0 \(attribute of 3 octets/);
    expect(() => new Attributes(hex("08000100 00000000 ffff0200"), "x")).toThrow(/x: bad-value at octet 8/);
    expect(() => new Attributes(hex("0500"), "x")).toThrow(/x: truncated at octet 0/);
    expect(() => new Attributes(hex("05000100 07"), "x").u32(1)).toThrow(/x.1: truncated/);
  });
});

function multipathRoute(): Request<void> {
  const path = new OctetWriter().u16(16).u8(0).u8(0).i32(3).attribute(5, hex("0a000002")).finish();
  const plain = addRoute({ prefix: { address: "10.9.0.0" as IpAddress, length: 16 } });
  return {
    ...plain,
    body: new OctetWriter()
      .octets(plain.body)
      .attribute(9, Uint8Array.from([...path, ...path]))
      .finish(),
  };
}
