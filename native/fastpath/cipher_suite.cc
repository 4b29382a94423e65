#include "cipher_suite.h"

#include <array>

namespace fastpath {
namespace {

struct CipherSizes {
  Cipher cipher;
  uint8_t key;
  uint8_t salt;
  uint8_t iv;
  uint8_t block;
};

struct IntegritySizes {
  Integrity integrity;
  uint8_t key;
  uint8_t icv;
};

constexpr std::array<CipherSizes, 8> kCiphers = {{
    {Cipher::null, 0, 0, 0, 4},
    {Cipher::aesCbc, 16, 0, 16, 16},
    {Cipher::aesCbc, 24, 0, 16, 16},
    {Cipher::aesCbc, 32, 0, 16, 16},
    {Cipher::aesGcm, 16, 4, 8, 4},
    {Cipher::aesGcm, 24, 4, 8, 4},
    {Cipher::aesGcm, 32, 4, 8, 4},
    {Cipher::chacha20Poly1305, 32, 4, 8, 4},
}};

constexpr std::array<IntegritySizes, 5> kIntegrities = {{
    {Integrity::none, 0, 16},
    {Integrity::sha1, 20, 12},
    {Integrity::sha256, 32, 16},
    {Integrity::sha384, 48, 24},
    {Integrity::sha512, 64, 32},
}};

constexpr auto kSuites = [] {
  std::array<CipherSuite, kCiphers.size() * kIntegrities.size()> suites{};
  size_t at = 0;
  for (const auto& cipher : kCiphers) {
    for (const auto& integrity : kIntegrities) {
      suites[at++] = {cipher.cipher, integrity.integrity, cipher.key,   cipher.salt,
                      integrity.key, cipher.iv,           cipher.block, integrity.icv};
    }
  }
  return suites;
}();

}  // namespace

const CipherSuite* findSuite(uint8_t cipher, uint8_t integrity, size_t keyOctets, size_t integrityKeyOctets) {
  for (const CipherSuite& suite : kSuites) {
    if (static_cast<uint8_t>(suite.cipher) != cipher || static_cast<uint8_t>(suite.integrity) != integrity) continue;
    // An AEAD has no integrity algorithm beside it, and everything else must have one.
    if (suite.aead() != (suite.integrity == Integrity::none)) continue;
    if (size_t{suite.cipherKey} + suite.salt != keyOctets || suite.integrityKey != integrityKeyOctets) continue;
    return &suite;
  }
  return nullptr;
}

}  // namespace fastpath
