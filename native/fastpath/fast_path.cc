#include "fast_path.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <thread>

#include "system_failure.h"

namespace fastpath {
namespace {

constexpr long kProcessorsForTwo = 4;
/// Others' packets may keep the device busy; nobody waits for them for ever.
constexpr uint64_t kEmptyingNs = 50 * 1'000'000;

RoleWords roleWords(std::span<const uint64_t> words) { return {words.data(), words.size() / 8}; }

}  // namespace

/// The doors of the pure interface: packets become values.
class FastPath::Buffers : public OuterDoor, public InnerDoor, public ClearDoor {
 public:
  void send(std::span<const OuterMessage> messages, PathCounters&) override {
    for (const OuterMessage& message : messages) {
      for (uint32_t at = 0; at < message.length; at += message.segment) {
        const uint8_t* begin = message.data + at;
        outer.emplace_back(begin, begin + std::min(message.segment, message.length - at));
      }
    }
  }

  bool write(const VnetHeader&, std::span<const iovec> pieces) override {
    std::vector<uint8_t>& packet = inner.emplace_back();
    for (const iovec& piece : pieces) {
      const auto* begin = static_cast<const uint8_t*>(piece.iov_base);
      packet.insert(packet.end(), begin, begin + piece.iov_len);
    }
    return true;
  }

  bool send(const InnerPacket&) override { return true; }

  std::vector<std::vector<uint8_t>> outer;
  std::vector<std::vector<uint8_t>> inner;
};

FastPath::FastPath(FastPathOptions options)
    : crypto_(std::move(options.crypto)),
      tables_(options.edges.size(), *crypto_, roleWords(options.roles),
              Edges(options.edges.data(), options.dirty.data()), options.member,
              options.doors ? options.doors->port : uint16_t{4500}),
      sealing_(crypto_->makeWorker()),
      opening_(crypto_->makeWorker()) {
  if (sealing_ == nullptr || opening_ == nullptr) throw std::runtime_error("no cryptographic worker");
  if (options.doors) {
    open(*options.doors);
    return;
  }
  buffers_ = std::make_unique<Buffers>();
  outbound_ = std::make_unique<Outbound>(tables_, *sealing_, OutboundDoors{*buffers_, *buffers_, *buffers_});
  inbound_ = std::make_unique<Inbound>(tables_, *opening_, *buffers_, false);
}

void FastPath::open(const FastPathDoors& doors) {
  tun_ = std::make_unique<TunDevice>(doors.tun);
  if (!doors.guard.empty()) guard_ = std::make_unique<TunDevice>(doors.guard);
  sockets_ = std::make_unique<CipherSockets>(CipherSockets::Options{doors.port, doors.mark, doors.rawEsp}, tables_);
  clear_ = std::make_unique<ClearSocket>(doors.mark);
  outbound_ = std::make_unique<Outbound>(tables_, *sealing_, OutboundDoors{*sockets_, *tun_, *clear_});
  inbound_ = std::make_unique<Inbound>(tables_, *opening_, *tun_, tun_->udpSuperpackets());
  const bool many = sysconf(_SC_NPROCESSORS_ONLN) >= kProcessorsForTwo;
  const bool two = doors.threads == 0 ? many : doors.threads > 1;
  Worker::Parts parts{
      0, tables_, *tun_, guard_.get(), *sockets_, outbound_.get(), two ? nullptr : inbound_.get()};
  workers_.push_back(std::make_unique<Worker>(parts));
  if (!two) return;
  parts.thread = 1;
  parts.outbound = nullptr;
  parts.inbound = inbound_.get();
  workers_.push_back(std::make_unique<Worker>(parts));
}

FastPath::~FastPath() {
  workers_.clear();
  tables_.retirement.reclaim();
}

void FastPath::kick() {
  for (const auto& worker : workers_) worker->kick();
}

void FastPath::installSas(std::span<const uint8_t> records) {
  tables_.sas.install(parseSas(records, limits()));
  tables_.retirement.reclaim();
}

void FastPath::removeSas(std::span<const uint32_t> places) {
  tables_.sas.remove(places);
  // Keys that nobody may use any more are not left lying about.
  settle();
}

void FastPath::updateSas(std::span<const uint8_t> records) {
  const std::vector<SaUpdate> updates = parseUpdates(records, limits());
  for (const SaUpdate& update : updates) tables_.sas.checkUpdate(update);
  for (const SaUpdate& update : updates) tables_.sas.update(update);
  tables_.retirement.reclaim();
}

void FastPath::steer(std::span<const uint32_t> pairs) {
  if (pairs.size() % 2 != 0) throw RecordError("steer: a bundle without a place");
  for (size_t at = 0; at < pairs.size(); at += 2) tables_.sas.checkSteer(pairs[at], pairs[at + 1]);
  for (size_t at = 0; at < pairs.size(); at += 2) tables_.sas.steer(pairs[at], pairs[at + 1]);
  tables_.steered.fetch_add(1, std::memory_order_release);
  kick();
}

void FastPath::changePolicies(std::span<const uint32_t> removeIds, std::span<const uint8_t> add) {
  tables_.policies.change(removeIds, parsePolicies(add, limits()));
  tables_.retirement.reclaim();
}

void FastPath::readCounters(std::span<const uint32_t> places, std::span<uint64_t> into) const {
  for (size_t at = 0; at < places.size() && (at + 1) * kCountersAPlace <= into.size(); at++) {
    const Sa* sa = places[at] < tables_.sas.places() ? tables_.sas.place(places[at]) : nullptr;
    for (size_t word = 0; word < kCountersAPlace; word++) {
      into[at * kCountersAPlace + word] = sa == nullptr ? 0 : sa->counters.at(word);
    }
  }
}

void FastPath::readDrops(std::span<uint64_t> into) const {
  for (size_t at = 0; at < std::min(into.size(), kDropReasons); at++) {
    into[at] = outbound_->counters().drops.at(at) + inbound_->counters().drops.at(at);
  }
}

void FastPath::readGauges(std::span<uint64_t> into) const {
  for (size_t at = 0; at < std::min(into.size(), kGaugeNames.size()); at++) {
    into[at] = outbound_->counters().gauges.at(at) + inbound_->counters().gauges.at(at);
  }
}

size_t FastPath::readEvents(std::span<uint8_t> into) {
  tables_.retirement.reclaim();
  return tables_.events.takeEvents(into);
}

bool FastPath::sendDatagram(std::span<const uint8_t> octets, int family, const IpAddress& local,
                            const Endpoint& remote) {
  if (sockets_ == nullptr) throw SystemFailure("sendmsg", ENOTCONN);
  return sockets_->sendDatagram(octets, family, local, remote);
}

void FastPath::conclude(size_t line, uint64_t epoch) {
  emptyInside();
  tables_.handovers.conclude(line, epoch);
  settle();
}

void FastPath::expect(size_t line, uint64_t untilNs) { tables_.handovers.expect(line, untilNs); }

/// Once may have been a moment ago: at the second time everything that was there is read, encrypted and sent.
void FastPath::emptyInside() {
  if (workers_.empty()) return;
  const Worker& reader = *workers_.front();
  const uint64_t twice = reader.emptied() + 2;
  const uint64_t untilNs = monotonicNs() + kEmptyingNs;
  while (reader.emptied() < twice && monotonicNs() < untilNs) {
    kick();
    std::this_thread::sleep_for(std::chrono::microseconds(20));
  }
}

void FastPath::readNumbers(std::span<const uint32_t> places, std::span<uint64_t> into) const {
  for (size_t at = 0; at < std::min(places.size(), into.size()); at++) {
    const Sa* sa = places[at] < tables_.sas.places() ? tables_.sas.place(places[at]) : nullptr;
    if (sa == nullptr) {
      into[at] = 0;
    } else if (sa->inbound) {
      into[at] = std::max(sa->counters.value(SaCounter::sequence), sa->edgeFloor.load(std::memory_order_acquire));
    } else {
      into[at] = sa->sequence.nextIn(tables_.roles.read(sa->group).epoch);
    }
  }
}

void FastPath::settle() {
  if (!workers_.empty()) {
    const uint64_t mark = tables_.retirement.mark();
    kick();
    while (!tables_.retirement.passed(mark)) std::this_thread::sleep_for(std::chrono::microseconds(20));
  }
  tables_.retirement.reclaim();
}

SentOuter FastPath::encrypt(std::span<const uint8_t> inner, bool arrived) {
  if (buffers_ == nullptr) throw std::logic_error("encrypt: packets go through the doors");
  buffers_->outer.clear();
  buffers_->inner.clear();
  std::vector<uint8_t> octets(inner.begin(), inner.end());
  const uint64_t nowNs = monotonicNs();
  const Fate fate = arrived ? outbound_->takeArrival({}, octets) : outbound_->take({}, octets, nowNs);
  outbound_->retryHeld(nowNs);
  outbound_->flush();
  return {fate, outbound_->lastDrop(), std::move(buffers_->outer), std::move(buffers_->inner)};
}

ReceivedInner FastPath::receive(std::span<const uint8_t> outer, int family, const Endpoint& from, const IpAddress& to,
                                uint8_t tos) {
  if (buffers_ == nullptr) throw std::logic_error("receive: packets come through the doors");
  buffers_->inner.clear();
  std::vector<uint8_t> octets(outer.begin(), outer.end());
  inbound_->take({octets.data(), static_cast<uint32_t>(octets.size()), static_cast<uint8_t>(family), tos, to, from},
                 monotonicNs());
  inbound_->flush();
  ReceivedInner received{!buffers_->inner.empty(), inbound_->lastDrop(), {}};
  if (received.accepted) received.packet = std::move(buffers_->inner.front());
  return received;
}

}  // namespace fastpath
