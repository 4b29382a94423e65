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

/// Spelled out wherever it is meant: `auto` forgets what it says of alignment and aliasing.
using UnalignedWord [[gnu::aligned(1), gnu::may_alias]] = uint64_t;

/// Up to seven octets.
uint64_t sumRest(const uint8_t* at, size_t length) {
  uint64_t rest = 0;
  std::memcpy(&rest, at, length);
  return (rest & 0xffffffff) + (rest >> 32);
}

}  // namespace

// Halves of 64-bit words into 64-bit sums: no carry is lost below 16 GB, and the compiler makes vectors of the loops.

FASTPATH_FOR_EACH_PROCESSOR uint64_t sumOctets(const uint8_t* at, size_t length, uint64_t sum) {
  const UnalignedWord* words = reinterpret_cast<const UnalignedWord*>(at);
  const size_t count = length / 8;
  uint64_t low = 0;
  uint64_t high = 0;
  for (size_t word = 0; word < count; word++) {
    low += words[word] & 0xffffffff;
    high += words[word] >> 32;
  }
  return sum + low + high + sumRest(at + count * 8, length % 8);
}

FASTPATH_FOR_EACH_PROCESSOR uint64_t sumCopiedOctets(uint8_t* to, const uint8_t* from, size_t length, uint64_t sum) {
  const UnalignedWord* words = reinterpret_cast<const UnalignedWord*>(from);
  UnalignedWord* copies = reinterpret_cast<UnalignedWord*>(to);
  const size_t count = length / 8;
  uint64_t low = 0;
  uint64_t high = 0;
  for (size_t word = 0; word < count; word++) {
    const uint64_t value = words[word];
    copies[word] = value;
    low += value & 0xffffffff;
    high += value >> 32;
  }
  std::memcpy(to + count * 8, from + count * 8, length % 8);
  return sum + low + high + sumRest(from + count * 8, length % 8);
}

uint64_t sumPseudoHeader(const uint8_t* ipHeader, int family, uint8_t protocol, uint32_t length) {
  const uint64_t addresses = family == 4 ? sumHeader(ipHeader + 12, 8) : sumHeader(ipHeader + 8, 32);
  const uint32_t wireLength = __builtin_bswap32(length);
  const uint32_t wireProtocol = __builtin_bswap32(protocol);
  return addresses + wireLength + wireProtocol;
}

void storeIpChecksum(uint8_t* header, size_t length) {
  std::memset(header + 10, 0, 2);
  const uint16_t sum = static_cast<uint16_t>(~foldSum(sumHeader(header, length)));
  std::memcpy(header + 10, &sum, sizeof sum);
}

bool ipChecksumRight(const uint8_t* header, size_t length) { return foldSum(sumHeader(header, length)) == 0xffff; }

void repairChecksum(uint8_t* checksum, uint16_t before, uint16_t after) {
  // RFC 1624: HC' = ~(~HC + ~m + m').
  uint32_t sum = static_cast<uint16_t>(~load16(checksum));
  sum += static_cast<uint16_t>(~before);
  sum += after;
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  store16(checksum, static_cast<uint16_t>(~sum));
}

void storeChecksum(uint8_t* checksum, uint64_t sum, uint8_t protocol) {
  uint16_t stored = static_cast<uint16_t>(~foldSum(sum));
  // UDP's zero means "none"; its other zero is sent instead (RFC 768).
  if (stored == 0 && protocol == 17) stored = 0xffff;
  std::memcpy(checksum, &stored, sizeof stored);
}

void storeTransportChecksum(const uint8_t* ipHeader, int family, uint8_t protocol, uint8_t* transport, size_t length,
                            size_t at) {
  std::memset(transport + at, 0, 2);
  const uint64_t pseudo = sumPseudoHeader(ipHeader, family, protocol, static_cast<uint32_t>(length));
  storeChecksum(transport + at, sumOctets(transport, length, pseudo), protocol);
}

bool transportChecksumRight(const uint8_t* ipHeader, int family, uint8_t protocol, const uint8_t* transport,
                            size_t length) {
  const uint64_t pseudo = sumPseudoHeader(ipHeader, family, protocol, static_cast<uint32_t>(length));
  return foldSum(sumOctets(transport, length, pseudo)) == 0xffff;
}

}  // namespace fastpath
