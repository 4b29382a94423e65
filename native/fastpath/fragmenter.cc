#include "fragmenter.h"

#include <cstring>

#include "checksum.h"
#include "octets.h"

namespace fastpath {
namespace {

constexpr uint16_t kMoreFragments = 0x2000;
constexpr uint16_t kOffsetMask = 0x1fff;
constexpr uint32_t kIp4Header = 20;
constexpr uint8_t kOptionCopied = 0x80;

/// Options that are not copied into every fragment become no-operations, which keeps the header's length.
void keepCopiedOptions(uint8_t* header, uint32_t length) {
  for (uint32_t at = kIp4Header; at < length;) {
    const uint8_t kind = header[at];
    if (kind == 0) return;
    const uint32_t octets = kind == 1 || at + 1 >= length ? 1 : header[at + 1];
    if (octets == 0 || at + octets > length) return;
    if ((kind & kOptionCopied) == 0) std::memset(header + at, 1, octets);
    at += octets;
  }
}

}  // namespace

bool Fragmenter::begin(const InnerPacket& packet, uint32_t room) {
  if (packet.tuple.family != 4 || room < packet.headerLength + 8) return false;
  packet_ = packet;
  piece_ = (room - packet.headerLength) / 8 * 8;
  fragments_ = (packet.transportLength() + piece_ - 1) / piece_;
  return fragments_ > 0;
}

void Fragmenter::write(uint32_t index, uint8_t* at) const {
  const uint32_t payload = payloadOf(index);
  std::memcpy(at, packet_.data, packet_.headerLength);
  std::memcpy(at + packet_.headerLength, packet_.transport() + index * piece_, payload);
  if (index > 0) keepCopiedOptions(at, packet_.headerLength);
  store16(at + 2, static_cast<uint16_t>(packet_.headerLength + payload));
  const uint16_t field = load16(at + 6);
  const bool last = index + 1 == fragments_;
  const uint16_t offset = static_cast<uint16_t>((field & kOffsetMask) + index * piece_ / 8);
  store16(at + 6, static_cast<uint16_t>((field & ~kOffsetMask) | offset | (last ? 0 : kMoreFragments)));
  storeIpChecksum(at, packet_.headerLength);
}

}  // namespace fastpath
