import { expect, test } from "vitest";
import type { ChildView, IkeSaView } from "../../core/ike/ike-port.ts";
import { POLICY_DEFAULTS } from "../../core/ike/isakmp-model.ts";
import { childSa } from "../../core/ipsec/child-sa.test-support.ts";
import type { IpAddress } from "../../core/wire/address.ts";
import { ikeSnapshot } from "../memory-gateway.test-support.ts";
import { flows, LIMITS } from "./crypto-flows.test-support.ts";
import { cryptoSessions } from "./crypto-sessions.ts";
import { showCryptoEngineConnections, showCryptoSession } from "./show-crypto-session.ts";

// The forms are from memory of IOS 15 and from what ntc-templates and Genie ask for.

const IKE: IkeSaView = {
  id: "a",
  connection: 1_001,
  owner: "plain",
  role: "initiator",
  version: 1,
  local: "172.16.0.18" as IpAddress,
  remote: "10.0.0.15" as IpAddress,
  localPort: 500,
  remotePort: 500,
  state: "QM_IDLE",
  status: "active",
  peerIdentity: "10.0.0.15",
  policy: { ...POLICY_DEFAULTS, hash: "sha" },
  remainingSeconds: 86_340,
  nat: { here: false, there: false },
  dpd: true,
  cookies: { initiator: "00", responder: "11" },
};
const CHILD: ChildView = { child: childSa({ spi: 0x1001 }), stage: "current", upSinceMs: 65_000, ike: "a" };
const UP = ikeSnapshot([IKE], [CHILD]);

test("a session: peer, IKE SA, what is protected", () => {
  expect(showCryptoSession(flows(LIMITS), UP, { form: "plain" })).toEqual([
    "Crypto session current status",
    "",
    "Interface: FastEthernet0/0",
    "Session status: UP-ACTIVE     ",
    "Peer: 10.0.0.15 port 500 ",
    "  Session ID: 0  ",
    "  IKEv1 SA: local 172.16.0.18/500 remote 10.0.0.15/500 Active ",
    "  IPSEC FLOW: permit ip 172.16.5.0/255.255.255.0 10.99.0.0/255.255.0.0 ",
    "        Active SAs: 2, origin: crypto map",
    "  IPSEC FLOW: permit 6 host 172.16.5.9 port 80 0.0.0.0/0.0.0.0 ",
    "        Active SAs: 0, origin: crypto map",
    "",
  ]);
});

test("detail adds uptime, identity, capabilities and counters", () => {
  const lines = showCryptoSession(flows(LIMITS), UP, { form: "detail" });
  expect(lines.slice(8, 22)).toEqual([
    "Interface: FastEthernet0/0",
    "Uptime: 00:01:05",
    "Session status: UP-ACTIVE     ",
    "Peer: 10.0.0.15 port 500 fvrf: (none) ivrf: (none)",
    "      Phase1_id: 10.0.0.15",
    "      Desc: (none)",
    "  Session ID: 0  ",
    "  IKEv1 SA: local 172.16.0.18/500 remote 10.0.0.15/500 Active ",
    "          Capabilities:D connid:1001 lifetime:23:59:00",
    "  IPSEC FLOW: permit ip 172.16.5.0/255.255.255.0 10.99.0.0/255.255.0.0 ",
    "        Active SAs: 2, origin: crypto map",
    "        Inbound:  #pkts dec'ed 4 drop 5 life (KB/Sec) 4607998/3599",
    "        Outbound: #pkts enc'ed 5 drop 0 life (KB/Sec) 4607998/3599",
    "  IPSEC FLOW: permit 6 host 172.16.5.9 port 80 0.0.0.0/0.0.0.0 ",
  ]);
});

test("brief has one row a session", () => {
  expect(showCryptoSession(flows(), UP, { form: "brief" }).at(-1)).toBe(
    "      10.0.0.15      Fa0/0                          10.0.0.15                  00:01:05    UA",
  );
});

test.each<[string, boolean, boolean, Partial<IkeSaView> | undefined]>([
  ["UP-ACTIVE", true, true, {}],
  ["UP-STANDBY", true, false, { status: "standby" }],
  ["UP-NO-IKE", true, true, undefined],
  ["UP-IDLE", false, true, {}],
  ["DOWN-NEGOTIATING", false, true, { state: "MM_KEY_EXCH" }],
  ["DOWN", false, true, { state: "MM_NO_STATE", status: "deleted" }],
  ["DOWN", false, true, { remote: "10.0.0.16" as IpAddress }],
])("%s with SAs: %s, active: %s, IKE SA: %j", (status, sas, active, ike) => {
  const shown = flows().map(flow => ({ ...flow, active, sas: sas ? flow.sas : [] }));
  const snapshot = ikeSnapshot(ike === undefined ? [] : [{ ...IKE, ...ike }]);
  expect(cryptoSessions(shown, snapshot).map(each => each.status)).toEqual([status]);
});

test("each SA of the engine in a row, and IKE's after them", () => {
  expect(showCryptoEngineConnections(flows(), UP)).toEqual([
    "Crypto Engine Connections",
    "",
    "   ID  Type    Algorithm           Encrypt  Decrypt LastSeqN IP-Address",
    "    1  IPsec   AES+SHA                   0        4        4 172.16.0.18",
    "    2  IPsec   AES+SHA                   5        0        0 172.16.0.18",
    " 1001  IKE     SHA+AES256                0        0        0 172.16.0.18",
    "",
  ]);
});

test("IKE with keys of 128 bits does not say so, as IPsec does not", () => {
  const { policy } = IKE;
  const shorter =
    policy === undefined ? [] : [{ ...IKE, policy: { ...policy, keyBits: 128, hash: "sha256" } as const }];
  expect(showCryptoEngineConnections([], ikeSnapshot(shorter)).at(-2)).toBe(
    " 1001  IKE     SHA256+AES                0        0        0 172.16.0.18",
  );
});
