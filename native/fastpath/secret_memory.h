// Memory for keys: locked where the host permits, never in a core file, not in a forked child, wiped when given back.
//
// Blocks come in sizes of 64 octets and their multiples from slabs that stay until the end; what is given back is kept
// for the next of its size. One thread takes and gives (the one that installs SAs); others only read.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace fastpath {

class SecretMemory {
 public:
  static constexpr size_t kLargest = 2048;

  SecretMemory() = default;
  SecretMemory(const SecretMemory&) = delete;
  SecretMemory& operator=(const SecretMemory&) = delete;
  ~SecretMemory();

  /// Zeroed, aligned to 64. Throws std::bad_alloc.
  void* take(size_t octets);
  void give(void* block, size_t octets);

  /// False once the kernel refused to lock a slab (RLIMIT_MEMLOCK).
  bool locked() const { return locked_; }
  size_t octets() const { return slabs_.size() * kSlab; }

 private:
  static constexpr size_t kSlab = 256 * 1024;
  static constexpr size_t kUnit = 64;

  static size_t unitsOf(size_t octets) { return (octets + kUnit - 1) / kUnit; }
  void addSlab();

  std::array<std::vector<void*>, kLargest / kUnit + 1> free_;
  std::vector<uint8_t*> slabs_;
  size_t used_ = kSlab;
  bool locked_ = true;
};

}  // namespace fastpath
