// Two members with one SA between them: what one sends can be given to the other. And superpackets, as TUN gives them.
#pragma once

#include <functional>
#include <vector>

#include "bench_member.h"

namespace fastpath {

struct Pair {
  BenchMember left{"openssl", 0};
  BenchMember right{"openssl", 1};
  uint32_t place = 3;

  /// `change` is made at both ends.
  explicit Pair(const std::function<void(SaSpec&)>& change = [](SaSpec&) {});

  Fate send(std::vector<uint8_t> packet, const VnetHeader& header = {});
};

VnetHeader tcpHeader(uint16_t segment);

/// The sum of the pseudo header stands where the checksum belongs, as the kernel leaves it.
std::vector<uint8_t> superpacket(uint32_t payload);

}  // namespace fastpath
