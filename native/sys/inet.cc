// UDP and raw IP sockets: opening, binding, multicast groups.

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "arguments.h"
#include "failure.h"
#include "inet-address.h"
#include "parts.h"

namespace sys {
namespace {

int family(const Arguments& arguments, size_t index) {
  const int64_t version = arguments.integer(index, "family", 4, 6);
  if (version == 5) arguments.outOfRange("family", "4 or 6");
  return version == 4 ? AF_INET : AF_INET6;
}

Napi::Value opened(Napi::Env env, int domain, int type, int protocol) {
  const int fd = socket(domain, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
  if (fd < 0) throw systemFailure(env, "socket", errno);
  return Napi::Number::New(env, fd);
}

/// udpOpen(family): fd
Napi::Value udpOpen(const Napi::CallbackInfo& info) {
  const Arguments arguments(info, "udpOpen");
  return opened(info.Env(), family(arguments, 0), SOCK_DGRAM, IPPROTO_UDP);
}

/// rawOpen(family, protocol): fd. CAP_NET_RAW.
Napi::Value rawOpen(const Napi::CallbackInfo& info) {
  const Arguments arguments(info, "rawOpen");
  const int domain = family(arguments, 0);
  return opened(info.Env(), domain, SOCK_RAW, static_cast<int>(arguments.integer(1, "protocol", 1, 255)));
}

/// inetBind(fd, address, port, interface). CAP_NET_BIND_SERVICE for ports below 1024.
Napi::Value inetBind(const Napi::CallbackInfo& info) {
  const Arguments arguments(info, "inetBind");
  const int fd = arguments.descriptor(0);
  const int port = static_cast<int>(arguments.integer(2, "port", 0, 65535));
  const InetAddress local = inetAddress(arguments, 1, "address", port, arguments.interfaceIndex(3, "interface", 0));
  if (bind(fd, &local.any, inetLength(local)) < 0) throw systemFailure(info.Env(), "bind", errno);
  return info.Env().Undefined();
}

/// inetPort(fd): the port that the socket is bound to; 0 for none.
Napi::Value inetPort(const Napi::CallbackInfo& info) {
  const Arguments arguments(info, "inetPort");
  InetAddress local{};
  socklen_t length = sizeof local;
  if (getsockname(arguments.descriptor(0), &local.any, &length) < 0)
    throw systemFailure(info.Env(), "getsockname", errno);
  if (local.any.sa_family != AF_INET && local.any.sa_family != AF_INET6)
    throw systemFailure(info.Env(), "getsockname", EAFNOSUPPORT);
  const in_port_t port = local.any.sa_family == AF_INET ? local.v4.sin_port : local.v6.sin6_port;
  return Napi::Number::New(info.Env(), ntohs(port));
}

/// bindToDevice(fd, name | null): only this interface's packets. CAP_NET_RAW to change it once set.
Napi::Value bindToDevice(const Napi::CallbackInfo& info) {
  const Arguments arguments(info, "bindToDevice");
  const int fd = arguments.descriptor(0);
  const std::string name = arguments.isNull(1) ? "" : arguments.text(1, "name", IFNAMSIZ - 1);
  if (setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name.c_str(), static_cast<socklen_t>(name.size())) < 0) {
    throw systemFailure(info.Env(), "setsockopt", errno);
  }
  return info.Env().Undefined();
}

/// inetMembership(fd, group, interface, join): a multicast group on one interface.
Napi::Value inetMembership(const Napi::CallbackInfo& info) {
  const Arguments arguments(info, "inetMembership");
  const int fd = arguments.descriptor(0);
  const int interface = arguments.interfaceIndex(2, "interface", 1);
  const InetAddress group = inetAddress(arguments, 1, "group", 0, interface);
  const bool join = arguments.boolean(3, "join");
  int result = -1;
  if (group.any.sa_family == AF_INET) {
    ip_mreqn request{};
    request.imr_multiaddr = group.v4.sin_addr;
    request.imr_ifindex = interface;
    result = setsockopt(fd, IPPROTO_IP, join ? IP_ADD_MEMBERSHIP : IP_DROP_MEMBERSHIP, &request, sizeof request);
  } else {
    ipv6_mreq request{};
    request.ipv6mr_multiaddr = group.v6.sin6_addr;
    request.ipv6mr_interface = static_cast<unsigned int>(interface);
    result = setsockopt(fd, IPPROTO_IPV6, join ? IPV6_JOIN_GROUP : IPV6_LEAVE_GROUP, &request, sizeof request);
  }
  if (result < 0) throw systemFailure(info.Env(), "setsockopt", errno);
  return info.Env().Undefined();
}

/// multicastInterface(fd, family, interface): where multicast leaves that names no interface of its own.
Napi::Value multicastInterface(const Napi::CallbackInfo& info) {
  const Arguments arguments(info, "multicastInterface");
  const int fd = arguments.descriptor(0);
  const int domain = family(arguments, 1);
  const int interface = arguments.interfaceIndex(2, "interface", 0);
  ip_mreqn request{};
  request.imr_ifindex = interface;
  const int result = domain == AF_INET ? setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &request, sizeof request)
                                       : setsockopt(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, &interface, sizeof interface);
  if (result < 0) throw systemFailure(info.Env(), "setsockopt", errno);
  return info.Env().Undefined();
}

}  // namespace

void exportInet(Napi::Env env, Napi::Object exports) {
  add<udpOpen>(env, exports, "udpOpen");
  add<rawOpen>(env, exports, "rawOpen");
  add<inetBind>(env, exports, "inetBind");
  add<inetPort>(env, exports, "inetPort");
  add<bindToDevice>(env, exports, "bindToDevice");
  add<inetMembership>(env, exports, "inetMembership");
  add<multicastInterface>(env, exports, "multicastInterface");
}

}  // namespace sys
