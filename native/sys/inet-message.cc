// One datagram out from a chosen source address, one in with all that is known of where it came from and what it was
// sent to.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>

#include "arguments.h"
#include "failure.h"
#include "inet-address.h"
#include "parts.h"

namespace sys {
namespace {

constexpr size_t kControlSpace = 256;

/// What `inetReceive` says beside the octets: host order, read by src/linux/datagram-meta.ts. IPv4 uses the first 4
/// octets of an address.
struct DatagramMeta {
  uint8_t family;  // 4 or 6
  uint8_t hasDestination;
  uint16_t port;
  uint32_t interface;  // 0 when not known
  int32_t ttl;         // -1 when not known
  uint32_t cut;        // 1 when the buffer was too small
  uint8_t source[16];
  uint8_t destination[16];
};
static_assert(sizeof(DatagramMeta) == 48);

template <typename T>
void appendControl(msghdr& message, int level, int type, const T& value) {
  auto* header = reinterpret_cast<cmsghdr*>(static_cast<uint8_t*>(message.msg_control) + message.msg_controllen);
  header->cmsg_level = level;
  header->cmsg_type = type;
  header->cmsg_len = CMSG_LEN(sizeof value);
  std::memcpy(CMSG_DATA(header), &value, sizeof value);
  message.msg_controllen += CMSG_SPACE(sizeof value);
}

template <typename T>
bool control(const cmsghdr* header, T& value) {
  if (header->cmsg_len < CMSG_LEN(sizeof value)) return false;
  std::memcpy(&value, CMSG_DATA(header), sizeof value);
  return true;
}

void readControl(const cmsghdr* header, DatagramMeta& meta) {
  if (header->cmsg_level == IPPROTO_IP && header->cmsg_type == IP_PKTINFO) {
    in_pktinfo information{};
    if (!control(header, information)) return;
    meta.interface = static_cast<uint32_t>(information.ipi_ifindex);
    // The header's destination, not the local address that the kernel would answer from: multicast must stay visible.
    std::memcpy(meta.destination, &information.ipi_addr, sizeof information.ipi_addr);
    meta.hasDestination = 1;
  } else if (header->cmsg_level == IPPROTO_IPV6 && header->cmsg_type == IPV6_PKTINFO) {
    in6_pktinfo information{};
    if (!control(header, information)) return;
    meta.interface = information.ipi6_ifindex;
    std::memcpy(meta.destination, &information.ipi6_addr, sizeof information.ipi6_addr);
    meta.hasDestination = 1;
  } else if ((header->cmsg_level == IPPROTO_IP && header->cmsg_type == IP_TTL) ||
             (header->cmsg_level == IPPROTO_IPV6 && header->cmsg_type == IPV6_HOPLIMIT)) {
    int ttl = 0;
    if (control(header, ttl)) meta.ttl = ttl;
  }
}

/// inetSend(fd, octets, destination, port, source | null, interface): octets sent, or -1 when there is no room yet.
/// Interface 0 leaves the choice to routing. A source that is not on this host needs freebind (nothing) or transparent
/// (CAP_NET_ADMIN).
Napi::Value inetSend(const Napi::CallbackInfo& info) {
  const Arguments arguments(info, "inetSend");
  const int fd = arguments.descriptor(0);
  const Octets octets = arguments.octets(1, "octets");
  const int port = static_cast<int>(arguments.integer(3, "port", 0, 65535));
  const int interface = arguments.interfaceIndex(5, "interface", 0);
  InetAddress to = inetAddress(arguments, 2, "destination", port, interface);
  InetAddress from{};
  const bool chosen = !arguments.isNull(4);
  if (chosen) {
    from = inetAddress(arguments, 4, "source", 0, 0);
    if (from.any.sa_family != to.any.sa_family) arguments.outOfRange("source", "of the destination's family");
  }

  alignas(cmsghdr) uint8_t space[kControlSpace] = {};
  iovec part{octets.data, octets.length};
  msghdr message{};
  message.msg_name = &to;
  message.msg_namelen = inetLength(to);
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = space;
  if (chosen || interface != 0) {
    if (to.any.sa_family == AF_INET) {
      in_pktinfo information{};
      information.ipi_ifindex = interface;
      if (chosen) information.ipi_spec_dst = from.v4.sin_addr;
      appendControl(message, IPPROTO_IP, IP_PKTINFO, information);
    } else {
      in6_pktinfo information{};
      information.ipi6_ifindex = static_cast<unsigned int>(interface);
      if (chosen) information.ipi6_addr = from.v6.sin6_addr;
      appendControl(message, IPPROTO_IPV6, IPV6_PKTINFO, information);
    }
  }
  return transferred(info.Env(), "sendmsg", uninterrupted([&] { return sendmsg(fd, &message, 0); }));
}

/// inetReceive(fd, buffer, meta): octets received, or -1 when there are none.
Napi::Value inetReceive(const Napi::CallbackInfo& info) {
  const Arguments arguments(info, "inetReceive");
  const int fd = arguments.descriptor(0);
  const Octets buffer = arguments.octets(1, "buffer", 1);
  const Octets out = arguments.octets(2, "meta", sizeof(DatagramMeta));
  InetAddress from{};
  alignas(cmsghdr) uint8_t space[kControlSpace] = {};
  iovec part{buffer.data, buffer.length};
  msghdr message{};
  message.msg_name = &from;
  message.msg_namelen = sizeof from;
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = space;
  message.msg_controllen = sizeof space;
  const ssize_t result = uninterrupted([&] { return recvmsg(fd, &message, 0); });
  if (result < 0) return transferred(info.Env(), "recvmsg", result);

  DatagramMeta meta{};
  meta.ttl = -1;
  meta.cut = (message.msg_flags & MSG_TRUNC) ? 1 : 0;
  meta.family = from.any.sa_family == AF_INET6 ? 6 : 4;
  if (meta.family == 6) {
    meta.port = ntohs(from.v6.sin6_port);
    std::memcpy(meta.source, &from.v6.sin6_addr, sizeof from.v6.sin6_addr);
  } else {
    meta.port = ntohs(from.v4.sin_port);
    std::memcpy(meta.source, &from.v4.sin_addr, sizeof from.v4.sin_addr);
  }
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr; header = CMSG_NXTHDR(&message, header))
    readControl(header, meta);
  std::memcpy(out.data, &meta, sizeof meta);
  return Napi::Number::New(info.Env(), static_cast<double>(result));
}

}  // namespace

void exportInetMessage(Napi::Env env, Napi::Object exports) {
  add<inetSend>(env, exports, "inetSend");
  add<inetReceive>(env, exports, "inetReceive");
}

}  // namespace sys
