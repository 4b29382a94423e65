// The receiving side of the fast path as a fuzzer drives it: SAs of every construction under keys that are no secret,
// real ciphers from libcrypto, and a door inside that reads every octet it is given.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "../fastpath/inbound.h"

namespace fuzz {

/// Touches all of what is written inside, so that a sanitizer sees a piece that is not there.
class ReadingDoor final : public fastpath::InnerDoor {
 public:
  bool write(const fastpath::VnetHeader& header, std::span<const iovec> pieces) override;
  uint64_t packets() const { return packets_; }
  uint64_t sum() const { return sum_; }

 private:
  uint64_t packets_ = 0;
  uint64_t sum_ = 0;
};

struct Ends {
  uint8_t family;
  fastpath::IpAddress local;
  fastpath::IpAddress remote;
};

/// Ciphers and the keys that packets are sealed with: made once, because testing the ciphers takes its time.
class Ciphers {
 public:
  Ciphers();
  ~Ciphers();
  Ciphers(const Ciphers&) = delete;
  Ciphers& operator=(const Ciphers&) = delete;

  fastpath::CryptoProvider& provider() { return *provider_; }
  fastpath::CryptoWorker& opening() { return *opening_; }
  void seal(size_t sa, fastpath::CryptoJob& job);
  const fastpath::CipherSuite& suite(size_t sa) const;

 private:
  struct SealingKey;

  std::unique_ptr<fastpath::CryptoProvider> provider_;
  std::unique_ptr<fastpath::CryptoWorker> opening_;
  std::unique_ptr<fastpath::CryptoWorker> sealing_;
  std::vector<std::unique_ptr<SealingKey>> keys_;
};

class Fixture {
 public:
  /// How many SAs there are; `seal` and `spi` take a number below it.
  static constexpr size_t kSas = 8;

  explicit Fixture(Ciphers& ciphers);
  /// All SAs anew, with windows that have seen nothing. What is slow to make stays.
  void renew();
  Fixture(const Fixture&) = delete;
  Fixture& operator=(const Fixture&) = delete;

  static uint32_t spi(size_t sa) { return 0x1000 + static_cast<uint32_t>(sa); }
  /// An authentic packet with this plain text, trailer included; cut to whole blocks, of which there is one at least.
  std::vector<uint8_t> seal(size_t sa, uint64_t number, std::span<const uint8_t> plain);
  Ends ends(size_t sa) const;

  fastpath::Inbound& inbound() { return inbound_; }
  fastpath::Tables& tables() { return tables_; }
  ReadingDoor& door() { return door_; }

 private:
  Ciphers& ciphers_;
  alignas(64) uint64_t roles_[8];
  uint64_t edges_[kSas] = {};
  uint32_t dirty_[1] = {};
  fastpath::Tables tables_;
  ReadingDoor door_;
  fastpath::Inbound inbound_;
};

}  // namespace fuzz
