// Traffic selectors (RFC 4301 section 4.4.1.1), as core/wire/selector.ts has them: addresses, protocol and ports of
// both ends. A set of addresses is a range of which a mask may leave only some; a fragment other than the first shows
// no ports, so a selector of ports only may mean it.
#pragma once

#include <cstdint>

#include "ip_address.h"

namespace fastpath {

constexpr uint16_t kAnyProtocol = 0xffff;

struct AddressSet {
  IpAddress first;
  IpAddress last;
  /// Ones where every member has the bits of `first`.
  IpAddress mask;

  bool has(IpAddress address) const {
    return ((address ^ first) & mask) == IpAddress{} && first <= address && address <= last;
  }
};

/// Whether every address between the ends of `inner` lies between those of `outer`.
inline bool spans(const AddressSet& outer, const AddressSet& inner) {
  return outer.first <= inner.first && inner.last <= outer.last;
}

struct PortRange {
  uint16_t first = 0;
  uint16_t last = 0xffff;

  bool has(uint16_t port) const { return first <= port && port <= last; }
  bool any() const { return first == 0 && last == 0xffff; }
};

/// What of a packet selectors look at.
struct PacketTuple {
  IpAddress source;
  IpAddress destination;
  uint16_t sourcePort = 0;
  uint16_t destinationPort = 0;
  uint8_t protocol = 0;
  uint8_t family = 4;
  bool portsKnown = false;
  bool laterFragment = false;

  friend bool operator==(const PacketTuple&, const PacketTuple&) = default;

  PacketTuple reversed() const {
    PacketTuple other = *this;
    other.source = destination;
    other.destination = source;
    // ICMP's type and code count as both ports, so they do not change sides.
    other.sourcePort = destinationPort;
    other.destinationPort = sourcePort;
    return other;
  }
};

enum class Match : uint8_t { no, perhaps, yes };

struct Selector {
  AddressSet source;
  AddressSet destination;
  PortRange sourcePorts;
  PortRange destinationPorts;
  uint16_t protocol = kAnyProtocol;
  uint8_t family = 4;
  bool fragmentsOnly = false;

  Match match(const PacketTuple& packet) const;
};

}  // namespace fastpath
