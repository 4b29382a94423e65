#include "policy_table.h"

#include <algorithm>
#include <bit>
#include <tuple>
#include <unordered_set>

namespace fastpath {
namespace {

bool meant(const PolicySpec& policy, const PacketTuple& packet) {
  const Match match = policy.selector.match(packet);
  return match == Match::yes || (match == Match::perhaps && policy.action != PolicyAction::bypass);
}

auto rank(const PolicySpec& policy) { return std::tuple(policy.order, policy.id); }

}  // namespace

PolicyIndex::PolicyIndex(std::vector<PolicySpec> specs) {
  // Best first, so that each bucket's chain comes out in order when it is built from behind.
  std::stable_sort(specs.begin(), specs.end(), [](const auto& a, const auto& b) { return rank(a) < rank(b); });
  policies_.reserve(specs.size());
  for (PolicySpec& spec : specs) policies_.push_back({spec, -1});
  for (size_t at = 0; at < policies_.size(); at++) {
    shapeFor(policies_[at].spec.selector).members.push_back(static_cast<int32_t>(at));
  }
  for (Shape& shape : shapes_) {
    shape.bestOrder = policies_[static_cast<size_t>(shape.members.front())].spec.order;
    shape.buckets.assign(std::bit_ceil(shape.members.size() * 2), -1);
    for (auto member = shape.members.rbegin(); member != shape.members.rend(); ++member) {
      Policy& policy = policies_[static_cast<size_t>(*member)];
      const Selector& selector = policy.spec.selector;
      int32_t& head = shape.buckets[shape.bucketOf(selector.source.first & shape.sourceMask,
                                                   selector.destination.first & shape.destinationMask)];
      policy.next = head;
      head = *member;
    }
    shape.members = {};
  }
  std::stable_sort(shapes_.begin(), shapes_.end(),
                   [](const Shape& a, const Shape& b) { return a.bestOrder < b.bestOrder; });
}

PolicyIndex::Shape& PolicyIndex::shapeFor(const Selector& selector) {
  for (Shape& shape : shapes_) {
    if (shape.family == selector.family && shape.sourceMask == selector.source.mask &&
        shape.destinationMask == selector.destination.mask) {
      return shape;
    }
  }
  shapes_.push_back({selector.source.mask, selector.destination.mask, selector.family, 0, {}, {}});
  return shapes_.back();
}

size_t PolicyIndex::Shape::bucketOf(const IpAddress& source, const IpAddress& destination) const {
  uint64_t hash = source.high * 0x9e3779b97f4a7c15ULL;
  for (const uint64_t word : {source.low, destination.high, destination.low}) {
    hash = (std::rotl(hash, 29) ^ word) * 0x9e3779b97f4a7c15ULL;
  }
  return (hash >> 32 ^ hash) & (buckets.size() - 1);
}

bool PolicyIndex::better(const Policy& a, const Policy* b) const {
  return b == nullptr || rank(a.spec) < rank(b->spec);
}

const PolicySpec* PolicyIndex::find(const PacketTuple& packet) const {
  const Policy* best = nullptr;
  for (const Shape& shape : shapes_) {
    if (best != nullptr && shape.bestOrder > best->spec.order) break;
    if (shape.family != packet.family) continue;
    const size_t bucket =
        shape.bucketOf(packet.source & shape.sourceMask, packet.destination & shape.destinationMask);
    for (int32_t at = shape.buckets[bucket]; at >= 0; at = policies_[static_cast<size_t>(at)].next) {
      const Policy& policy = policies_[static_cast<size_t>(at)];
      if (!better(policy, best)) break;
      if (!meant(policy.spec, packet)) continue;
      best = &policy;
      break;
    }
  }
  return best == nullptr ? nullptr : &best->spec;
}

PolicyTable::PolicyTable(Retirement& retirement)
    : index_(new PolicyIndex(std::vector<PolicySpec>{})), retirement_(retirement) {}

/// No thread is left that could hold what was retired.
PolicyTable::~PolicyTable() {
  retirement_.reclaim();
  delete index_.load();
}

void PolicyTable::change(std::span<const uint32_t> removeIds, const std::vector<PolicySpec>& add) {
  for (const uint32_t id : removeIds) specs_.erase(id);
  std::unordered_set<uint32_t> replaced;
  for (const PolicySpec& spec : add) {
    auto& parts = specs_[spec.id];
    if (replaced.insert(spec.id).second) parts.clear();
    parts.push_back(spec);
  }
  std::vector<PolicySpec> all;
  for (const auto& [id, parts] : specs_) all.insert(all.end(), parts.begin(), parts.end());
  const PolicyIndex* before = index_.exchange(new PolicyIndex(std::move(all)), std::memory_order_acq_rel);
  retirement_.retire([before] { delete before; });
}

}  // namespace fastpath
