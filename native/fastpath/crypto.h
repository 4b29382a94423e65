// What the data path asks of a cryptographic library: many packets at once, each with the key of its SA.
//
// A provider expands keys (the installing thread) and makes one worker for each thread that moves packets. A packet is
// worked on in place: ESP header, IV, payload, trailer, ICV, as RFC 4303 has them. The IV stands in the packet before
// it is sealed. Which provider is used, and whether it computes what the RFCs say, is decided in crypto_choice.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "cipher_suite.h"

namespace fastpath {

/// An expanded key. `state` is the provider's own, in secret memory.
struct SaKey {
  const CipherSuite* suite = nullptr;
  void* state = nullptr;
  uint8_t salt[4] = {};
  bool esn = false;
};

struct CryptoJob {
  const SaKey* key;
  /// From the SPI on.
  uint8_t* packet;
  /// Without the ICV; room for it (and for the 4 octets of ESN that no packet carries) follows.
  uint32_t length;
  /// High half of the sequence number; used with ESN alone.
  uint32_t sequenceHigh;
  /// After `open`: whether the ICV is right. After a wrong one the packet's contents mean nothing.
  bool ok;
};

/// Belongs to one thread.
class CryptoWorker {
 public:
  virtual ~CryptoWorker() = default;
  /// Encrypts and appends ICVs.
  virtual void seal(std::span<CryptoJob> jobs) = 0;
  /// Checks ICVs and decrypts.
  virtual void open(std::span<CryptoJob> jobs) = 0;
};

struct KeyMaterial {
  const CipherSuite* suite;
  /// Whether the key is for `open`.
  bool inbound;
  std::span<const uint8_t> cipherKey;
  std::span<const uint8_t> integrityKey;
};

class CryptoProvider {
 public:
  virtual ~CryptoProvider() = default;
  virtual const char* name() const = 0;
  virtual std::string version() const = 0;
  /// Of secret memory for one key.
  virtual size_t stateOctets(const CipherSuite& suite) const = 0;
  /// Expands a key into `state`, which is zeroed. False where the library refuses.
  virtual bool prepare(const KeyMaterial& material, void* state) = 0;
  /// Gives back what `prepare` made outside of `state`.
  virtual void forget(const CipherSuite& suite, void* state) = 0;
  virtual std::unique_ptr<CryptoWorker> makeWorker() = 0;
};

constexpr size_t kIcvMax = 32;
/// More than any provider needs at once; batches are cut to it.
constexpr size_t kJobsMax = 128;

}  // namespace fastpath
