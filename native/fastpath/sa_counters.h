// What is counted of each SA, in the order in which JavaScript reads it (fastpath-reports.ts).
//
// One thread adds, others read: plain loads and stores of whole words, without a locked instruction.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

namespace fastpath {

enum class SaCounter : uint8_t {
  packets,
  octets,
  sequence,
  replayed,
  notAuthentic,
  outsideSelectors,
  malformed,
  lastUsedNs,
};

constexpr size_t kCountersAPlace = 8;

template <typename Name, size_t size>
class CountersOf {
 public:
  void add(Name name, uint64_t amount = 1) { set(name, value(name) + amount); }
  void set(Name name, uint64_t value) { words_[index(name)].store(value, std::memory_order_relaxed); }
  void raise(Name name, uint64_t value) {
    if (value > this->value(name)) set(name, value);
  }
  uint64_t value(Name name) const { return words_[index(name)].load(std::memory_order_relaxed); }
  uint64_t at(size_t index) const { return words_[index].load(std::memory_order_relaxed); }

 private:
  static size_t index(Name name) { return static_cast<size_t>(name); }
  std::array<std::atomic<uint64_t>, size> words_{};
};

using SaCounters = CountersOf<SaCounter, kCountersAPlace>;

}  // namespace fastpath
