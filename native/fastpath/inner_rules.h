// What may come out of an SA, beside its own selectors: addresses that can be, congestion marks that make sense.
#pragma once

#include <cstdint>

#include "inner_packet.h"
#include "sa.h"

namespace fastpath {

/// Addresses that no packet from another host may have: loopback, unspecified, multicast sources; multicast and
/// broadcast destinations unless a selector names them.
bool martian(const Sa& sa, const PacketTuple& packet);

/// The inner ECN field after decapsulation (RFC 6040 section 4.2); false when the packet must be dropped.
bool combineEcn(uint8_t outer, uint8_t inner, uint8_t& combined);

}  // namespace fastpath
