/**
 * What a lab's switches do to frames: rules by port, as one nftables table in the fabric that is replaced as a whole,
 * so that several ports fall silent at the same moment.
 */
import { execIn, FABRIC, ipBatch, namespaceOf } from "./namespaces.ts";

/** What happens to frames of a port. */
export type Damage =
  /** Nothing passes, either way, and no carrier is lost. */
  | "everything"
  /** 30 of 100 frames that come from the host are lost. */
  | "third"
  /** Nothing that the members say to each other alone passes, either way: the association and its paths' beacons. */
  | "association"
  /** No beacon passes, either way, those to the whole segment included. */
  | "beacons"
  /** No HSRP passes, either way. */
  | "hsrp"
  /** Nothing that comes from the host passes; it still hears. */
  | "from-host";

export interface PortDamage {
  readonly port: string;
  readonly damage: Damage;
}

const TABLE = "lab";
/** `ipc zone` of the lab's configurations. */
const ASSOCIATION_PORT = 5005;
const HSRP_PORTS = "{ 1985, 2029 }";

const statements: Readonly<Record<Damage, readonly string[]>> = {
  everything: ["drop"],
  third: ["numgen random mod 100 < 30 drop"],
  association: [`ip daddr != 224.0.0.0/4 udp dport ${ASSOCIATION_PORT} drop`, "meta l4proto sctp drop"],
  beacons: [`udp dport ${ASSOCIATION_PORT} drop`],
  hsrp: [`udp dport ${HSRP_PORTS} drop`],
  "from-host": ["drop"],
};

const bothWays: ReadonlySet<Damage> = new Set(["everything", "association", "beacons", "hsrp"]);

/** From now on these and no other. Throws a `SystemError`. */
export function damage(lab: string, damages: readonly PortDamage[]): void {
  execIn(namespaceOf(lab, FABRIC), ["nft", "-f", "-"], damageScript(damages));
}

/** Pure: the table for nft, replacing the one before in the same transaction. */
export function damageScript(damages: readonly PortDamage[]): string {
  const ports = [...new Set(damages.map(each => each.port))];
  const chains = ports.flatMap((port, at) => {
    const here = damages.filter(each => each.port === port).map(each => each.damage);
    return [
      ...chain(`from_${at}`, "ingress", port, here),
      ...chain(
        `to_${at}`,
        "egress",
        port,
        here.filter(each => bothWays.has(each)),
      ),
    ];
  });
  return [`table netdev ${TABLE}`, `delete table netdev ${TABLE}`, `table netdev ${TABLE} {`, ...chains, "}", ""].join(
    "\n",
  );
}

function chain(name: string, hook: "ingress" | "egress", port: string, damages: readonly Damage[]): string[] {
  if (damages.length === 0) return [];
  return [
    `chain ${name} {`,
    `type filter hook ${hook} device "${port}" priority -500;`,
    ...damages.flatMap(each => statements[each]),
    "}",
  ];
}

/** Plugs a cable in or out: the host sees its carrier come and go. Throws a `SystemError`. */
export function plug(lab: string, port: string, plugged: boolean): void {
  ipBatch(namespaceOf(lab, FABRIC), [`link set ${port} ${plugged ? "up" : "down"}`]);
}
