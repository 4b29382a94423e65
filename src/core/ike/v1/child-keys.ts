/** From a quick mode that is agreed on to the Child SA that it makes: KEYMAT of RFC 2409 section 5.5, split in two. */
import { Secret } from "../../crypto/secret.ts";
import { invariant } from "../../errors.ts";
import type { ChildKeys, ChildLifetime, ChildSa } from "../../ipsec/child-sa.ts";
import type { EspSuite } from "../../ipsec/esp-suite.ts";
import { keyLengths, suiteOf } from "../../ipsec/transform-suite.ts";
import type { QuickMode } from "./exchange-work.ts";
import type { Host } from "./host.ts";
import { type IkeSa, inUdp, peerIdOf } from "./ike-sa.ts";
import { keymat } from "./keys.ts";
import { NAT_PORT } from "./nat-detection.ts";
import { PROTOCOL } from "./notify.ts";

export function childFrom(
  host: Host,
  sa: IkeSa,
  work: QuickMode,
  lifetime: ChildLifetime,
  replayWindow: number,
): ChildSa {
  const { choice, selector } = work;
  invariant(choice !== undefined && selector !== undefined, "a Child SA before anything was chosen");
  const suite = suiteOf(choice.set);
  const udp = inUdp(sa);
  return {
    spi: work.spi,
    owner: sa.owner,
    traffic: work.traffic,
    selector,
    ike: sa.id,
    stage: "fresh",
    initiated: work.request !== undefined,
    peerId: peerIdOf(sa),
    mode: choice.set.mode,
    suite,
    esn: false,
    local: sa.local,
    remote: sa.remote,
    encapsulation: udp ? { localPort: NAT_PORT, remotePort: udpPortOf(sa) } : undefined,
    inbound: keysFor(host, sa, work, work.spi, suite),
    outbound: keysFor(host, sa, work, choice.peerSpi, suite),
    lifetime,
    replayWindow,
    pfsGroup: choice.group,
    peerMayMove: sa.nat.there,
    pathMtu: undefined,
  };
}

/** Where the peer takes ESP in UDP: where its IKE comes from, once that is no longer port 500. */
export function udpPortOf({ remotePort }: Pick<IkeSa, "remotePort">): number {
  return remotePort === 500 ? NAT_PORT : remotePort;
}

function keysFor(host: Host, sa: IkeSa, work: QuickMode, spi: number, suite: EspSuite): ChildKeys {
  invariant(sa.keys !== undefined, "a quick mode without phase 1");
  const { cipher, integrity } = keyLengths(suite);
  const began = work.request !== undefined;
  const octets = keymat(
    host.primitives,
    {
      hash: sa.keys.hash,
      derive: sa.keys.derive,
      shared: work.shared,
      protocol: PROTOCOL.esp,
      spi,
      initiatorNonce: began ? work.ours.nonce : work.theirs.nonce,
      responderNonce: began ? work.theirs.nonce : work.ours.nonce,
    },
    cipher + integrity,
  );
  const keys = {
    spi,
    cipherKey: new Secret(octets.subarray(0, cipher)),
    integrityKey: new Secret(octets.subarray(cipher)),
  };
  octets.fill(0);
  return keys;
}
