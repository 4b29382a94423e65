#include "selector.h"

namespace fastpath {
namespace {

/// TCP, UDP, DCCP, SCTP, UDP-Lite; and ICMP, ICMPv6 and mobility headers, whose type and code count as ports.
bool hasPorts(uint8_t protocol) {
  switch (protocol) {
    case 1:
    case 6:
    case 17:
    case 33:
    case 58:
    case 132:
    case 135:
    case 136:
      return true;
    default:
      return false;
  }
}

}  // namespace

Match Selector::match(const PacketTuple& packet) const {
  if (family != packet.family) return Match::no;
  if (protocol != kAnyProtocol && protocol != packet.protocol) return Match::no;
  if (fragmentsOnly && !packet.laterFragment) return Match::no;
  if (!source.has(packet.source) || !destination.has(packet.destination)) return Match::no;
  if (sourcePorts.any() && destinationPorts.any()) return Match::yes;
  if (!packet.portsKnown) return hasPorts(packet.protocol) ? Match::perhaps : Match::no;
  return sourcePorts.has(packet.sourcePort) && destinationPorts.has(packet.destinationPort) ? Match::yes : Match::no;
}

}  // namespace fastpath
