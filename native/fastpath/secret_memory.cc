#include "secret_memory.h"

#include <sys/mman.h>

#include <cstring>
#include <new>

namespace fastpath {

SecretMemory::~SecretMemory() {
  for (uint8_t* slab : slabs_) {
    explicit_bzero(slab, kSlab);
    munmap(slab, kSlab);
  }
}

void* SecretMemory::take(size_t octets) {
  const size_t units = unitsOf(octets);
  if (octets > kLargest) throw std::bad_alloc();
  auto& reusable = free_[units];
  if (!reusable.empty()) {
    void* block = reusable.back();
    reusable.pop_back();
    return block;
  }
  if (used_ + units * kUnit > kSlab) addSlab();
  void* block = slabs_.back() + used_;
  used_ += units * kUnit;
  return block;
}

void SecretMemory::give(void* block, size_t octets) {
  explicit_bzero(block, unitsOf(octets) * kUnit);
  free_[unitsOf(octets)].push_back(block);
}

void SecretMemory::addSlab() {
  void* slab = mmap(nullptr, kSlab, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (slab == MAP_FAILED) throw std::bad_alloc();
  // RLIMIT_MEMLOCK may be smaller; the caller shows it. The other two are refused only by kernels that lack them.
  if (mlock(slab, kSlab) != 0) locked_ = false;
  madvise(slab, kSlab, MADV_DONTDUMP);
  madvise(slab, kSlab, MADV_WIPEONFORK);
  slabs_.push_back(static_cast<uint8_t*>(slab));
  used_ = 0;
}

}  // namespace fastpath
