#include "sa_table.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <unordered_set>

namespace fastpath {
namespace {

constexpr size_t kFirstIndex = 1024;

std::string named(size_t index, const SaSpec& spec, const char* why) {
  return "SA " + std::to_string(index) + " (place " + std::to_string(spec.place) + "): " + why;
}

}  // namespace

SaTable::SaTable(size_t places, CryptoProvider& crypto, Retirement& retirement)
    : places_(places), bundles_(places), index_(new Index(kFirstIndex)), crypto_(crypto), retirement_(retirement) {}

SaTable::~SaTable() {
  retirement_.reclaim();
  for (auto& slot : places_) {
    if (Sa* sa = slot.load()) free(sa);
  }
  delete index_.load();
}

Sa* SaTable::inbound(uint32_t spi) const {
  const Index& index = *index_.load(std::memory_order_acquire);
  const size_t slots = index.slots.size();
  for (size_t at = slotOf(spi, slots);; at = (at + 1) & (slots - 1)) {
    Sa* sa = index.slots[at].load(std::memory_order_acquire);
    if (sa == nullptr) return nullptr;
    if (sa != tombstone() && sa->spi == spi) return sa;
  }
}

void SaTable::fetchInbound(uint32_t spi) const {
  const Index& index = *index_.load(std::memory_order_acquire);
  const Sa* sa = index.slots[slotOf(spi, index.slots.size())].load(std::memory_order_acquire);
  if (sa == nullptr || sa == tombstone()) return;
  for (size_t at = 0; at < sizeof(Sa); at += 64) __builtin_prefetch(reinterpret_cast<const uint8_t*>(sa) + at);
}

Sa* SaTable::outboundTo(const IpAddress& remote, uint32_t spi) const {
  for (const auto& slot : places_) {
    Sa* sa = slot.load(std::memory_order_acquire);
    if (sa == nullptr || sa->inbound || sa->spi != spi) continue;
    if (sa->outer.load(std::memory_order_acquire)->remote.address == remote) return sa;
  }
  return nullptr;
}

void SaTable::install(const std::vector<SaSpec>& specs) {
  checkBatch(specs);
  std::vector<Sa*> made;
  made.reserve(specs.size());
  try {
    for (const SaSpec& spec : specs) made.push_back(make(spec));
  } catch (...) {
    for (Sa* sa : made) free(sa);
    throw;
  }
  for (Sa* sa : made) {
    count_++;
    places_[sa->place].store(sa, std::memory_order_release);
    if (!sa->inbound) continue;
    if ((indexUsed_ + 1) * 2 > index_.load()->slots.size()) grow();
    insert(*index_.load(), sa);
    indexUsed_++;
  }
}

void SaTable::checkBatch(const std::vector<SaSpec>& specs) const {
  std::unordered_set<uint32_t> places;
  std::unordered_set<uint32_t> spis;
  for (size_t index = 0; index < specs.size(); index++) {
    const SaSpec& spec = specs[index];
    const bool used = place(spec.place) != nullptr || !places.insert(spec.place).second;
    if (used) throw RecordError(named(index, spec, "its place is in use"));
    if (!spec.inbound) continue;
    const bool known = inbound(spec.spi) != nullptr || !spis.insert(spec.spi).second;
    if (known) throw RecordError(named(index, spec, "its SPI is in use"));
  }
}

Sa* SaTable::make(const SaSpec& spec) {
  const size_t octets = crypto_.stateOctets(*spec.suite);
  auto sa = std::make_unique<Sa>(spec);
  auto outer = std::make_unique<Outer>(Outer{spec.local, {spec.remote, spec.remotePort}, spec.family, spec.udp});
  void* state = memory_.take(octets);
  const KeyMaterial material{spec.suite, spec.inbound, spec.cipherKey.first(spec.suite->cipherKey), spec.integrityKey};
  if (!crypto_.prepare(material, state)) {
    crypto_.forget(*spec.suite, state);
    memory_.give(state, octets);
    throw RecordError("SA (place " + std::to_string(spec.place) + "): the cryptographic library refused its key");
  }
  sa->key.suite = spec.suite;
  sa->key.state = state;
  sa->key.esn = spec.esn;
  if (spec.suite->salt != 0) std::memcpy(sa->key.salt, spec.cipherKey.data() + spec.suite->cipherKey, 4);
  sa->seenRemote = outer->remote;
  sa->outer.store(outer.release(), std::memory_order_release);
  return sa.release();
}

void SaTable::remove(std::span<const uint32_t> places) {
  for (const uint32_t each : places) {
    if (each >= places_.size()) throw RecordError("place " + std::to_string(each) + " is past the table");
  }
  for (const uint32_t each : places) {
    Sa* sa = place(each);
    if (sa == nullptr) continue;
    unpublish(sa);
    retirement_.retire([this, sa] { free(sa); });
  }
}

void SaTable::unpublish(Sa* sa) {
  count_--;
  places_[sa->place].store(nullptr, std::memory_order_release);
  if (!sa->inbound) {
    for (const uint32_t bundle : sa->bundles) bundles_[bundle].store(nullptr, std::memory_order_release);
    return;
  }
  Index& index = *index_.load();
  const size_t slots = index.slots.size();
  for (size_t at = slotOf(sa->spi, slots);; at = (at + 1) & (slots - 1)) {
    if (index.slots[at].load(std::memory_order_relaxed) != sa) continue;
    index.slots[at].store(tombstone(), std::memory_order_release);
    return;
  }
}

void SaTable::checkUpdate(const SaUpdate& update) const {
  const Sa* sa = place(update.place);
  if (sa == nullptr || update.kind != UpdateKind::peer) return;
  if (sa->outer.load()->family == update.family) return;
  throw RecordError("update of place " + std::to_string(update.place) + ": the address is of another family");
}

void SaTable::update(const SaUpdate& update) {
  Sa* sa = place(update.place);
  if (sa == nullptr) return;
  switch (update.kind) {
    case UpdateKind::acknowledged:
      return sa->sequence.acknowledge(update.first, update.second);
    case UpdateKind::edge:
      if (update.first > sa->edgeFloor.load()) sa->edgeFloor.store(update.first, std::memory_order_release);
      return;
    case UpdateKind::continueAt:
      return sa->sequence.continueAt(update.first, update.second);
    case UpdateKind::endAt:
      return sa->sequence.endAt(update.first, update.second);
    case UpdateKind::pathMtu:
      return sa->pathMtu.store(static_cast<uint32_t>(update.first), std::memory_order_relaxed);
    case UpdateKind::hardAt:
      return sa->hardAtNs.store(update.first, std::memory_order_relaxed);
    case UpdateKind::peer:
      break;
  }
  const Outer* before = sa->outer.load();
  sa->outer.store(new Outer{before->local, update.peer, before->family, before->udp}, std::memory_order_release);
  retirement_.retire([before] { delete before; });
}

void SaTable::checkSteer(uint32_t bundle, uint32_t place) const {
  if (bundle >= bundles_.size()) throw RecordError("bundle " + std::to_string(bundle) + " is past the table");
  if (place == kNoPlace) return;
  const Sa* sa = place < places_.size() ? this->place(place) : nullptr;
  if (sa == nullptr || sa->inbound) throw RecordError("place " + std::to_string(place) + " has no outbound SA");
}

void SaTable::steer(uint32_t bundle, uint32_t place) {
  Sa* sa = place == kNoPlace ? nullptr : this->place(place);
  if (Sa* before = bundles_[bundle].load(std::memory_order_relaxed)) std::erase(before->bundles, bundle);
  if (sa != nullptr) sa->bundles.push_back(bundle);
  bundles_[bundle].store(sa, std::memory_order_release);
}

void SaTable::insert(Index& index, Sa* sa) {
  const size_t slots = index.slots.size();
  size_t at = slotOf(sa->spi, slots);
  while (index.slots[at].load(std::memory_order_relaxed) != nullptr) at = (at + 1) & (slots - 1);
  index.slots[at].store(sa, std::memory_order_release);
}

/// Tombstones are left behind, so the new table may be no larger than the old.
void SaTable::grow() {
  Index* before = index_.load();
  size_t live = 0;
  for (const auto& slot : before->slots) {
    Sa* sa = slot.load(std::memory_order_relaxed);
    if (sa != nullptr && sa != tombstone()) live++;
  }
  size_t size = kFirstIndex;
  while (size < (live + 1) * 4) size *= 2;
  auto after = std::make_unique<Index>(size);
  for (const auto& slot : before->slots) {
    Sa* sa = slot.load(std::memory_order_relaxed);
    if (sa != nullptr && sa != tombstone()) insert(*after, sa);
  }
  indexUsed_ = live;
  index_.store(after.release(), std::memory_order_release);
  retirement_.retire([before] { delete before; });
}

void SaTable::free(Sa* sa) {
  const size_t octets = crypto_.stateOctets(*sa->suite);
  crypto_.forget(*sa->suite, sa->key.state);
  memory_.give(sa->key.state, octets);
  explicit_bzero(&sa->key, sizeof sa->key);
  delete sa->outer.load();
  delete sa;
}

}  // namespace fastpath
