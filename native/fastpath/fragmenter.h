// Cuts an IPv4 packet that is too big for the way to the peer, before it is encrypted (RFC 791 section 3.2).
#pragma once

#include <cstdint>

#include "inner_packet.h"

namespace fastpath {

class Fragmenter {
 public:
  /// False where no fragment of `room` octets can carry anything. `packet` may be a fragment itself.
  bool begin(const InnerPacket& packet, uint32_t room);

  uint32_t fragments() const { return fragments_; }
  uint32_t length(uint32_t index) const { return packet_.headerLength + payloadOf(index); }
  void write(uint32_t index, uint8_t* at) const;

 private:
  uint32_t payloadOf(uint32_t index) const {
    const uint32_t left = packet_.transportLength() - index * piece_;
    return left < piece_ ? left : piece_;
  }

  InnerPacket packet_;
  /// Octets of payload in every fragment but the last; a multiple of 8.
  uint32_t piece_;
  uint32_t fragments_;
};

}  // namespace fastpath
