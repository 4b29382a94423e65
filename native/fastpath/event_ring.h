// What the data path tells JavaScript: events and datagrams wait in bounded queues, one doorbell rings for both.
//
// Events are rare and paced where a peer could cause many; a queue that is full counts what it loses and says so later.
// The doorbell is an eventfd that is rung when something begins to wait.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <mutex>
#include <span>
#include <vector>

#include "records.h"

namespace fastpath {

/// In the order of the numbers in the record.
enum class EventKind : uint16_t {
  acquire,
  softExpiry,
  hardExpiry,
  unknownSpi,
  reservation,
  capReached,
  edge,
  peerMoved,
  pathMtu,
  outsideSelectors,
  clear,
  saFailed,
  trace,
  eventsLost,
};

enum class ExpiryLimit : uint16_t { octets, packets, time, sequence };

constexpr uint16_t kNoReason = 0xffff;

struct Event {
  EventKind kind;
  uint16_t detail = 0;
  uint32_t place = 0;
  uint32_t spi = 0;
  uint32_t policy = 0;
  uint64_t number = 0;
  PacketTuple packet{};
};

/// At most so many in each second.
class Pace {
 public:
  explicit Pace(uint32_t aSecond) : aSecond_(aSecond) {}
  bool take(uint64_t nowNs);

 private:
  uint64_t second_ = 0;
  uint32_t taken_ = 0;
  uint32_t aSecond_;
};

class EventRing {
 public:
  EventRing();
  ~EventRing();
  EventRing(const EventRing&) = delete;
  EventRing& operator=(const EventRing&) = delete;

  void push(const Event& event);
  /// False when the queue is full.
  bool pushDatagram(std::span<const uint8_t> octets, int family, const IpAddress& local, const Endpoint& remote);
  /// Rings without an event: edges moved, or something retired can be freed.
  void ring();

  // By the reading thread.

  int doorbell() const { return doorbell_; }
  /// Whole records; octets written. The doorbell is silenced first, so that what comes later rings again.
  size_t takeEvents(std::span<uint8_t> into);
  size_t takeDatagrams(std::span<uint8_t> into);

 private:
  static constexpr size_t kEventsMax = 8192;
  static constexpr size_t kDatagramOctetsMax = 4 << 20;

  void silence();
  void ringAgainIfNeeded();

  std::mutex mutex_;
  std::deque<Event> events_;
  std::deque<std::vector<uint8_t>> datagrams_;
  size_t datagramOctets_ = 0;
  uint64_t lost_ = 0;
  int doorbell_;
};

}  // namespace fastpath
