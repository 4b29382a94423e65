// What is too large for the path, or a fragment already: cut inside, cut outside, told of, or dropped; a packet of a
// superpacket as one that comes alone.
#include "../fastpath/checksum.h"
#include "../fastpath/octets.h"
#include "bench_pair.h"
#include "check.h"

using namespace fastpath;

namespace {

/// A TCP packet with this field of flags and offset (RFC 791).
std::vector<uint8_t> withFragmentField(uint32_t payload, uint16_t field) {
  std::vector<uint8_t> packet = tcpPacket(payload);
  store16(packet.data() + 6, field);
  storeIpChecksum(packet.data(), 20);
  return packet;
}

/// TCP between fd00::1 and fd00::2.
std::vector<uint8_t> tcpPacket6(uint32_t payload) {
  std::vector<uint8_t> octets(60 + payload);
  uint8_t* ip = octets.data();
  ip[0] = 0x60;
  store16(ip + 4, static_cast<uint16_t>(20 + payload));
  ip[6] = kTcp;
  ip[7] = 64;
  ip[8] = ip[24] = 0xfd;
  ip[23] = 1;
  ip[39] = 2;
  ip[52] = 0x50;
  storeTransportChecksum(ip, 6, kTcp, ip + 40, 20 + payload, 16);
  return octets;
}

/// Protects all of IPv6.
void protectAll6(Pair& pair) {
  PolicySpec policy = protectPolicy(5);
  policy.id = policy.order = 2;
  policy.selector = Selector{};
  policy.selector.family = 6;
  policy.selector.source = policy.selector.destination = {{0, 0}, {UINT64_MAX, UINT64_MAX}, {0, 0}};
  pair.left.tables.policies.change({}, {policy});
}

void meanAll6(SaSpec& spec) {
  Selector selector;
  selector.family = 6;
  selector.source = selector.destination = {{0, 0}, {UINT64_MAX, UINT64_MAX}, {0, 0}};
  spec.selectors = {selector};
}

}  // namespace

TEST(fragments_are_not_for_transport_mode) {
  Pair pair([](SaSpec& spec) { spec.transport = true; });
  EXPECT(pair.send(withFragmentField(100, 0x2000)) == Fate::dropped);
  EXPECT(pair.send(withFragmentField(100, 0x20b9)) == Fate::dropped);
  EXPECT(pair.send(withFragmentField(100, 0x00b9)) == Fate::dropped);
  EXPECT(pair.left.outbound.counters().drops.value(DropReason::transportFragment) == 3);
  EXPECT(pair.left.doors.outer.empty());
  EXPECT(pair.send(withFragmentField(100, 0)) == Fate::sent);
  EXPECT(pair.send(withFragmentField(100, 0x4000)) == Fate::sent);
}

TEST(with_df_clear_large_segments_are_cut_as_packets_that_come_alone) {
  Pair pair([](SaSpec& spec) { spec.df = DfPolicy::clear; });
  EXPECT(pair.send(tcpPacket(1460)) == Fate::sent);
  EXPECT(pair.left.doors.outer.size() == 2);
  EXPECT(pair.send(superpacket(2920), tcpHeader(1460)) == Fate::sent);
  EXPECT(pair.left.doors.outer.size() == 6);
  for (const auto& outer : pair.left.doors.outer) EXPECT(outer.octets.size() + 28 <= 1500 && !outer.df);
}

TEST(after_encryption_large_segments_are_left_to_the_kernel) {
  Pair pair([](SaSpec& spec) {
    spec.df = DfPolicy::clear;
    spec.fragmentAfter = true;
  });
  EXPECT(pair.send(tcpPacket(1460)) == Fate::sent);
  EXPECT(pair.left.doors.outer.size() == 1);
  EXPECT(pair.send(superpacket(2920), tcpHeader(1460)) == Fate::sent);
  EXPECT(pair.left.doors.outer.size() == 3);
  for (const auto& outer : pair.left.doors.outer) EXPECT(outer.octets.size() + 28 > 1500 && !outer.df);
  EXPECT(pair.left.doors.inner.empty());
}

TEST(what_ipv6_cannot_be_told_of_goes_in_superpackets_too) {
  Pair pair([](SaSpec& spec) {
    meanAll6(spec);
    spec.pathMtu = 1300;
  });
  protectAll6(pair);
  EXPECT(pair.send(tcpPacket6(1220)) == Fate::sent);
  EXPECT(pair.left.doors.outer.size() == 1);
  const VnetHeader header{kVnetNeedsChecksum, kGsoTcp6, 60, 1220, 40, 16};
  EXPECT(pair.send(tcpPacket6(2440), header) == Fate::sent);
  EXPECT(pair.left.doors.outer.size() == 3);
  for (const auto& outer : pair.left.doors.outer) EXPECT(!outer.df);
  EXPECT(pair.left.doors.inner.empty());
  // One octet more can be told of.
  const VnetHeader larger{kVnetNeedsChecksum, kGsoTcp6, 60, 1221, 40, 16};
  EXPECT(pair.send(tcpPacket6(2442), larger) == Fate::dropped);
  EXPECT(pair.left.doors.inner.size() == 1);
}

TEST(hard_limits_hold_between_fragments) {
  Pair pair([](SaSpec& spec) { spec.hardPackets = 2; });
  EXPECT(pair.send(withFragmentField(6000, 0)) == Fate::dropped);
  EXPECT(pair.left.doors.outer.size() == 2);
  EXPECT(pair.left.outbound.counters().drops.value(DropReason::lifetimeOver) == 1);
}
