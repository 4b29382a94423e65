// The cipher side's sockets: receiving.
#include <sys/socket.h>

#include "cipher_buffers.h"
#include "octets.h"

namespace fastpath {
namespace {

/// Of UDP: superpackets are large, and what lies in many of them no longer lies in the cache.
constexpr unsigned kUdpBatch = 8;
/// How many packets ahead memory is asked for an SA: a packet takes about as long as memory does.
constexpr size_t kAhead = 2;

}  // namespace

bool CipherSockets::receive(Inbound& inbound) {
  bool any = false;
  for (Socket& socket : sockets_) {
    if (socket.fd && receiveFrom(socket, inbound)) any = true;
  }
  return any;
}

bool CipherSockets::receiveFrom(Socket& socket, Inbound& inbound) {
  ReceiveBuffers& buffers = *receive_;
  const unsigned batch = socket.udp ? kUdpBatch : kBatch;
  for (unsigned at = 0; at < batch; at++) {
    buffers.pieces[at] = {buffers.octets.get() + at * kBufferOctets, kBufferOctets};
    buffers.messages[at] = {{&buffers.names[at], sizeof buffers.names[at], &buffers.pieces[at], 1,
                             buffers.controls[at].octets, kControlOctets, 0},
                            0};
  }
  const int count = recvmmsg(socket.fd.get(), buffers.messages.data(), batch, MSG_DONTWAIT, nullptr);
  PathCounters& counters = inbound.counters();
  counters.gauges.add(Gauge::receiveCalls);
  if (count <= 0) return false;
  counters.gauges.add(Gauge::received, static_cast<uint64_t>(count));
  // Not before they are here: a thread that stood still in between would take a lease that is over for a fresh one.
  const uint64_t nowNs = monotonicNs();
  for (int at = 0; at < count; at++) {
    mmsghdr& message = buffers.messages[static_cast<size_t>(at)];
    uint8_t* octets = static_cast<uint8_t*>(message.msg_hdr.msg_iov->iov_base);
    take(socket, message.msg_hdr, {octets, message.msg_len}, inbound, nowNs);
  }
  inbound.flush();
  return true;
}

void CipherSockets::take(Socket& socket, msghdr& message, std::span<uint8_t> octets, Inbound& inbound,
                         uint64_t nowNs) {
  if ((message.msg_flags & MSG_TRUNC) != 0) return inbound.counters().drop(DropReason::truncated);
  const ReceivedControl control = readControl(message);
  OuterPacket packet{};
  packet.family = static_cast<uint8_t>(socket.family);
  packet.from = readAddress(*static_cast<const SocketAddress*>(message.msg_name));
  packet.to = control.to;
  packet.tos = control.tos;
  if (socket.udp) {
    const size_t segment = control.segment != 0 ? control.segment : octets.size();
    for (; !octets.empty(); octets = octets.subspan(std::min(segment, octets.size()))) {
      const size_t ahead = kAhead * segment;
      if (octets.size() >= ahead + 4) inbound.foresee(octets.data() + ahead);
      takeUdp(octets.first(std::min(segment, octets.size())), packet, inbound, nowNs);
    }
    return;
  }
  packet.from.port = 0;
  if (socket.family == 4) {
    // A raw IPv4 socket gives the header too; the kernel has checked it.
    const size_t header = octets.empty() ? 0 : (octets[0] & 0xf) * size_t{4};
    if (header < 20 || octets.size() < header) return inbound.counters().drop(DropReason::tooShort);
    packet.tos = octets[1];
    packet.to = IpAddress::v4(octets.data() + 16);
    octets = octets.subspan(header);
  }
  packet.data = octets.data();
  packet.length = static_cast<uint32_t>(octets.size());
  inbound.take(packet, nowNs);
}

/// RFC 3948 section 2: four zero octets begin an IKE message, one octet 0xff is a keepalive, the rest is ESP.
void CipherSockets::takeUdp(std::span<uint8_t> octets, OuterPacket packet, Inbound& inbound, uint64_t nowNs) {
  const bool keepalive = octets.size() == 1 && octets[0] == 0xff;
  const bool ike = octets.size() >= 4 && load32(octets.data()) == 0;
  if (!keepalive && !ike) {
    packet.data = octets.data();
    packet.length = static_cast<uint32_t>(octets.size());
    return inbound.take(packet, nowNs);
  }
  if (tables_.events.pushDatagram(octets, packet.family, packet.to, packet.from)) return;
  inbound.counters().drop(DropReason::datagramsFull);
}

}  // namespace fastpath
