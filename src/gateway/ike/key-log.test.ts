import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { childKeys, childSa } from "../../core/ipsec/child-sa.test-support.ts";
import { ESP_ENCRYPTIONS } from "../../core/ipsec/esp-suite.ts";
import { KeyLog } from "./key-log.ts";

const folder = mkdtempSync(join(tmpdir(), "understudy-keylog-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("each direction in a row of its own, readable by its owner alone", () => {
  const file = join(folder, "keys");
  const log = new KeyLog(file);
  log.add(childSa());
  const suite = { encryption: ESP_ENCRYPTIONS["aes-gcm-128"] };
  log.add(childSa({ suite, inbound: childKeys(0x1000, suite, 1), outbound: childKeys(0x2000, suite, 2) }));
  const [cipher, integrity] = ["aa".repeat(16), "aa".repeat(20)];
  const lines = readFileSync(file, "utf8").trim().split("\n");
  expect(lines).toHaveLength(4);
  expect(lines[0]).toBe(
    '"IPv4","172.16.0.18","10.0.0.15","0x00001000","AES-CBC [RFC3602]",' +
      `"0x${cipher}","HMAC-SHA-1-96 [RFC2404]","0x${integrity}"`,
  );
  expect(lines[3]).toBe(
    '"IPv4","10.0.0.15","172.16.0.18","0x00002000","AES-GCM with 16 octet ICV [RFC4106]",' +
      `"0x${"02".repeat(20)}","NULL",""`,
  );
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test("a file that cannot be written is said to be", () => {
  expect(() => new KeyLog(join(folder, "missing", "keys"))).toThrow("cannot write the key log");
});
