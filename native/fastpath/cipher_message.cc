#include "cipher_message.h"

#include <netinet/udp.h>

#include <cstring>

// Newer than some C libraries' headers.
#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#define UDP_GRO 104
#endif

namespace fastpath {
namespace {

template <typename Value>
void append(msghdr& message, size_t& used, int level, int type, const Value& value) {
  auto* header = reinterpret_cast<cmsghdr*>(static_cast<uint8_t*>(message.msg_control) + used);
  header->cmsg_level = level;
  header->cmsg_type = type;
  header->cmsg_len = CMSG_LEN(sizeof value);
  std::memcpy(CMSG_DATA(header), &value, sizeof value);
  used += CMSG_SPACE(sizeof value);
}

}  // namespace

socklen_t writeAddress(SocketAddress& into, int family, const Endpoint& endpoint) {
  uint8_t octets[16];
  endpoint.address.store(octets);
  into = {};
  if (family == 4) {
    into.four.sin_family = AF_INET;
    into.four.sin_port = htons(endpoint.port);
    std::memcpy(&into.four.sin_addr, octets, 4);
    return sizeof into.four;
  }
  into.six.sin6_family = AF_INET6;
  into.six.sin6_port = htons(endpoint.port);
  std::memcpy(&into.six.sin6_addr, octets, 16);
  return sizeof into.six;
}

Endpoint readAddress(const SocketAddress& address) {
  if (address.any.sa_family == AF_INET) {
    return {IpAddress::v4(reinterpret_cast<const uint8_t*>(&address.four.sin_addr)), ntohs(address.four.sin_port)};
  }
  return {IpAddress::v6(reinterpret_cast<const uint8_t*>(&address.six.sin6_addr)), ntohs(address.six.sin6_port)};
}

size_t writeControl(ControlBuffer& into, int family, const IpAddress& local, uint8_t tos, uint16_t segment) {
  msghdr message{};
  message.msg_control = into.octets;
  size_t used = 0;
  uint8_t octets[16];
  local.store(octets);
  const int trafficClass = tos;
  if (family == 4) {
    in_pktinfo source{};
    std::memcpy(&source.ipi_spec_dst, octets, 4);
    append(message, used, IPPROTO_IP, IP_PKTINFO, source);
    append(message, used, IPPROTO_IP, IP_TOS, trafficClass);
  } else {
    in6_pktinfo source{};
    std::memcpy(&source.ipi6_addr, octets, 16);
    append(message, used, IPPROTO_IPV6, IPV6_PKTINFO, source);
    append(message, used, IPPROTO_IPV6, IPV6_TCLASS, trafficClass);
  }
  if (segment != 0) append(message, used, IPPROTO_UDP, UDP_SEGMENT, segment);
  return used;
}

ReceivedControl readControl(msghdr& message) {
  ReceivedControl control;
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr; header = CMSG_NXTHDR(&message, header)) {
    const uint8_t* data = CMSG_DATA(header);
    const int level = header->cmsg_level;
    const int type = header->cmsg_type;
    if (level == IPPROTO_IP && type == IP_PKTINFO) {
      in_pktinfo info;
      std::memcpy(&info, data, sizeof info);
      control.to = IpAddress::v4(reinterpret_cast<const uint8_t*>(&info.ipi_addr));
    } else if (level == IPPROTO_IPV6 && type == IPV6_PKTINFO) {
      in6_pktinfo info;
      std::memcpy(&info, data, sizeof info);
      control.to = IpAddress::v6(reinterpret_cast<const uint8_t*>(&info.ipi6_addr));
    } else if (level == IPPROTO_IP && type == IP_TOS) {
      control.tos = data[0];
    } else if (level == IPPROTO_IPV6 && type == IPV6_TCLASS) {
      int trafficClass;
      std::memcpy(&trafficClass, data, sizeof trafficClass);
      control.tos = static_cast<uint8_t>(trafficClass);
    } else if (level == IPPROTO_UDP && type == UDP_GRO) {
      int segment;
      std::memcpy(&segment, data, sizeof segment);
      control.segment = segment > 0 ? static_cast<uint32_t>(segment) : 0;
    }
  }
  return control;
}

}  // namespace fastpath
