// "Fragmentation needed" (RFC 792, RFC 1191) and "packet too big" (RFC 4443), for senders inside.
#pragma once

#include <cstdint>
#include <span>

#include "inner_packet.h"

namespace fastpath {

constexpr uint32_t kTooBigMax = 1280;

/// The message that answers `packet`; empty where none may be sent (RFC 1122 section 3.2.2). Its source is the packet's
/// destination: the one address that a reverse-path check is sure to expect from the tunnel's side.
std::span<const uint8_t> makeTooBig(const InnerPacket& packet, uint32_t mtu, std::span<uint8_t, kTooBigMax> into);

}  // namespace fastpath
