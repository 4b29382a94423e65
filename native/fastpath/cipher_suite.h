// What an ESP SA does to a packet, in sizes: RFC 3602 (AES-CBC), 4106 (AES-GCM), 7634 (ChaCha20-Poly1305), 2404
// (HMAC-SHA1-96), 4868 (HMAC-SHA2), 2410 (NULL). How it is done is crypto.h's to say.
#pragma once

#include <cstddef>
#include <cstdint>

namespace fastpath {

enum class Cipher : uint8_t { null, aesCbc, aesGcm, chacha20Poly1305 };
enum class Integrity : uint8_t { none, sha1, sha256, sha384, sha512 };

struct CipherSuite {
  Cipher cipher;
  Integrity integrity;
  /// Octets of the cipher's key proper, then of the salt that no packet carries.
  uint8_t cipherKey;
  uint8_t salt;
  uint8_t integrityKey;
  uint8_t iv;
  /// The encrypted part is a multiple of this; at least 4 (RFC 4303 section 2.4).
  uint8_t block;
  uint8_t icv;

  bool aead() const { return cipher == Cipher::aesGcm || cipher == Cipher::chacha20Poly1305; }
  /// SPI, sequence number and IV.
  size_t headerOctets() const { return size_t{8} + iv; }
};

/// The suite with these parts, or null where there is none; `keyOctets` is cipher key and salt together.
const CipherSuite* findSuite(uint8_t cipher, uint8_t integrity, size_t keyOctets, size_t integrityKeyOctets);

/// Octets of the largest payload that fits with trailer into `octets` after IV and before ICV; 0 when none does.
inline size_t payloadRoom(const CipherSuite& suite, size_t octets) {
  const size_t padded = octets / suite.block * suite.block;
  return padded < 2 ? 0 : padded - 2;
}

}  // namespace fastpath
