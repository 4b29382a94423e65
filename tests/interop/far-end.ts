/**
 * strongSwan as b (or a) of a site, for IKEv1 with a preshared key: what varies between tests are proposals and timers.
 */
import { join } from "node:path";
import { StrongSwan } from "../../src/lab/strongswan.ts";
import { NETS, type Site } from "./site.ts";

export const PRESHARED_KEY = "of-an-interop-test";

export interface FarEnd {
  /** Of phase 1, as strongSwan writes it. */
  readonly ike: string;
  /** Of phase 2; with a group, PFS. */
  readonly esp: string;
  /** `dpd_delay = 2s`, `rekey_time = 10s`: lines of the connection, and of its child. */
  readonly connection?: readonly string[];
  readonly child?: readonly string[];
  readonly options?: readonly string[];
}

export const CHILD = "net";
export const CONNECTION = "gateways";

export function startFarEnd(site: Site, side: "a" | "b", far: FarEnd): Promise<StrongSwan> {
  return StrongSwan.start({
    namespace: site.namespace(side),
    folder: join("/run", `us-${site.name}-${side}`),
    config: configOf(site, side, far),
    ...(far.options !== undefined && { options: far.options }),
  });
}

const count = (text: string, pattern: RegExp): number => [...text.matchAll(pattern)].length;

/** That this strongSwan has been through since it was started. */
export const mainModes = (far: StrongSwan): number => count(far.log(), /IKE_SA gateways\[\d+\] established/g);
export const quickModes = (far: StrongSwan): number => count(far.log(), /CHILD_SA net\{\d+\} established/g);

/** Messages of its log, as strongSwan writes what it has read: `[ HASH N(DPD_ACK) ]`. */
export const heard = (far: StrongSwan, payloads: string): number => far.log().split(`[ ${payloads} ]`).length - 1;

function configOf(site: Site, side: "a" | "b", { ike, esp, connection = [], child = [] }: FarEnd): string {
  const [local, remote] = side === "a" ? [site.outsideA, site.outsideB] : [site.outsideB, "%any"];
  const other = side === "a" ? "b" : "a";
  return `connections {
  ${CONNECTION} {
    version = 1
    encap = yes
    local_addrs = ${local}
    remote_addrs = ${site.nat || side === "a" ? remote : site.seenA}
    proposals = ${ike}
    ${connection.join("\n    ")}
    local {
      auth = psk
      id = ${local}
    }
    remote {
      auth = psk
      id = ${site.nat && side === "b" ? site.outsideA : side === "b" ? site.seenA : site.outsideB}
    }
    children {
      ${CHILD} {
        local_ts = ${NETS[side]}
        remote_ts = ${NETS[other]}
        esp_proposals = ${esp}
        ${child.join("\n        ")}
      }
    }
  }
}
secrets {
  ike-gateways {
    secret = "${PRESHARED_KEY}"
  }
}
`;
}
