import { expect, test } from "vitest";
import type { HsrpMessage } from "../hsrp/hsrp-message.ts";
import { encodeHsrp } from "../hsrp/hsrp-packet.ts";
import type { IpAddress, Ipv4, MacAddress } from "../wire/address.ts";
import { debugOfEffect, debugOfInput } from "./liveness-debug.ts";
import type { LivenessInput } from "./liveness-port.ts";

const message: HsrpMessage = {
  opcode: "hello",
  state: "active",
  group: 1,
  priority: 100,
  helloMs: 3000,
  holdMs: 10_000,
  virtualAddress: "10.0.0.15" as IpAddress,
};
const source = { address: "10.0.0.2" as Ipv4, mac: "0000.0c07.ac01" as MacAddress };

function arrived(version: 1 | 2, said: Partial<HsrpMessage> = {}): LivenessInput {
  const hash = (): Uint8Array => new Uint8Array(16);
  const auth = { kind: "text", text: "CANARY" } as const;
  const octets = encodeHsrp({ ...message, ...said }, source, { version, auth, hash });
  const destination = "224.0.0.2" as IpAddress;
  const datagram = { source: source.address, destination, sourcePort: 1985, ttl: 1, octets };
  return { kind: "hsrp", interface: "FastEthernet0/0", datagram };
}

test.each([1, 2] as const)("a packet of version %i, as it came and without its authentication", version => {
  expect(debugOfInput(arrived(version), () => version)).toEqual([
    { flag: "hsrp-hellos", text: "Fa0/0 Grp 1 Hello  in  10.0.0.2 Active  pri 100 vIP 10.0.0.15" },
  ]);
  expect(debugOfInput(arrived(version, { opcode: "coup", state: "speak" }), () => version)).toEqual([
    { flag: "hsrp-packets", text: "Fa0/0 Grp 1 Coup   in  10.0.0.2 Speak   pri 100 vIP 10.0.0.15" },
  ]);
});

test("what is no packet of the version is no line: its refusal is one", () => {
  expect(debugOfInput(arrived(1), () => 2)).toEqual([]);
  expect(
    debugOfEffect({ do: "refused", interface: "FastEthernet0/0", because: "malformed", detail: "hsrp: truncated" }),
  ).toEqual([{ flag: "hsrp-errors", text: "Fa0/0 packet refused: malformed (hsrp: truncated)" }]);
});

test("packets that leave, once or again and again", () => {
  const leaving = { do: "hsrp", group: "FastEthernet0/0 1", fromVirtualMac: true, lease: undefined } as const;
  expect(debugOfEffect({ ...leaving, message, repeatMs: 3000 })).toEqual([
    { flag: "hsrp-hellos", text: "Fa0/0 Grp 1 Hello  out Active  pri 100 vIP 10.0.0.15, every 3000 ms" },
  ]);
  expect(debugOfEffect({ ...leaving, message: { ...message, opcode: "resign", virtualAddress: undefined } })).toEqual([
    { flag: "hsrp-packets", text: "Fa0/0 Grp 1 Resign out Active  pri 100 vIP unknown" },
  ]);
});

test.each([
  [
    { do: "changed", group: "eth0 300", from: "standby", to: "active", because: "active timer expired" } as const,
    "eth0 Grp 300 Standby -> Active (active timer expired)",
  ],
  [
    { do: "take-address", group: "eth0 1 ipv6", addresses: ["fe80::15" as IpAddress] } as const,
    "eth0 Grp 1 ipv6 takes fe80::15",
  ],
  [{ do: "release-address", group: "eth0 1", graceMs: 100 } as const, "eth0 Grp 1 gives its addresses up"],
  [{ do: "persist", scheme: "OUTSIDE", epoch: 5 } as const, "OUTSIDE epoch 5 to disk"],
])("%j is an event", (effect, text) => {
  expect(debugOfEffect(effect)).toEqual([{ flag: "hsrp-events", text }]);
});

test("what is renewed many times a second is no line", () => {
  expect(debugOfEffect({ do: "role", owner: "OUTSIDE", role: "active", epoch: 4, leaseMs: 100 })).toEqual([]);
  expect(debugOfInput({ kind: "link", interface: "FastEthernet0/0", up: false }, () => 1)).toEqual([
    { flag: "hsrp-events", text: "Fa0/0 Interface down" },
  ]);
});
