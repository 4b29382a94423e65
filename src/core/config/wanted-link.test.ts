import { expect, test } from "vitest";
import { loadConfig } from "./config-document.ts";
import { wantedLink } from "./wanted-link.ts";

const link = (text: string) => wantedLink(loadConfig(text).config);
const association = (number: number, inside = "") => `
 association ${number}
  no shutdown
  protocol sctp
   ${inside}
   local-port 5005
    local-ip 10.0.0.1 10.1.0.1
   remote-port 5006
    remote-ip 10.0.0.2 10.1.0.2
`;
const REDUNDANCY = `
redundancy inter-device
 scheme standby OUT
 scheme standby IN
 security key Secret
`;

test("ends, schemes and trust of the association, with timers for a LAN", () => {
  expect(link(`${REDUNDANCY}ipc zone default${association(1)}`)).toEqual({
    association: 1,
    local: { port: 5005, addresses: ["10.0.0.1", "10.1.0.1"] },
    remote: { port: 5006, addresses: ["10.0.0.2", "10.1.0.2"] },
    udpPort: undefined,
    timing: { retransmitMinMs: 20, retransmitMaxMs: 200, pathRetransmits: 2, associationRetransmits: 6 },
    trust: { fingerprint: undefined, secret: "Secret" },
    schemes: ["OUT", "IN"],
  });
});

test("what is configured of SCTP is taken", () => {
  const inside = "encapsulation udp\n   retransmit-timeout 30 300\n   path-retransmit 3\n   assoc-retransmit 9";
  expect(link(`ipc zone default${association(1, inside)}`)).toMatchObject({
    udpPort: 9899,
    timing: { retransmitMinMs: 30, retransmitMaxMs: 300, pathRetransmits: 3, associationRetransmits: 9 },
    schemes: [],
  });
});

test("the lowest number that is complete and not shut down", () => {
  const shut = association(1).replace("no shutdown", "shutdown");
  const half = association(2).replace("remote-ip 10.0.0.2 10.1.0.2", "");
  expect(link(`ipc zone default${association(4)}${half}${shut}${association(3)}`)?.association).toBe(3);
  expect(link(`ipc zone default${shut}${half}`)).toBeUndefined();
  expect(link("hostname R1")).toBeUndefined();
});
