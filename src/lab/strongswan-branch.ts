/**
 * A topology whose far ends are not ours: each tunnel's branch gateway is a Linux router with strongSwan, IKEv1 and
 * ESP in user space, and the keys, selectors and addresses that the gateway there would have had.
 */
import { join } from "node:path";
import { UsageError } from "../gateway/run-options.ts";
import { DEFAULT_TRANSFORMS, type LabOptions, labDown, labUp } from "./lab.ts";
import { hostFolder } from "./lab-state.ts";
import { namespaceOf } from "./namespaces.ts";
import { StrongSwan } from "./strongswan.ts";
import type { Host, Topology } from "./topology.ts";

export const BRANCHES = ["understudy", "strongswan"] as const;
export type Branch = (typeof BRANCHES)[number];

const PRESHARED_KEY = "DontUsePresharedKeys";
/** What a gateway proposes whose policy names nothing, and what the article's transform set means. */
const IKE_PROPOSAL = "aes256-sha256-modp2048";
const ESP_PROPOSALS: Readonly<Record<string, string>> = {
  "esp-aes esp-sha-hmac": "aes128-sha1",
  "esp-gcm": "aes128gcm16",
};

interface FarEnd {
  readonly host: string;
  readonly address: string;
  readonly peer: string;
  readonly networks: readonly [near: string, far: string];
}

/** A lab that is up, as its topology is with this branch. */
export interface BranchedLab {
  readonly topology: Topology;
  /** What does not hold at far ends that are not ours, in words. */
  readonly farEnd?: () => Promise<readonly string[]>;
}

/** `labUp`, and what stands at the far ends. Throws a `UsageError` or a `SystemError`. */
export async function labUpWith(
  branch: Branch,
  topology: Topology,
  lab: string,
  options: LabOptions,
): Promise<BranchedLab> {
  if (branch === "understudy") {
    await labUp(topology, lab, options);
    return { topology };
  }
  const missing = StrongSwan.missing();
  if (missing !== undefined) throw new UsageError(`--branch strongswan: ${missing}`);
  if (options.keying !== "ike") throw new UsageError("--branch strongswan goes with --keying ike");
  const changed = withStrongSwan(topology);
  await labUp(changed, lab, options);
  try {
    const daemons = await startStrongSwans(lab, topology, options.transforms ?? DEFAULT_TRANSFORMS);
    const farEnd = async (): Promise<string[]> => {
      const found = daemons.map(async ({ host, daemon }) => saProblems(host, await daemon.sas()));
      return (await Promise.all(found)).flat();
    };
    return { topology: changed, farEnd };
  } catch (error) {
    await labDown(lab);
    throw error;
  }
}

/** Pure: routers where the far ends' gateways are. */
export function withStrongSwan(topology: Topology): Topology {
  const far = farEnds(topology);
  return {
    ...topology,
    summary: `${topology.summary}; strongSwan at the branch`,
    hosts: topology.hosts.map(host => {
      const end = far.find(each => each.host === host.name);
      return end === undefined ? host : routerFor(host, topology, end);
    }),
  };
}

/** They end with the namespaces of the lab. */
function startStrongSwans(
  lab: string,
  topology: Topology,
  transforms: string,
): Promise<{ readonly host: string; readonly daemon: StrongSwan }[]> {
  const started = farEnds(topology).map(async end => {
    const daemon = await StrongSwan.start({
      namespace: namespaceOf(lab, end.host),
      folder: join(hostFolder(lab, end.host), "strongswan"),
      config: configOf(end, ESP_PROPOSALS[transforms] ?? transforms),
    });
    return { host: end.host, daemon };
  });
  return Promise.all(started);
}

/** Of `swanctl --list-sas`: what is not one IKE SA with one pair of SAs, in words. */
export function saProblems(host: string, sas: string): string[] {
  const ike = sas.match(/^\S+: #\d+, ESTABLISHED/gm)?.length ?? 0;
  const pairs = sas.match(/^ +\S+: #\d+, reqid \d+, INSTALLED/gm)?.length ?? 0;
  return [
    ...(ike === 1 ? [] : [`${host}: ${ike} IKE SAs`]),
    ...(pairs === 1 ? [] : [`${host}: ${pairs} pairs of SAs`]),
  ];
}

function farEnds({ tunnels = [], hosts, segments, recorder }: Topology): FarEnd[] {
  const shared = segments.find(each => each.name === "outside")?.virtual ?? [];
  return tunnels.flatMap(({ ends }, at) => {
    const host = ends[1].hosts[0];
    const outside = hosts.find(each => each.name === host)?.links.find(each => each.device === "outside");
    const [peer, networks] = [shared[at], recorder?.between[at]];
    if (host === undefined || outside === undefined || peer === undefined || networks === undefined) return [];
    return [{ host, address: bare(outside.address), peer, networks }];
  });
}

/** Without SAs nothing of the protected networks leaves it: strongSwan's own routes go before. */
function routerFor({ name, links }: Host, { hosts }: Topology, { networks: [near] }: FarEnd): Host {
  const outside = links.find(each => each.device === "outside");
  const next = hosts
    .filter(each => each.name !== name)
    .flatMap(each => each.links.filter(link => link.segment === outside?.segment))[0];
  return {
    kind: "router",
    name,
    links,
    routes: [{ to: "default", via: bare(next?.address ?? "") }, { to: near }],
  };
}

function bare(address: string): string {
  return address.replace(/\/\d+$/, "");
}

function configOf({ address, peer, networks: [near, far] }: FarEnd, proposal: string): string {
  return `connections {
  headquarters {
    version = 1
    encap = yes
    local_addrs = ${address}
    remote_addrs = ${peer}
    proposals = ${IKE_PROPOSAL}
    local {
      auth = psk
      id = ${address}
    }
    remote {
      auth = psk
      id = ${peer}
    }
    children {
      net {
        local_ts = ${far}
        remote_ts = ${near}
        esp_proposals = ${proposal}
      }
    }
  }
}
secrets {
  ike-headquarters {
    secret = "${PRESHARED_KEY}"
  }
}
`;
}
