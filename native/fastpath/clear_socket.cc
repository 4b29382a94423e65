#include "clear_socket.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "system_failure.h"

namespace fastpath {
namespace {

Descriptor openRaw(int family, uint32_t mark) {
  // IPPROTO_RAW: the packet brings its own header, with any source (CAP_NET_RAW).
  Descriptor socket(::socket(family, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_RAW));
  if (!socket) {
    if (family == AF_INET6 && errno == EAFNOSUPPORT) return socket;
    throw SystemFailure("socket", errno);
  }
  if (mark != 0 && setsockopt(socket.get(), SOL_SOCKET, SO_MARK, &mark, sizeof mark) < 0) {  // CAP_NET_ADMIN
    throw SystemFailure("SO_MARK", errno);
  }
  return socket;
}

}  // namespace

ClearSocket::ClearSocket(uint32_t mark) : four_(openRaw(AF_INET, mark)), six_(openRaw(AF_INET6, mark)) {}

bool ClearSocket::send(const InnerPacket& packet) {
  const auto sent = [&](const Descriptor& socket, const auto& to) {
    return sendto(socket.get(), packet.data, packet.length, MSG_DONTWAIT, reinterpret_cast<const sockaddr*>(&to),
                  sizeof to) >= 0;
  };
  if (packet.tuple.family == 4) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    std::memcpy(&to.sin_addr, packet.data + 16, 4);
    return sent(four_, to);
  }
  sockaddr_in6 to{};
  to.sin6_family = AF_INET6;
  std::memcpy(&to.sin6_addr, packet.data + 24, 16);
  return six_ && sent(six_, to);
}

}  // namespace fastpath
