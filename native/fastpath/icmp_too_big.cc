#include "icmp_too_big.h"

#include <algorithm>
#include <cstring>

#include "checksum.h"
#include "octets.h"

namespace fastpath {
namespace {

constexpr uint32_t kIp4Header = 20;
constexpr uint32_t kIp6Header = 40;
constexpr uint32_t kIcmpHeader = 8;
/// RFC 1812 section 4.3.2.3.
constexpr uint32_t kAnswer4Max = 576;
constexpr uint8_t kHops = 64;

/// Errors are never answered with errors; only ICMP queries are.
bool answerable4(const InnerPacket& packet) {
  const uint32_t source = packet.tuple.source.v4();
  if (packet.tuple.laterFragment || source == 0 || source >= 0xe0000000) return false;
  if (packet.tuple.protocol != kIcmp) return true;
  const uint8_t type = packet.transportLength() > 0 ? packet.transport()[0] : 3;
  return type == 0 || type == 8 || (type >= 13 && type <= 18);
}

bool answerable6(const InnerPacket& packet) {
  const bool unicast = packet.data[8] != 0xff && packet.tuple.source != IpAddress{};
  if (packet.tuple.laterFragment || !unicast) return false;
  return packet.tuple.protocol != kIcmp6 || (packet.transportLength() > 0 && packet.transport()[0] >= 128);
}

}  // namespace

std::span<const uint8_t> makeTooBig(const InnerPacket& packet, uint32_t mtu, std::span<uint8_t, kTooBigMax> into) {
  uint8_t* at = into.data();
  if (packet.tuple.family == 4) {
    if (!answerable4(packet)) return {};
    const uint32_t quoted = std::min(packet.length, kAnswer4Max - kIp4Header - kIcmpHeader);
    const uint32_t length = kIp4Header + kIcmpHeader + quoted;
    std::memset(at, 0, kIp4Header + kIcmpHeader);
    at[0] = 0x45;
    at[1] = 0xc0;
    store16(at + 2, static_cast<uint16_t>(length));
    at[8] = kHops;
    at[9] = kIcmp;
    std::memcpy(at + 12, packet.data + 16, 4);
    std::memcpy(at + 16, packet.data + 12, 4);
    storeIpChecksum(at, kIp4Header);
    uint8_t* icmp = at + kIp4Header;
    icmp[0] = 3;
    icmp[1] = 4;
    store16(icmp + 6, static_cast<uint16_t>(std::min<uint32_t>(mtu, 65535)));
    std::memcpy(icmp + kIcmpHeader, packet.data, quoted);
    const uint16_t sum = static_cast<uint16_t>(~foldSum(sumOctets(icmp, kIcmpHeader + quoted)));
    std::memcpy(icmp + 2, &sum, sizeof sum);
    return into.first(length);
  }
  if (!answerable6(packet)) return {};
  const uint32_t quoted = std::min(packet.length, kTooBigMax - kIp6Header - kIcmpHeader);
  std::memset(at, 0, kIp6Header + kIcmpHeader);
  at[0] = 0x60;
  store16(at + 4, static_cast<uint16_t>(kIcmpHeader + quoted));
  at[6] = kIcmp6;
  at[7] = kHops;
  std::memcpy(at + 8, packet.data + 24, 16);
  std::memcpy(at + 24, packet.data + 8, 16);
  uint8_t* icmp = at + kIp6Header;
  icmp[0] = 2;
  store32(icmp + 4, mtu);
  std::memcpy(icmp + kIcmpHeader, packet.data, quoted);
  storeTransportChecksum(at, 6, kIcmp6, icmp, kIcmpHeader + quoted, 2);
  return into.first(kIp6Header + kIcmpHeader + quoted);
}

}  // namespace fastpath
