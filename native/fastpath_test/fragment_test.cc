// What is too large for the path, or a fragment already, and what becomes of it.
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
