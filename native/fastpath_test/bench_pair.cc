#include "bench_pair.h"

#include <cstring>

#include "../fastpath/checksum.h"

namespace fastpath {

Pair::Pair(const std::function<void(SaSpec&)>& change) {
  SaSpec out = gcmSpec(place, 0x1001, false);
  SaSpec in = gcmSpec(place, 0x1001, true);
  change(out);
  change(in);
  left.tables.sas.install({out});
  right.tables.sas.install({in});
  left.tables.policies.change({}, {protectPolicy(5)});
  left.tables.sas.steer(5, place);
  left.role(Role::active, 1);
  right.role(Role::active, 1);
}

Fate Pair::send(std::vector<uint8_t> packet, const VnetHeader& header) {
  const Fate fate = left.outbound.take(header, packet, monotonicNs());
  left.outbound.flush();
  return fate;
}

VnetHeader tcpHeader(uint16_t segment) { return {kVnetNeedsChecksum, kGsoTcp4, 40, segment, 20, 16}; }

std::vector<uint8_t> superpacket(uint32_t payload) {
  std::vector<uint8_t> packet = tcpPacket(payload);
  const uint16_t sum = foldSum(sumPseudoHeader(packet.data(), 4, kTcp, 20 + payload));
  std::memcpy(packet.data() + 36, &sum, sizeof sum);
  return packet;
}

}  // namespace fastpath
