// Addresses and control messages of the cipher side's sockets: what `sendmmsg` and `recvmmsg` want beside the octets.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <span>

#include "ip_address.h"

namespace fastpath {

union SocketAddress {
  sockaddr any;
  sockaddr_in four;
  sockaddr_in6 six;
};

constexpr size_t kControlOctets = 256;

struct ControlBuffer {
  alignas(cmsghdr) uint8_t octets[kControlOctets];
};

/// Octets of the address written.
socklen_t writeAddress(SocketAddress& into, int family, const Endpoint& endpoint);
Endpoint readAddress(const SocketAddress& address);

/// Source address, traffic class, and the segment size where it is not 0. Octets used.
size_t writeControl(ControlBuffer& into, int family, const IpAddress& local, uint8_t tos, uint16_t segment);

struct ReceivedControl {
  IpAddress to;
  uint8_t tos = 0;
  /// 0 without UDP_GRO.
  uint32_t segment = 0;
};
ReceivedControl readControl(msghdr& message);

}  // namespace fastpath
