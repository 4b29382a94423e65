// What the kernel hands over as one packet though the wire will see many: TCP and UDP superpackets of a TUN device.
//
// The header in front is virtio's (its section 5.1.6.2, as linux/virtio_net.h has it). A superpacket becomes segments
// by copying its headers in front of each slice of its payload and mending lengths, numbers, flags and checksums.
// Nothing is allocated; each segment is written where the caller says. What of the headers is the same in all of them
// is summed once: a sum over fields just stored would wait for each of the stores.
#pragma once

#include <cstddef>
#include <cstdint>

#include "inner_packet.h"

namespace fastpath {

/// virtio_net_hdr; numbers in the host's order.
struct VnetHeader {
  uint8_t flags;
  uint8_t gsoType;
  uint16_t headerLength;
  uint16_t gsoSize;
  uint16_t checksumStart;
  uint16_t checksumOffset;
};
static_assert(sizeof(VnetHeader) == 10);

constexpr uint8_t kVnetNeedsChecksum = 1;
constexpr uint8_t kVnetDataValid = 2;
constexpr uint8_t kGsoNone = 0;
constexpr uint8_t kGsoTcp4 = 1;
constexpr uint8_t kGsoTcp6 = 4;
constexpr uint8_t kGsoUdp = 5;
constexpr uint8_t kGsoEcn = 0x80;

/// Finishes the checksum of a packet that is no superpacket; false when the header points outside of it.
bool finishChecksum(const VnetHeader& header, InnerPacket& packet);

class Segmenter {
 public:
  /// False for a superpacket that is malformed or of a kind that was never offered.
  bool begin(const VnetHeader& header, const InnerPacket& packet);

  uint32_t segments() const { return segments_; }
  /// Octets of segment `index` with its headers.
  uint32_t length(uint32_t index) const { return headerLength_ + payloadOf(index); }
  /// Writes segment `index` to `at`.
  void write(uint32_t index, uint8_t* at) const;

 private:
  uint32_t payloadOf(uint32_t index) const {
    return index + 1 < segments_ ? gsoSize_ : payloadLength_ - index * gsoSize_;
  }

  void sumWhatStays();
  void writeIpHeader(uint32_t index, uint32_t length, uint8_t* at) const;

  InnerPacket packet_;
  /// Of the IPv4 header without length, identification and checksum; of the transport header without what `write` sets,
  /// and of the pseudo header without its length.
  uint64_t ipSum_;
  uint64_t transportSum_;
  uint32_t headerLength_;
  uint32_t payloadLength_;
  uint32_t gsoSize_;
  uint32_t segments_;
  bool tcp_;
};

}  // namespace fastpath
