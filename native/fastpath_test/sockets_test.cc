// The cipher side's sockets against the kernel: what it cuts, what it refuses, what ICMP tells, and when it is read.
#include <poll.h>

#include <thread>

#include "../fastpath/cipher_sockets.h"
#include "bench_pair.h"
#include "check.h"
#include "network.h"

using namespace fastpath;

namespace {

constexpr uint32_t kPlace = 3;
constexpr uint32_t kSpi = 0x1001;
constexpr uint16_t kPort = 4500;

IpAddress address4(uint32_t value) { return {static_cast<uint64_t>(value) << 32, 0}; }

/// One member's sockets at the near end, with an SA to whoever is behind the far one.
struct Near {
  BenchMember member;
  CipherSockets sockets{{kPort, 0, false}, member.tables};
  PathCounters counters;
  Outer ends{address4(kNear), {address4(kBehind), kPort}, 4, true};

  explicit Near(uint32_t pathMtu = kWireMtu) {
    SaSpec spec = gcmSpec(kPlace, kSpi, false);
    spec.local = ends.local;
    spec.remote = ends.remote.address;
    spec.pathMtu = pathMtu;
    member.tables.sas.install({spec});
  }

  /// So many packets of one size in one message.
  void send(uint32_t octets, uint32_t packets, bool df) {
    std::vector<uint8_t> data(octets * packets);
    for (uint32_t at = 0; at < packets; at++) store32(data.data() + at * octets, kSpi);
    const std::vector<uint32_t> places(packets, kPlace);
    const OuterMessage message{&ends, data.data(), octets * packets, octets, places.data(), 0, df};
    sockets.send({&message, 1}, counters);
  }

  uint32_t pathMtu() { return member.tables.sas.place(kPlace)->pathMtu.load(); }
  uint64_t calls() const { return counters.gauges.value(Gauge::sendCalls); }

  uint64_t dropped() const {
    uint64_t sum = 0;
    for (size_t at = 0; at < kDropReasons; at++) sum += counters.drops.value(static_cast<DropReason>(at));
    return sum;
  }

  /// Whether a socket holds what ICMP said, which the next call would be answered with.
  bool errorPends() {
    std::vector<pollfd> waited;
    for (const int fd : sockets.readable()) waited.push_back({fd, 0, 0});
    return poll(waited.data(), waited.size(), 5000) > 0;
  }
};

}  // namespace

TEST(what_the_kernel_may_cut_leaves_in_a_message_of_several_too) {
  inNetwork([] {
    Near near;
    FarEnd far;
    near.send(1600, 1, false);
    EXPECT(far.hear(2).size() == 2);
    near.send(1600, 10, false);
    EXPECT(far.hear(20).size() == 20);
    EXPECT(near.dropped() == 0);
    // It was one call that was refused, not the device that cannot segment.
    EXPECT(near.sockets.udpSegmentation());
  });
}

TEST(a_message_of_several_that_is_too_big_teaches_the_mtu) {
  inNetwork([] {
    Near near(9000);
    near.send(1600, 10, true);
    EXPECT(near.pathMtu() == kWireMtu);
    EXPECT(near.counters.drops.value(DropReason::tooBig) == 10);
    FarEnd far;
    const uint64_t before = near.calls();
    near.send(1400, 10, true);
    EXPECT(near.calls() == before + 1);
    EXPECT(far.hear(1).size() >= 1);
    EXPECT(near.dropped() == 10);
  });
}

TEST(what_icmp_said_of_an_earlier_packet_costs_no_message) {
  inNetwork([] {
    Near near;
    uint16_t mtu = 1400;
    for (const uint32_t packets : {1u, 50u, 1u, 50u}) {
      FarEnd far;
      near.send(100, 1, true);
      const auto passed = far.hear(1);
      EXPECT(passed.size() == 1);
      if (passed.empty()) return;
      sendTooBig(--mtu, passed[0]);
      EXPECT(near.errorPends());
      near.send(100, packets, true);
      EXPECT(near.pathMtu() == mtu);
      EXPECT(near.dropped() == 0);
    }
  });
}

TEST(a_lease_that_ended_before_packets_are_read_is_over) {
  inNetwork([] {
    Pair pair;
    EXPECT(pair.send(tcpPacket(10)) == Fate::sent);
    Near near;
    near.member.tables.sas.install({gcmSpec(kPlace + 1, kSpi, true)});
    near.member.role(Role::active, 1);
    sendDatagramHere(kPort, pair.left.doors.outer[0].octets);
    const uint64_t untilNs = monotonicNs() + 5 * kNsPerMs;
    __atomic_store_n(&near.member.words[1], untilNs, __ATOMIC_SEQ_CST);
    while (monotonicNs() <= untilNs) std::this_thread::yield();
    EXPECT(near.sockets.receive(near.member.inbound));
    EXPECT(near.member.doors.inner.empty());
    EXPECT(near.member.inbound.counters().drops.value(DropReason::leaseOver) == 1);
  });
}
