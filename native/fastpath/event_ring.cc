#include "event_ring.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include "octets.h"

namespace fastpath {
namespace {

template <typename Number>
void put(uint8_t* at, Number value) {
  std::memcpy(at, &value, sizeof value);
}

void encode(const Event& event, uint8_t* at) {
  std::memset(at, 0, kEventOctets);
  put(at, static_cast<uint16_t>(event.kind));
  put(at + 2, event.detail);
  put(at + 4, event.place);
  put(at + 8, event.spi);
  put(at + 12, event.policy);
  put(at + 16, event.number);
  put(at + 24, event.packet.sourcePort);
  put(at + 26, event.packet.destinationPort);
  at[30] = event.packet.family;
  at[31] = event.packet.protocol;
  event.packet.source.store(at + 32);
  event.packet.destination.store(at + 48);
}

}  // namespace

bool Pace::take(uint64_t nowNs) {
  const uint64_t second = nowNs / kNsPerSecond;
  if (second != second_) {
    second_ = second;
    taken_ = 0;
  }
  if (taken_ >= aSecond_) return false;
  taken_++;
  return true;
}

EventRing::EventRing() : doorbell_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  if (doorbell_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
}

EventRing::~EventRing() { close(doorbell_); }

void EventRing::ring() {
  const uint64_t one = 1;
  // Refused only when the counter is full, which is a bell that rings already.
  [[maybe_unused]] const ssize_t written = write(doorbell_, &one, sizeof one);
}

void EventRing::silence() {
  uint64_t rung = 0;
  [[maybe_unused]] const ssize_t taken = read(doorbell_, &rung, sizeof rung);
}

void EventRing::push(const Event& event) {
  const std::lock_guard lock(mutex_);
  if (events_.size() >= kEventsMax) {
    lost_++;
    return;
  }
  events_.push_back(event);
  if (events_.size() == 1) ring();
}

bool EventRing::pushDatagram(std::span<const uint8_t> octets, int family, const IpAddress& local,
                             const Endpoint& remote) {
  const size_t length = kDatagramHeaderOctets + (octets.size() + 7) / 8 * 8;
  const std::lock_guard lock(mutex_);
  if (datagramOctets_ + length > kDatagramOctetsMax) return false;
  std::vector<uint8_t> record(length);
  put(record.data(), static_cast<uint32_t>(octets.size()));
  put(record.data() + 4, remote.port);
  record[6] = static_cast<uint8_t>(family);
  local.store(record.data() + 16);
  remote.address.store(record.data() + 32);
  std::memcpy(record.data() + kDatagramHeaderOctets, octets.data(), octets.size());
  datagrams_.push_back(std::move(record));
  datagramOctets_ += length;
  if (datagrams_.size() == 1) ring();
  return true;
}

size_t EventRing::takeEvents(std::span<uint8_t> into) {
  const std::lock_guard lock(mutex_);
  silence();
  if (lost_ > 0 && events_.size() < kEventsMax) {
    events_.push_back({EventKind::eventsLost, 0, 0, 0, 0, lost_, {}});
    lost_ = 0;
  }
  size_t written = 0;
  while (!events_.empty() && written + kEventOctets <= into.size()) {
    encode(events_.front(), into.data() + written);
    events_.pop_front();
    written += kEventOctets;
  }
  ringAgainIfNeeded();
  return written;
}

size_t EventRing::takeDatagrams(std::span<uint8_t> into) {
  const std::lock_guard lock(mutex_);
  silence();
  size_t written = 0;
  while (!datagrams_.empty() && written + datagrams_.front().size() <= into.size()) {
    const std::vector<uint8_t>& record = datagrams_.front();
    std::memcpy(into.data() + written, record.data(), record.size());
    written += record.size();
    datagramOctets_ -= record.size();
    datagrams_.pop_front();
  }
  ringAgainIfNeeded();
  return written;
}

/// One bell for two queues: what one reader leaves, or the other queue holds, must ring on.
void EventRing::ringAgainIfNeeded() {
  if (!events_.empty() || !datagrams_.empty()) ring();
}

}  // namespace fastpath
