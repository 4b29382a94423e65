// The Internet checksum (RFC 1071), its pseudo headers, and its repair after a change (RFC 1624).
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace fastpath {

/// The sum of 16-bit words, as a partial value that more can be added to; octets count from an even place.
uint64_t sumOctets(const uint8_t* at, size_t length, uint64_t sum = 0);
/// Copies what it sums: octets are touched once.
uint64_t sumCopiedOctets(uint8_t* to, const uint8_t* from, size_t length, uint64_t sum = 0);

/// Of few octets, a multiple of four: a header's.
inline uint64_t sumHeader(const uint8_t* at, size_t length, uint64_t sum = 0) {
  for (size_t word = 0; word < length; word += 4) {
    uint32_t value;
    std::memcpy(&value, at + word, sizeof value);
    sum += value;
  }
  return sum;
}

/// What a 16-bit word in the host's order adds to a sum, where the packet has it at an even place.
inline uint64_t wireWord(uint16_t word) { return __builtin_bswap16(word); }
/// Takes a word of a packet out of a sum again, which is not zero.
inline uint64_t negativeWord(const uint8_t* at) {
  uint16_t word;
  std::memcpy(&word, at, sizeof word);
  return 0xffffu - word;
}

/// Folds a partial value; in the order of the wire's octets, for storing with memcpy.
inline uint16_t foldSum(uint64_t sum) {
  sum = (sum & 0xffffffff) + (sum >> 32);
  sum = (sum & 0xffffffff) + (sum >> 32);
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<uint16_t>(sum);
}

/// Of the addresses in an IP header, a protocol and a length of what follows.
uint64_t sumPseudoHeader(const uint8_t* ipHeader, int family, uint8_t protocol, uint32_t length);

/// Stores the checksum of an IPv4 header of `length` octets.
void storeIpChecksum(uint8_t* header, size_t length);
bool ipChecksumRight(const uint8_t* header, size_t length);

/// Repairs a checksum in the packet after a 16-bit word (in wire order) changed.
void repairChecksum(uint8_t* checksum, uint16_t before, uint16_t after);

/// Stores a TCP or UDP checksum, of the sum of everything that it covers but itself.
void storeChecksum(uint8_t* checksum, uint64_t sum, uint8_t protocol);
/// Stores the checksum of a TCP or UDP packet behind its IP header; `at` is the checksum's place behind `transport`.
void storeTransportChecksum(const uint8_t* ipHeader, int family, uint8_t protocol, uint8_t* transport, size_t length,
                            size_t at);
bool transportChecksumRight(const uint8_t* ipHeader, int family, uint8_t protocol, const uint8_t* transport,
                            size_t length);

}  // namespace fastpath
