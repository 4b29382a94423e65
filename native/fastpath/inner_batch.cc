#include "inner_batch.h"

#include <cstring>

#include "checksum.h"
#include "octets.h"

namespace fastpath {
namespace {

constexpr uint32_t kTcpHeader = 20;
constexpr uint32_t kUdpHeader = 8;
constexpr uint32_t kIp4Header = 20;
constexpr uint32_t kIp6Header = 40;
constexpr uint8_t kTcpAck = 0x10;
constexpr uint8_t kTcpPush = 0x08;
constexpr uint16_t kTcpChecksum = 16;
constexpr uint16_t kUdpChecksum = 6;

/// UDP superpackets through a TUN device break these when they carry packets with checksums of their own.
bool tunnelPort(uint16_t port) {
  return port == 4789 || port == 8472 || port == 6081 || port == 4790 || port == 4500 || port == 500;
}

uint16_t identification(const InnerPacket& packet) { return load16(packet.data + 4); }

}  // namespace

InnerBatch::Entry& InnerBatch::newEntry() {
  if (used_ == entries_.size()) entries_.emplace_back();
  Entry& entry = entries_[used_++];
  entry.more.clear();
  return entry;
}

void InnerBatch::add(const InnerPacket& packet) {
  Entry& next = newEntry();
  const bool mergeable = begin(packet, next);
  const size_t last = used_ - 1;
  size_t looked = 0;
  for (size_t at = last; at-- > 0 && looked < kOpenMax; looked++) {
    Entry& entry = entries_[at];
    if (!sameFlow(entry, packet)) continue;
    if (mergeable && entry.open && sameHeaders(entry, next) && follows(entry, next)) {
      append(entry, next);
      counters_.gauges.add(Gauge::merged);
      used_--;
      return;
    }
    // A later packet must not be merged in front of this one.
    entry.open = false;
    break;
  }
}

bool InnerBatch::begin(const InnerPacket& packet, Entry& entry) const {
  entry.packet = packet;
  entry.headerLength = packet.headerLength;
  entry.length = packet.length;
  entry.segment = 0;
  entry.open = entry.verified = entry.push = false;
  const uint32_t plain = packet.tuple.family == 4 ? kIp4Header : kIp6Header;
  if (packet.fragment || packet.headerLength != plain) return false;
  if (packet.tuple.protocol == kTcp) return entry.open = beginTcp(entry);
  if (packet.tuple.protocol == kUdp && udp_) return entry.open = beginUdp(entry);
  return false;
}

bool InnerBatch::beginTcp(Entry& entry) const {
  const InnerPacket& packet = entry.packet;
  const uint8_t* tcp = packet.transport();
  if (packet.transportLength() < kTcpHeader) return false;
  const uint32_t header = (tcp[12] >> 4) * 4u;
  if (header < kTcpHeader || header >= packet.transportLength()) return false;
  if ((tcp[13] & ~kTcpPush) != kTcpAck) return false;
  entry.verified = transportChecksumRight(packet.data, packet.tuple.family, kTcp, tcp, packet.transportLength());
  if (!entry.verified) return false;
  entry.headerLength += header;
  entry.segment = packet.length - entry.headerLength;
  entry.nextSequence = load32(tcp + 4) + entry.segment;
  entry.push = (tcp[13] & kTcpPush) != 0;
  return true;
}

bool InnerBatch::beginUdp(Entry& entry) const {
  const InnerPacket& packet = entry.packet;
  const uint8_t* udp = packet.transport();
  if (packet.transportLength() <= kUdpHeader || load16(udp + 4) != packet.transportLength()) return false;
  if (tunnelPort(packet.tuple.sourcePort) || tunnelPort(packet.tuple.destinationPort)) return false;
  if (load16(udp + kUdpChecksum) == 0) return false;
  entry.verified = transportChecksumRight(packet.data, packet.tuple.family, kUdp, udp, packet.transportLength());
  if (!entry.verified) return false;
  entry.headerLength += kUdpHeader;
  entry.segment = packet.length - entry.headerLength;
  return true;
}

bool InnerBatch::sameFlow(const Entry& entry, const InnerPacket& packet) {
  const PacketTuple& a = entry.packet.tuple;
  const PacketTuple& b = packet.tuple;
  // A fragment shows no ports and may belong to any flow between the two ends.
  if (a.protocol != b.protocol || a.source != b.source || a.destination != b.destination) return false;
  if (!a.portsKnown || !b.portsKnown) return true;
  return a.sourcePort == b.sourcePort && a.destinationPort == b.destinationPort;
}

/// Everything but lengths, numbers that count up, flags, and checksums.
bool InnerBatch::sameHeaders(const Entry& entry, const Entry& next) {
  const InnerPacket& a = entry.packet;
  const InnerPacket& b = next.packet;
  if (a.tos != b.tos || a.hops != b.hops || a.df != b.df || entry.headerLength != next.headerLength) return false;
  if (a.tuple.family == 6 && std::memcmp(a.data, b.data, 4) != 0) return false;
  if (a.tuple.protocol == kUdp) return true;
  const uint8_t* x = a.transport();
  const uint8_t* y = b.transport();
  const uint32_t header = entry.headerLength - a.headerLength;
  return std::memcmp(x + 8, y + 8, 4) == 0 && std::memcmp(x + 14, y + 14, 2) == 0 && x[12] == y[12] &&
         std::memcmp(x + kTcpHeader, y + kTcpHeader, header - kTcpHeader) == 0;
}

bool InnerBatch::follows(const Entry& entry, const Entry& next) {
  const uint32_t segments = static_cast<uint32_t>(entry.more.size()) + 1;
  if (segments >= kSegmentsMax || next.segment > entry.segment) return false;
  if (entry.length + next.segment > kLengthMax) return false;
  if ((entry.length - entry.headerLength) % entry.segment != 0) return false;
  if (entry.packet.tuple.family == 4 && !entry.packet.df &&
      identification(next.packet) != static_cast<uint16_t>(identification(entry.packet) + segments)) {
    return false;
  }
  if (entry.packet.tuple.protocol == kUdp) return true;
  return !entry.push && load32(next.packet.transport() + 4) == entry.nextSequence;
}

void InnerBatch::append(Entry& entry, const Entry& next) {
  entry.more.push_back({next.packet.data + next.headerLength, next.segment});
  entry.length += next.segment;
  entry.nextSequence = next.nextSequence;
  entry.push = next.push;
}

void InnerBatch::flush() {
  for (size_t at = 0; at < used_; at++) write(entries_[at]);
  used_ = 0;
}

void InnerBatch::write(Entry& entry) {
  const VnetHeader header = finish(entry);
  pieces_.clear();
  const uint32_t first = entry.more.empty() ? entry.packet.length : entry.headerLength + entry.segment;
  pieces_.push_back({entry.packet.data, first});
  for (const Slice& slice : entry.more) pieces_.push_back({slice.at, slice.length});
  if (door_.write(header, pieces_)) {
    counters_.gauges.add(Gauge::innerWrites);
  } else {
    counters_.drop(DropReason::tunFull, entry.more.size() + 1);
  }
}

/// Mends the first packet's headers to those of the whole.
VnetHeader InnerBatch::finish(Entry& entry) {
  VnetHeader header{};
  if (entry.more.empty()) {
    if (entry.verified) header.flags = kVnetDataValid;
    return header;
  }
  InnerPacket& packet = entry.packet;
  const bool tcp = packet.tuple.protocol == kTcp;
  const bool four = packet.tuple.family == 4;
  header.flags = kVnetNeedsChecksum;
  header.gsoType = !tcp ? kGsoUdp : four ? kGsoTcp4 : kGsoTcp6;
  header.headerLength = static_cast<uint16_t>(entry.headerLength);
  header.gsoSize = static_cast<uint16_t>(entry.segment);
  header.checksumStart = static_cast<uint16_t>(packet.headerLength);
  header.checksumOffset = tcp ? kTcpChecksum : kUdpChecksum;
  const uint32_t transportLength = entry.length - packet.headerLength;
  if (four) {
    store16(packet.data + 2, static_cast<uint16_t>(entry.length));
    storeIpChecksum(packet.data, packet.headerLength);
  } else {
    store16(packet.data + 4, static_cast<uint16_t>(transportLength));
  }
  uint8_t* transport = packet.transport();
  if (tcp && entry.push) transport[13] |= kTcpPush;
  if (!tcp) store16(transport + 4, static_cast<uint16_t>(transportLength));
  const uint8_t protocol = packet.tuple.protocol;
  const uint16_t sum = foldSum(sumPseudoHeader(packet.data, packet.tuple.family, protocol, transportLength));
  std::memcpy(transport + header.checksumOffset, &sum, sizeof sum);
  return header;
}

}  // namespace fastpath
