#include "inet-address.h"

#include <arpa/inet.h>

#include <cstring>

namespace sys {

socklen_t inetLength(const InetAddress& address) {
  return address.any.sa_family == AF_INET ? sizeof address.v4 : sizeof address.v6;
}

InetAddress inetAddress(const Arguments& arguments, size_t index, const char* name, int port, int interface) {
  const Octets octets = arguments.octets(index, name);
  InetAddress address{};
  if (octets.length == sizeof(in_addr)) {
    address.v4.sin_family = AF_INET;
    address.v4.sin_port = htons(static_cast<uint16_t>(port));
    std::memcpy(&address.v4.sin_addr, octets.data, octets.length);
  } else if (octets.length == sizeof(in6_addr)) {
    address.v6.sin6_family = AF_INET6;
    address.v6.sin6_port = htons(static_cast<uint16_t>(port));
    address.v6.sin6_scope_id = static_cast<uint32_t>(interface);
    std::memcpy(&address.v6.sin6_addr, octets.data, octets.length);
  } else {
    arguments.outOfRange(name, "4 or 16 octets long");
  }
  return address;
}

}  // namespace sys
