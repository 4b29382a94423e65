#include "sa.h"

namespace fastpath {
namespace {

constexpr uint32_t kIp4Header = 20;
constexpr uint32_t kIp6Header = 40;
constexpr uint32_t kUdpHeader = 8;

}  // namespace

Sa::Sa(const SaSpec& spec)
    : spi(spec.spi),
      place(spec.place),
      suite(spec.suite),
      group(spec.group),
      mss(spec.mss),
      inbound(spec.inbound),
      transport(spec.transport),
      esn(spec.esn),
      peerMayMove(spec.peerMayMove),
      fragmentAfter(spec.fragmentAfter),
      dscpFixed(spec.dscpFixed),
      ecnCompatibility(spec.ecnCompatibility),
      mssAuto(spec.mssAuto),
      df(spec.df),
      dscp(spec.dscp),
      edgeInterval(spec.edgeInterval),
      reservationLow(spec.reservationLow),
      softOctets(spec.softOctets),
      hardOctets(spec.hardOctets),
      softPackets(spec.softPackets),
      hardPackets(spec.hardPackets),
      softAtNs(spec.softAtNs),
      selectors(spec.selectors),
      sequence(spec.inbound
                   ? OutboundSequence::Start{1, 0, 0, 1, false}
                   : OutboundSequence::Start{spec.sequence, spec.epoch, spec.acknowledged, spec.jump, spec.esn}),
      window(spec.inbound ? spec.replayWindow : 0, spec.esn),
      pathMtu(spec.pathMtu),
      edgeFloor(spec.inbound ? spec.sequence : 0),
      hardAtNs(spec.hardAtNs) {
  if (inbound) {
    window.raise(spec.sequence);
    edgeTold = spec.sequence;
    counters.set(SaCounter::sequence, spec.sequence);
  }
}

uint32_t Sa::innerRoom() const {
  const Outer& ends = *outer.load(std::memory_order_acquire);
  const uint32_t outside = (ends.family == 4 ? kIp4Header : kIp6Header) + (ends.udp ? kUdpHeader : 0) +
                           static_cast<uint32_t>(suite->headerOctets()) + suite->icv;
  const uint32_t mtu = pathMtu.load(std::memory_order_relaxed);
  return mtu <= outside ? 0 : static_cast<uint32_t>(payloadRoom(*suite, mtu - outside));
}

}  // namespace fastpath
