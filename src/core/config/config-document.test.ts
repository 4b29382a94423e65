import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { loadConfig, renderConfig, renderInterface } from "./config-document.ts";

const fixture = (name: string): string => readFileSync(new URL(`./fixtures/${name}.txt`, import.meta.url), "utf8");
const documents = ["article-R1", "article-R2", "article-R4", "reader-881"] as const;

test.each(documents)("every line of %s is taken", name => {
  expect(loadConfig(fixture(name)).problems.filter(each => each.severity === "error")).toEqual([]);
});

test.each(documents)("what is printed of %s reads back to the same configuration", name => {
  const { config } = loadConfig(fixture(name));
  const text = renderConfig(config);
  expect(loadConfig(text.join("\n")).problems.filter(each => each.severity === "error")).toEqual([]);
  expect(loadConfig(text.join("\n")).config).toEqual(config);
});

test("the article's R1, as IOS orders and indents it", () => {
  expect(renderConfig(loadConfig(fixture("article-R1")).config).join("\n")).toBe(
    fixture("article-R1.running").trimEnd(),
  );
});

test("one interface alone", () => {
  const { config } = loadConfig(fixture("article-R1"));
  expect(renderInterface(config, "FastEthernet0/0")).toEqual([
    "!",
    "interface FastEthernet0/0",
    " no ip address",
    " standby 1 ip 10.0.0.15",
    " standby 1 name BRANCH-5-TUNNEL",
    " crypto map BRANCH-5-MAP redundancy BRANCH-5-TUNNEL stateful",
    "end",
  ]);
  expect(renderInterface(config, "FastEthernet9/9")).toEqual([]);
});

test("a refused line with a key is reported without it, wherever the key stood", () => {
  const { problems } = loadConfig(
    [
      "crypto isakmp key CANARY address 172.16.0.300",
      "crypto isakmp key 7 CANARY address 172.16.0.18",
      "redundancy inter-device",
      " security key CANARY CANARY",
      "interface f0/0",
      " standby 1 authentication md5 key-string CANARY timeout CANARY",
      " standby 1 authentication text CANARYCANARY",
    ].join("\n"),
  );
  expect(problems.filter(each => each.severity === "error").map(each => each.lineNumber)).toEqual([1, 2, 4, 6, 7]);
  expect(JSON.stringify(problems)).not.toContain("CANARY");
});

test("a bad line is reported with its number, and the rest is taken", () => {
  const { config, problems } = loadConfig(
    "hostname R9\r\ninterface f0/0\r\n ip adress 10.0.0.1 255.255.255.0\r\n ip address 10.0.0.1 255.255.255.0\r\n",
  );
  expect(problems.map(({ lineNumber, message }) => ({ lineNumber, message }))).toEqual([
    { lineNumber: 3, message: 'Invalid input detected at "adress"' },
  ]);
  expect(config.net.interfaces.get("FastEthernet0/0")?.address).toEqual({ address: "10.0.0.1", length: 24 });
});
