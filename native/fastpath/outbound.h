// From the clear side to the cipher side: which policy, which SA, how many packets, how large (RFC 4301 section 5.1,
// RFC 4303 section 3.3).
//
// One lookup serves a whole superpacket. The order: whole packet? policy? group active? SA? limits? size? Only then
// numbers are given and octets copied. Sealing and sending are OuterBatch's.
#pragma once

#include <deque>
#include <memory>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "fragmenter.h"
#include "outer_batch.h"

namespace fastpath {

/// Where the caller's packet went, for the pure interface; the last one counts.
enum class Fate : uint8_t { sent, bypass, held, dropped };

struct OutboundDoors {
  OuterDoor& outer;
  /// For what goes back to a sender inside.
  InnerDoor& inner;
  ClearDoor& clear;
};

class Outbound {
 public:
  Outbound(Tables& tables, CryptoWorker& crypto, OutboundDoors doors);

  /// One packet or superpacket as the TUN device gave it. Its octets may be changed.
  Fate take(const VnetHeader& header, std::span<uint8_t> octets, uint64_t nowNs);
  /// One that arrived from outside in clear: what should have been protected is dropped, the rest goes on as it is.
  Fate takeArrival(const VnetHeader& header, std::span<uint8_t> octets);
  /// Packets whose SA has come since they were held, or whose role has; old ones are dropped.
  void retryHeld(uint64_t nowNs);
  /// Packets wait for a role word that nobody rings a bell for.
  bool awaits() const { return !awaiting_.empty(); }
  void flush() { batch_.flush(); }

  const PathCounters& counters() const { return counters_; }
  PathCounters& counters() { return counters_; }
  /// Why the last packet was dropped, when it was.
  DropReason lastDrop() const { return lastDrop_; }

 private:
  struct Held {
    uint32_t bundle;
    uint64_t sinceNs;
    VnetHeader header;
    std::vector<uint8_t> octets;
  };

  struct Awaiting {
    size_t line;
    VnetHeader header;
    std::vector<uint8_t> octets;
  };

  static constexpr size_t kHeldMax = 256;
  /// Of one policy: what a host sends while a tunnel comes up, and not all that there is room for.
  static constexpr ptrdiff_t kHeldEach = 16;
  static constexpr size_t kHeldOctetsMax = 1 << 20;
  static constexpr uint64_t kHeldForNs = 5 * kNsPerSecond;
  static constexpr size_t kAcquiresKept = 65536;
  /// What a handover of 100 ms brings at 40,000 packets a second; of 500 ms at 8,000.
  static constexpr size_t kAwaitingMax = 4096;
  static constexpr size_t kAwaitingOctetsMax = 8 << 20;

  Fate drop(DropReason reason);
  /// In clear, unless the other end should have protected it (E11).
  Fate unlessProtected(const VnetHeader& header, InnerPacket& packet);
  Fate inClear(const VnetHeader& header, InnerPacket& packet);
  Fate protect(const PolicySpec& policy, const VnetHeader& header, InnerPacket& packet, uint64_t nowNs);
  Fate await(size_t line, const VnetHeader& header, const InnerPacket& packet);
  void retryAwaiting(uint64_t nowNs);
  Fate hold(const PolicySpec& policy, const VnetHeader& header, const InnerPacket& packet, uint64_t nowNs);
  bool withinLimits(Sa& sa, uint64_t nowNs);
  void expire(Sa& sa, SaTold told, ExpiryLimit limit);
  Fate sealWhole(Sa& sa, InnerPacket& packet);
  Fate sealSegments(Sa& sa, const VnetHeader& header, const InnerPacket& packet);
  Fate sealFragments(Sa& sa, const InnerPacket& packet, uint32_t room);
  Fate tooBig(Sa& sa, const InnerPacket& packet, uint32_t room);
  template <typename Write>
  bool emit(Sa& sa, const InnerPacket& packet, uint32_t length, bool df, Write write);
  void clamp(const Sa& sa, InnerPacket& packet) const;
  void trace(const Sa& sa, const InnerPacket& packet, uint16_t reason, uint64_t nowNs);

  Tables& tables_;
  OutboundDoors doors_;
  PathCounters counters_;
  OuterBatch batch_;
  std::deque<Held> held_;
  size_t heldOctets_ = 0;
  std::deque<Awaiting> awaiting_;
  size_t awaitingOctets_ = 0;
  bool retrying_ = false;
  std::unordered_map<uint32_t, uint64_t> acquired_;
  Pace tooBigPace_{1000};
  Pace clearPace_{1};
  Pace tracePace_{100};
  uint64_t steeredSeen_ = 0;
  uint64_t nowNs_ = 0;
  DropReason lastDrop_{};
  std::unique_ptr<uint8_t[]> scratch_;
};

}  // namespace fastpath
