#include "outbound.h"

#include <algorithm>
#include <cstring>

#include "icmp_too_big.h"

namespace fastpath {
namespace {

constexpr size_t kScratchOctets = 65536 + 64;
constexpr uint8_t kNextIp4 = 4;
constexpr uint8_t kNextIp6 = 41;
constexpr uint8_t kEcnMask = 3;
constexpr uint32_t kIp6Header = 40;

uint8_t outerTos(const Sa& sa, uint8_t inner) {
  const uint8_t dscp = sa.dscpFixed ? static_cast<uint8_t>(sa.dscp << 2) : static_cast<uint8_t>(inner & ~kEcnMask);
  return sa.ecnCompatibility ? dscp : static_cast<uint8_t>(dscp | (inner & kEcnMask));
}

bool outerDf(const Sa& sa, const InnerPacket& packet) {
  switch (sa.df) {
    case DfPolicy::set:
      return true;
    case DfPolicy::clear:
      return false;
    case DfPolicy::copy:
      break;
  }
  return packet.df;
}

/// Whether a packet that has no room may be cut before it is encrypted.
bool mayCut(const Sa& sa, const InnerPacket& packet) {
  return packet.tuple.family == 4 && (!packet.df || sa.df == DfPolicy::clear) && !sa.fragmentAfter && !sa.transport;
}

/// Whether one of `length` that has no room goes in pieces outside. IPv6 cannot be told of less than 1,280 (RFC 2473).
bool kernelCuts(const Sa& sa, const InnerPacket& packet, uint32_t length) {
  const bool least6 = packet.tuple.family == 6 && length <= 1280;
  const bool cuts = least6 || (sa.fragmentAfter && !outerDf(sa, packet)) || (sa.transport && !packet.df);
  // What ESP adds must still fit an IP packet.
  return cuts && length <= 65535 - 256;
}

/// What in front of ESP's payload is not encrypted: nothing in tunnel mode, the IP header itself in transport mode.
uint32_t headerOutside(const Sa& sa, const InnerPacket& packet) {
  if (!sa.transport) return 0;
  return packet.tuple.family == 4 ? packet.headerLength : kIp6Header;
}

uint8_t nextHeader(const Sa& sa, const InnerPacket& packet) {
  if (!sa.transport) return packet.tuple.family == 4 ? kNextIp4 : kNextIp6;
  // IPv6 extension headers travel inside, so the first of them is what follows.
  return packet.tuple.family == 4 ? packet.tuple.protocol : packet.data[6];
}

}  // namespace

Outbound::Outbound(Tables& tables, CryptoWorker& crypto, OutboundDoors doors)
    : tables_(tables),
      doors_(doors),
      batch_(tables, crypto, doors.outer, counters_),
      scratch_(std::make_unique_for_overwrite<uint8_t[]>(kScratchOctets)) {}

Fate Outbound::drop(DropReason reason) {
  counters_.drop(reason);
  lastDrop_ = reason;
  return Fate::dropped;
}

Fate Outbound::take(const VnetHeader& header, std::span<uint8_t> octets, uint64_t nowNs) {
  nowNs_ = nowNs;
  counters_.gauges.add(Gauge::innerReads);
  InnerPacket packet;
  if (!readInner(octets, false, packet)) return drop(DropReason::innerMalformed);
  const PolicyIndex& policies = tables_.policies.current();
  const PolicySpec* policy = policies.find(packet.tuple);
  if (policy != nullptr) {
    switch (policy->action) {
      case PolicyAction::protect:
        return protect(*policy, header, packet, nowNs);
      case PolicyAction::drop:
        return drop(DropReason::policyDrop);
      case PolicyAction::bypass:
        return inClear(header, packet);
    }
  }
  return unlessProtected(header, packet);
}

Fate Outbound::takeArrival(const VnetHeader& header, std::span<uint8_t> octets) {
  nowNs_ = monotonicNs();
  counters_.gauges.add(Gauge::arrivalsInClear);
  InnerPacket packet;
  if (!readInner(octets, false, packet)) return drop(DropReason::innerMalformed);
  return unlessProtected(header, packet);
}

Fate Outbound::unlessProtected(const VnetHeader& header, InnerPacket& packet) {
  const PolicySpec* policy = tables_.policies.current().find(packet.tuple.reversed());
  if (policy == nullptr || policy->action == PolicyAction::bypass) return inClear(header, packet);
  if (clearPace_.take(nowNs_)) {
    tables_.events.push({EventKind::clear, 0, 0, 0, policy->id, 0, packet.tuple});
  }
  return drop(DropReason::clear);
}

Fate Outbound::inClear(const VnetHeader& header, InnerPacket& packet) {
  if (header.gsoType == kGsoNone) {
    if (!finishChecksum(header, packet)) return drop(DropReason::innerMalformed);
    counters_.gauges.add(Gauge::bypassed);
    return doors_.clear.send(packet) ? Fate::bypass : drop(DropReason::bypassFailed);
  }
  Segmenter segmenter;
  if (!segmenter.begin(header, packet)) return drop(DropReason::innerMalformed);
  Fate fate = Fate::bypass;
  for (uint32_t index = 0; index < segmenter.segments(); index++) {
    segmenter.write(index, scratch_.get());
    InnerPacket segment;
    counters_.gauges.add(Gauge::bypassed);
    const bool read = readInner({scratch_.get(), segmenter.length(index)}, false, segment);
    if (!read || !doors_.clear.send(segment)) fate = drop(DropReason::bypassFailed);
  }
  return fate;
}

Fate Outbound::protect(const PolicySpec& policy, const VnetHeader& header, InnerPacket& packet, uint64_t nowNs) {
  Sa* sa = tables_.sas.bundle(policy.bundle);
  const size_t group = sa == nullptr ? policy.group : sa->group;
  const RoleWords::Line line = tables_.roles.read(group);
  if (!tables_.handovers.encrypts(group, line)) {
    return tables_.handovers.expects(group, nowNs) ? await(group, header, packet) : drop(DropReason::notActive);
  }
  // What came before it goes before it.
  if (!awaiting_.empty() && !retrying_) retryAwaiting(nowNs);
  if (line.leaseUntilNs <= nowNs) return drop(DropReason::leaseOver);
  if (sa == nullptr || !sa->means(packet.tuple)) return hold(policy, header, packet, nowNs);
  sa->sequence.enter(line.epoch);
  Fate fate = Fate::dropped;
  if (sa->failed) {
    fate = drop(DropReason::saFailed);
  } else if (!withinLimits(*sa, nowNs)) {
    fate = drop(DropReason::lifetimeOver);
  } else if (sa->transport && packet.tuple.family == 4 && packet.fragment) {
    // The header that says which fragment it is stays outside and is written anew (RFC 4303 section 3.3.4).
    fate = drop(DropReason::transportFragment);
  } else if (header.gsoType != kGsoNone) {
    fate = sealSegments(*sa, header, packet);
  } else if (!finishChecksum(header, packet)) {
    fate = drop(DropReason::innerMalformed);
  } else {
    fate = sealWhole(*sa, packet);
  }
  if (tables_.tracedSpi.load(std::memory_order_relaxed) == sa->spi) {
    trace(*sa, packet, fate == Fate::dropped ? static_cast<uint16_t>(lastDrop_) : kNoReason, nowNs);
  }
  return fate;
}

Fate Outbound::hold(const PolicySpec& policy, const VnetHeader& header, const InnerPacket& packet, uint64_t nowNs) {
  if (acquired_.size() >= kAcquiresKept) acquired_.clear();
  uint64_t& asked = acquired_[policy.bundle];
  if (asked == 0 || nowNs - asked >= kNsPerSecond) {
    asked = nowNs;
    tables_.events.push({EventKind::acquire, 0, policy.bundle, 0, policy.id, 0, packet.tuple});
  }
  const auto mine =
      std::count_if(held_.begin(), held_.end(), [&](const Held& each) { return each.bundle == policy.bundle; });
  if (mine >= kHeldEach || held_.size() >= kHeldMax || heldOctets_ + packet.length > kHeldOctetsMax) {
    return drop(DropReason::noSa);
  }
  held_.push_back({policy.bundle, nowNs, header, {packet.data, packet.data + packet.length}});
  heldOctets_ += packet.length;
  counters_.gauges.add(Gauge::held);
  return Fate::held;
}

Fate Outbound::await(size_t line, const VnetHeader& header, const InnerPacket& packet) {
  if (awaiting_.size() >= kAwaitingMax || awaitingOctets_ + packet.length > kAwaitingOctetsMax) {
    return drop(DropReason::notActive);
  }
  awaiting_.push_back({line, header, {packet.data, packet.data + packet.length}});
  awaitingOctets_ += packet.length;
  counters_.gauges.add(Gauge::awaited);
  return Fate::held;
}

/// Each goes the way of a packet that has just come; one that must wait on does so where it stood, and so do those of
/// its line behind it.
void Outbound::retryAwaiting(uint64_t nowNs) {
  std::deque<Awaiting> waited;
  waited.swap(awaiting_);
  awaitingOctets_ = 0;
  std::unordered_set<size_t> waiting;
  retrying_ = true;
  for (Awaiting& each : waited) {
    const auto waits = [&] {
      return tables_.handovers.expects(each.line, nowNs) &&
             !tables_.handovers.encrypts(each.line, tables_.roles.read(each.line));
    };
    if (waiting.contains(each.line) || waits()) {
      waiting.insert(each.line);
      awaitingOctets_ += each.octets.size();
      awaiting_.push_back(std::move(each));
    } else {
      take(each.header, each.octets, nowNs);
    }
  }
  retrying_ = false;
}

void Outbound::retryHeld(uint64_t nowNs) {
  if (!awaiting_.empty()) retryAwaiting(nowNs);
  const uint64_t steered = tables_.steered.load(std::memory_order_acquire);
  if (held_.empty()) {
    steeredSeen_ = steered;
    return;
  }
  const bool due = nowNs - held_.front().sinceNs >= kHeldForNs;
  if (steered == steeredSeen_ && !due) return;
  steeredSeen_ = steered;
  std::deque<Held> waiting;
  waiting.swap(held_);
  heldOctets_ = 0;
  for (Held& each : waiting) {
    if (nowNs - each.sinceNs >= kHeldForNs) {
      drop(DropReason::heldTooLong);
    } else if (tables_.sas.bundle(each.bundle) == nullptr) {
      heldOctets_ += each.octets.size();
      held_.push_back(std::move(each));
    } else if (take(each.header, each.octets, nowNs) != Fate::held) {
      // What was asked for came; should it go again, it is asked for at once.
      acquired_.erase(each.bundle);
    }
  }
}

bool Outbound::withinLimits(Sa& sa, uint64_t nowNs) {
  const uint64_t octets = sa.counters.value(SaCounter::octets);
  const uint64_t packets = sa.counters.value(SaCounter::packets);
  if (octets >= sa.hardOctets) return expire(sa, kToldHard, ExpiryLimit::octets), false;
  if (packets >= sa.hardPackets) return expire(sa, kToldHard, ExpiryLimit::packets), false;
  if (nowNs >= sa.hardAtNs.load(std::memory_order_relaxed)) return expire(sa, kToldHard, ExpiryLimit::time), false;
  if (octets >= sa.softOctets) expire(sa, kToldSoft, ExpiryLimit::octets);
  if (packets >= sa.softPackets) expire(sa, kToldSoft, ExpiryLimit::packets);
  if (nowNs >= sa.softAtNs) expire(sa, kToldSoft, ExpiryLimit::time);
  if (sa.sequence.nearEnd()) expire(sa, kToldSequence, ExpiryLimit::sequence);
  return true;
}

void Outbound::expire(Sa& sa, SaTold told, ExpiryLimit limit) {
  if ((sa.told & told) != 0) return;
  sa.told |= told;
  const EventKind kind = told == kToldHard ? EventKind::hardExpiry : EventKind::softExpiry;
  tables_.events.push({kind, static_cast<uint16_t>(limit), sa.place, sa.spi, 0, 0, {}});
}

/// One outer packet; false when it was dropped. `write` puts `length` octets of IP packet where it is told.
template <typename Write>
bool Outbound::emit(Sa& sa, const InnerPacket& packet, uint32_t length, bool df, Write write) {
  const Outer& ends = *sa.outer.load(std::memory_order_acquire);
  const uint32_t outside = headerOutside(sa, packet);
  uint8_t* payload = batch_.payload(sa);
  if (outside == 0) {
    write(payload);
  } else {
    write(scratch_.get());
    std::memcpy(payload, scratch_.get() + outside, length - outside);
  }
  const uint8_t tos = outerTos(sa, packet.tos);
  if (const auto refused = batch_.seal(sa, ends, length - outside, nextHeader(sa, packet), tos, df)) {
    lastDrop_ = *refused;
    return false;
  }
  sa.counters.add(SaCounter::packets);
  sa.counters.add(SaCounter::octets, length);
  sa.counters.set(SaCounter::lastUsedNs, nowNs_);
  return true;
}

Fate Outbound::sealWhole(Sa& sa, InnerPacket& packet) {
  if (sa.mss != 0 || sa.mssAuto) clamp(sa, packet);
  const uint32_t room = sa.innerRoom() + headerOutside(sa, packet);
  bool df = outerDf(sa, packet);
  if (packet.length > room) {
    if (mayCut(sa, packet)) return sealFragments(sa, packet, room);
    if (!kernelCuts(sa, packet, packet.length)) return tooBig(sa, packet, room);
    df = false;
  }
  const auto write = [&](uint8_t* at) { std::memcpy(at, packet.data, packet.length); };
  return emit(sa, packet, packet.length, df, write) ? Fate::sent : Fate::dropped;
}

Fate Outbound::sealSegments(Sa& sa, const VnetHeader& header, const InnerPacket& packet) {
  Segmenter segmenter;
  if (!segmenter.begin(header, packet)) return drop(DropReason::innerMalformed);
  const uint32_t room = sa.innerRoom() + headerOutside(sa, packet);
  const bool large = segmenter.length(0) > room;
  const bool cut = large && mayCut(sa, packet);
  if (large && !cut && !kernelCuts(sa, packet, segmenter.length(0))) return tooBig(sa, packet, room);
  const bool df = outerDf(sa, packet) && (!large || cut);
  for (uint32_t index = 0; index < segmenter.segments(); index++) {
    // A hard limit is never passed, not even inside a superpacket (E22).
    if (!withinLimits(sa, nowNs_)) return drop(DropReason::lifetimeOver);
    if (cut && segmenter.length(index) > room) {
      segmenter.write(index, scratch_.get());
      InnerPacket segment;
      if (!readInner({scratch_.get(), segmenter.length(index)}, false, segment)) continue;
      if (sealFragments(sa, segment, room) == Fate::dropped) return Fate::dropped;
      continue;
    }
    const auto write = [&](uint8_t* at) { segmenter.write(index, at); };
    if (!emit(sa, packet, segmenter.length(index), df, write)) return Fate::dropped;
  }
  return Fate::sent;
}

Fate Outbound::sealFragments(Sa& sa, const InnerPacket& packet, uint32_t room) {
  Fragmenter fragmenter;
  if (!fragmenter.begin(packet, room)) return drop(DropReason::tooBig);
  counters_.gauges.add(Gauge::fragmented);
  for (uint32_t index = 0; index < fragmenter.fragments(); index++) {
    if (!withinLimits(sa, nowNs_)) return drop(DropReason::lifetimeOver);
    const auto write = [&](uint8_t* at) { fragmenter.write(index, at); };
    if (!emit(sa, packet, fragmenter.length(index), outerDf(sa, packet), write)) return Fate::dropped;
  }
  return Fate::sent;
}

Fate Outbound::tooBig(Sa&, const InnerPacket& packet, uint32_t room) {
  uint8_t message[kTooBigMax];
  const auto reply = makeTooBig(packet, std::max<uint32_t>(room, packet.tuple.family == 4 ? 68 : 1280), message);
  if (!reply.empty() && tooBigPace_.take(nowNs_)) {
    const iovec piece{const_cast<uint8_t*>(reply.data()), reply.size()};
    if (doors_.inner.write({}, {&piece, 1})) counters_.gauges.add(Gauge::tooBigSent);
  }
  return drop(DropReason::tooBig);
}

void Outbound::clamp(const Sa& sa, InnerPacket& packet) const {
  const uint32_t headers = packet.headerLength + 20;
  const uint32_t room = sa.innerRoom() + headerOutside(sa, packet);
  const uint32_t automatic = room > headers ? room - headers : 0;
  const uint32_t mss = sa.mssAuto ? automatic : sa.mss;
  if (mss > 0) clampMss(packet, static_cast<uint16_t>(std::min<uint32_t>(mss, 65535)));
}

void Outbound::trace(const Sa& sa, const InnerPacket& packet, uint16_t reason, uint64_t nowNs) {
  if (!tracePace_.take(nowNs)) return;
  const uint64_t sequence = sa.counters.value(SaCounter::sequence);
  tables_.events.push({EventKind::trace, reason, sa.place, sa.spi, 0, sequence, packet.tuple});
}

}  // namespace fastpath
