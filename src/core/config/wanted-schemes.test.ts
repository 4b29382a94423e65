import { expect, test } from "vitest";
import { loadConfig } from "./config-document.ts";
import { type SchemeMemory, wantedSchemes } from "./wanted-schemes.ts";

const memory: SchemeMemory = {
  keyFrom: secret => Uint8Array.of(secret.length),
  agreedKey: undefined,
  storedEpoch: name => name.length,
};
const schemes = (text: string, kept = memory) => wantedSchemes(loadConfig(text).config, kept);
const PAIR = `
interface eth0
 ip address 10.0.0.1 255.255.255.0
interface eth1
 ip address 10.1.0.1 255.255.255.0
redundancy inter-device
 scheme standby OUT
 scheme standby IN
 security key Secret
`;
const ASSOCIATION = `
ipc zone default
 association 1
  no shutdown
  protocol sctp
   local-port 5005
    local-ip 10.0.0.1 10.1.0.1
   remote-port 5006
    remote-ip 10.0.0.2 10.1.0.2
`;

test("a way for each pair of addresses, first to first and second to second", () => {
  const [out, inside] = schemes(PAIR + ASSOCIATION);
  expect(out).toMatchObject({ name: "OUT", storedEpoch: 3, key: Uint8Array.of(6) });
  expect(inside?.name).toBe("IN");
  const ports = { localPort: 5005, remotePort: 5006 };
  expect(out?.paths).toEqual([
    { local: "10.0.0.1", remote: "10.0.0.2", ...ports, interface: "eth0" },
    { local: "10.1.0.1", remote: "10.1.0.2", ...ports, interface: "eth1" },
  ]);
});

test("an address that no interface has is a way all the same", () => {
  const [out] = schemes(PAIR + ASSOCIATION.replace("10.1.0.1", "10.7.0.1"));
  expect(out?.paths[1]).toMatchObject({ local: "10.7.0.1", interface: undefined });
});

test("the configured key goes before the one that the members agreed on", () => {
  const agreed = { ...memory, agreedKey: Uint8Array.of(42) };
  expect(schemes(PAIR + ASSOCIATION, agreed)[0]?.key).toEqual(Uint8Array.of(6));
  expect(schemes((PAIR + ASSOCIATION).replace(" security key Secret\n", ""), agreed)[0]?.key).toEqual(
    Uint8Array.of(42),
  );
});

test("without an association, a key or the word itself there is less, and the gate says so", () => {
  expect(schemes(PAIR)[0]?.paths).toEqual([]);
  expect(schemes((PAIR + ASSOCIATION).replace("no shutdown", "shutdown"))[0]?.paths).toEqual([]);
  expect(schemes((PAIR + ASSOCIATION).replace(" security key Secret\n", ""))[0]?.key).toBeUndefined();
  expect(schemes(ASSOCIATION)).toEqual([]);
});
