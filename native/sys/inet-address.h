// Addresses as they cross the boundary: 4 octets for IPv4, 16 for IPv6, a port, and an interface for what is local to
// a link.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include "arguments.h"

namespace sys {

union InetAddress {
  sockaddr any;
  sockaddr_in v4;
  sockaddr_in6 v6;
};

socklen_t inetLength(const InetAddress& address);

/// `index` is the address's octets; anything but 4 or 16 of them is refused.
InetAddress inetAddress(const Arguments& arguments, size_t index, const char* name, int port, int interface);

}  // namespace sys
