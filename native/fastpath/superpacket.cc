#include "superpacket.h"

#include <cstring>

#include "checksum.h"
#include "octets.h"

namespace fastpath {
namespace {

constexpr uint32_t kTcpHeader = 20;
constexpr uint32_t kUdpHeader = 8;
constexpr uint16_t kTcpFin = 0x01;
constexpr uint16_t kTcpPush = 0x08;
constexpr uint16_t kTcpCwr = 0x80;
constexpr size_t kIpLength = 2;
constexpr size_t kIpIdentification = 4;
constexpr size_t kIpChecksum = 10;
constexpr size_t kTcpSequence = 4;
/// With the header's length in front.
constexpr size_t kTcpFlags = 12;
constexpr size_t kTcpChecksum = 16;
constexpr size_t kUdpLength = 4;
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
  sumWhatStays();
  return true;
}

void Segmenter::sumWhatStays() {
  const uint8_t* transport = packet_.transport();
  const uint64_t pseudo = sumPseudoHeader(packet_.data, packet_.tuple.family, packet_.tuple.protocol, 0);
  transportSum_ = sumHeader(transport, headerLength_ - packet_.headerLength, pseudo);
  if (tcp_) {
    for (const size_t at : {kTcpSequence, kTcpSequence + 2, kTcpFlags, kTcpChecksum}) {
      transportSum_ += negativeWord(transport + at);
    }
  } else {
    for (const size_t at : {kUdpLength, kUdpChecksum}) transportSum_ += negativeWord(transport + at);
  }
  ipSum_ = 0;
  if (packet_.tuple.family != 4) return;
  ipSum_ = sumHeader(packet_.data, packet_.headerLength);
  for (const size_t at : {kIpLength, kIpIdentification, kIpChecksum}) ipSum_ += negativeWord(packet_.data + at);
}

void Segmenter::writeIpHeader(uint32_t index, uint32_t length, uint8_t* at) const {
  if (packet_.tuple.family != 4) return store16(at + 4, static_cast<uint16_t>(length - 40));
  const auto identification = static_cast<uint16_t>(load16(packet_.data + kIpIdentification) + index);
  store16(at + kIpLength, static_cast<uint16_t>(length));
  store16(at + kIpIdentification, identification);
  const uint64_t sum = ipSum_ + wireWord(static_cast<uint16_t>(length)) + wireWord(identification);
  const auto checksum = static_cast<uint16_t>(~foldSum(sum));
  std::memcpy(at + kIpChecksum, &checksum, sizeof checksum);
}

void Segmenter::write(uint32_t index, uint8_t* at) const {
  const uint32_t payload = payloadOf(index);
  std::memcpy(at, packet_.data, headerLength_);
  const uint64_t copied =
      sumCopiedOctets(at + headerLength_, packet_.data + headerLength_ + index * gsoSize_, payload);
  const uint32_t length = headerLength_ + payload;
  writeIpHeader(index, length, at);
  uint8_t* transport = at + packet_.headerLength;
  const auto transportLength = static_cast<uint16_t>(length - packet_.headerLength);
  uint64_t sum = transportSum_ + copied + wireWord(transportLength);
  if (tcp_) {
    const uint8_t* first = packet_.transport();
    const uint32_t sequence = load32(first + kTcpSequence) + index * gsoSize_;
    uint16_t flags = load16(first + kTcpFlags);
    if (index != 0) flags &= static_cast<uint16_t>(~kTcpCwr);
    if (index + 1 != segments_) flags &= static_cast<uint16_t>(~(kTcpFin | kTcpPush));
    store32(transport + kTcpSequence, sequence);
    store16(transport + kTcpFlags, flags);
    sum += wireWord(static_cast<uint16_t>(sequence >> 16)) + wireWord(static_cast<uint16_t>(sequence));
    sum += wireWord(flags);
  } else {
    store16(transport + kUdpLength, transportLength);
    sum += wireWord(transportLength);
  }
  storeChecksum(transport + (tcp_ ? kTcpChecksum : kUdpChecksum), sum, packet_.tuple.protocol);
}

}  // namespace fastpath
