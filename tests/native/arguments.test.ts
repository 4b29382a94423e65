/** Every function of the addon refuses every kind of wrong argument, names it, and does nothing. */
import { describe, expect, test } from "vitest";
import { loadAddon } from "../../src/linux/addon.ts";

const addon = loadAddon();

interface Kind {
  readonly good: unknown;
  readonly wrongType: readonly unknown[];
  readonly outOfRange: readonly unknown[];
}

const NO_NUMBERS = [undefined, "1", null, 1n, {}, 1.5, Number.NaN];
/** A number that no descriptor has: a call that got past its arguments would say EBADF. */
const CLOSED = 2 ** 31 - 1;

function integer(min: number, max: number): Kind {
  return { good: min, wrongType: NO_NUMBERS, outOfRange: [min - 1, max + 1, Number.POSITIVE_INFINITY, -(2 ** 53)] };
}

function octets(least: number, good = new Uint8Array(Math.max(least, 1))): Kind {
  const wrongType = [
    undefined,
    null,
    "abc",
    [1],
    7,
    new Uint16Array(64),
    new ArrayBuffer(64),
    new DataView(new ArrayBuffer(64)),
  ];
  return { good, wrongType: [...wrongType, detached()], outOfRange: least > 0 ? [new Uint8Array(least - 1)] : [] };
}

function text(longest: number): Kind {
  return { good: "none", wrongType: [undefined, null, 1, {}], outOfRange: ["", "a".repeat(longest + 1), "a\0b"] };
}

function detached(): Uint8Array {
  const buffer = new ArrayBuffer(64);
  const view = new Uint8Array(buffer);
  structuredClone(buffer, { transfer: [buffer] });
  return view;
}

const fd: Kind = { ...integer(0, 2 ** 31 - 1), good: CLOSED };
const boolean: Kind = { good: false, wrongType: [undefined, null, 0, "true"], outOfRange: [] };
const family: Kind = { good: 4, wrongType: NO_NUMBERS, outOfRange: [0, 3, 5, 7] };
const port = integer(0, 65535);
const anyInterface = integer(0, 2 ** 31 - 1);
const oneInterface = integer(1, 2 ** 31 - 1);
const ip: Kind = {
  ...octets(0, new Uint8Array(4)),
  outOfRange: [new Uint8Array(3), new Uint8Array(5), new Uint8Array(17)],
};
const macOctets: Kind = { ...octets(6), outOfRange: [new Uint8Array(5), new Uint8Array(7)] };
const nanoseconds: Kind = { good: null, wrongType: [undefined, 1, "1"], outOfRange: [-1n, 2n ** 63n] };
const orNull = (kind: Kind): Kind => ({ ...kind, good: null, wrongType: kind.wrongType.filter(each => each !== null) });

/** Each function with its arguments in their order. */
const signatures: Readonly<Record<string, readonly (readonly [string, Kind])[]>> = {
  monotonicNs: [],
  monotonicMs: [],
  timerfdOpen: [],
  timerfdSet: [
    ["fd", fd],
    ["deadlineNs", nanoseconds],
    ["intervalNs", nanoseconds],
  ],
  timerfdDrain: [["fd", fd]],
  read: [
    ["fd", fd],
    ["buffer", octets(1)],
  ],
  write: [
    ["fd", fd],
    ["octets", octets(0)],
  ],
  close: [["fd", fd]],
  setNonBlocking: [["fd", fd]],
  eventfdOpen: [],
  eventfdSignal: [["fd", fd]],
  eventfdDrain: [["fd", fd]],
  wait: [
    [
      "fds",
      {
        good: Int32Array.of(CLOSED),
        wrongType: [undefined, [1], new Uint8Array(4)],
        outOfRange: [new Int32Array(65), Int32Array.of(-1)],
      },
    ],
    ["deadlineNs", nanoseconds],
  ],
  setOption: [
    ["fd", fd],
    ["name", { ...text(32), good: "mark" }],
    ["value", integer(0, 2 ** 31 - 1)],
  ],
  socketError: [["fd", fd]],
  errorName: [["errno", integer(0, 2 ** 31 - 1)]],
  bindToDevice: [
    ["fd", fd],
    ["name", orNull(text(15))],
  ],
  udpOpen: [["family", family]],
  rawOpen: [
    ["family", family],
    ["protocol", integer(1, 255)],
  ],
  inetBind: [
    ["fd", fd],
    ["address", ip],
    ["port", port],
    ["interface", anyInterface],
  ],
  inetPort: [["fd", fd]],
  inetMembership: [
    ["fd", fd],
    ["group", ip],
    ["interface", oneInterface],
    ["join", boolean],
  ],
  multicastInterface: [
    ["fd", fd],
    ["family", family],
    ["interface", anyInterface],
  ],
  inetSend: [
    ["fd", fd],
    ["octets", octets(0)],
    ["destination", ip],
    ["port", port],
    ["source", { ...orNull(ip), outOfRange: [...ip.outOfRange, new Uint8Array(16)] }],
    ["interface", anyInterface],
  ],
  inetReceive: [
    ["fd", fd],
    ["buffer", octets(1)],
    ["meta", octets(48)],
  ],
  netlinkOpen: [["protocol", integer(0, 31)]],
  netlinkJoin: [
    ["fd", fd],
    ["group", integer(1, 1023)],
  ],
  netlinkSend: [
    ["fd", fd],
    ["octets", octets(0)],
  ],
  netlinkReceive: [
    ["fd", fd],
    ["buffer", octets(16)],
  ],
  packetOpen: [["raw", boolean]],
  packetBind: [
    ["fd", fd],
    ["interface", anyInterface],
    ["protocol", port],
  ],
  packetMembership: [
    ["fd", fd],
    ["interface", oneInterface],
    ["mac", macOctets],
    ["join", boolean],
  ],
  attachFilter: [
    ["fd", fd],
    ["program", { ...octets(8), outOfRange: [new Uint8Array(7), new Uint8Array(9), new Uint8Array(4097 * 8)] }],
  ],
  packetSend: [
    ["fd", fd],
    ["interface", oneInterface],
    ["protocol", port],
    ["mac", orNull(macOctets)],
    ["octets", octets(0)],
  ],
  packetReceive: [
    ["fd", fd],
    ["buffer", octets(1)],
    ["meta", octets(16)],
  ],
  tunOpen: [
    ["name", { ...text(15), good: "us-never" }],
    ["vnetHeader", boolean],
    ["multiQueue", boolean],
  ],
  tunName: [["fd", fd]],
  tunOffload: [
    ["fd", fd],
    ["checksum", boolean],
    ["tso4", boolean],
    ["tso6", boolean],
    ["uso", boolean],
  ],
  tunPersist: [
    ["fd", fd],
    ["persist", boolean],
  ],
  unixDatagramOpen: [],
  unixBind: [
    ["fd", fd],
    ["path", text(107)],
  ],
  unixSend: [
    ["fd", fd],
    ["path", text(107)],
    ["octets", octets(0)],
  ],
  interfaceIndex: [["name", text(15)]],
  interfaceName: [["index", oneInterface]],
  addressModulo: [
    ["octets", octets(0)],
    ["boundary", integer(1, 4096)],
  ],
  effectiveCapabilities: [],
  realtimeLimit: [],
  setRealtime: [["priority", integer(0, 99)]],
  lockMemory: [],
  setDumpable: [["permitted", boolean]],
  dumpable: [],
  setParentDeathSignal: [["signal", integer(0, 64)]],
  Hello: [
    ["lines", { ...octets(64), outOfRange: [new Uint8Array(0), new Uint8Array(65)] }],
    ["priority", integer(0, 99)],
  ],
  Watch: [
    ["fd", fd],
    ["callback", { good: () => undefined, wrongType: [undefined, null, {}, "f"], outOfRange: [] }],
  ],
};

test("every exported function stands in the table", () => {
  expect(Object.keys(addon).sort()).toEqual(Object.keys(signatures).sort());
});

for (const [name, parameters] of Object.entries(signatures)) {
  for (const [at, [parameter, kind]] of parameters.entries()) {
    test(`${name} refuses a wrong ${parameter}`, () => {
      const refused = (bad: unknown): unknown => {
        const values = parameters.map(([, { good }], index) => (index === at ? bad : good));
        return outcomeOf(name, values);
      };
      for (const bad of kind.wrongType) {
        const error = refused(bad);
        expect(error, show(bad)).toBeInstanceOf(TypeError);
        expect((error as Error).message).toContain(`${name}: ${parameter} must be`);
      }
      for (const bad of kind.outOfRange) {
        const error = refused(bad);
        expect(error, show(bad)).toBeInstanceOf(RangeError);
        expect((error as Error).message).toContain(`${name}: ${parameter} must be`);
      }
    });
  }
}

describe("a descriptor that is not open", () => {
  const calls = Object.entries(signatures).filter(([name, [first]]) => first?.[0] === "fd" && name !== "Watch");
  test.each(calls)("%s says EBADF", (name, parameters) => {
    const error = outcomeOf(
      name,
      parameters.map(([, { good }]) => good),
    );
    expect(error).toMatchObject({ code: "EBADF", errno: 9, syscall: expect.any(String) });
  });
});

test("a descriptor of the wrong kind is refused by the kernel, not taken", () => {
  const eventfd = addon.eventfdOpen();
  expect(() => addon.inetPort(eventfd)).toThrow(expect.objectContaining({ code: "ENOTSOCK" }));
  expect(() => addon.tunName(eventfd)).toThrow(expect.objectContaining({ code: "ENOTTY" }));
  addon.close(eventfd);
});

function outcomeOf(name: string, values: readonly unknown[]): unknown {
  const callee = addon[name as keyof typeof addon] as (...values: readonly unknown[]) => unknown;
  try {
    return name === "Watch" || name === "Hello" ? Reflect.construct(callee, values) : callee(...values);
  } catch (error) {
    return error;
  }
}

function show(value: unknown): string {
  return typeof value === "bigint"
    ? `${value}n`
    : ArrayBuffer.isView(value)
      ? `${value.constructor.name}(${value.byteLength})`
      : String(value);
}
