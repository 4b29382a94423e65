import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { loadConfig } from "../../core/config/config-document.ts";
import { wantedProtection } from "../../core/config/wanted-protection.ts";
import { protectedTraffic } from "../../core/ipsec/crypto-policies.ts";
import { type ManualTunnel, manualTunnelFor, misfit, readManualKeys } from "./manual-keys.ts";

const folder = mkdtempSync(join(tmpdir(), "understudy-keys-"));
afterAll(() => rmSync(folder, { recursive: true }));

function read(value: unknown): ManualTunnel[] {
  const file = join(folder, "keys.json");
  writeFileSync(file, typeof value === "string" ? value : JSON.stringify(value));
  return readManualKeys(file);
}

const sa = (changes: object = {}) => ({ spi: 4097, key: "00".repeat(16), integrity: "11".repeat(20), ...changes });
const tunnel = (changes: object = {}) => ({ map: "MAP", entry: 10, outbound: sa(), inbound: sa(), ...changes });

test("keys, with what is left out", () => {
  const [found] = read({ tunnels: [tunnel()] });
  expect(found).toMatchObject({ map: "MAP", entry: 10, udp: false, esn: false, replayWindow: 64, permit: undefined });
  expect(found?.outbound.key).toEqual(new Uint8Array(16));
  expect(found?.inbound.integrity).toEqual(new Uint8Array(20).fill(0x11));
});

test.each<[string, unknown, string]>([
  ["no JSON", "{", "JSON"],
  ["no tunnels", {}, '"tunnels" is missing'],
  ["no map", { tunnels: [tunnel({ map: 1 })] }, "tunnels[0].map is no name"],
  ["a reserved SPI", { tunnels: [tunnel({ inbound: sa({ spi: 255 }) })] }, "tunnels[0].inbound.spi is no SPI"],
  ["half an octet", { tunnels: [tunnel({ outbound: sa({ key: "0" }) })] }, "outbound.key is not hexadecimal"],
  ["a window that there is not", { tunnels: [tunnel({ replayWindow: 100 })] }, "is no replay window"],
])("%s is refused in words", (_, value, message) => {
  expect(() => read(value)).toThrow(message);
});

const { config } = loadConfig(`
crypto ipsec transform-set SET esp-aes esp-sha-hmac
ip access-list extended ACL
 permit ip host 10.0.0.5 host 10.0.0.6
 permit ip host 10.0.0.7 host 10.0.0.8
crypto map MAP 10 ipsec-isakmp
 set peer 192.0.2.1
 set transform-set SET
 match address ACL
interface eth0
 ip address 192.0.2.2 255.255.255.0
 crypto map MAP
`);
const traffic = protectedTraffic(wantedProtection(config).policies);

test("a tunnel is for one permit, or for all of its entry", () => {
  const tunnels = read({ tunnels: [tunnel({ entry: 20 }), tunnel({ permit: 20 }), tunnel({ esn: true })] });
  const chosen = traffic.map(each => manualTunnelFor(tunnels, each));
  expect(chosen).toEqual([tunnels[2], tunnels[1]]);
});

test("keys must fit the transform set", () => {
  const [first] = traffic;
  const [fits] = read({ tunnels: [tunnel()] });
  const [short] = read({ tunnels: [tunnel({ inbound: sa({ key: "00" }) })] });
  if (first === undefined || fits === undefined || short === undefined) throw new Error("there are two of each");
  expect(misfit(fits, first, config.ipsec)).toBeUndefined();
  expect(misfit(short, first, config.ipsec)).toBe("manual keys of MAP 10: SET takes keys of 16 and 20 octets");
  expect(misfit(fits, { ...first, entry: { ...first.entry, peers: [] } }, config.ipsec)).toContain("has no peer");
});
