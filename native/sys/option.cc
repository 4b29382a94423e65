// Socket options that are one integer, by name, so that JavaScript cannot set any that are not in this table.

#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/udp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <climits>
#include <cstring>

#include "arguments.h"
#include "failure.h"
#include "parts.h"

namespace sys {
namespace {

struct Option {
  const char* name;
  int level;
  int number;
  int min;
  int max;
};

// clang-format off
constexpr Option kOptions[] = {
    // name                   level         number                  min  max       capability
    {"reuseAddress",          SOL_SOCKET,   SO_REUSEADDR,           0,   1},
    {"reusePort",             SOL_SOCKET,   SO_REUSEPORT,           0,   1},
    {"broadcast",             SOL_SOCKET,   SO_BROADCAST,           0,   1},
    {"receiveBuffer",         SOL_SOCKET,   SO_RCVBUF,              0,   INT_MAX},
    {"receiveBufferForce",    SOL_SOCKET,   SO_RCVBUFFORCE,         0,   INT_MAX},  // CAP_NET_ADMIN
    {"sendBuffer",            SOL_SOCKET,   SO_SNDBUF,              0,   INT_MAX},
    {"mark",                  SOL_SOCKET,   SO_MARK,                0,   INT_MAX},  // CAP_NET_ADMIN or CAP_NET_RAW
    {"priority",              SOL_SOCKET,   SO_PRIORITY,            0,   15},       // CAP_NET_ADMIN above 6
    {"headerIncluded",        IPPROTO_IP,   IP_HDRINCL,             0,   1},
    {"packetInfo",            IPPROTO_IP,   IP_PKTINFO,             0,   1},
    {"freebind",              IPPROTO_IP,   IP_FREEBIND,            0,   1},
    {"transparent",           IPPROTO_IP,   IP_TRANSPARENT,         0,   1},        // CAP_NET_ADMIN or CAP_NET_RAW
    {"ttl",                   IPPROTO_IP,   IP_TTL,                 1,   255},
    {"tos",                   IPPROTO_IP,   IP_TOS,                 0,   255},
    {"receiveTtl",            IPPROTO_IP,   IP_RECVTTL,             0,   1},
    {"multicastTtl",          IPPROTO_IP,   IP_MULTICAST_TTL,       0,   255},
    {"multicastLoop",         IPPROTO_IP,   IP_MULTICAST_LOOP,      0,   1},
    {"multicastAll",          IPPROTO_IP,   IP_MULTICAST_ALL,       0,   1},
    {"pathMtuDiscovery",      IPPROTO_IP,   IP_MTU_DISCOVER,        0,   5},
    {"v6Only",                IPPROTO_IPV6, IPV6_V6ONLY,            0,   1},
    {"v6HeaderIncluded",      IPPROTO_IPV6, IPV6_HDRINCL,           0,   1},
    {"v6PacketInfo",          IPPROTO_IPV6, IPV6_RECVPKTINFO,       0,   1},
    {"v6Freebind",            IPPROTO_IPV6, IPV6_FREEBIND,          0,   1},
    {"v6Transparent",         IPPROTO_IPV6, IPV6_TRANSPARENT,       0,   1},        // CAP_NET_ADMIN or CAP_NET_RAW
    {"v6HopLimit",            IPPROTO_IPV6, IPV6_UNICAST_HOPS,      1,   255},
    {"v6ReceiveHopLimit",     IPPROTO_IPV6, IPV6_RECVHOPLIMIT,      0,   1},
    {"v6MulticastHopLimit",   IPPROTO_IPV6, IPV6_MULTICAST_HOPS,    0,   255},
    {"v6MulticastLoop",       IPPROTO_IPV6, IPV6_MULTICAST_LOOP,    0,   1},
    {"v6MulticastAll",        IPPROTO_IPV6, IPV6_MULTICAST_ALL,     0,   1},
    {"v6PathMtuDiscovery",    IPPROTO_IPV6, IPV6_MTU_DISCOVER,      0,   5},
    {"v6ChecksumOffset",      IPPROTO_IPV6, IPV6_CHECKSUM,         -1,   65534},
    {"udpEncapsulation",      IPPROTO_UDP,  UDP_ENCAP,              0,   2},
    {"ignoreOutgoing",        SOL_PACKET,   PACKET_IGNORE_OUTGOING, 0,   1},
    {"extendedAck",           SOL_NETLINK,  NETLINK_EXT_ACK,        0,   1},
    {"capAck",                SOL_NETLINK,  NETLINK_CAP_ACK,        0,   1},
    {"strictCheck",           SOL_NETLINK,  NETLINK_GET_STRICT_CHK, 0,   1},
};
// clang-format on

/// setOption(fd, name, value)
Napi::Value setOption(const Napi::CallbackInfo& info) {
  const Arguments arguments(info, "setOption");
  const int fd = arguments.descriptor(0);
  const std::string name = arguments.text(1, "name", 32);
  for (const Option& option : kOptions) {
    if (name != option.name) continue;
    const int value = static_cast<int>(arguments.integer(2, "value", option.min, option.max));
    if (setsockopt(fd, option.level, option.number, &value, sizeof value) < 0)
      throw systemFailure(info.Env(), "setsockopt", errno);
    return info.Env().Undefined();
  }
  arguments.outOfRange("name", "the name of an option");
}

}  // namespace

void exportOption(Napi::Env env, Napi::Object exports) { add<setOption>(env, exports, "setOption"); }

}  // namespace sys
