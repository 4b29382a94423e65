#include "inner_rules.h"

#include <algorithm>

namespace fastpath {
namespace {

constexpr uint8_t kNotEct = 0;
constexpr uint8_t kEct1 = 1;
constexpr uint8_t kEct0 = 2;
constexpr uint8_t kCe = 3;

constexpr uint32_t kLoopback4 = 127;
constexpr uint32_t kMulticast4 = 0xe0000000;

bool loopback(const PacketTuple& packet, const IpAddress& address) {
  if (packet.family == 4) return address.v4() >> 24 == kLoopback4;
  return address == IpAddress{0, 1};
}

bool unspecified(const PacketTuple& packet, const IpAddress& address) {
  return packet.family == 4 ? address.v4() >> 24 == 0 : address == IpAddress{};
}

/// Multicast, and what lies above it in IPv4: reserved addresses and broadcast.
bool toMany(const PacketTuple& packet, const IpAddress& address) {
  return packet.family == 4 ? address.v4() >= kMulticast4 : address.high >> 56 == 0xff;
}

}  // namespace

bool martian(const Sa& sa, const PacketTuple& packet) {
  for (const IpAddress& address : {packet.source, packet.destination}) {
    if (loopback(packet, address) || unspecified(packet, address)) return true;
  }
  if (toMany(packet, packet.source)) return true;
  if (!toMany(packet, packet.destination)) return false;
  return std::none_of(sa.selectors.begin(), sa.selectors.end(), [&](const Selector& selector) {
    return selector.family == packet.family && toMany(packet, selector.destination.first) &&
           selector.destination.has(packet.destination);
  });
}

bool combineEcn(uint8_t outer, uint8_t inner, uint8_t& combined) {
  combined = inner;
  if (inner == kNotEct) return outer != kCe;
  if (outer == kCe) combined = kCe;
  if (inner == kEct0 && outer == kEct1) combined = kEct1;
  return true;
}

}  // namespace fastpath
