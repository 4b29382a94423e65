// Who is active now: the lines of shared memory that src/linux/role-words.ts lays out and the liveness thread alone
// writes. Read before each batch; a takeover is nothing but a store there.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace fastpath {

enum class Role : uint8_t { init, standby, active, draining, grace };

class RoleWords {
 public:
  RoleWords(const uint64_t* words, size_t lines) : words_(words), lines_(lines) {}

  size_t lines() const { return lines_; }

  struct Line {
    Role role;
    uint64_t epoch;
    uint64_t leaseUntilNs;
  };

  /// The role word before the lease, as the writer wants it.
  Line read(size_t line) const {
    const uint64_t word = load(line * kWordsALine);
    return {static_cast<Role>(word & 0xff), word >> 8, load(line * kWordsALine + 1)};
  }

 private:
  static constexpr size_t kWordsALine = 8;

  uint64_t load(size_t index) const {
    return __atomic_load_n(words_ + index, __ATOMIC_SEQ_CST);
  }

  const uint64_t* words_;
  size_t lines_;
};

}  // namespace fastpath
