// The next sequence number of an outbound SA, and its IV: the only place that gives either out.
//
// Five rules make numbers unique over failovers (DESIGN "Sequence numbers and nonces"). Here stand two of them: no number
// above R + J - 1 (cap), and the first packet in an epoch that the SA has not seen starts at Rs + J (jump), where R or Rs
// is the highest number known to be acknowledged. The explicit IV of a counter mode is the owner (epoch and member, in
// the manner of RFC 6054) above a counter that only rises; the counter is the sequence number, so that two guards must
// fail before a nonce repeats. 32-bit numbers never wrap.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>

namespace fastpath {

class OutboundSequence {
 public:
  struct Start {
    uint64_t next;
    uint64_t epoch;
    uint64_t acknowledged;
    uint64_t jump;
    bool esn;
  };

  enum class Outcome : uint8_t { given, capReached, spaceUsedUp, failed };

  static constexpr int kCounterBits = 48;
  static constexpr uint64_t kCounterMask = (uint64_t{1} << kCounterBits) - 1;

  explicit OutboundSequence(const Start& start)
      : next_(start.next), epoch_(start.epoch), reserved_(start.acknowledged), jump_(start.jump),
        last_(start.esn ? kCounterMask : UINT32_MAX), acknowledged_(start.acknowledged) {}

  /// Before the packets of a batch: what a takeover asks for. Costs a comparison when there was none.
  void enter(uint64_t epoch) {
    if (epoch == epoch_) return;
    const uint64_t acknowledged = acknowledged_.load(std::memory_order_acquire);
    const bool orderly = continueEpoch_.load(std::memory_order_acquire) == epoch;
    const uint64_t start = orderly ? continueAt_.load(std::memory_order_relaxed) : acknowledged + jump_;
    // Numbers of this member's own are never given twice, whatever the records say.
    next_ = std::max(next_, start);
    reserved_ = orderly ? std::max(reserved_, acknowledged) : std::max(next_, acknowledged);
    epoch_ = epoch;
  }

  Outcome give(uint64_t& sequence) {
    if (next_ > last_) return Outcome::spaceUsedUp;
    const uint64_t acknowledged = acknowledged_.load(std::memory_order_acquire);
    reserved_ = std::max(reserved_, acknowledged);
    if (next_ - 1 >= reserved_ + jump_ - 1) return Outcome::capReached;
    if (next_ == 0 || next_ <= given_) return Outcome::failed;
    sequence = given_ = next_++;
    return Outcome::given;
  }

  /// Of the packet that has this number in the epoch entered last.
  uint64_t iv(uint64_t sequence, unsigned member) const {
    const uint64_t owner = (epoch_ << 1 | member) & 0xffff;
    return owner << kCounterBits | (sequence & kCounterMask);
  }

  uint64_t next() const { return next_; }
  /// Acknowledged numbers that are left; 0 when the reservation is overdrawn.
  uint64_t left() const {
    const uint64_t acknowledged = acknowledged_.load(std::memory_order_relaxed);
    return acknowledged + 1 > next_ ? acknowledged + 1 - next_ : 0;
  }
  bool nearEnd() const { return next_ > last_ - (uint64_t{1} << 24); }

  // From the thread that installs SAs, at any time.

  void acknowledge(uint64_t sequence) {
    if (sequence > acknowledged_.load(std::memory_order_relaxed)) {
      acknowledged_.store(sequence, std::memory_order_release);
    }
  }
  uint64_t acknowledged() const { return acknowledged_.load(std::memory_order_relaxed); }
  void continueAt(uint64_t sequence, uint64_t epoch) {
    continueEpoch_.store(UINT64_MAX, std::memory_order_relaxed);
    continueAt_.store(sequence, std::memory_order_relaxed);
    continueEpoch_.store(epoch, std::memory_order_release);
  }

  /// For the test of the assertion alone: as if memory had been overwritten.
  void corruptForTest() { given_ = UINT64_MAX; }

 private:
  uint64_t next_;
  uint64_t given_ = 0;
  uint64_t epoch_;
  /// R as this owner reckons it: what was acknowledged, or where a takeover began.
  uint64_t reserved_;
  uint64_t jump_;
  uint64_t last_;
  std::atomic<uint64_t> acknowledged_;
  std::atomic<uint64_t> continueAt_{0};
  std::atomic<uint64_t> continueEpoch_{UINT64_MAX};
};

}  // namespace fastpath
