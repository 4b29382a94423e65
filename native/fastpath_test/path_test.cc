// Packets through both directions: superpackets, segments, fragments, numbers, limits, and what goes wrong.
#include <algorithm>
#include <atomic>
#include <cstring>
#include <map>
#include <set>
#include <thread>

#include "../fastpath/checksum.h"
#include "../fastpath/fragmenter.h"
#include "../fastpath/octets.h"
#include "bench_pair.h"
#include "check.h"

using check::below;
using namespace fastpath;

TEST(superpacket_leaves_in_one_message_and_comes_out_whole) {
  Pair pair;
  for (const uint32_t payload : {3000u, 4000u, 13001u, 40000u, 60001u}) {
    pair.left.doors = {};
    pair.right.doors = {};
    const std::vector<uint8_t> packet = superpacket(payload);
    EXPECT(pair.send(packet, tcpHeader(1000)) == Fate::sent);
    const size_t segments = (payload + 999) / 1000;
    EXPECT(pair.left.doors.outer.size() == segments);
    EXPECT(pair.left.doors.messages == (segments + 59) / 60);
    pair.right.receive(pair.left.doors.outer);
    EXPECT(pair.right.doors.inner.size() == 1);
    if (pair.right.doors.inner.empty()) continue;
    const BufferDoors::Written& written = pair.right.doors.inner[0];
    EXPECT(written.octets == packet);
    EXPECT(written.header.gsoSize == 1000);
    EXPECT(written.header.gsoType == kGsoTcp4);
    EXPECT(written.header.checksumStart == 20 && written.header.checksumOffset == 16);
  }
}

TEST(packets_of_many_sas_to_one_peer_leave_in_one_message) {
  constexpr uint32_t kSas = 40;
  BenchMember left;
  BenchMember right;
  std::vector<PolicySpec> policies;
  for (uint32_t sa = 0; sa < kSas; sa++) {
    // The last one goes elsewhere.
    SaSpec out = gcmSpec(sa, 0x1000 + sa, false);
    if (sa == kSas - 1) out.remotePort = 4501;
    left.tables.sas.install({out});
    right.tables.sas.install({gcmSpec(sa, 0x1000 + sa, true)});
    PolicySpec policy = protectPolicy(sa);
    policy.id = policy.order = sa;
    policy.selector.protocol = kTcp;
    policy.selector.destinationPorts = {static_cast<uint16_t>(1000 + sa), static_cast<uint16_t>(1000 + sa)};
    policies.push_back(policy);
    left.tables.sas.steer(sa, sa);
  }
  left.tables.policies.change({}, policies);
  left.role(Role::active, 1);
  right.role(Role::active, 1);
  for (uint32_t sa = 0; sa < kSas; sa++) {
    std::vector<uint8_t> packet = tcpPacket(500);
    store16(packet.data() + 22, static_cast<uint16_t>(1000 + sa));
    EXPECT(left.outbound.take({}, packet, monotonicNs()) == Fate::sent);
  }
  left.outbound.flush();
  EXPECT(left.doors.messages == 2);
  EXPECT(left.doors.outer.size() == kSas);
  for (uint32_t sa = 0; sa < left.doors.places.size(); sa++) EXPECT(left.doors.places[sa] == sa);
  EXPECT(left.doors.places.size() == kSas);
  right.receive(left.doors.outer);
  EXPECT(right.doors.inner.size() == kSas);
}

TEST(sums_are_those_of_sixteen_bit_words_wherever_they_begin) {
  for (size_t length = 0; length <= 200; length++) {
    for (size_t from = 0; from < 4; from++) {
      std::vector<uint8_t> octets(from + length + 1);
      for (uint8_t& octet : octets) octet = static_cast<uint8_t>(check::below(256));
      uint64_t words = 7;
      for (size_t at = 0; at < length; at += 2) {
        uint16_t word = 0;
        std::memcpy(&word, octets.data() + from + at, std::min<size_t>(2, length - at));
        words += word;
      }
      std::vector<uint8_t> copy(length + 1, 0xaa);
      EXPECT(foldSum(sumOctets(octets.data() + from, length, 7)) == foldSum(words));
      EXPECT(foldSum(sumCopiedOctets(copy.data(), octets.data() + from, length, 7)) == foldSum(words));
      EXPECT(std::equal(copy.begin(), copy.end() - 1, octets.begin() + static_cast<ptrdiff_t>(from)));
      EXPECT(copy.back() == 0xaa);
      if (length % 4 == 0) EXPECT(foldSum(sumHeader(octets.data() + from, length, 7)) == foldSum(words));
    }
  }
}

TEST(segments_have_right_checksums_and_flags) {
  std::vector<uint8_t> packet = superpacket(2500);
  packet[33] = 0x80 | 0x18 | 0x01;
  InnerPacket inner;
  EXPECT(readInner(packet, true, inner));
  Segmenter segmenter;
  EXPECT(segmenter.begin(tcpHeader(1000), inner));
  EXPECT(segmenter.segments() == 3);
  for (uint32_t index = 0; index < 3; index++) {
    std::vector<uint8_t> octets(segmenter.length(index));
    segmenter.write(index, octets.data());
    InnerPacket segment;
    EXPECT(readInner(octets, true, segment));
    EXPECT(transportChecksumRight(octets.data(), 4, kTcp, segment.transport(), segment.transportLength()));
    EXPECT(load32(segment.transport() + 4) == 0xfffff000 + index * 1000);
    EXPECT(load16(octets.data() + 4) == static_cast<uint16_t>(0xfff0 + index));
    const uint8_t flags[] = {0x90, 0x10, 0x19};
    EXPECT(segment.transport()[13] == flags[index]);
  }
}

TEST(segments_of_every_kind_have_right_checksums) {
  for (int run = 0; run < 400; run++) {
    const bool four = run % 2 == 0;
    const bool tcp = run % 4 < 2;
    const size_t ip = four ? 20 : 40;
    const size_t transport = tcp ? 20 + 4 * check::below(11) : 8;
    const auto gsoSize = static_cast<uint16_t>(1 + check::below(1400));
    std::vector<uint8_t> packet(ip + transport + 1 + check::below(uint64_t{gsoSize} * 5));
    for (uint8_t& octet : packet) octet = static_cast<uint8_t>(check::below(256));
    packet[0] = four ? 0x45 : 0x60;
    if (four) {
      store16(packet.data() + 2, static_cast<uint16_t>(packet.size()));
      store16(packet.data() + 6, 0x4000);
      storeIpChecksum(packet.data(), 20);
    } else {
      store16(packet.data() + 4, static_cast<uint16_t>(packet.size() - 40));
    }
    packet[four ? 9 : 6] = tcp ? kTcp : kUdp;
    if (four) storeIpChecksum(packet.data(), 20);
    if (tcp) packet[ip + 12] = static_cast<uint8_t>(transport / 4 << 4);
    InnerPacket inner;
    EXPECT(readInner(packet, true, inner));
    Segmenter segmenter;
    VnetHeader header{};
    header.gsoType = !tcp ? kGsoUdp : four ? kGsoTcp4 : kGsoTcp6;
    header.gsoSize = gsoSize;
    EXPECT(segmenter.begin(header, inner));
    size_t payload = 0;
    for (uint32_t index = 0; index < segmenter.segments(); index++) {
      std::vector<uint8_t> octets(segmenter.length(index));
      segmenter.write(index, octets.data());
      InnerPacket segment;
      EXPECT(readInner(octets, true, segment) && segment.length == octets.size());
      EXPECT(transportChecksumRight(octets.data(), four ? 4 : 6, tcp ? kTcp : kUdp, segment.transport(),
                                    segment.transportLength()));
      const size_t length = octets.size() - ip - transport;
      EXPECT(std::equal(octets.end() - static_cast<ptrdiff_t>(length), octets.end(),
                        packet.begin() + static_cast<ptrdiff_t>(ip + transport + payload)));
      payload += length;
    }
    EXPECT(payload == packet.size() - ip - transport);
  }
}

TEST(malformed_superpackets_are_dropped) {
  Pair pair;
  VnetHeader header = tcpHeader(1000);
  header.gsoSize = 0;
  EXPECT(pair.send(superpacket(3000), header) == Fate::dropped);
  header = tcpHeader(1000);
  header.gsoType = kGsoTcp4 | 2;
  EXPECT(pair.send(superpacket(3000), header) == Fate::dropped);
  header = tcpHeader(1000);
  header.gsoType = kGsoUdp;
  EXPECT(pair.send(superpacket(3000), header) == Fate::dropped);
  std::vector<uint8_t> packet = superpacket(3000);
  packet[32] = 0xf0;
  EXPECT(pair.send(std::vector<uint8_t>(packet.begin(), packet.begin() + 50), tcpHeader(1000)) == Fate::dropped);
  header = {kVnetNeedsChecksum, kGsoNone, 0, 0, 20, 60000};
  EXPECT(pair.send(tcpPacket(100), header) == Fate::dropped);
  EXPECT(pair.left.doors.outer.empty());
  EXPECT(pair.left.outbound.counters().drops.value(DropReason::innerMalformed) == 5);
}

TEST(only_what_follows_is_merged) {
  Pair pair;
  // Three packets: the second in the wrong order, so nothing can be one superpacket.
  EXPECT(pair.send(superpacket(3000), tcpHeader(1000)) == Fate::sent);
  std::swap(pair.left.doors.outer[1], pair.left.doors.outer[2]);
  pair.right.receive(pair.left.doors.outer);
  EXPECT(pair.right.doors.inner.size() == 3);
  for (const BufferDoors::Written& each : pair.right.doors.inner) EXPECT(each.header.gsoType == kGsoNone);
}

TEST(flags_and_wrong_checksums_are_not_merged) {
  Pair pair;
  std::vector<uint8_t> wrong = tcpPacket(1000);
  wrong[36] ^= 1;
  pair.send(tcpPacket(1000, 0x11));
  pair.send(wrong);
  pair.send(tcpPacket(1000, 0x10));
  pair.right.receive(pair.left.doors.outer);
  EXPECT(pair.right.doors.inner.size() == 3);
  EXPECT(pair.right.doors.inner[1].header.flags == 0);
  EXPECT(pair.right.doors.inner[1].octets == wrong);
}

TEST(fragments_come_together_again) {
  for (int round = 0; round < 200; round++) {
    const auto payload = static_cast<uint32_t>(1400 + below(5000));
    std::vector<uint8_t> packet = tcpPacket(payload);
    store16(packet.data() + 6, 0);
    storeIpChecksum(packet.data(), 20);
    InnerPacket inner;
    EXPECT(readInner(packet, true, inner));
    Fragmenter fragmenter;
    EXPECT(fragmenter.begin(inner, static_cast<uint32_t>(200 + below(1000))));
    std::vector<uint8_t> again(packet.begin(), packet.begin() + 20);
    again.resize(packet.size());
    for (uint32_t index = 0; index < fragmenter.fragments(); index++) {
      std::vector<uint8_t> octets(fragmenter.length(index));
      fragmenter.write(index, octets.data());
      EXPECT(ipChecksumRight(octets.data(), 20));
      EXPECT(((load16(octets.data() + 6) & 0x2000) != 0) == (index + 1 < fragmenter.fragments()));
      const uint32_t offset = (load16(octets.data() + 6) & 0x1fff) * 8u;
      std::copy(octets.begin() + 20, octets.end(), again.begin() + 20 + offset);
    }
    EXPECT(again == packet);
  }
}

TEST(large_packets_are_cut_before_encryption_or_answered) {
  Pair pair;
  std::vector<uint8_t> cuttable = tcpPacket(3000);
  store16(cuttable.data() + 6, 0);
  storeIpChecksum(cuttable.data(), 20);
  EXPECT(pair.send(cuttable) == Fate::sent);
  EXPECT(pair.left.doors.outer.size() == 3);
  for (const auto& outer : pair.left.doors.outer) EXPECT(outer.octets.size() + 28 <= 1500);
  EXPECT(pair.send(tcpPacket(3000)) == Fate::dropped);
  EXPECT(pair.left.doors.inner.size() == 1);
  const std::vector<uint8_t>& reply = pair.left.doors.inner[0].octets;
  EXPECT(reply[9] == kIcmp && reply[20] == 3 && reply[21] == 4);
  const uint32_t mtu = load16(reply.data() + 26);
  // A packet of just that size goes, one octet more does not.
  EXPECT(pair.send(tcpPacket(mtu - 40)) == Fate::sent);
  EXPECT(pair.send(tcpPacket(mtu - 39)) == Fate::dropped);
}

TEST(hard_limits_hold_inside_a_superpacket) {
  Pair pair([](SaSpec& spec) { spec.hardPackets = 10; });
  EXPECT(pair.send(superpacket(40000), tcpHeader(1000)) == Fate::dropped);
  EXPECT(pair.left.doors.outer.size() == 10);
  EXPECT(pair.left.outbound.counters().drops.value(DropReason::lifetimeOver) == 1);
}

TEST(a_replay_moves_nothing_where_there_is_no_window) {
  Pair pair([](SaSpec& spec) {
    spec.replayWindow = 0;
    spec.peerMayMove = true;
  });
  EXPECT(pair.send(tcpPacket(100)) == Fate::sent);
  std::vector<uint8_t> first = pair.left.doors.outer[0].octets;
  std::vector<uint8_t> again = first;
  const auto arrives = [&](std::vector<uint8_t>& octets, uint32_t from) {
    const Endpoint peer{{uint64_t{from} << 32, 0}, 4500};
    const IpAddress here{uint64_t{0xc0000202} << 32, 0};
    pair.right.inbound.take({octets.data(), static_cast<uint32_t>(octets.size()), 4, 0, here, peer}, monotonicNs());
    pair.right.inbound.flush();
  };
  arrives(first, 0xc0000201);
  arrives(again, 0xcb007109);
  EXPECT(pair.right.doors.inner.size() == 2);
  uint8_t events[960];
  EXPECT(pair.right.tables.events.takeEvents(events) == 0);
}

TEST(failed_assertion_ends_the_sa_alone) {
  Pair pair;
  EXPECT(pair.send(tcpPacket(10)) == Fate::sent);
  pair.left.tables.sas.place(pair.place)->sequence.corruptForTest();
  EXPECT(pair.send(tcpPacket(10)) == Fate::dropped);
  EXPECT(pair.send(tcpPacket(10)) == Fate::dropped);
  EXPECT(pair.left.doors.outer.size() == 1);
  EXPECT(pair.left.outbound.counters().drops.value(DropReason::saFailed) == 2);
}

TEST(role_lost_before_sending_sends_nothing) {
  Pair pair;
  std::vector<uint8_t> packet = tcpPacket(10);
  EXPECT(pair.left.outbound.take({}, packet, monotonicNs()) == Fate::sent);
  pair.left.role(Role::standby, 1);
  pair.left.outbound.flush();
  EXPECT(pair.left.doors.outer.empty());
  EXPECT(pair.left.outbound.counters().drops.value(DropReason::notActive) == 1);
}

TEST(what_has_a_number_leaves_though_its_epoch_is_concluded) {
  Pair pair;
  std::vector<uint8_t> packet = tcpPacket(10);
  pair.left.role(Role::draining, 1);
  EXPECT(pair.left.outbound.take({}, packet, monotonicNs()) == Fate::sent);
  pair.left.tables.handovers.conclude(0, 1);
  pair.left.outbound.flush();
  EXPECT(pair.left.doors.outer.size() == 1);
  packet = tcpPacket(10);
  EXPECT(pair.left.outbound.take({}, packet, monotonicNs()) == Fate::dropped);
  EXPECT(pair.left.tables.sas.place(pair.place)->sequence.nextIn(1) == 2);
}

TEST(what_waits_for_a_role_goes_in_order_when_it_comes) {
  Pair pair;
  pair.left.role(Role::standby, 1);
  pair.left.tables.handovers.expect(0, UINT64_MAX);
  for (uint32_t length = 10; length < 15; length++) EXPECT(pair.send(tcpPacket(length)) == Fate::held);
  pair.left.outbound.retryHeld(monotonicNs());
  pair.left.outbound.flush();
  EXPECT(pair.left.outbound.awaits());
  EXPECT(pair.left.doors.outer.empty());
  // The next packet finds the role before anybody looked at those that wait.
  pair.left.role(Role::active, 2);
  EXPECT(pair.send(tcpPacket(15)) == Fate::sent);
  EXPECT(!pair.left.outbound.awaits());
  pair.right.receive(pair.left.doors.outer);
  EXPECT(pair.left.doors.outer.size() == 6);
  for (size_t at = 0; at < 6; at++) EXPECT(pair.left.doors.outer[at].octets.size() >= 10 + at);
}

TEST(what_waited_for_a_role_that_did_not_come_is_dropped) {
  Pair pair;
  pair.left.role(Role::standby, 1);
  pair.left.tables.handovers.expect(0, monotonicNs() + kNsPerSecond);
  EXPECT(pair.send(tcpPacket(10)) == Fate::held);
  pair.left.tables.handovers.expect(0, 0);
  pair.left.outbound.retryHeld(monotonicNs());
  EXPECT(!pair.left.outbound.awaits());
  EXPECT(pair.left.outbound.counters().drops.value(DropReason::notActive) == 1);
  EXPECT(pair.send(tcpPacket(10)) == Fate::dropped);
}

TEST(no_more_waits_for_a_role_than_there_is_room_for) {
  Pair pair;
  pair.left.role(Role::standby, 1);
  pair.left.tables.handovers.expect(0, UINT64_MAX);
  for (size_t at = 0; at < 4096; at++) pair.send(tcpPacket(10));
  EXPECT(pair.send(tcpPacket(10)) == Fate::dropped);
  EXPECT(pair.left.outbound.counters().drops.value(DropReason::notActive) == 1);
  EXPECT(pair.left.outbound.counters().gauges.value(Gauge::awaited) == 4096);
}

TEST(keys_are_wiped_when_an_sa_goes) {
  // OpenSSL's state is a few pointers that it clears itself; libIPSec_MB's, where it is there, is the key schedule.
  BenchMember member("auto");
  const uint32_t place = 3;
  member.tables.sas.install({gcmSpec(place, 0x1001, false)});
  const Sa* sa = member.tables.sas.place(place);
  const auto* state = static_cast<const uint8_t*>(sa->key.state);
  const size_t octets = member.provider->stateOctets(*sa->suite);
  const auto any = [&] { return std::any_of(state, state + octets, [](uint8_t octet) { return octet != 0; }); };
  EXPECT(any());
  member.tables.sas.remove({&place, 1});
  EXPECT(member.tables.retirement.reclaim());
  EXPECT(!any());
}

TEST(secret_memory_is_wiped_and_used_again) {
  SecretMemory memory;
  auto* block = static_cast<uint8_t*>(memory.take(100));
  std::memset(block, 0xff, 100);
  memory.give(block, 100);
  EXPECT(std::all_of(block, block + 100, [](uint8_t octet) { return octet == 0; }));
  EXPECT(memory.take(120) == block);
  EXPECT(reinterpret_cast<uintptr_t>(block) % 64 == 0);
}

TEST(readers_hold_what_is_removed) {
  Retirement retirement;
  retirement.quiescent(0);
  bool freed = false;
  retirement.retire([&] { freed = true; });
  EXPECT(!retirement.reclaim());
  EXPECT(!freed);
  retirement.quiescent(0);
  EXPECT(retirement.reclaim());
  EXPECT(freed);
  retirement.retire([&] { freed = false; });
  retirement.resting(0);
  EXPECT(retirement.reclaim());
  EXPECT(!freed);
}

TEST(many_sas_are_found_while_they_come_and_go) {
  BenchMember member("openssl", 0, 20000);
  std::atomic<bool> ending{false};
  std::atomic<uint64_t> wrong{0};
  std::thread reader([&] {
    uint64_t turn = 0;
    while (!ending.load()) {
      member.tables.retirement.quiescent(0);
      for (int each = 0; each < 64; each++) {
        const auto spi = static_cast<uint32_t>(0x1000 + turn++ % 10000);
        const Sa* sa = member.tables.sas.inbound(spi);
        if (sa != nullptr && sa->spi != spi) wrong++;
      }
    }
    member.tables.retirement.resting(0);
  });
  std::vector<SaSpec> stay;
  for (uint32_t at = 0; at < 1000; at++) stay.push_back(gcmSpec(at, 0x1000 + at, true));
  member.tables.sas.install(stay);
  for (int round = 0; round < 5; round++) {
    std::vector<SaSpec> specs;
    std::vector<uint32_t> places;
    for (uint32_t at = 1000; at < 4000; at++) {
      specs.push_back(gcmSpec(at, 0x1000 + at, true));
      places.push_back(at);
    }
    member.tables.sas.install(specs);
    for (const uint32_t place : places) EXPECT(member.tables.sas.inbound(0x1000 + place) != nullptr);
    member.tables.sas.remove(places);
    for (const uint32_t place : places) EXPECT(member.tables.sas.inbound(0x1000 + place) == nullptr);
    for (uint32_t at = 0; at < 1000; at++) EXPECT(member.tables.sas.inbound(0x1000 + at) != nullptr);
    member.tables.retirement.reclaim();
  }
  ending.store(true);
  reader.join();
  EXPECT(wrong.load() == 0);
  EXPECT(member.tables.retirement.reclaim());
  EXPECT(member.tables.sas.count() == 1000);
}
