#include "checksum.h"

#include <cstring>

#include "octets.h"

// One version with AVX2 and one without, chosen when the program starts; a sanitizer is not ready that early.
#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__)
#define FASTPATH_FOR_EACH_PROCESSOR __attribute__((target_clones("avx2", "default")))
#else
#define FASTPATH_FOR_EACH_PROCESSOR
#endif

namespace fastpath {
namespace {

using UnalignedWord [[gnu::aligned(1), gnu::may_alias]] = uint32_t;

}  // namespace

FASTPATH_FOR_EACH_PROCESSOR uint64_t sumOctets(const uint8_t* at, size_t length, uint64_t sum) {
  // 32-bit words into a 64-bit sum: no carry is lost below 16 GB, and the compiler makes vectors of the loop.
  const auto* words = reinterpret_cast<const UnalignedWord*>(at);
  const size_t count = length / 4;
  for (size_t word = 0; word < count; word++) sum += words[word];
  if (length % 4 != 0) {
    uint32_t rest = 0;
    std::memcpy(&rest, at + count * 4, length % 4);
    sum += rest;
  }
  return sum;
}

uint64_t sumPseudoHeader(const uint8_t* ipHeader, int family, uint8_t protocol, uint32_t length) {
  const uint64_t addresses = family == 4 ? sumOctets(ipHeader + 12, 8) : sumOctets(ipHeader + 8, 32);
  const uint32_t wireLength = __builtin_bswap32(length);
  const uint32_t wireProtocol = __builtin_bswap32(protocol);
  return addresses + wireLength + wireProtocol;
}

void storeIpChecksum(uint8_t* header, size_t length) {
  std::memset(header + 10, 0, 2);
  const uint16_t sum = static_cast<uint16_t>(~foldSum(sumOctets(header, length)));
  std::memcpy(header + 10, &sum, sizeof sum);
}

bool ipChecksumRight(const uint8_t* header, size_t length) { return foldSum(sumOctets(header, length)) == 0xffff; }

void repairChecksum(uint8_t* checksum, uint16_t before, uint16_t after) {
  // RFC 1624: HC' = ~(~HC + ~m + m').
  uint32_t sum = static_cast<uint16_t>(~load16(checksum));
  sum += static_cast<uint16_t>(~before);
  sum += after;
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  store16(checksum, static_cast<uint16_t>(~sum));
}

void storeTransportChecksum(const uint8_t* ipHeader, int family, uint8_t protocol, uint8_t* transport, size_t length,
                            size_t at) {
  std::memset(transport + at, 0, 2);
  const uint64_t pseudo = sumPseudoHeader(ipHeader, family, protocol, static_cast<uint32_t>(length));
  uint16_t sum = static_cast<uint16_t>(~foldSum(sumOctets(transport, length, pseudo)));
  // UDP's zero means "none"; its other zero is sent instead (RFC 768).
  if (sum == 0 && protocol == 17) sum = 0xffff;
  std::memcpy(transport + at, &sum, sizeof sum);
}

bool transportChecksumRight(const uint8_t* ipHeader, int family, uint8_t protocol, const uint8_t* transport,
                            size_t length) {
  const uint64_t pseudo = sumPseudoHeader(ipHeader, family, protocol, static_cast<uint32_t>(length));
  return foldSum(sumOctets(transport, length, pseudo)) == 0xffff;
}

}  // namespace fastpath
