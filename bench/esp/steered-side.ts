/**
 * Steering on one gateway of a benchmark, as the product lays it: its arguments are the interface that has the crypto
 * map and how many entries its access list has, each a /24 of 20.0.0.0/8. It says `ready`, and takes everything away
 * when its standard input ends.
 */
import { CRYPTO_LINK_GROUP } from "../../src/core/net/kernel-view.ts";
import { GUARD_NEXTHOP, NO_STEERING, type WantedSteering } from "../../src/core/net/steering.ts";
import { planSteering } from "../../src/core/net/steering-plan.ts";
import { ipv4FromNumber } from "../../src/core/wire/address.ts";
import { listLinks, setLink } from "../../src/linux/netlink/link.ts";
import { Rtnetlink } from "../../src/linux/netlink/rtnetlink.ts";
import { LinuxSteering } from "../../src/linux/steering.ts";
import { Tun } from "../../src/linux/tun.ts";

const OUT = "us-out";
const GUARD = "us-guard";
const OWNER = GUARD_NEXTHOP + 1;
const FIRST = 0x1400_0000;

const [wire = "", entries = ""] = process.argv.slice(2);
const rtnetlink = new Rtnetlink();
const steering = new LinuxSteering();
const tuns = [OUT, GUARD].map(name => new Tun({ name }));
for (const { name } of tuns) rtnetlink.request(setLink({ index: indexOf(name), up: true }));
rtnetlink.request(setLink({ index: indexOf(wire), group: CRYPTO_LINK_GROUP }));
reach(wanted());
console.log("ready");
process.stdin.on("end", () => {
  reach(NO_STEERING);
  rtnetlink.request(setLink({ index: indexOf(wire), group: 0 }));
  for (const tun of tuns) tun.close();
  steering.close();
  rtnetlink.close();
});
process.stdin.resume();

function wanted(): WantedSteering {
  return {
    guarded: [wire],
    outbound: Array.from({ length: Number(entries) }, (_, at) => ({
      prefix: { address: ipv4FromNumber(FIRST + at * 256), length: 24 },
      nexthop: OWNER,
    })),
    guard: [{ address: ipv4FromNumber(0x0ac8_0000), length: 16 }],
    outer: [],
    nexthops: [
      { id: GUARD_NEXTHOP, target: { linkIndex: indexOf(GUARD), via: undefined } },
      { id: OWNER, target: { linkIndex: indexOf(OUT), via: undefined } },
    ],
  };
}

function reach(target: WantedSteering): void {
  const { before, after } = planSteering(target, steering.view());
  for (const step of [...before, ...after]) steering.perform(step);
}

function indexOf(name: string): number {
  const link = rtnetlink.request(listLinks()).find(each => each.name === name);
  if (link === undefined) throw new Error(`${name} is not there`);
  return link.index;
}
