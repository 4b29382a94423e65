// The anti-replay window of an inbound SA (RFC 4303 sections 3.4.3 and A2), in the manner of RFC 6479: a ring of words
// that slides by clearing whole words, so that a jump costs no more than a step.
//
// Numbers are the full ones: with ESN the high half of what a packet does not carry is inferred from the window's
// place. `check` is asked before a packet is decrypted, `accept` after its ICV proved right; only `accept` moves
// anything.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>

namespace fastpath {

class ReplayWindow {
 public:
  /// `packets` is a power of two from 32 to 4096, or 0: then everything is accepted, again and again.
  ReplayWindow(uint32_t packets, bool esn) : packets_(packets), esn_(esn) {
    if (packets == 0) return;
    words_ = std::max<uint32_t>(packets / 64 * 2, 2);
    ring_ = std::make_unique<uint64_t[]>(words_);
  }

  /// The full number of the packet that carries `low`: the nearest one that the window's place allows.
  uint64_t infer(uint32_t low) const {
    if (!esn_) return low;
    const uint32_t topLow = static_cast<uint32_t>(top_);
    const uint64_t high = top_ >> 32;
    // RFC 4303 appendix A2.1; without a window the nearer half of the space is meant.
    const uint32_t back = (packets_ == 0 ? uint32_t{1} << 31 : packets_) - 1;
    const uint32_t bottom = topLow - back;
    const bool within = topLow >= back;
    uint64_t inferred = high;
    if (within) {
      if (low < bottom) inferred = high + 1;
    } else if (low >= bottom) {
      // The window reaches back below a wrap; before the first wrap there is nothing there.
      if (high == 0) return UINT64_MAX;
      inferred = high - 1;
    }
    return inferred << 32 | low;
  }

  /// Whether the number may still be accepted.
  bool check(uint64_t number) const {
    if (number == 0 || number == UINT64_MAX) return false;
    if (packets_ == 0 || number > top_) return true;
    if (top_ - number >= packets_) return false;
    return (ring_[index(number)] & bit(number)) == 0;
  }

  /// Takes the number; false when it was taken before or is too old.
  bool accept(uint64_t number) {
    if (!check(number)) return false;
    if (packets_ == 0) {
      top_ = std::max(top_, number);
      return true;
    }
    if (number > top_) slide(number);
    ring_[index(number)] |= bit(number);
    return true;
  }

  /// Everything up to `number` counts as taken. Never moves back.
  void raise(uint64_t number) {
    if (number <= top_) return;
    top_ = number;
    for (uint32_t word = 0; word < words_; word++) ring_[word] = 0;
    for (uint64_t each = number; packets_ != 0 && each + packets_ > number && each > 0; each--) {
      ring_[index(each)] |= bit(each);
    }
  }

  uint64_t top() const { return top_; }
  uint32_t packets() const { return packets_; }
  /// Whether `number` was taken; for one inside the window.
  bool taken(uint64_t number) const { return packets_ != 0 && (ring_[index(number)] & bit(number)) != 0; }
  /// Marks one inside the window, for a window that comes from elsewhere.
  void take(uint64_t number) { ring_[index(number)] |= bit(number); }

 private:
  uint32_t index(uint64_t number) const { return static_cast<uint32_t>(number >> 6) & (words_ - 1); }
  static uint64_t bit(uint64_t number) { return uint64_t{1} << (number & 63); }

  void slide(uint64_t number) {
    const uint64_t from = top_ >> 6;
    const uint64_t steps = std::min<uint64_t>((number >> 6) - from, words_);
    for (uint64_t step = 1; step <= steps; step++) ring_[(from + step) & (words_ - 1)] = 0;
    top_ = number;
  }

  uint64_t top_ = 0;
  std::unique_ptr<uint64_t[]> ring_;
  uint32_t packets_;
  uint32_t words_ = 0;
  bool esn_;
};

}  // namespace fastpath
