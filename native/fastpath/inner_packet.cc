#include "inner_packet.h"

#include "checksum.h"
#include "octets.h"

namespace fastpath {
namespace {

constexpr size_t kIp4Header = 20;
constexpr size_t kIp6Header = 40;
constexpr int kExtensionsMax = 8;

void readPorts(InnerPacket& packet) {
  PacketTuple& tuple = packet.tuple;
  const uint8_t* at = packet.transport();
  const uint32_t length = packet.transportLength();
  if (tuple.laterFragment) return;
  switch (tuple.protocol) {
    case kTcp:
    case kUdp:
    case 33:
    case 132:
    case 136:
      if (length < 4) return;
      tuple.sourcePort = load16(at);
      tuple.destinationPort = load16(at + 2);
      break;
    case kIcmp:
    case kIcmp6:
      // Type and code, as RFC 4301 section 4.4.1.1 counts them.
      if (length < 2) return;
      tuple.sourcePort = tuple.destinationPort = load16(at);
      break;
    case 135:
      if (length < 3) return;
      tuple.sourcePort = tuple.destinationPort = static_cast<uint16_t>(at[2] << 8);
      break;
    default:
      return;
  }
  tuple.portsKnown = true;
}

bool readIp4(std::span<uint8_t> octets, bool verifyChecksum, InnerPacket& packet) {
  if (octets.size() < kIp4Header) return false;
  uint8_t* data = octets.data();
  const uint32_t headerLength = (data[0] & 0xf) * 4u;
  const uint32_t length = load16(data + 2);
  if (headerLength < kIp4Header || length < headerLength || length > octets.size()) return false;
  if (verifyChecksum && !ipChecksumRight(data, headerLength)) return false;
  const uint16_t fragment = load16(data + 6);
  const uint32_t offset = (fragment & 0x1fff) * 8u;
  // A fragment that ends past what a packet can be was made to overflow somebody.
  if (offset + length - headerLength > 65535 - headerLength) return false;
  const PacketTuple tuple{IpAddress::v4(data + 12), IpAddress::v4(data + 16), 0, 0, data[9], 4, false, offset != 0};
  packet = {data, length, headerLength, data[1], data[8], (fragment & 0x4000) != 0, (fragment & 0x3fff) != 0, tuple};
  readPorts(packet);
  return true;
}

/// Walks the extension headers; false when they do not fit.
bool readExtensions(InnerPacket& packet) {
  uint8_t next = packet.data[6];
  uint32_t at = kIp6Header;
  for (int each = 0; each < kExtensionsMax; each++) {
    const bool options = next == 0 || next == 43 || next == 60;
    if (!options && next != 44) {
      packet.headerLength = at;
      packet.tuple.protocol = next;
      return true;
    }
    if (packet.length < at + 8) return false;
    const uint8_t* header = packet.data + at;
    if (next == 44) {
      const uint16_t field = load16(header + 2);
      packet.fragment = packet.fragment || (field & 0xfff9) != 0;
      packet.tuple.laterFragment = packet.tuple.laterFragment || (field & 0xfff8) != 0;
    }
    at += next == 44 ? 8 : (header[1] + 1u) * 8;
    next = header[0];
    if (at > packet.length) return false;
    if (packet.tuple.laterFragment) {
      packet.headerLength = at;
      packet.tuple.protocol = next;
      return true;
    }
  }
  return false;
}

bool readIp6(std::span<uint8_t> octets, InnerPacket& packet) {
  if (octets.size() < kIp6Header) return false;
  uint8_t* data = octets.data();
  const uint32_t length = static_cast<uint32_t>(kIp6Header) + load16(data + 4);
  if (length > octets.size()) return false;
  const uint8_t tos = static_cast<uint8_t>(load16(data) >> 4);
  const PacketTuple tuple{IpAddress::v6(data + 8), IpAddress::v6(data + 24), 0, 0, 0, 6, false, false};
  packet = {data, length, kIp6Header, tos, data[7], true, false, tuple};
  if (!readExtensions(packet)) return false;
  readPorts(packet);
  return true;
}

}  // namespace

bool readInner(std::span<uint8_t> octets, bool verifyChecksum, InnerPacket& packet) {
  if (octets.empty()) return false;
  switch (octets[0] >> 4) {
    case 4:
      return readIp4(octets, verifyChecksum, packet);
    case 6:
      return readIp6(octets, packet);
    default:
      return false;
  }
}

void setTos(InnerPacket& packet, uint8_t tos) {
  if (packet.tos == tos) return;
  const uint16_t before = load16(packet.data);
  if (packet.tuple.family == 4) {
    packet.data[1] = tos;
    repairChecksum(packet.data + 10, before, load16(packet.data));
  } else {
    store16(packet.data, static_cast<uint16_t>((before & 0xf00f) | tos << 4));
  }
  packet.tos = tos;
}

void clampMss(InnerPacket& packet, uint16_t mss) {
  constexpr uint32_t kTcpHeader = 20;
  if (packet.tuple.protocol != kTcp || packet.tuple.laterFragment || packet.transportLength() < kTcpHeader) return;
  uint8_t* tcp = packet.transport();
  constexpr uint8_t kSyn = 2;
  if ((tcp[13] & kSyn) == 0) return;
  const uint32_t end = (tcp[12] >> 4) * 4u;
  if (end > packet.transportLength()) return;
  for (uint32_t at = kTcpHeader; at + 1 < end;) {
    const uint8_t kind = tcp[at];
    if (kind == 0) return;
    const uint32_t length = kind == 1 ? 1 : tcp[at + 1];
    if (length == 0 || at + length > end) return;
    if (kind == 2 && length == 4) {
      const uint16_t before = load16(tcp + at + 2);
      if (before <= mss) return;
      store16(tcp + at + 2, mss);
      // The option may stand at an odd place; then its octets belong to the other halves of two words.
      const auto swap = [odd = (at & 1) != 0](uint16_t word) { return odd ? __builtin_bswap16(word) : word; };
      repairChecksum(tcp + 16, swap(before), swap(mss));
      return;
    }
    at += length;
  }
}

}  // namespace fastpath
