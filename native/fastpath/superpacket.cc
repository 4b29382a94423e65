#include "superpacket.h"

#include <cstring>

#include "checksum.h"
#include "octets.h"

namespace fastpath {
namespace {

constexpr uint32_t kTcpHeader = 20;
constexpr uint32_t kUdpHeader = 8;
constexpr uint8_t kTcpFin = 0x01;
constexpr uint8_t kTcpPush = 0x08;
constexpr uint8_t kTcpCwr = 0x80;
constexpr size_t kTcpChecksum = 16;
constexpr size_t kUdpChecksum = 6;

}  // namespace

bool finishChecksum(const VnetHeader& header, InnerPacket& packet) {
  if ((header.flags & kVnetNeedsChecksum) == 0) return true;
  const uint32_t start = header.checksumStart;
  const uint32_t at = start + header.checksumOffset;
  if (start < packet.headerLength || at + 2 > packet.length) return false;
  // The kernel has put the sum of the pseudo header there.
  storeChecksum(packet.data + at, sumOctets(packet.data + start, packet.length - start), packet.tuple.protocol);
  return true;
}

bool Segmenter::begin(const VnetHeader& header, const InnerPacket& packet) {
  packet_ = packet;
  gsoSize_ = header.gsoSize;
  const uint8_t type = header.gsoType & static_cast<uint8_t>(~kGsoEcn);
  tcp_ = type == kGsoTcp4 || type == kGsoTcp6;
  if ((!tcp_ && type != kGsoUdp) || packet.fragment || gsoSize_ == 0) return false;
  if (packet.tuple.protocol != (tcp_ ? kTcp : kUdp)) return false;
  const uint32_t least = tcp_ ? kTcpHeader : kUdpHeader;
  if (packet.transportLength() < least) return false;
  const uint32_t transport = tcp_ ? (packet.transport()[12] >> 4) * 4u : kUdpHeader;
  headerLength_ = packet.headerLength + transport;
  if (transport < least || headerLength_ >= packet.length) return false;
  payloadLength_ = packet.length - headerLength_;
  segments_ = (payloadLength_ + gsoSize_ - 1) / gsoSize_;
  return true;
}

void Segmenter::write(uint32_t index, uint8_t* at) const {
  const uint32_t payload = payloadOf(index);
  std::memcpy(at, packet_.data, headerLength_);
  const uint64_t sum =
      sumCopiedOctets(at + headerLength_, packet_.data + headerLength_ + index * gsoSize_, payload);
  const uint32_t length = headerLength_ + payload;
  if (packet_.tuple.family == 4) {
    store16(at + 2, static_cast<uint16_t>(length));
    store16(at + 4, static_cast<uint16_t>(load16(at + 4) + index));
    storeIpChecksum(at, packet_.headerLength);
  } else {
    store16(at + 4, static_cast<uint16_t>(length - 40));
  }
  uint8_t* transport = at + packet_.headerLength;
  const uint32_t transportLength = length - packet_.headerLength;
  if (tcp_) {
    store32(transport + 4, load32(transport + 4) + index * gsoSize_);
    if (index != 0) transport[13] &= static_cast<uint8_t>(~kTcpCwr);
    if (index + 1 != segments_) transport[13] &= static_cast<uint8_t>(~(kTcpFin | kTcpPush));
  } else {
    store16(transport + 4, static_cast<uint16_t>(transportLength));
  }
  uint8_t* checksum = transport + (tcp_ ? kTcpChecksum : kUdpChecksum);
  store16(checksum, 0);
  const uint8_t protocol = packet_.tuple.protocol;
  const uint64_t pseudo = sumPseudoHeader(at, packet_.tuple.family, protocol, transportLength);
  storeChecksum(checksum, sumHeader(transport, headerLength_ - packet_.headerLength, sum + pseudo), protocol);
}

}  // namespace fastpath
