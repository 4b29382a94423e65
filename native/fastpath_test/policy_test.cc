// The policy table against a list that is searched from its beginning.
#include "../fastpath/policy_table.h"

#include <algorithm>

#include "check.h"

using check::below;
using namespace fastpath;

namespace {

IpAddress address4(uint32_t value) { return {static_cast<uint64_t>(value) << 32, 0}; }

AddressSet randomSet() {
  const uint32_t base = 0x0a000000 | static_cast<uint32_t>(below(16)) << 8 | static_cast<uint32_t>(below(4));
  switch (below(4)) {
    case 0:
      return {address4(0), address4(0xffffffff), {}};
    case 1: {
      const uint32_t mask = 0xffffff00;
      return {address4(base & mask), address4(base | 0xff), address4(mask)};
    }
    case 2:
      // A wildcard mask with a hole: the third octet and the lowest bit are fixed.
      return {address4(base & 0xffffff01), address4((base & 0xffffff01) | 0xfe), address4(0xffffff01)};
    default:
      return {address4(base), address4(base), address4(0xffffffff)};
  }
}

PortRange randomPorts() {
  if (below(2) == 0) return {};
  const auto first = static_cast<uint16_t>(below(4));
  return {first, static_cast<uint16_t>(first + below(3))};
}

PolicySpec randomPolicy(uint32_t id) {
  Selector selector;
  selector.source = randomSet();
  selector.destination = randomSet();
  selector.sourcePorts = randomPorts();
  selector.destinationPorts = randomPorts();
  selector.protocol = below(3) == 0 ? kAnyProtocol : static_cast<uint16_t>(below(2) == 0 ? 6 : 17);
  selector.fragmentsOnly = below(20) == 0;
  return {id, static_cast<uint32_t>(below(40)), static_cast<PolicyAction>(below(3)), 0, 0, selector};
}

PacketTuple randomPacket() {
  const auto host = [] {
    return address4(0x0a000000 | static_cast<uint32_t>(below(16)) << 8 | static_cast<uint32_t>(below(8)));
  };
  const bool later = below(8) == 0;
  return {host(),
          host(),
          static_cast<uint16_t>(later ? 0 : below(6)),
          static_cast<uint16_t>(later ? 0 : below(6)),
          static_cast<uint8_t>(below(2) == 0 ? 6 : 17),
          4,
          !later,
          later};
}

bool meant(const PolicySpec& policy, const PacketTuple& packet) {
  const Match match = policy.selector.match(packet);
  return match == Match::yes || (match == Match::perhaps && policy.action != PolicyAction::bypass);
}

}  // namespace

TEST(policy_index_finds_what_a_list_finds) {
  for (int round = 0; round < 40; round++) {
    std::vector<PolicySpec> specs;
    for (uint32_t id = 0; id < 60; id++) specs.push_back(randomPolicy(id));
    const PolicyIndex index(specs);
    std::stable_sort(specs.begin(), specs.end(), [](const auto& a, const auto& b) {
      return a.order != b.order ? a.order < b.order : a.id < b.id;
    });
    for (int each = 0; each < 500; each++) {
      const PacketTuple packet = randomPacket();
      const auto first =
          std::find_if(specs.begin(), specs.end(), [&](const PolicySpec& policy) { return meant(policy, packet); });
      const PolicySpec* found = index.find(packet);
      EXPECT((found == nullptr) == (first == specs.end()));
      EXPECT(found == nullptr || found->id == first->id);
    }
  }
}

TEST(policy_table_replaces_by_id_and_removes) {
  Retirement retirement;
  PolicyTable table(retirement);
  PolicySpec policy = randomPolicy(7);
  policy.selector = {};
  policy.selector.source = policy.selector.destination = {address4(0), address4(0xffffffff), {}};
  policy.action = PolicyAction::drop;
  table.change({}, {policy});
  const PacketTuple packet = randomPacket();
  EXPECT(table.current().find(packet)->action == PolicyAction::drop);
  policy.action = PolicyAction::protect;
  table.change({}, {policy});
  EXPECT(table.size() == 1);
  EXPECT(table.current().find(packet)->action == PolicyAction::protect);
  const uint32_t id = 7;
  table.change({&id, 1}, {});
  EXPECT(table.current().find(packet) == nullptr);
  EXPECT(retirement.reclaim());
}
