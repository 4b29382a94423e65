// Which packets are protected, by which bundle: the access lists of all crypto maps as one ordered table.
//
// Policies that have the same masks of addresses lie in one hash table, keyed by what the masks leave; a lookup asks
// one table for each pair of masks, best order first, and stops when no later one can be better. So it costs by the
// number of shapes, not by the number of policies. A table never changes: a change makes another (RFC 4301 section
// 4.4.1).
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "records.h"
#include "retirement.h"

namespace fastpath {

struct Policy {
  PolicySpec spec;
  /// The next one of the same bucket, worse in order; -1 at the end.
  int32_t next;
};

class PolicyIndex {
 public:
  explicit PolicyIndex(std::vector<PolicySpec> specs);

  /// The first policy in order that means the packet, or null. A fragment without ports is taken for a policy that
  /// protects or drops when it may be meant, as IOS takes it; for one that lets it pass only when it is.
  const PolicySpec* find(const PacketTuple& packet) const;
  size_t size() const { return policies_.size(); }

 private:
  struct Shape {
    IpAddress sourceMask;
    IpAddress destinationMask;
    uint8_t family;
    uint32_t bestOrder;
    /// First policy of each bucket, or -1; a power of two of them.
    std::vector<int32_t> buckets;
    std::vector<int32_t> members;

    size_t bucketOf(const IpAddress& source, const IpAddress& destination) const;
  };

  Shape& shapeFor(const Selector& selector);
  bool better(const Policy& a, const Policy* b) const;

  std::vector<Policy> policies_;
  std::vector<Shape> shapes_;
};

/// The table in use, and how it is replaced.
class PolicyTable {
 public:
  explicit PolicyTable(Retirement& retirement);
  ~PolicyTable();
  PolicyTable(const PolicyTable&) = delete;
  PolicyTable& operator=(const PolicyTable&) = delete;

  const PolicyIndex& current() const { return *index_.load(std::memory_order_acquire); }

  /// By the installing thread.
  void change(std::span<const uint32_t> removeIds, const std::vector<PolicySpec>& add);
  size_t size() const { return specs_.size(); }

 private:
  /// Several records of one id are one policy whose ports are several ranges.
  std::unordered_map<uint32_t, std::vector<PolicySpec>> specs_;
  std::atomic<const PolicyIndex*> index_;
  Retirement& retirement_;
};

}  // namespace fastpath
