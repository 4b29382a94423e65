// What the two directions share: the tables, the counters, and the doors that packets leave by.
//
// The doors are interfaces, so that the same code moves packets between sockets and devices in a gateway, and between
// buffers in tests and fuzzers.
#pragma once

#include <sys/uio.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

#include "drop_reason.h"
#include "event_ring.h"
#include "handovers.h"
#include "policy_table.h"
#include "role_words.h"
#include "sa_counters.h"
#include "sa_table.h"
#include "superpacket.h"

namespace fastpath {

#define FASTPATH_GAUGES(gauge)                                  \
  gauge(rounds, "rounds")                                       \
  gauge(innerReads, "packets and superpackets read from inside") \
  gauge(arrivalsInClear, "packets that arrived in clear")       \
  gauge(sealed, "packets sealed")                               \
  gauge(sealedOctets, "octets sealed")                          \
  gauge(sealBatches, "seal batches")                            \
  gauge(largestSealBatch, "largest seal batch")                 \
  gauge(sends, "outer messages sent")                           \
  gauge(sendCalls, "send calls")                                \
  gauge(receiveCalls, "receive calls")                          \
  gauge(received, "outer messages received")                    \
  gauge(opened, "packets opened")                               \
  gauge(openedOctets, "octets opened")                          \
  gauge(openBatches, "open batches")                            \
  gauge(largestOpenBatch, "largest open batch")                 \
  gauge(innerWrites, "packets and superpackets written inside") \
  gauge(merged, "packets merged into superpackets")             \
  gauge(bypassed, "packets sent in clear by policy")            \
  gauge(held, "packets held for an SA")                         \
  gauge(awaited, "packets held for a role")                     \
  gauge(fragmented, "packets fragmented before encryption")     \
  gauge(tooBigSent, "ICMP too big sent inside")

enum class Gauge : uint8_t {
#define FASTPATH_NAME(name, text) name,
  FASTPATH_GAUGES(FASTPATH_NAME)
#undef FASTPATH_NAME
};

constexpr std::array kGaugeNames = {
#define FASTPATH_TEXT(name, text) text,
    FASTPATH_GAUGES(FASTPATH_TEXT)
#undef FASTPATH_TEXT
};

/// Of one direction, written by its thread alone.
struct PathCounters {
  CountersOf<DropReason, kDropReasons> drops;
  CountersOf<Gauge, kGaugeNames.size()> gauges;

  void drop(DropReason reason, uint64_t packets = 1) { drops.add(reason, packets); }
};

/// Words of shared memory that JavaScript's threads read: the edge of each SA, and which of them moved.
class Edges {
 public:
  Edges(uint64_t* words, uint32_t* dirty) : words_(words), dirty_(dirty) {}

  void move(uint32_t place, uint64_t edge) {
    __atomic_store_n(words_ + place, edge, __ATOMIC_RELEASE);
    const uint32_t bit = uint32_t{1} << (place & 31);
    uint32_t* word = dirty_ + place / 32;
    if ((__atomic_load_n(word, __ATOMIC_RELAXED) & bit) == 0) __atomic_fetch_or(word, bit, __ATOMIC_RELEASE);
  }

 private:
  uint64_t* words_;
  uint32_t* dirty_;
};

struct Tables {
  Tables(size_t places, CryptoProvider& crypto, RoleWords roles, Edges edges, unsigned member, uint16_t espPort)
      : sas(places, crypto, retirement),
        policies(retirement),
        roles(roles),
        handovers(roles.lines()),
        edges(edges),
        member(member),
        espPort(espPort) {}

  Retirement retirement;
  SaTable sas;
  PolicyTable policies;
  const RoleWords roles;
  Handovers handovers;
  Edges edges;
  const unsigned member;
  /// Of ESP in UDP, 4500.
  const uint16_t espPort;
  EventRing events;
  /// Whose packets are reported one by one; 0 is nobody's.
  std::atomic<uint32_t> tracedSpi{0};
  /// Rises when a bundle gets an SA, so that packets held for one are tried again.
  std::atomic<uint64_t> steered{0};
};

/// One datagram, or several of one size that leave in one call (UDP_SEGMENT): to one peer, but under any of its SAs.
struct OuterMessage {
  const Outer* ends;
  /// Each is one outer packet's payload; they lie one behind the other, all but the last `segment` octets long.
  uint8_t* data;
  uint32_t length;
  uint32_t segment;
  /// Of the SA of each packet.
  const uint32_t* places;
  uint8_t tos;
  bool df;

  uint32_t packets() const { return (length + segment - 1) / segment; }
};

class OuterDoor {
 public:
  virtual ~OuterDoor() = default;
  virtual void send(std::span<const OuterMessage> messages, PathCounters& counters) = 0;
};

class InnerDoor {
 public:
  virtual ~InnerDoor() = default;
  /// One packet or superpacket in pieces. False when the device has no room.
  virtual bool write(const VnetHeader& header, std::span<const iovec> pieces) = 0;
};

/// Where packets leave that policy lets pass in clear.
class ClearDoor {
 public:
  virtual ~ClearDoor() = default;
  virtual bool send(const InnerPacket& packet) = 0;
};

}  // namespace fastpath
