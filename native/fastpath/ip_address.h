// An IP address as two numbers, so that ranges compare and masks apply without loops. IPv4 is left aligned: its 32 bits
// are the top of `high`. Which family an address has is known from what it stands in.
#pragma once

#include <compare>
#include <cstdint>

#include "octets.h"

namespace fastpath {

struct IpAddress {
  uint64_t high = 0;
  uint64_t low = 0;

  static IpAddress v4(const uint8_t* at) { return {static_cast<uint64_t>(load32(at)) << 32, 0}; }
  static IpAddress v6(const uint8_t* at) { return {load64(at), load64(at + 8)}; }
  static IpAddress of(int family, const uint8_t* at) { return family == 4 ? v4(at) : v6(at); }

  /// 16 octets, or the first 4 of them and zeros.
  void store(uint8_t* at) const {
    store64(at, high);
    store64(at + 8, low);
  }

  uint32_t v4() const { return static_cast<uint32_t>(high >> 32); }

  friend auto operator<=>(const IpAddress&, const IpAddress&) = default;
  friend IpAddress operator&(IpAddress a, IpAddress b) { return {a.high & b.high, a.low & b.low}; }
  friend IpAddress operator^(IpAddress a, IpAddress b) { return {a.high ^ b.high, a.low ^ b.low}; }
};

/// Where a datagram goes or came from.
struct Endpoint {
  IpAddress address;
  uint16_t port = 0;

  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

}  // namespace fastpath
