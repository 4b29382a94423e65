#include "retirement.h"

namespace fastpath {

bool Retirement::passed(uint64_t mark) const {
  std::atomic_thread_fence(std::memory_order_seq_cst);
  for (const Mark& thread : marks_) {
    if (thread.seen.load(std::memory_order_seq_cst) < mark) return false;
  }
  return true;
}

bool Retirement::reclaim() {
  while (!pending_.empty() && passed(pending_.front().mark)) {
    pending_.front().free();
    pending_.pop_front();
  }
  return pending_.empty();
}

}  // namespace fastpath
