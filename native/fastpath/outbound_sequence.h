// The next sequence number of an outbound SA, and its IV: the only place that gives either out.
//
// Five rules make numbers unique over failovers (DESIGN "Sequence numbers and nonces"). Here stand two of them: no
// number above R + J - 1 (cap), and the first packet in an epoch that the SA has not seen starts at Rs + J (jump),
// where R or Rs is the highest number known to be acknowledged. The explicit IV of a counter mode is the owner (epoch
// and member, in the manner of RFC 6054) above a counter that only rises; the counter is the sequence number, so that
// two guards must fail before a nonce repeats. 32-bit numbers never wrap.
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
        last_(start.esn ? kCounterMask : UINT32_MAX), current_(start.acknowledged), currentEpoch_(start.epoch) {}

  /// Before the packets of a batch: what a takeover asks for. Costs a comparison when there was none.
  void enter(uint64_t epoch) {
    if (epoch == epoch_.load(std::memory_order_relaxed)) return;
    const Acknowledged known = read();
    const uint64_t standby = heldBefore(known, epoch);
    next_.store(startIn(known, epoch), std::memory_order_relaxed);
    reserved_ = continues(epoch) ? standby : std::max(next(), standby);
    epoch_.store(epoch, std::memory_order_release);
    ceiling_ = UINT64_MAX;
    refresh(known);
  }

  Outcome give(uint64_t& sequence) {
    if (version_.load(std::memory_order_acquire) != seen_) refresh(read());
    const uint64_t next = this->next();
    if (next > last_) return Outcome::spaceUsedUp;
    if (next >= reserved_ + jump_ || next > ceiling_) return Outcome::capReached;
    if (next == 0 || next <= given_) return Outcome::failed;
    sequence = given_ = next;
    next_.store(next + 1, std::memory_order_relaxed);
    return Outcome::given;
  }

  /// Of the packet that has this number in the epoch entered last.
  uint64_t iv(uint64_t sequence, unsigned member) const {
    const uint64_t owner = (epoch_.load(std::memory_order_relaxed) << 1 | member) & 0xffff;
    return owner << kCounterBits | (sequence & kCounterMask);
  }

  uint64_t next() const { return next_.load(std::memory_order_relaxed); }
  /// The first number that is free in this epoch, which may have been entered or not. For any thread.
  uint64_t nextIn(uint64_t epoch) const {
    return epoch == epoch_.load(std::memory_order_acquire) ? next() : startIn(read(), epoch);
  }
  /// R as this owner reckons it: what was acknowledged, or where a takeover began.
  uint64_t reserved() const { return reserved_; }
  /// Reserved numbers that are left; 0 when the reservation is overdrawn.
  uint64_t left() const { return reserved_ + 1 > next() ? reserved_ + 1 - next() : 0; }
  bool nearEnd() const { return next() > last_ - (uint64_t{1} << 24); }

  // From the thread that installs SAs, at any time.

  /// Acknowledged by this member while it stood by, or by the other for this one, in the epoch named.
  void acknowledge(uint64_t sequence, uint64_t epoch) {
    uint64_t current = current_.load(std::memory_order_relaxed);
    uint64_t before = before_.load(std::memory_order_relaxed);
    uint64_t beforeEpoch = beforeEpoch_.load(std::memory_order_relaxed);
    uint64_t of = currentEpoch_.load(std::memory_order_relaxed);
    if (epoch > of) {
      before = std::max(before, current);
      beforeEpoch = of;
      of = epoch;
    }
    if (epoch == of) {
      current = std::max(current, sequence);
    } else {
      // Late, but acknowledged all the same: the other may rely on it.
      before = std::max(before, sequence);
      beforeEpoch = std::max(beforeEpoch, epoch);
    }
    version_.fetch_add(1, std::memory_order_acq_rel);
    std::atomic_thread_fence(std::memory_order_seq_cst);
    before_.store(before, std::memory_order_relaxed);
    beforeEpoch_.store(beforeEpoch, std::memory_order_relaxed);
    current_.store(current, std::memory_order_relaxed);
    currentEpoch_.store(of, std::memory_order_relaxed);
    version_.fetch_add(1, std::memory_order_release);
  }
  void continueAt(uint64_t sequence, uint64_t epoch) {
    continueEpoch_.store(UINT64_MAX, std::memory_order_relaxed);
    continueAt_.store(sequence, std::memory_order_relaxed);
    continueEpoch_.store(epoch, std::memory_order_release);
  }

  /// No number above it in this epoch, whatever is acknowledged: a successor goes on behind it. For good.
  void endAt(uint64_t sequence, uint64_t epoch) {
    endEpoch_.store(UINT64_MAX, std::memory_order_relaxed);
    endAt_.store(sequence, std::memory_order_relaxed);
    endEpoch_.store(epoch, std::memory_order_release);
    version_.fetch_add(2, std::memory_order_release);
  }

  /// For the test of the assertion alone: as if memory had been overwritten.
  void corruptForTest() { given_ = UINT64_MAX; }

 private:
  /// The highest acknowledged in the newest epoch, and in all before it.
  struct Acknowledged {
    uint64_t before;
    uint64_t beforeEpoch;
    uint64_t current;
    uint64_t epoch;
    uint32_t version;
  };

  /// What was acknowledged in this epoch already is R of this member, not Rs: a jump from there would land where the
  /// other member's next jump does.
  static uint64_t heldBefore(const Acknowledged& known, uint64_t epoch) {
    return known.epoch == epoch ? known.before : known.current;
  }
  static uint64_t epochBefore(const Acknowledged& known, uint64_t epoch) {
    return known.epoch == epoch ? known.beforeEpoch : known.epoch;
  }
  bool continues(uint64_t epoch) const { return continueEpoch_.load(std::memory_order_acquire) == epoch; }
  /// Numbers of this member's own are never given twice, whatever the records say.
  uint64_t startIn(const Acknowledged& known, uint64_t epoch) const {
    if (continues(epoch)) return std::max(next(), continueAt_.load(std::memory_order_relaxed));
    // Whoever was active in an epoch between, unheard, began a jump above what it held, which may be a step more than
    // is known here, and may have gone a jump from there.
    const uint64_t since = std::max(epoch_.load(std::memory_order_acquire), epochBefore(known, epoch));
    // Before the first role word nobody was active.
    const uint64_t passed = since > 0 && epoch > since ? epoch - since : 1;
    const uint64_t base = std::max(heldBefore(known, epoch), passed > 1 && next() > 0 ? next() - 1 : 0);
    return std::max(next(), base + jump_ * (2 * passed - 1));
  }

  /// They belong together: read again while they are being written.
  Acknowledged read() const {
    for (;;) {
      const uint32_t version = version_.load(std::memory_order_acquire);
      const Acknowledged known{before_.load(std::memory_order_relaxed),
                               beforeEpoch_.load(std::memory_order_relaxed), current_.load(std::memory_order_relaxed),
                               currentEpoch_.load(std::memory_order_relaxed), version};
      std::atomic_thread_fence(std::memory_order_acquire);
      if ((version & 1) == 0 && version_.load(std::memory_order_relaxed) == version) return known;
    }
  }

  void refresh(const Acknowledged& known) {
    seen_ = known.version;
    const uint64_t epoch = epoch_.load(std::memory_order_relaxed);
    if (known.epoch == epoch) reserved_ = std::max(reserved_, known.current);
    if (endEpoch_.load(std::memory_order_acquire) == epoch) ceiling_ = endAt_.load(std::memory_order_relaxed);
  }

  // Written by the owner alone.
  std::atomic<uint64_t> next_;
  uint64_t given_ = 0;
  std::atomic<uint64_t> epoch_;
  uint64_t reserved_;
  uint64_t jump_;
  uint64_t last_;
  uint64_t ceiling_ = UINT64_MAX;
  uint32_t seen_ = 0;
  std::atomic<uint32_t> version_{0};
  std::atomic<uint64_t> before_{0};
  std::atomic<uint64_t> beforeEpoch_{0};
  std::atomic<uint64_t> current_;
  std::atomic<uint64_t> currentEpoch_;
  std::atomic<uint64_t> continueAt_{0};
  std::atomic<uint64_t> continueEpoch_{UINT64_MAX};
  std::atomic<uint64_t> endAt_{0};
  std::atomic<uint64_t> endEpoch_{UINT64_MAX};
};

}  // namespace fastpath
