/**
 * A dozen branches over two groups of the same two members: R1 is active for six of them, R2 for six. A fault of one
 * group's active touches no packet of the other group's branches.
 */
import { articleTwoGroups } from "./article-two-groups.ts";
import type { LabTunnel } from "./manual-keying.ts";
import type { Host, ProbeStream, Segment, Topology } from "./topology.ts";

interface Spoke {
  /** Also the last octet of its address, and the third of its network. */
  readonly number: number;
  readonly group: "first" | "second";
  /** Of its group's crypto map. */
  readonly entry: number;
}

const NUMBERS = [11, 12, 13, 14, 15, 16, 17, 18, 19, 20];
const EACH = 5;
const spokes: readonly Spoke[] = NUMBERS.map((number, at) => ({
  number,
  group: at < EACH ? "first" : "second",
  entry: 20 + 10 * (at % EACH),
}));

/** What either group has at the headquarters. */
const HUBS = {
  first: { hub: "10.0.0.15", host: "H1", back: "10.99.0.101", map: "BRANCH-5-MAP" },
  second: { hub: "10.0.0.16", host: "H2", back: "10.99.0.102", map: "BRANCH-6-MAP" },
} as const;

const networks: readonly Segment[] = [
  { name: "spokes", prefix: "172.16.1.0/24" },
  ...spokes.map(({ number }) => ({ name: `lan${number}`, prefix: `172.16.${number}.0/24` })),
];

const hosts: readonly Host[] = spokes.flatMap(({ number, group }): Host[] => [
  {
    kind: "gateway",
    name: `R${number}`,
    config: "article-spokes/spoke.cfg",
    words: { NAME: `R${number}`, HUB: HUBS[group].hub, BRANCH: String(number) },
    links: [
      { segment: "spokes", device: "outside", address: `172.16.1.${number}/24` },
      { segment: `lan${number}`, device: "inside", address: `172.16.${number}.1/24` },
    ],
  },
  {
    kind: "host",
    name: `B${number}`,
    links: [{ segment: `lan${number}`, device: "eth0", address: `172.16.${number}.101/24` }],
    routes: [{ to: "default", via: `172.16.${number}.1` }],
  },
]);

const probes: readonly ProbeStream[] = spokes.map(({ number, group }) => ({
  kind: "datagram",
  tunnel: true,
  name: `tunnel${number}`,
  from: HUBS[group].host,
  to: `172.16.${number}.101`,
  peer: `B${number}`,
  back: HUBS[group].back,
}));

const tunnels: readonly LabTunnel[] = spokes.map(({ number, group, entry }) => ({
  ends: [
    { hosts: ["R1", "R2"], map: HUBS[group].map, entry },
    { hosts: [`R${number}`], map: "CORPORATE-MAP", entry: 10 },
  ],
}));

const second = spokes.filter(each => each.group === "second").map(each => `tunnel${each.number}`);
const { recorder, tunnels: firstTunnels = [] } = articleTwoGroups;

export const articleSpokes: Topology = {
  ...articleTwoGroups,
  name: "article-spokes",
  summary: "a dozen branches: R1 is active for six, R2 for six; faults are done to the first group's active",
  segments: [...articleTwoGroups.segments, ...networks],
  hosts: [...articleTwoGroups.hosts.map(atTheHub), ...hosts],
  untouched: [...(articleTwoGroups.untouched ?? []), ...second.flatMap(each => [each, `${each}-back`])],
  probes: [...articleTwoGroups.probes, ...probes],
  probesPerSecond: 100,
  tunnels: [...firstTunnels, ...tunnels],
  ...(recorder !== undefined && {
    recorder: {
      ...recorder,
      devices: [...recorder.devices, "eth3"],
      between: [...recorder.between, ...spokes.map(({ number }) => ["10.99.0.0/16", `172.16.${number}.0/24`] as const)],
    },
  }),
};

/** The members know every branch, and the network in between reaches them. */
function atTheHub(host: Host): Host {
  if (host.kind === "gateway" && articleTwoGroups.pair.includes(host.name))
    return { ...host, besides: [...(host.besides ?? []), "article-spokes/hub.cfg"] };
  if (host.kind !== "router") return host;
  return { ...host, links: [...host.links, { segment: "spokes", device: "eth3", address: "172.16.1.254/24" }] };
}
