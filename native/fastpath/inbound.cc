#include "inbound.h"

#include <cstring>

#include "checksum.h"
#include "inner_rules.h"
#include "octets.h"

namespace fastpath {
namespace {

constexpr uint8_t kNextIp4 = 4;
constexpr uint8_t kNextIp6 = 41;
constexpr uint8_t kNextNone = 59;
constexpr uint8_t kEcnMask = 3;
constexpr uint32_t kSpiReserved = 256;
constexpr uint8_t kRebuiltHops = 64;

/// RFC 4303 section 2.4: the padding counts up from 1. All of it is looked at, whatever is found.
bool paddingRight(const uint8_t* trailer, uint32_t padding) {
  uint8_t difference = 0;
  for (uint32_t at = 0; at < padding; at++) difference |= static_cast<uint8_t>(trailer[at] ^ (at + 1));
  return difference == 0;
}

}  // namespace

Inbound::Inbound(Tables& tables, CryptoWorker& crypto, InnerDoor& door, bool udpSuperpackets)
    : tables_(tables),
      crypto_(crypto),
      inside_(door, counters_, udpSuperpackets),
      rebuilt_(std::make_unique_for_overwrite<uint8_t[]>(kRebuiltOctets)) {
  waiting_.reserve(kJobsMax);
  jobs_.reserve(kJobsMax);
}

void Inbound::drop(DropReason reason) {
  counters_.drop(reason);
  lastDrop_ = reason;
}

void Inbound::drop(Sa& sa, SaCounter counter, DropReason reason) {
  sa.counters.add(counter);
  drop(reason);
}

void Inbound::take(const OuterPacket& packet, uint64_t nowNs) {
  nowNs_ = nowNs;
  Sa* sa = findSa(packet, nowNs);
  if (sa == nullptr) return;
  const CipherSuite& suite = *sa->suite;
  const uint32_t around = static_cast<uint32_t>(suite.headerOctets()) + suite.icv;
  // A trailer at least, and whole blocks.
  if (packet.length < around + suite.block || (packet.length - around) % suite.block != 0) {
    return drop(*sa, SaCounter::malformed, DropReason::tooShort);
  }
  const uint64_t floor = sa->edgeFloor.load(std::memory_order_acquire);
  if (floor > sa->window.top()) sa->window.raise(floor);
  const uint32_t low = load32(packet.data + 4);
  if (low == 0 && !sa->esn) return drop(*sa, SaCounter::replayed, DropReason::sequenceZero);
  const uint64_t number = sa->window.infer(low);
  if (!sa->window.check(number)) return drop(*sa, SaCounter::replayed, DropReason::replayed);
  if (waiting_.size() == kJobsMax) openAll();
  waiting_.push_back({sa, packet, number});
  jobs_.push_back({&sa->key, packet.data, packet.length - suite.icv, static_cast<uint32_t>(number >> 32), false});
}

Sa* Inbound::findSa(const OuterPacket& packet, uint64_t nowNs) {
  if (packet.length < 8) return drop(DropReason::tooShort), nullptr;
  const uint32_t spi = load32(packet.data);
  if (lastSa_ != nullptr && lastSa_->spi == spi) return lastSa_;
  if (spi < kSpiReserved) return drop(DropReason::invalidSpi), nullptr;
  Sa* sa = tables_.sas.inbound(spi);
  if (sa == nullptr) return unknown(packet, spi, nowNs), nullptr;
  if (!mayReceive(*sa, nowNs)) return nullptr;
  return lastSa_ = sa;
}

bool Inbound::mayReceive(Sa& sa, uint64_t nowNs) {
  const RoleWords::Line line = tables_.roles.read(sa.group);
  if (line.role == Role::init || line.role == Role::standby) return drop(DropReason::notActive), false;
  if (line.leaseUntilNs <= nowNs) return drop(DropReason::leaseOver), false;
  if (expired(sa, nowNs)) return drop(DropReason::lifetimeOver), false;
  return true;
}

bool Inbound::expired(Sa& sa, uint64_t nowNs) {
  const uint64_t octets = sa.counters.value(SaCounter::octets);
  const uint64_t packets = sa.counters.value(SaCounter::packets);
  if (octets >= sa.hardOctets) return expire(sa, kToldHard, ExpiryLimit::octets), true;
  if (packets >= sa.hardPackets) return expire(sa, kToldHard, ExpiryLimit::packets), true;
  if (nowNs >= sa.hardAtNs.load(std::memory_order_relaxed)) return expire(sa, kToldHard, ExpiryLimit::time), true;
  if (octets >= sa.softOctets) expire(sa, kToldSoft, ExpiryLimit::octets);
  if (packets >= sa.softPackets) expire(sa, kToldSoft, ExpiryLimit::packets);
  if (nowNs >= sa.softAtNs) expire(sa, kToldSoft, ExpiryLimit::time);
  return false;
}

void Inbound::expire(Sa& sa, SaTold told, ExpiryLimit limit) {
  if ((sa.told & told) != 0) return;
  sa.told |= told;
  const EventKind kind = told == kToldHard ? EventKind::hardExpiry : EventKind::softExpiry;
  tables_.events.push({kind, static_cast<uint16_t>(limit), sa.place, sa.spi, 0, 0, {}});
}

void Inbound::unknown(const OuterPacket& packet, uint32_t spi, uint64_t nowNs) {
  drop(DropReason::unknownSpi);
  unknownCount_++;
  if (!unknownPace_.take(nowNs)) return;
  PacketTuple tuple{packet.from.address, packet.to, packet.from.port, 0, kEsp, packet.family, false, false};
  tables_.events.push({EventKind::unknownSpi, 0, 0, spi, 0, unknownCount_, tuple});
  unknownCount_ = 0;
}

void Inbound::flush() {
  openAll();
  inside_.flush();
  rebuiltUsed_ = 0;
  allowedSa_ = nullptr;
}

void Inbound::openAll() {
  lastSa_ = nullptr;
  if (waiting_.empty()) return;
  crypto_.open(jobs_);
  counters_.gauges.add(Gauge::openBatches);
  counters_.gauges.raise(Gauge::largestOpenBatch, jobs_.size());
  for (size_t at = 0; at < waiting_.size(); at++) opened(waiting_[at], jobs_[at]);
  waiting_.clear();
  jobs_.clear();
}

void Inbound::opened(const Waiting& waiting, const CryptoJob& job) {
  Sa& sa = *waiting.sa;
  const uint64_t before = counters_.gauges.value(Gauge::opened);
  const uint64_t top = sa.window.top();
  InnerPacket packet{};
  if (!job.ok) {
    drop(sa, SaCounter::notAuthentic, DropReason::notAuthentic);
  } else if (!sa.window.accept(waiting.number)) {
    // Another of this batch had the same number.
    drop(sa, SaCounter::replayed, DropReason::replayed);
  } else {
    // Without a window the newest number is accepted again and again, and what is recorded must move nobody.
    if (waiting.number > top) newest(sa, waiting);
    if (unwrap(waiting, job, packet) && allowed(sa, packet)) {
      counters_.gauges.add(Gauge::opened);
      counters_.gauges.add(Gauge::openedOctets, packet.length);
      sa.counters.add(SaCounter::packets);
      sa.counters.add(SaCounter::octets, packet.length);
      sa.counters.set(SaCounter::lastUsedNs, nowNs_);
      inside_.add(packet);
    }
  }
  if (tables_.tracedSpi.load(std::memory_order_relaxed) != sa.spi) return;
  const bool went = counters_.gauges.value(Gauge::opened) != before;
  trace(sa, waiting.number, went ? kNoReason : static_cast<uint16_t>(lastDrop_), packet.tuple);
}

/// What the newest authentic packet moves.
void Inbound::newest(Sa& sa, const Waiting& waiting) {
  const uint64_t top = waiting.number;
  sa.counters.set(SaCounter::sequence, top);
  tables_.edges.move(sa.place, top);
  if (sa.edgeInterval != 0 && top - sa.edgeTold >= sa.edgeInterval) {
    sa.edgeTold = top;
    tables_.events.push({EventKind::edge, 0, sa.place, sa.spi, 0, top, {}});
  }
  const Endpoint& from = waiting.outer.from;
  if (!sa.peerMayMove || from == sa.seenRemote) return;
  sa.seenRemote = from;
  const PacketTuple tuple{from.address, waiting.outer.to, from.port, 0, kUdp, waiting.outer.family, true, false};
  tables_.events.push({EventKind::peerMoved, 0, sa.place, sa.spi, 0, top, tuple});
}

bool Inbound::unwrap(const Waiting& waiting, const CryptoJob& job, InnerPacket& packet) {
  Sa& sa = *waiting.sa;
  uint8_t* payload = job.packet + sa.suite->headerOctets();
  uint32_t length = job.length - static_cast<uint32_t>(sa.suite->headerOctets());
  const uint8_t next = payload[length - 1];
  const uint32_t padding = payload[length - 2];
  length -= 2;
  if (padding > length || !paddingRight(payload + length - padding, padding)) {
    return drop(sa, SaCounter::malformed, DropReason::badInside), false;
  }
  length -= padding;
  if (next == kNextNone) return drop(DropReason::dummy), false;
  if (sa.transport) return unwrapTransport(waiting, payload, length, next, packet);
  if (next != kNextIp4 && next != kNextIp6) {
    return drop(sa, SaCounter::malformed, DropReason::badInside), false;
  }
  if (!readInner({payload, length}, true, packet)) {
    return drop(sa, SaCounter::malformed, DropReason::badInside), false;
  }
  if (packet.tuple.family != (next == kNextIp4 ? 4 : 6)) {
    return drop(sa, SaCounter::malformed, DropReason::badInside), false;
  }
  if (sa.mss != 0) clampMss(packet, sa.mss);
  if (sa.ecnCompatibility) return true;
  uint8_t ecn = 0;
  if (!combineEcn(waiting.outer.tos & kEcnMask, packet.tos & kEcnMask, ecn)) {
    return drop(DropReason::ecnForbidden), false;
  }
  setTos(packet, static_cast<uint8_t>((packet.tos & ~kEcnMask) | ecn));
  return true;
}

/// The outer header's own ends become the packet's again (RFC 4303 section 3.1.1).
bool Inbound::unwrapTransport(const Waiting& waiting, uint8_t* payload, uint32_t length, uint8_t next,
                              InnerPacket& packet) {
  const OuterPacket& outer = waiting.outer;
  const uint32_t header = outer.family == 4 ? 20 : 40;
  if (length + header > 65535) return drop(*waiting.sa, SaCounter::malformed, DropReason::badInside), false;
  if (rebuiltUsed_ + header + length > kRebuiltOctets) {
    inside_.flush();
    rebuiltUsed_ = 0;
  }
  uint8_t* at = rebuilt_.get() + rebuiltUsed_;
  rebuiltUsed_ += header + length;
  std::memset(at, 0, header);
  uint8_t ends[32];
  outer.from.address.store(ends);
  outer.to.store(ends + 16);
  if (outer.family == 4) {
    at[0] = 0x45;
    at[1] = outer.tos;
    store16(at + 2, static_cast<uint16_t>(header + length));
    store16(at + 6, 0x4000);
    at[8] = kRebuiltHops;
    at[9] = next;
    std::memcpy(at + 12, ends, 4);
    std::memcpy(at + 16, ends + 16, 4);
    storeIpChecksum(at, header);
  } else {
    store16(at, static_cast<uint16_t>(0x6000 | outer.tos << 4));
    store16(at + 4, static_cast<uint16_t>(length));
    at[6] = next;
    at[7] = kRebuiltHops;
    std::memcpy(at + 8, ends, 32);
  }
  std::memcpy(at + header, payload, length);
  if (!readInner({at, header + length}, false, packet)) {
    return drop(*waiting.sa, SaCounter::malformed, DropReason::badInside), false;
  }
  // A NAT has changed an address that the sender's checksum covers (RFC 3948 section 3.1.2).
  const bool udp = waiting.sa->outer.load(std::memory_order_acquire)->udp;
  const uint32_t least = next == kTcp ? 20 : 8;
  if (!udp || (next != kTcp && next != kUdp) || packet.transportLength() < least) return true;
  const size_t checksum = next == kTcp ? 16 : 6;
  if (next == kUdp && load16(packet.transport() + checksum) == 0) return true;
  storeTransportChecksum(at, outer.family, next, packet.transport(), packet.transportLength(), checksum);
  return true;
}

bool Inbound::allowed(Sa& sa, const InnerPacket& packet) {
  if (allowedSa_ == &sa && allowedTuple_ == packet.tuple) return true;
  if (!sa.means(packet.tuple)) {
    if (selectorPace_.take(nowNs_)) {
      tables_.events.push({EventKind::outsideSelectors, 0, sa.place, sa.spi, 0, 0, packet.tuple});
    }
    return drop(sa, SaCounter::outsideSelectors, DropReason::outsideSelectors), false;
  }
  if (martian(sa, packet.tuple)) return drop(sa, SaCounter::outsideSelectors, DropReason::martian), false;
  if (nested(sa, packet.tuple)) return drop(DropReason::nested), false;
  if (!sa.transport && hairpin(sa, packet.tuple)) return drop(DropReason::hairpin), false;
  allowedSa_ = &sa;
  allowedTuple_ = packet.tuple;
  return true;
}

/// ESP to ourselves, out of ESP: it would be opened again and again.
bool Inbound::nested(const Sa& sa, const PacketTuple& packet) const {
  const Outer& ends = *sa.outer.load(std::memory_order_acquire);
  if (packet.family != ends.family || packet.destination != ends.local) return false;
  return packet.protocol == kEsp || (packet.protocol == kUdp && packet.portsKnown &&
                                     packet.destinationPort == tables_.espPort);
}

/// What came from the peer and would go back to it. Where the protected side lies inside the peer's, the two cannot be
/// told apart, and routes decide.
bool Inbound::hairpin(const Sa& sa, const PacketTuple& packet) const {
  const PolicySpec* policy = tables_.policies.current().find(packet);
  if (policy == nullptr || policy->action != PolicyAction::protect) return false;
  if (spans(policy->selector.destination, policy->selector.source)) return false;
  const Sa* back = tables_.sas.bundle(policy->bundle);
  if (back == nullptr) return false;
  return back->outer.load(std::memory_order_acquire)->remote.address ==
         sa.outer.load(std::memory_order_acquire)->remote.address;
}

void Inbound::trace(const Sa& sa, uint64_t number, uint16_t reason, const PacketTuple& packet) {
  if (!tracePace_.take(nowNs_)) return;
  tables_.events.push({EventKind::trace, reason, sa.place, sa.spi, 0, number, packet});
}

}  // namespace fastpath
