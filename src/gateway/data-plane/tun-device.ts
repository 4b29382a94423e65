/**
 * Prepares the fast path's TUN device for routes: up, without addresses of its own, and without the checks that suit an
 * interface to neighbours. The device goes with this process, and so do its settings.
 */
import { existsSync } from "node:fs";
import { linkIndexOf } from "../../linux/links.ts";
import { setLink } from "../../linux/netlink/link.ts";
import { Rtnetlink } from "../../linux/netlink/rtnetlink.ts";
import { writeSysctl } from "../../linux/sysctl.ts";

/** Returns its index. CAP_NET_ADMIN. Throws a `SystemError`. */
export function raiseTun(device: string): number | undefined {
  const index = linkIndexOf(device);
  if (index === undefined) return undefined;
  // What comes out of a tunnel comes from everywhere; the data plane has looked at it.
  writeSysctl(`ipv4/conf/${device}/rp_filter`, 0);
  writeSysctl(`ipv4/conf/${device}/send_redirects`, 0);
  // Steering is IPv4's: whatever the kernel itself would say here of IPv6 could only come back and be said again.
  if (existsSync(`/proc/sys/net/ipv6/conf/${device}`)) writeSysctl(`ipv6/conf/${device}/disable_ipv6`, 1);
  const rtnetlink = new Rtnetlink();
  try {
    rtnetlink.request(setLink({ index, ipv6AddressGeneration: false, up: true }));
  } finally {
    rtnetlink.close();
  }
  return index;
}
