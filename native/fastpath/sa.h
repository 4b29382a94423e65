// One direction of an ESP SA, as the threads that move packets hold it.
//
// What changes with packets belongs to one thread, the one of its direction. What JavaScript may change meanwhile is
// atomic: numbers that only rise, and the outer addresses behind a pointer that is replaced whole.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "crypto.h"
#include "outbound_sequence.h"
#include "records.h"
#include "replay_window.h"
#include "sa_counters.h"

namespace fastpath {

/// Between which addresses the SA's packets travel.
struct Outer {
  IpAddress local;
  Endpoint remote;
  uint8_t family;
  /// ESP in UDP, RFC 3948.
  bool udp;

  friend bool operator==(const Outer&, const Outer&) = default;
};

/// How the events that come once are remembered. A bit each.
enum SaTold : uint8_t {
  kToldSoft = 1,
  kToldHard = 2,
  kToldCap = 4,
  kToldSequence = 8,
};


struct Sa {
  explicit Sa(const SaSpec& spec);

  // What never changes.
  const uint32_t spi;
  const uint32_t place;
  const CipherSuite* const suite;
  const uint16_t group;
  const uint16_t mss;
  const bool inbound;
  const bool transport;
  const bool esn;
  const bool peerMayMove;
  const bool fragmentAfter;
  const bool dscpFixed;
  const bool ecnCompatibility;
  const bool mssAuto;
  const DfPolicy df;
  const uint8_t dscp;
  const uint32_t edgeInterval;
  const uint64_t reservationLow;
  const uint64_t softOctets;
  const uint64_t hardOctets;
  const uint64_t softPackets;
  const uint64_t hardPackets;
  const uint64_t softAtNs;
  const std::vector<Selector> selectors;
  SaKey key;

  // Of the thread that it belongs to.
  OutboundSequence sequence;
  ReplayWindow window;
  SaCounters counters;
  uint64_t askedAt = UINT64_MAX;
  uint64_t edgeTold = 0;
  /// Where the newest authenticated packet came from, once that differed from what was configured.
  Endpoint seenRemote;
  uint8_t told = 0;
  bool failed = false;

  // Of the installing thread: the bundles that are steered here.
  std::vector<uint32_t> bundles;

  // From outside, at any time.
  std::atomic<const Outer*> outer{nullptr};
  std::atomic<uint32_t> pathMtu;
  /// The highest number that another gateway accepted; everything up to it counts as seen.
  std::atomic<uint64_t> edgeFloor;
  std::atomic<uint64_t> hardAtNs;

  /// Whether a packet between these ends belongs here. A fragment that shows no ports may belong.
  bool means(const PacketTuple& packet) const {
    for (const Selector& selector : selectors) {
      if (selector.match(packet) != Match::no) return true;
    }
    return false;
  }

  /// Octets in front of the payload that a packet in `family` has outside: outer header, UDP, ESP header and IV.
  uint32_t innerRoom() const;
};

}  // namespace fastpath
