import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { loadConfig, renderConfig } from "../core/config/config-document.ts";
import { MemoryGateway, typist } from "./memory-gateway.test-support.ts";

const fixture = (name: string): string =>
  readFileSync(new URL(`../core/config/fixtures/${name}.txt`, import.meta.url), "utf8");

test.each(["article-R1", "article-R2", "article-R4", "reader-881"])(
  "%s, typed line by line, gets no error",
  async name => {
    const gateway = new MemoryGateway();
    const { type } = typist(gateway);
    await type("configure terminal");
    for (const line of fixture(name).split("\n")) {
      const { shown, refused } = await type(line);
      expect({
        line,
        refused,
        errors: shown.filter(each => each.startsWith("%") && !/^% (Accepted|Warning)/.test(each)),
      }).toEqual({ line, refused: false, errors: [] });
    }
    expect(gateway.config()).toEqual(loadConfig(fixture(name)).config);
    expect(loadConfig(renderConfig(gateway.config()).join("\n")).config).toEqual(gateway.config());
  },
);

test("the article's prompts", async () => {
  const { type } = typist(new MemoryGateway());
  const lines = [
    ["hostname R1", "Router(config)#"],
    ["interface f0/0", "R1(config)#"],
    ["standby 1 name BRANCH-5-TUNNEL", "R1(config-if)#"],
    ["redundancy inter-device", "R1(config-if)#"],
    ["scheme standby BRANCH-5-TUNNEL", "R1(config-red-interdevice)#"],
    ["ipc zone default", "R1(config-red-interdevice)#"],
    ["association 1", "R1(config-ipczone)#"],
    ["protocol sctp", "R1(config-ipczone-assoc)#"],
    ["local-port 5005", "R1(config-ipc-protocol-sctp)#"],
    ["local-ip 10.0.0.1", "R1(config-ipc-local-sctp)#"],
    ["exit", "R1(config-ipc-local-sctp)#"],
    ["remote-port 5005", "R1(config-ipc-protocol-sctp)#"],
    ["remote-ip 10.0.0.2", "R1(config-ipc-remote-sctp)#"],
    ["crypto isakmp policy 1", "R1(config-ipc-remote-sctp)#"],
    ["crypto ipsec transform-set T esp-aes esp-sha-hmac", "R1(config-isakmp)#"],
    ["crypto map M 10 ipsec-isakmp", "R1(cfg-crypto-trans)#"],
    ["ip access-list extended A", "R1(config-crypto-map)#"],
    ["end", "R1(config-ext-nacl)#"],
    ["show privilege", "R1#"],
  ] as const;
  await type("configure terminal");
  for (const [line, prompt] of lines) expect({ line, prompt: (await type(line)).prompt }).toEqual({ line, prompt });
});

test("protocol ? says what the article shows", async () => {
  const { type, interpreter } = typist(new MemoryGateway());
  for (const line of ["conf t", "ipc zone default", "association 1"]) await type(line);
  expect(interpreter.help("protocol ")).toEqual(["  sctp  SCTP transport configuration"]);
});

test("a line that is refused changes nothing and stays in its mode", async () => {
  const gateway = new MemoryGateway();
  const { type } = typist(gateway);
  for (const line of ["conf t", "interface f0/0", "ip address 10.0.0.1 255.255.255.0"]) await type(line);
  const before = gateway.config();
  for (const [line, expected] of [
    [
      "ip address 10.0.0.256 255.255.255.0",
      [`${" ".repeat("Router(config-if)#ip address ".length)}^`, "% Invalid input detected at '^' marker.", ""],
    ],
    ["ip address 10.0.0.1", ["% Incomplete command.", ""]],
    ["standby 1 ip 10.9.9.9", ["% FastEthernet0/0 group 1: 10.9.9.9 is not on a network of FastEthernet0/0"]],
    ["s", ['% Ambiguous command:  "s"']],
    [
      "standby 1 track f0/1 20",
      ["% Track an object: 'track 1 interface FastEthernet0/1 line-protocol', then 'standby 1 track 1 decrement 20'"],
    ],
    [
      "ip access-group 101 in",
      ["% ip access-group 101 in: packets are not filtered yet, so this line would promise what does not happen"],
    ],
  ] as const) {
    const { shown, refused, prompt } = await type(line);
    expect({ line, shown, refused, prompt }).toEqual({
      line,
      shown: expected,
      refused: true,
      prompt: "Router(config-if)#",
    });
  }
  expect(gateway.config()).toBe(before);
});

test("two interfaces on one network are refused, as IOS words it", async () => {
  const { type } = typist(new MemoryGateway());
  for (const line of ["conf t", "interface f0/0", "ip address 10.0.0.1 255.255.255.0", "interface f0/1"])
    await type(line);
  expect((await type("ip address 10.0.0.2 255.255.255.0")).shown).toEqual([
    "% 10.0.0.0 overlaps with FastEthernet0/0 (10.0.0.1/24 and 10.0.0.2/24)",
  ]);
});

test("a line that holds a key is not kept, whether it is taken or not", async () => {
  const { type } = typist(new MemoryGateway());
  await type("conf t");
  expect(await type("crypto isakmp key SuperSecret address 172.16.0.18")).toMatchObject({
    secret: true,
    refused: false,
  });
  expect(await type("crypto isakmp key SuperSecret address 172.16.0.300")).toMatchObject({
    secret: true,
    refused: true,
  });
  expect(await type("hostname R1")).toMatchObject({ secret: false });
});

test("what does not act yet says so on entry", async () => {
  const { type } = typist(new MemoryGateway());
  for (const line of ["conf t", "interface f0/0"]) await type(line);
  expect((await type("ip tcp adjust-mss 1400")).shown).toEqual([
    "% Accepted, but segment sizes are adjusted in tunnels only",
  ]);
});

test("do, filters, abbreviations", async () => {
  const { type } = typist(new MemoryGateway());
  for (const line of ["conf t", "host R7", "int f0/0", "desc to the | provider"]) await type(line);
  expect((await type("do sh run | inc host")).shown).toEqual(["hostname R7"]);
  expect((await type("do sh run | sec interface")).shown).toEqual([
    "interface FastEthernet0/0",
    " description to the | provider",
    " no ip address",
  ]);
  expect((await type("do sh run | count address")).shown[0]).toMatch(/^Number of lines which match regexp = 1\b/);
  expect((await type("do sh ip int br")).shown).toHaveLength(2);
  await type("end");
  expect((await type("sh | ip")).refused).toBe(true);
});

test("copy running-config startup-config asks, and Enter is yes", async () => {
  const gateway = new MemoryGateway();
  const { type } = typist(gateway);
  expect((await type("copy running-config startup-config")).shown).toEqual([
    "Destination filename [startup-config]? ",
    "Building configuration...",
    "[OK]",
  ]);
  expect(gateway.saved).toContain("hostname Router");
});

test("a word in full of an outer mode wins over half a word of the inner one", async () => {
  const gateway = new MemoryGateway();
  const { type } = typist(gateway);
  for (const line of ["conf t", "key chain K", "key 1", "key-string first", "key 10", "key-string second"])
    await type(line);
  const keys = [...(gateway.config().keyChains.get("K") ?? [])].map(([number, { keyString }]) => [number, keyString]);
  expect(keys).toEqual([
    [1, "first"],
    [10, "second"],
  ]);
});

test("a number is not abbreviated: group3 does not mean group31", async () => {
  const { type } = typist(new MemoryGateway());
  for (const line of ["conf t", "crypto map M 10 ipsec-isakmp"]) await type(line);
  expect((await type("set pfs group3")).refused).toBe(true);
  expect((await type("set pfs group14")).refused).toBe(false);
});

test("ping counts", async () => {
  const gateway = new MemoryGateway();
  gateway.pings = [
    { kind: "timeout" },
    { kind: "reply", roundTripMs: 2.4 },
    { kind: "reply", roundTripMs: 4.4 },
    { kind: "unreachable" },
  ];
  const { shown } = await typist(gateway).type("ping 10.0.0.9 repeat 4");
  expect(shown.join("\n")).toContain(".\n!\n!\nU\nSuccess rate is 50 percent (2/4), round-trip min/avg/max = 2/3/4 ms");
});

/** Whole sessions; the parser alone is fuzzed in core/command. FUZZ_RUNS asks for more. */
const RUNS = Number(process.env.FUZZ_RUNS ?? 10_000) / 5;
const words = fixture("article-R1")
  .split(/\s+/)
  .concat(fixture("reader-881").split(/\s+/), ["no", "default", "do", "exit", "end", "?", "|", '"']);

test("any octets are survived, with a clear error each", async () => {
  const { type } = typist(new MemoryGateway());
  await type("conf t");
  const line = fc.oneof(
    fc.string({ unit: "binary", maxLength: 80 }),
    fc.string({ maxLength: 200 }),
    fc.constant("x".repeat(5_000)),
  );
  await fc.assert(
    fc.asyncProperty(line, async text => {
      const { refused, shown } = await type(text);
      if (refused) expect(shown.some(each => each.startsWith("%"))).toBe(true);
      await type("configure terminal");
    }),
    { numRuns: RUNS },
  );
});

test("mutated lines are survived, and what they leave is a configuration that reads back", async () => {
  const gateway = new MemoryGateway();
  const { type, interpreter } = typist(gateway);
  const line = fc.array(fc.constantFrom(...words), { minLength: 1, maxLength: 8 }).map(each => each.join(" "));
  await fc.assert(
    fc.asyncProperty(line, async text => {
      await type("configure terminal");
      interpreter.help(text);
      interpreter.complete(text);
      const { refused, shown } = await type(text);
      if (refused) expect(shown.some(each => each.startsWith("%"))).toBe(true);
    }),
    { numRuns: RUNS },
  );
  expect(loadConfig(renderConfig(gateway.config()).join("\n")).config).toEqual(gateway.config());
});
