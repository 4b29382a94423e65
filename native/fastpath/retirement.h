// When what a reader may still hold can be freed (quiescent-state-based reclamation).
//
// The installing thread unpublishes a thing and retires it; each thread that moves packets says once a round that it
// holds nothing. What was retired is freed when every thread has said so since. Readers take no lock and share no line.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>

namespace fastpath {

constexpr size_t kThreadsMax = 4;

class Retirement {
 public:
  // From threads that move packets.

  /// Holds nothing now; a thread that is about to wait is `resting` until its next round.
  void quiescent(size_t thread) {
    marks_[thread].seen.store(now_.load(std::memory_order_seq_cst), std::memory_order_seq_cst);
    // What is read next must be read after the mark is there.
    std::atomic_thread_fence(std::memory_order_seq_cst);
  }
  void resting(size_t thread) { marks_[thread].seen.store(UINT64_MAX, std::memory_order_seq_cst); }

  // From the installing thread.

  void retire(std::function<void()> free) {
    pending_.push_back({now_.fetch_add(1, std::memory_order_seq_cst) + 1, std::move(free)});
  }
  /// Frees what can be freed; false while something waits.
  bool reclaim();
  /// A moment that `passed` is asked about.
  uint64_t mark() { return now_.fetch_add(1, std::memory_order_seq_cst) + 1; }
  bool passed(uint64_t mark) const;
  bool waits() const { return !pending_.empty(); }

 private:
  struct alignas(64) Mark {
    std::atomic<uint64_t> seen{UINT64_MAX};
  };
  struct Pending {
    uint64_t mark;
    std::function<void()> free;
  };

  std::array<Mark, kThreadsMax> marks_;
  alignas(64) std::atomic<uint64_t> now_{1};
  std::deque<Pending> pending_;
};

}  // namespace fastpath
