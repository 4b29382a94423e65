/**
 * strongSwan with its ESP in user space (kernel-libipsec), which always goes in UDP: charon-systemd in each gateway's
 * namespace, configured through vici, its files in a folder of its own.
 */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startIn, waitFor } from "../support/child.ts";
import { NETS, OUTSIDE, type Site } from "../support/site.ts";
import type { System } from "./system.ts";

const DAEMON = "/usr/sbin/charon-systemd";
const PLUGINS = "/usr/lib/ipsec/plugins";
// libipsec is asked before the kernel, which may know no ESP.
const LOAD =
  "random nonce openssl sha1 sha2 hmac kdf pem x509 pkcs1 pubkey kernel-libipsec kernel-netlink " +
  "socket-default vici";

type Side = "a" | "b";

export function strongSwan(proposal: string, name: string): System {
  return {
    name,
    place: "pair",
    missing: () => {
      if (!existsSync(DAEMON)) return "charon-systemd is not installed";
      const libraries = ["kernel-libipsec", "openssl"].filter(
        each => !existsSync(`${PLUGINS}/libstrongswan-${each}.so`),
      );
      return libraries.length === 0 ? undefined : `strongSwan's plugins ${libraries.join(" and ")} are not installed`;
    },
    start: async site => {
      const folder = mkdtempSync(join(tmpdir(), "understudy-bench-"));
      const daemons = await Promise.all((["a", "b"] as const).map(side => startDaemon(site, folder, side, proposal)));
      for (const side of ["a", "b"] as const)
        swanctl(site, folder, side, "--load-all", "--noprompt", "--file", conf(folder, side));
      swanctl(site, folder, "a", "--initiate", "--child", "net");
      return {
        pids: daemons.map(({ pid }) => pid),
        stop: async () => {
          for (const daemon of daemons) await daemon.stop();
          rmSync(folder, { recursive: true });
        },
      };
    },
  };
}

async function startDaemon(site: Site, folder: string, side: Side, proposal: string) {
  writeFileSync(join(folder, `${side}.strongswan.conf`), daemonOptions(folder, side));
  writeFileSync(conf(folder, side), connection(side, proposal));
  const env = { STRONGSWAN_CONF: join(folder, `${side}.strongswan.conf`) };
  const daemon = startIn(site.namespace(side), [DAEMON], env);
  await waitFor(`charon of ${side} listens`, 10, () => existsSync(socketOf(folder, side)));
  return daemon;
}

function swanctl(site: Site, folder: string, side: Side, ...words: string[]): void {
  site.run(side, "swanctl", ...words, "--uri", `unix://${socketOf(folder, side)}`);
}

const socketOf = (folder: string, side: Side): string => join(folder, `${side}.vici`);
const conf = (folder: string, side: Side): string => join(folder, `${side}.swanctl.conf`);

function daemonOptions(folder: string, side: Side): string {
  return `charon-systemd {
  load = ${LOAD}
  journal { default = -1 }
  plugins {
    kernel-libipsec { allow_peer_ts = yes }
    vici { socket = unix://${socketOf(folder, side)} }
  }
}
`;
}

function connection(side: Side, proposal: string): string {
  const other = side === "a" ? "b" : "a";
  return `connections {
  gateways {
    version = 2
    encap = yes
    local_addrs = ${OUTSIDE[side]}
    remote_addrs = ${OUTSIDE[other]}
    proposals = aes128-sha256-modp2048
    local {
      auth = psk
    }
    remote {
      auth = psk
    }
    children {
      net {
        local_ts = ${NETS[side]}
        remote_ts = ${NETS[other]}
        esp_proposals = ${proposal}
        rekey_time = 0
      }
    }
  }
}
secrets {
  ike-gateways {
    secret = "of a benchmark"
  }
}
`;
}
