#include "outer_batch.h"

#include <sys/random.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "octets.h"

namespace fastpath {

OuterBatch::OuterBatch(Tables& tables, CryptoWorker& crypto, OuterDoor& door, PathCounters& counters)
    : tables_(tables),
      crypto_(crypto),
      door_(door),
      counters_(counters),
      arena_(std::make_unique_for_overwrite<uint8_t[]>(kArenaOctets)) {
  packets_.reserve(kJobsMax);
  jobs_.reserve(kJobsMax);
  messages_.reserve(kJobsMax);
  places_.reserve(kJobsMax);
}

uint8_t* OuterBatch::payload(const Sa& sa) {
  if (packets_.size() == kJobsMax || used_ + kLargestPacket > kArenaOctets) flush();
  return arena_.get() + used_ + sa.suite->headerOctets();
}

std::optional<DropReason> OuterBatch::seal(Sa& sa, const Outer& ends, uint32_t length, uint8_t nextHeader, uint8_t tos,
                                           bool df) {
  uint64_t number = 0;
  if (const auto refused = giveNumber(sa, number)) {
    counters_.drop(*refused);
    return refused;
  }
  const CipherSuite& suite = *sa.suite;
  uint8_t* packet = arena_.get() + used_;
  store32(packet, sa.spi);
  store32(packet + 4, static_cast<uint32_t>(number));
  fillIv(packet + 8, sa, number);
  uint8_t* trailer = packet + suite.headerOctets() + length;
  const uint32_t padding = (suite.block - (length + 2) % suite.block) % suite.block;
  for (uint32_t at = 0; at < padding; at++) trailer[at] = static_cast<uint8_t>(at + 1);
  trailer[padding] = static_cast<uint8_t>(padding);
  trailer[padding + 1] = nextHeader;
  const uint32_t sealed = static_cast<uint32_t>(suite.headerOctets()) + length + padding + 2;
  jobs_.push_back({&sa.key, packet, sealed, static_cast<uint32_t>(number >> 32), false});
  packets_.push_back({&sa, &ends, static_cast<uint32_t>(used_), sealed + suite.icv, tos, df});
  used_ += sealed + suite.icv;
  return std::nullopt;
}

std::optional<DropReason> OuterBatch::giveNumber(Sa& sa, uint64_t& number) {
  switch (sa.sequence.give(number)) {
    case OutboundSequence::Outcome::given:
      break;
    case OutboundSequence::Outcome::capReached:
      tell(sa, kToldCap, EventKind::capReached, sa.sequence.next());
      return DropReason::capReached;
    case OutboundSequence::Outcome::spaceUsedUp:
      tell(sa, kToldCap, EventKind::capReached, sa.sequence.next());
      return DropReason::sequenceEnd;
    case OutboundSequence::Outcome::failed:
      // Memory was overwritten or this code is wrong: the SA ends, the process and its other tunnels go on.
      sa.failed = true;
      tables_.events.push({EventKind::saFailed, 0, sa.place, sa.spi, 0, number, {}});
      return DropReason::saFailed;
  }
  sa.counters.set(SaCounter::sequence, number);
  if (sa.reservationLow > 0 && sa.sequence.left() < sa.reservationLow && sa.askedAt != sa.sequence.reserved()) {
    sa.askedAt = sa.sequence.reserved();
    tables_.events.push({EventKind::reservation, 0, sa.place, sa.spi, 0, sa.sequence.next(), {}});
  }
  return std::nullopt;
}

void OuterBatch::tell(Sa& sa, SaTold once, EventKind kind, uint64_t number) {
  if ((sa.told & once) != 0) return;
  sa.told |= once;
  tables_.events.push({kind, 0, sa.place, sa.spi, 0, number, {}});
}

void OuterBatch::fillIv(uint8_t* at, const Sa& sa, uint64_t number) {
  if (sa.suite->iv == 0) return;
  if (sa.suite->aead()) return store64(at, sa.sequence.iv(number, tables_.member));
  if (randomLeft_ < sa.suite->iv) {
    for (size_t filled = 0; filled < sizeof random_;) {
      const ssize_t got = getrandom(random_ + filled, sizeof random_ - filled, 0);
      // The kernel's generator cannot fail once it is seeded; without it nothing may be encrypted.
      if (got < 0 && errno != EINTR) std::abort();
      if (got > 0) filled += static_cast<size_t>(got);
    }
    randomLeft_ = sizeof random_;
  }
  randomLeft_ -= sa.suite->iv;
  std::memcpy(at, random_ + randomLeft_, sa.suite->iv);
}

void OuterBatch::flush() {
  if (packets_.empty()) return;
  crypto_.seal(jobs_);
  counters_.gauges.add(Gauge::sealed, packets_.size());
  counters_.gauges.add(Gauge::sealBatches);
  counters_.gauges.raise(Gauge::largestSealBatch, packets_.size());
  collect();
  if (!messages_.empty()) door_.send(messages_, counters_);
  messages_.clear();
  places_.clear();
  packets_.clear();
  jobs_.clear();
  used_ = 0;
}

/// Nothing leaves but of who is active or draining, under a lease that holds at this moment. What has a number when
/// those of its epoch are concluded leaves all the same: it is among them.
std::optional<DropReason> OuterBatch::refusal(size_t group, uint64_t nowNs) const {
  const RoleWords::Line line = tables_.roles.read(group);
  if (line.role != Role::active && line.role != Role::draining) return DropReason::notActive;
  if (line.leaseUntilNs <= nowNs) return DropReason::leaseOver;
  return std::nullopt;
}

void OuterBatch::collect() {
  const uint64_t nowNs = monotonicNs();
  // Neither a role nor an SA's newest number is asked for again for the next packet of the same.
  const Sa* asked = nullptr;
  std::optional<DropReason> refused;
  for (size_t at = 0; at < packets_.size(); at++) {
    const Packet& packet = packets_[at];
    if (!jobs_[at].ok) {
      counters_.drop(DropReason::saFailed);
      continue;
    }
    if (packet.sa != asked) {
      asked = packet.sa;
      refused = refusal(asked->group, nowNs);
      if (!refused) tables_.edges.move(asked->place, asked->counters.value(SaCounter::sequence));
    }
    if (refused) {
      counters_.drop(*refused);
      continue;
    }
    uint8_t* data = arena_.get() + packet.offset;
    counters_.gauges.add(Gauge::sealedOctets, packet.length);
    places_.push_back(packet.sa->place);
    if (!messages_.empty()) {
      OuterMessage& last = messages_.back();
      const bool samePeer = last.ends == packet.ends || *last.ends == *packet.ends;
      const bool fits = samePeer && last.tos == packet.tos && last.df == packet.df &&
                        last.data + last.length == data && last.length % last.segment == 0 &&
                        packet.length <= last.segment && last.length + packet.length <= kMessageOctetsMax &&
                        last.packets() < kMessagePacketsMax;
      if (fits) {
        last.length += packet.length;
        continue;
      }
    }
    messages_.push_back({packet.ends, data, packet.length, packet.length, &places_.back(), packet.tos, packet.df});
  }
}

}  // namespace fastpath
