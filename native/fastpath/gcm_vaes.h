// AES-GCM on processors that have VAES and VPCLMULQDQ (NIST SP 800-38D; RFC 4106 uses it).
//
// Two blocks a register, eight blocks a turn: twice as fast as what Debian 12's libraries do on a processor without
// AVX-512. Nothing here depends on the key or the data but the data: no table, no branch. Whether it is used, and
// whether it computes what others do, is decided in crypto_choice.
#pragma once

#include <cstddef>
#include <cstdint>

namespace fastpath {

/// An expanded key; wiped by whoever owns it.
struct GcmVaesKey {
  static constexpr size_t kPowers = 9;

  alignas(64) uint8_t schedule[15][16];
  /// H^9 first, H last; so H^8 begins a cache line.
  uint8_t powers[kPowers][16];
  uint32_t rounds;
};

/// A nonce of 12 octets, and up to 16 of associated data.
struct GcmVaesInputs {
  const uint8_t* nonce;
  const uint8_t* associated;
  size_t associatedOctets;
};

constexpr size_t kGcmTagOctets = 16;

bool gcmVaesPresent();
/// `keyOctets` is 16, 24 or 32.
void gcmVaesPrepare(const uint8_t* key, size_t keyOctets, GcmVaesKey& into);
/// In place; `length` is a multiple of 4, as ESP has it. `tag` may follow the data.
void gcmVaesSeal(const GcmVaesKey& key, const GcmVaesInputs& inputs, uint8_t* data, size_t length, uint8_t* tag);
/// In place; gives the tag that it should have had.
void gcmVaesOpen(const GcmVaesKey& key, const GcmVaesInputs& inputs, uint8_t* data, size_t length, uint8_t* tag);

}  // namespace fastpath
