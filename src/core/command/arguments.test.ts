import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  deviceName,
  hexKey,
  integer,
  interfaceName,
  ipv4Address,
  ipv4Mask,
  ipv6Prefix,
  lineText,
  macAddress,
  name,
  wildcardMask,
  word,
} from "./arguments.ts";
import type { ArgumentType } from "./grammar.ts";
import { compareInterfaces, isIosName, parseInterfacePair } from "./interface-name.ts";

// biome-ignore lint/suspicious/noExplicitAny: a table of types whose values differ
const CASES: [string, ArgumentType<any>, [string, unknown][], string[]][] = [
  [
    "integer",
    integer(1, 4095),
    [
      ["1", 1],
      ["4095", 4095],
      ["00012", 12],
    ],
    ["0", "4096", "-0", "0x10", "1e3", "", " 1", "1.0", "9007199254740993", "1".repeat(400)],
  ],
  ["ipv4Address", ipv4Address, [["10.0.0.1", "10.0.0.1"]], ["256.1.1.1", "1.1.1", "1.1.1.1.1", "01.1.1.1", "a.b.c.d"]],
  [
    "ipv4Mask",
    ipv4Mask,
    [
      ["255.255.255.0", "255.255.255.0"],
      ["0.0.0.0", "0.0.0.0"],
      ["255.255.255.255", "255.255.255.255"],
    ],
    ["255.0.255.0", "0.0.0.255", "255.255.255.256"],
  ],
  ["wildcardMask", wildcardMask, [["0.255.0.255", "0.255.0.255"]], ["0.255.0.256"]],
  [
    "ipv6Prefix",
    ipv6Prefix,
    [["2001:DB8:0::1/64", { address: "2001:db8::1", length: 64 }]],
    ["2001:db8::1", "2001:db8::1/129", "10.0.0.0/8", "::1::/64"],
  ],
  ["macAddress", macAddress, [["0000.0C07.AC01", "0000.0c07.ac01"]], ["0000.0c07", "zzzz.0c07.ac01"]],
  [
    "name",
    name,
    [["BRANCH-5-TUNNEL", "BRANCH-5-TUNNEL"]],
    ["", "a b", "a;b", "`id`", "$(id)", "имя", "a\n", "x".repeat(65)],
  ],
  [
    "word",
    word,
    [
      ["p@ss;wörd", "p@ss;wörd"],
      ["__proto__", "__proto__"],
    ],
    ["", "a\u0000b", "a\u001b[2Jb", "x".repeat(255)],
  ],
  ["lineText", lineText, [["to  the provider", "to  the provider"]], ["", "a\u0007b", "x".repeat(241)]],
  ["hexKey", hexKey(2, 4), [["0aFF", "0aff"]], ["0a", "0af", "0a0a0a0a0a", "0x0a", "zz00"]],
  [
    "deviceName",
    deviceName,
    [
      ["eth0", "eth0"],
      ["wan-0.100", "wan-0.100"],
    ],
    ["", ".", "..", "a/b", "sixteen-letters-"],
  ],
  [
    "interfaceName",
    interfaceName,
    [
      ["f0/0", "FastEthernet0/0"],
      ["fa0/0", "FastEthernet0/0"],
      ["FASTETHERNET4", "FastEthernet4"],
      ["gi0/1", "GigabitEthernet0/1"],
      ["g0/0/1", "GigabitEthernet0/0/1"],
      ["gi0/0.100", "GigabitEthernet0/0.100"],
      ["te1/1", "TenGigabitEthernet1/1"],
      ["e0/0", "Ethernet0/0"],
      ["eth0/0", "Ethernet0/0"],
      ["lo0", "Loopback0"],
      ["tu1", "Tunnel1"],
      ["vl10", "Vlan10"],
      ["po1", "Port-channel1"],
      ["eth0", "eth0"],
      ["ens3", "ens3"],
      ["enp0s31f6", "enp0s31f6"],
      ["wan-0", "wan-0"],
      ["lo", "lo"],
    ],
    ["", "FastEthernet", "f0/", "f0/0/0/0/0", "f0/0x", "../etc", "eth0;id", "a-name-of-sixteen", "0/0", "Tunnel12345"],
  ],
];

for (const [label, type, accepted, refused] of CASES) {
  describe(label, () => {
    test.each(accepted)("takes %j", (text, value) => {
      expect(type.parse(text)).toEqual(value);
      const printed = type.print ? type.print(value) : String(value);
      expect(type.parse(printed)).toEqual(value);
    });
    test.each(refused.map(text => [text]))("refuses %j", text => {
      expect(type.parse(text)).toBeUndefined();
    });
  });
}

test("every type is total", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 60 }), text => {
      for (const [, type] of CASES) {
        const value = type.parse(text);
        if (value !== undefined) expect(type.print?.(value) ?? String(value)).not.toBe("");
        type.pair?.(text, text);
        type.second?.(text);
      }
    }),
    { numRuns: 2_000 },
  );
});

describe("interface names", () => {
  test("kind and number may be two words", () => {
    expect(parseInterfacePair("FastEthernet", "0/0")).toBe("FastEthernet0/0");
    expect(parseInterfacePair("gi", "0/1")).toBe("GigabitEthernet0/1");
    expect(parseInterfacePair("eth", "0")).toBeUndefined();
    expect(parseInterfacePair("", "0")).toBeUndefined();
    expect(parseInterfacePair("f0", "0")).toBeUndefined();
  });
  test("only IOS's own kinds need a device", () => {
    expect(["FastEthernet0/0", "Tunnel1", "eth0", "Fast0"].map(isIosName)).toEqual([true, true, false, false]);
  });
  test("are listed by kind, then by number, then the host's own", () => {
    const names = ["eth1", "GigabitEthernet0/2", "eth0", "FastEthernet0/10", "FastEthernet0/9", "Loopback0", "Vlan2"];
    expect(names.sort(compareInterfaces)).toEqual([
      "Loopback0",
      "FastEthernet0/9",
      "FastEthernet0/10",
      "GigabitEthernet0/2",
      "Vlan2",
      "eth0",
      "eth1",
    ]);
  });
});
