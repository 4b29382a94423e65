/** Who answers: a gateway of ours as an operator would configure it, and strongSwan with its ESP in user space. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Child, startIn, waitFor } from "../support/child.ts";
import { OUTSIDE_LINK, type Site } from "../support/site.ts";
import { type Peer, PRESHARED_KEY, RESPONDER } from "./peers.ts";

export interface Responder {
  readonly name: string;
  /** Why it cannot run here, where it cannot. */
  readonly missing: () => string | undefined;
  start(site: Site, peers: readonly Peer[], group: number): Promise<{ stop(): Promise<void> }>;
}

const MAIN = fileURLToPath(new URL("../../../../dist/main.js", import.meta.url));
const DAEMON = "/usr/sbin/charon-systemd";
const LOAD =
  "random nonce openssl sha1 sha2 hmac kdf pem x509 pkcs1 pubkey kernel-libipsec kernel-netlink " +
  "socket-default vici";
/** A responder has one processor, the initiators have another. */
const PINNED = ["taskset", "-c", "0"];
const SWAN_GROUPS: Readonly<Record<number, string>> = { 14: "modp2048", 19: "ecp256" };

export const understudy: Responder = {
  name: "understudy",
  missing: () => (existsSync(MAIN) ? undefined : `there is no ${MAIN}; npm run build makes it`),
  start: async (site, peers, group) => {
    const folder = mkdtempSync(join(tmpdir(), "understudy-bench-"));
    const file = join(folder, "b.cfg");
    writeFileSync(file, configOf(peers, group), { mode: 0o600 });
    const options = ["--state", folder, "--socket", join(folder, "cli.sock")];
    const child = startIn(site.namespace("b"), [...PINNED, process.execPath, MAIN, "run", file, ...options]);
    await child.says(new RegExp(`Line protocol on Interface ${OUTSIDE_LINK}, changed state to up`));
    return stoppable(folder, child);
  },
};

export const strongSwan: Responder = {
  name: "strongSwan",
  missing: () =>
    existsSync(DAEMON) ? undefined : "charon-systemd is not installed; scripts/install interop brings it",
  start: async (site, peers, group) => {
    const folder = mkdtempSync(join(tmpdir(), "understudy-bench-"));
    const [socket, options, file] = ["vici", "strongswan.conf", "swanctl.conf"].map(each => join(folder, each));
    writeFileSync(options ?? "", daemonOptions(socket ?? ""));
    writeFileSync(file ?? "", connections(peers, group), { mode: 0o600 });
    const child = startIn(site.namespace("b"), [...PINNED, DAEMON], { STRONGSWAN_CONF: options ?? "" });
    await waitFor("charon listens", 10, () => existsSync(socket ?? ""));
    site.run("b", "swanctl", "--load-all", "--noprompt", "--file", file ?? "", "--uri", `unix://${socket}`);
    return stoppable(folder, child);
  },
};

function stoppable(folder: string, child: Child): { stop(): Promise<void> } {
  return {
    stop: async () => {
      await child.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function configOf(peers: readonly Peer[], group: number): string {
  const lines = [
    "hostname B",
    "crypto isakmp policy 10",
    " encryption aes",
    " hash sha256",
    " authentication pre-share",
    ` group ${group}`,
    ...peers.map(({ address }) => `crypto isakmp key ${PRESHARED_KEY} address ${address}`),
    "crypto ipsec transform-set T esp-aes esp-sha256-hmac",
    "crypto ipsec udp-encapsulation always",
    ...peers.flatMap(({ network }, at) => [
      `ip access-list extended L${at}`,
      ` permit ip 10.9.2.0 0.0.0.255 ${network} 0.0.0.255`,
    ]),
    ...peers.flatMap(({ address }, at) => [
      `crypto map M ${at + 10} ipsec-isakmp`,
      ` set peer ${address}`,
      " set transform-set T",
      ` match address L${at}`,
    ]),
    "interface lan",
    ` ip address ${RESPONDER.inside} 255.255.255.0`,
    `interface ${OUTSIDE_LINK}`,
    ` ip address ${RESPONDER.outside} 255.255.255.0`,
    " crypto map M",
    "end",
  ];
  return `${lines.join("\n")}\n`;
}

/** What it says by default goes nowhere, which costs it least. */
function daemonOptions(socket: string): string {
  return `charon-systemd {
  load = ${LOAD}
  journal { default = -1 }
  plugins {
    kernel-libipsec { allow_peer_ts = yes }
    vici { socket = unix://${socket} }
  }
}
`;
}

function connections(peers: readonly Peer[], group: number): string {
  const dh = SWAN_GROUPS[group];
  const each = ({ address, network }: Peer, at: number): string => `  peer${at} {
    version = 1
    encap = yes
    local_addrs = ${RESPONDER.outside}
    remote_addrs = ${address}
    proposals = aes128-sha256-${dh}
    local {
      auth = psk
      id = ${RESPONDER.outside}
    }
    remote {
      auth = psk
      id = ${address}
    }
    children {
      net {
        local_ts = ${RESPONDER.network}
        remote_ts = ${network}/24
        esp_proposals = aes128-sha256
      }
    }
  }
`;
  const secrets = `secrets {\n  ike-peers {\n    secret = "${PRESHARED_KEY}"\n  }\n}\n`;
  return `connections {\n${peers.map(each).join("")}}\n${secrets}`;
}
