/**
 * Addresses in a simulation: wire N is 10.N.0.0/16, member M is .0.M+1, branch B .1.B, the virtual address
 * .0.100, strangers .0.200; behind its NAT branch B is 192.168.0.B+1.
 */
import type { BeaconPath } from "../core/gate/liveness-port.ts";
import type { HsrpAuth } from "../core/hsrp/hsrp-auth.ts";
import type { HsrpGroup } from "../core/hsrp/hsrp-group.ts";
import type { PreemptDelays } from "../core/hsrp/hsrp-settings.ts";
import { type Ipv4, ipv4FromNumber } from "../core/wire/address.ts";

const address = (wire: number, host: number): Ipv4 => ipv4FromNumber((10 << 24) | (wire << 16) | host);

export const addressOn = (wire: number, member: number): Ipv4 => address(wire, member + 1);
export const branchOn = (wire: number, branch: number): Ipv4 => address(wire, 256 + branch);
export const behindNat = (branch: number): Ipv4 => ipv4FromNumber((((192 << 24) | (168 << 16)) >>> 0) + branch + 1);
export const virtualOn = (wire: number): Ipv4 => address(wire, 100);
export const strangerOn = (wire: number): Ipv4 => address(wire, 200);

export interface GroupWords {
  readonly wire: string;
  readonly wireIndex: number;
  readonly member: number;
  readonly name: string | undefined;
  readonly follow?: string;
  readonly version: 1 | 2;
  readonly auth: HsrpAuth;
  readonly priority: number;
  readonly helloMs: number;
  readonly holdMs: number;
  readonly preempt: PreemptDelays | undefined;
}

export function hsrpGroup(words: GroupWords): HsrpGroup {
  const { wire, wireIndex, member, name, follow, version, auth, priority, helloMs, holdMs, preempt } = words;
  const own = addressOn(wireIndex, member);
  return {
    settings: {
      interface: wire,
      version,
      group: 1,
      address: own,
      virtualAddress: virtualOn(wireIndex),
      priority,
      helloMs,
      holdMs,
      timersConfigured: true,
      preempt,
    },
    device: wire,
    own: [{ address: own, length: 16 }],
    name,
    auth,
    virtualMac: undefined,
    secondaries: [],
    follow,
    startDelayMs: { minimum: 0, reload: 0 },
    decrement: 0,
  };
}

const BEACON_PORT = 5000;

/** From one member to another over a wire. */
export function pathOver(wire: string, wireIndex: number, from: number, to: number): BeaconPath {
  return {
    local: addressOn(wireIndex, from),
    remote: addressOn(wireIndex, to),
    localPort: BEACON_PORT,
    remotePort: BEACON_PORT,
    interface: wire,
  };
}
