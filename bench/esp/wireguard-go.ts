/**
 * wireguard-go, as Debian has it, configured through its own control socket: each side in a private mount namespace, so
 * that the sockets of two namespaces do not meet in one folder.
 */
import { createPrivateKey, createPublicKey, generateKeyPairSync } from "node:crypto";
import { existsSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { type Child, startIn, waitFor } from "../support/child.ts";
import { NETS, OUTSIDE, type Site } from "../support/site.ts";
import type { System } from "./system.ts";

const PROGRAM = "/usr/bin/wireguard-go";
const LINK = "wg0";
const PORT = 51_820;
/** What fits behind IPv4, UDP and WireGuard's own header on a wire of 1500; the usual value. */
const MTU = 1420;

type Side = "a" | "b";
type Keys = Readonly<Record<Side, { readonly own: string; readonly public: string }>>;

export const wireguardGo: System = {
  name: "wireguard-go",
  place: "pair",
  missing: () => (existsSync(PROGRAM) ? undefined : "wireguard-go is not installed"),
  start: async site => {
    const keys: Keys = { a: keyPair(), b: keyPair() };
    const sides = await Promise.all((["a", "b"] as const).map(side => startSide(site, side, keys)));
    return {
      pids: sides.map(({ pid }) => pid),
      stop: async () => {
        for (const side of sides) await side.stop();
      },
    };
  },
};

async function startSide(site: Site, side: Side, keys: Keys): Promise<Child> {
  const other = side === "a" ? "b" : "a";
  const script = `mount -t tmpfs none /run && exec ${PROGRAM} -f ${LINK}`;
  const child = startIn(site.namespace(side), ["unshare", "--mount", "sh", "-c", script]);
  const socket = join("/proc", `${child.pid}`, "root", "run", "wireguard", `${LINK}.sock`);
  await waitFor(`wireguard-go of ${side} listens`, 10, () => existsSync(socket));
  await configure(socket, [
    `private_key=${keys[side].own}`,
    `listen_port=${PORT}`,
    `public_key=${keys[other].public}`,
    `endpoint=${OUTSIDE[other]}:${PORT}`,
    `allowed_ip=${NETS[other]}`,
  ]);
  site.ip(side, `link set ${LINK} mtu ${MTU} up`, `route add ${NETS[other]} dev ${LINK}`);
  return child;
}

/** The text protocol of WireGuard's cross-platform interface: `set`, lines, an empty line; `errno=0` comes back. */
function configure(socket: string, lines: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const stream = connect(socket, () => stream.write(`set=1\n${lines.join("\n")}\n\n`));
    let said = "";
    stream.on("error", reject);
    stream.on("data", octets => {
      said += octets.toString();
      if (!said.endsWith("\n\n")) return;
      stream.end();
      if (/^errno=0$/m.test(said)) resolve();
      else reject(new Error(`wireguard-go refuses its configuration: ${said.trim()}`));
    });
  });
}

/** The last 32 octets of both encodings are the keys themselves. */
function keyPair(): { own: string; public: string } {
  const { privateKey } = generateKeyPairSync("x25519");
  const own = createPrivateKey(privateKey.export({ type: "pkcs8", format: "pem" }));
  const hexOf = (octets: Buffer): string => octets.subarray(octets.length - 32).toString("hex");
  return {
    own: hexOf(own.export({ type: "pkcs8", format: "der" })),
    public: hexOf(createPublicKey(own).export({ type: "spki", format: "der" })),
  };
}
