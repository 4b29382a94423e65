// All SAs: by place, inbound ones by SPI, outbound ones by the bundle that they are steered to.
//
// One thread writes (the installing one), the threads that move packets read without locks: what they reach is
// published by one release store and freed only after they have let go of it (retirement.h). The index by SPI is an
// open table at most half full; it is replaced by one twice as large when it fills.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "crypto.h"
#include "retirement.h"
#include "sa.h"
#include "secret_memory.h"

namespace fastpath {

class SaTable {
 public:
  SaTable(size_t places, CryptoProvider& crypto, Retirement& retirement);
  ~SaTable();
  SaTable(const SaTable&) = delete;
  SaTable& operator=(const SaTable&) = delete;

  // Readers.

  Sa* inbound(uint32_t spi) const;
  /// Asks memory for what a packet with this SPI will need.
  void fetchInbound(uint32_t spi) const;
  Sa* bundle(uint32_t bundle) const { return bundles_[bundle].load(std::memory_order_acquire); }
  Sa* place(uint32_t place) const { return places_[place].load(std::memory_order_acquire); }
  /// An outbound SA to this peer with this SPI; looks at all, for what an ICMP message quotes.
  Sa* outboundTo(const IpAddress& remote, uint32_t spi) const;

  // The writer.

  size_t places() const { return places_.size(); }
  size_t count() const { return count_; }
  /// All or none; throws RecordError.
  void install(const std::vector<SaSpec>& specs);
  void remove(std::span<const uint32_t> places);
  /// Throws RecordError for one that its SA cannot take.
  void checkUpdate(const SaUpdate& update) const;
  void update(const SaUpdate& update);
  /// Throws RecordError unless `place` is kNoPlace (no SA) or has an outbound SA.
  void checkSteer(uint32_t bundle, uint32_t place) const;
  void steer(uint32_t bundle, uint32_t place);

  const SecretMemory& memory() const { return memory_; }

 private:
  /// A power of two of slots; empty, an SA, or a tombstone.
  struct Index {
    explicit Index(size_t size) : slots(size) {}
    std::vector<std::atomic<Sa*>> slots;
  };

  static size_t slotOf(uint32_t spi, size_t slots) { return (spi * 0x9e3779b1U) & (slots - 1); }
  static Sa* tombstone() { return reinterpret_cast<Sa*>(1); }
  static void insert(Index& index, Sa* sa);
  void grow();
  void checkBatch(const std::vector<SaSpec>& specs) const;
  Sa* make(const SaSpec& spec);
  void unpublish(Sa* sa);
  void free(Sa* sa);

  std::vector<std::atomic<Sa*>> places_;
  std::vector<std::atomic<Sa*>> bundles_;
  std::atomic<Index*> index_;
  size_t indexUsed_ = 0;
  size_t count_ = 0;
  CryptoProvider& crypto_;
  Retirement& retirement_;
  SecretMemory memory_;
};

}  // namespace fastpath
