// What an orderly switchover needs of the fast path, so that it loses nothing and no number of the old active comes
// after one of the new (DESIGN "Switchover").
//
// The active that is to go encrypts on while it drains, until its numbers are concluded: from then on it gives out none
// in that epoch, and where each SA stands is exact. Its successor keeps what is handed on to it meanwhile, in order,
// until its role word says active or the time for that is over. A line each of role-words.ts; one thread writes.
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "role_words.h"

namespace fastpath {

class Handovers {
 public:
  explicit Handovers(size_t lines) : lines_(lines) {}

  /// Whether packets of this line are still given numbers, while its lease holds.
  bool encrypts(size_t line, const RoleWords::Line& word) const {
    if (word.role == Role::active) return true;
    return word.role == Role::draining && concluded(line) != word.epoch;
  }

  /// Whether what comes from inside is kept for a role that is about to come.
  bool expects(size_t line, uint64_t nowNs) const {
    return nowNs < lines_[line].expectedUntilNs.load(std::memory_order_relaxed);
  }

  /// The epoch whose numbers were concluded last.
  uint64_t concluded(size_t line) const { return lines_[line].concludedEpoch.load(std::memory_order_acquire); }

  void conclude(size_t line, uint64_t epoch) {
    lines_[line].concludedEpoch.store(epoch, std::memory_order_release);
  }
  void expect(size_t line, uint64_t untilNs) {
    lines_[line].expectedUntilNs.store(untilNs, std::memory_order_relaxed);
  }

 private:
  struct alignas(64) Line {
    std::atomic<uint64_t> concludedEpoch{UINT64_MAX};
    std::atomic<uint64_t> expectedUntilNs{0};
  };

  std::vector<Line> lines_;
};

}  // namespace fastpath
