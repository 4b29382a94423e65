// A network for tests with real sockets: a namespace with a wire in it, and what comes out at the wire's far end.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "../fastpath/descriptor.h"

namespace fastpath {

/// The near end's address, and one behind the far end, where nobody answers.
constexpr uint32_t kNear = 0x0a090001;
constexpr uint32_t kBehind = 0x0a090002;
constexpr uint32_t kWireMtu = 1500;

/// Runs `body` in a namespace that ends with it, on a thread of its own. Throws where none can be made, so that a test
/// without one fails. CAP_SYS_ADMIN, CAP_NET_ADMIN; `ip` of iproute2.
void inNetwork(const std::function<void()>& body);

/// Hears the IPv4 packets that arrive at the far end.
class FarEnd {
 public:
  FarEnd();

  /// Waits for so many packets; fewer where nothing more comes for `patienceMs`.
  std::vector<std::vector<uint8_t>> hear(size_t count, int patienceMs = 5000);

 private:
  Descriptor fd_;
};

/// What a router says that could not pass on `quoted`, to the near end: fragmentation needed (RFC 1191).
void sendTooBig(uint16_t mtu, const std::vector<uint8_t>& quoted);

/// A UDP datagram from a socket of its own to the near end.
void sendDatagramHere(uint16_t port, const std::vector<uint8_t>& octets);

}  // namespace fastpath
