/**
 * Numbers of netlink and rtnetlink: linux/netlink.h, linux/rtnetlink.h, linux/if_link.h, linux/fib_rules.h,
 * linux/nexthop.h.
 */

export const NETLINK_ROUTE = 0;

export const MessageType = {
  noop: 1,
  error: 2,
  done: 3,
  overrun: 4,
  newLink: 16,
  delLink: 17,
  getLink: 18,
  newAddress: 20,
  delAddress: 21,
  getAddress: 22,
  newRoute: 24,
  delRoute: 25,
  getRoute: 26,
  newNeighbour: 28,
  delNeighbour: 29,
  getNeighbour: 30,
  newRule: 32,
  delRule: 33,
  getRule: 34,
  newNexthop: 104,
  delNexthop: 105,
  getNexthop: 106,
} as const;

export const Flag = {
  request: 0x1,
  multi: 0x2,
  ack: 0x4,
  dumpInterrupted: 0x10,
  /** Root and match together: everything. */
  dump: 0x300,
  replace: 0x100,
  exclusive: 0x200,
  create: 0x400,
  append: 0x800,
  /** In an answer of type error: the request is cut to its header. */
  capped: 0x100,
  ackAttributes: 0x200,
} as const;

/** Multicast groups, RTNLGRP_*. */
export const Group = {
  link: 1,
  neighbour: 3,
  ipv4Address: 5,
  ipv4Route: 7,
  ipv4Rule: 8,
  ipv6Address: 9,
  ipv6Route: 11,
  ipv6Rule: 19,
  nexthop: 32,
} as const;

export const AddressFamily = { unspecified: 0, ipv4: 2, bridge: 7, ipv6: 10 } as const;

export const LinkFlag = {
  up: 0x1,
  broadcast: 0x2,
  loopback: 0x8,
  noArp: 0x80,
  promiscuous: 0x100,
  lowerUp: 0x10000,
} as const;

export const RouteTable = { main: 254, local: 255 } as const;
export const RouteProtocol = { kernel: 2, boot: 3, static: 4 } as const;
export const RouteType = {
  unicast: 1,
  local: 2,
  broadcast: 3,
  multicast: 5,
  blackhole: 6,
  unreachable: 7,
  prohibit: 8,
  throw: 9,
} as const;
export const RouteScope = { universe: 0, site: 200, link: 253, host: 254, nowhere: 255 } as const;
