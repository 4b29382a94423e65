// An IP packet of the clear side, read once: where its parts begin and what selectors look at (RFC 791, RFC 8200).
//
// Reading is total: any octets give a packet or nothing. What follows a packet in its buffer is not part of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "selector.h"

namespace fastpath {

constexpr uint8_t kTcp = 6;
constexpr uint8_t kUdp = 17;
constexpr uint8_t kIcmp = 1;
constexpr uint8_t kIcmp6 = 58;
constexpr uint8_t kEsp = 50;

struct InnerPacket {
  uint8_t* data;
  /// As the IP header says.
  uint32_t length;
  /// Of the IP header with its options or extension headers.
  uint32_t headerLength;
  uint8_t tos;
  uint8_t hops;
  bool df;
  bool fragment;
  PacketTuple tuple;

  uint8_t* transport() const { return data + headerLength; }
  uint32_t transportLength() const { return length - headerLength; }
};

/// False for what is no whole IP packet. `verifyChecksum` is for packets that no kernel has looked at.
bool readInner(std::span<uint8_t> octets, bool verifyChecksum, InnerPacket& packet);

/// Sets the traffic class; an IPv4 header's checksum is repaired.
void setTos(InnerPacket& packet, uint8_t tos);

/// Lowers the segment size in a SYN's options to `mss` (RFC 879); its checksum is repaired.
void clampMss(InnerPacket& packet, uint16_t mss);

}  // namespace fastpath
